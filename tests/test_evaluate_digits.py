"""Sets of labelled digits measured: the figures of classes, the report, the command."""

import json
import struct
import subprocess
import sys

import numpy as np
import pytest
from test_evaluate_confidence import answers

import scanproc.evaluate
from scanproc.errors import ModelError, OutputError, UsageError
from scanproc.evaluate import classes, digits, digits_report
from scanproc.evaluate.digits import evaluate_digits, measure
from scanproc.evaluate.digits_report import Report
from scanproc.evaluate.measured import Measured
from scanproc.settings import Settings

COUNT = 1000  # of MNIST's test digits


def measured(labels, *said, name="mine", of=""):
    images = np.zeros((len(labels), 28, 28), np.float32)
    return Measured(name, images, np.array(labels, np.uint8), answers(*said), of)


@pytest.fixture
def few():
    """Two 3s, one taken for an 8; an 8; a 5 said to be none; two non-digits, one given as a 3."""
    return measured([3, 3, 8, 5, 10, 10],
                    (3, 0.9), (8, 0.6), (8, 0.99), (10, 0.8), (10, 0.99), (3, 0.96))


def test_the_confusion_matrix_has_a_row_for_each_label(few):
    table = classes.confusion(few)
    assert table.shape == (11, 11) and table.sum() == 6
    assert table[3, 3] == table[3, 8] == table[8, 8] == table[5, 10] == table[10, 3] == 1


def test_precision_recall_and_f1_of_each_class(few):
    by_class = classes.by_class(classes.confusion(few))
    three, five, eight, none = (by_class[at] for at in (3, 5, 8, 10))
    assert (three.precision, three.recall, three.f1) == (1 / 2, 1 / 2, 1 / 2)
    assert (eight.precision, eight.recall, eight.f1) == (1 / 2, 1, 2 / 3)
    assert (five.precision, five.recall, five.f1) == (None, 0, 0)
    assert (none.precision, none.recall) == (1 / 2, 1 / 2)
    assert by_class[0].f1 is None


def test_the_figures_of_a_set(few):
    found = classes.summary(few, review_below=0.95)
    assert (found["n"], found["accuracy"]) == (6, 3 / 6)
    assert found["macro_f1"] == pytest.approx((1 / 2 + 2 / 3 + 0) / 3)
    assert found["macro_precision"] == pytest.approx((1 / 2 + 1 / 2 + 0) / 3)
    assert found["lost"] == {"n": 4, "count": 1, "share": 1 / 4}
    assert found["accepted"] == {"n": 2, "count": 1, "share": 1 / 2}
    assert classes.summary(few, review_below=0.97)["accepted"]["count"] == 0
    assert found["sure"]["0.98"]["n"] == 1 and found["sure"]["0.98"]["kept"]


@pytest.mark.parametrize("label, without", [(3, "accepted"), (10, "lost")])
def test_what_a_set_does_not_hold_has_no_rate(label, without):
    found = classes.summary(measured([label], (label, 0.9)))
    assert found[without] == {"n": 0, "count": 0, "share": None}
    assert (found["macro_f1"] is None) == (label == 10)
    assert "None" not in digits_report.text(Report((measured([label], (label, 0.9)),), 0.95))


def test_json_holds_every_set_and_its_details(few):
    found = json.loads(json.dumps(digits_report.as_json(Report((few,), 0.95))))
    assert list(found) == ["mine"]
    assert found["mine"]["digits"]["8"] == {"n": 1, "precision": 1 / 2, "recall": 1, "f1": 2 / 3}
    assert found["mine"]["confusion"][10][3] == 1
    assert set(found["mine"]["error_at_reject"]) == {"0", "0.01", "0.02", "0.05", "0.1"}


def test_the_text_sums_up_the_disturbed_and_details_the_others(few):
    half = measured([3, 3], (3, 0.9), (5, 0.9), name="mine-blur", of="mine")
    none = measured([3], (3, 0.9), name="mine-noise", of="mine")
    lines = digits_report.text(Report((few, half, none), 0.95)).splitlines()
    assert lines[0].split() == ["set", "n", "error%", "ece%", "page%", "@1%", "lost%"]
    assert lines[1].split()[:3] == ["mine", "6", "50.00"] and lines[1].endswith("25.00")
    assert ("mine, disturbed in 2 ways: mean error 25.00 %, worst 50.00 % (mine-blur)") in lines
    assert "no digits, but given as one >= 0.95: 1 of 2 = 50.00 %" in lines
    assert [line for line in lines if line.startswith("mine-blur:")] == []
    assert ["8", "1", "50.00", "100.00", "66.67"] in [line.split() for line in lines]


def test_a_set_of_digits_alone_is_measured_as_such_and_as_on_a_page():
    sure, lost = answers((3, 0.6), (10, 1.0))
    sure[[4, 10]] = 0.1, 0.3
    alone = Measured("mine", np.zeros((2, 28, 28), np.float32), np.array([3, 5], np.uint8),
                     np.array([sure, lost]))
    assert alone.told[0, [3, 4, 10]] == pytest.approx([6 / 7, 1 / 7, 0])
    assert (alone.told[1] == lost).all()
    found = classes.summary(alone)
    assert found["accuracy"] == 1 / 2 and found["ece"] != found["ece_on_pages"]


def test_a_set_with_non_digits_is_measured_as_it_is(few):
    assert few.told is few.probabilities
    found = classes.summary(few)
    assert found["ece"] == found["ece_on_pages"]


def test_a_promise_that_is_broken_is_shown():
    text = digits_report.text(Report((measured([1] * 9, *[(2, 0.9995)] * 9),), 0.95))
    assert text.count("BROKEN") == 3 and "wrong 9 = 100.00 %" in text


def test_a_name_cannot_command_the_terminal(tmp_path):
    images = np.zeros((3, 28, 28), np.uint8)
    images[:, 5:22, 13:15] = 255
    np.savez(tmp_path / "a\x1b[2Jb.npz", images=images, labels=np.ones(3, int))
    assert [one.name for one in measure(tmp_path, Settings())] == [r"a\x1b[2Jb"]


def test_a_model_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ModelError, match="none"):
        measure(tmp_path, Settings(model=str(tmp_path / "none.npz")))


def command(*words):
    return subprocess.run([sys.executable, "-m", "scanproc", "evaluate", *map(str, words)],
                          check=False, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("words", [
    (), ("--pages", "a", "--data", "b"), ("--data", "a", "--truth", "b"),
    ("--pages", "a", "--html", "b")])
def test_pages_and_digits_are_measured_one_at_a_time(words):
    done = command(*words)
    assert done.returncode == 2 and "--pages DIR" in done.stderr and "--data DIR" in done.stderr


def test_bad_digits_end_with_2_and_their_name(tmp_path):
    (tmp_path / "cut.npz").write_bytes(b"PK\x03\x04")
    done = command("--data", tmp_path)
    assert done.returncode == 2 and "cut.npz" in done.stderr and done.stdout == ""
    assert "Traceback" not in done.stderr


def test_the_command_prints_json_and_writes_a_page(tmp_path, mnist):
    pytest.importorskip("matplotlib")
    images, labels = mnist("t10k")
    (tmp_path / "data").mkdir()
    np.savez(tmp_path / "data" / "some.npz", images=images[:200], labels=labels[:200])
    done = command("--data", tmp_path / "data", "--json", "--html", tmp_path / "page.html")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["some"]
    assert found["n"] == 200 and found["accuracy"] > 0.95
    assert "some" in (tmp_path / "page.html").read_text(encoding="utf-8")


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()


@pytest.fixture
def unmeasured(monkeypatch):
    monkeypatch.setattr(digits, "measure", lambda *_: pytest.fail("it was measured"))


def test_a_folder_that_is_not_there_is_named_before_anything_is_measured(tmp_path, unmeasured):
    pytest.importorskip("matplotlib")
    with pytest.raises(OutputError, match=r"page\.html cannot be written.*make the folder first"):
        evaluate_digits(tmp_path, Settings(), tmp_path / "none" / "page.html")


def test_matplotlib_is_missed_before_anything_is_measured(tmp_path, unmeasured, monkeypatch):
    monkeypatch.delitem(sys.modules, "scanproc.evaluate.plots", raising=False)
    monkeypatch.delattr(scanproc.evaluate, "plots", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError, match="-m pip install matplotlib"):
        evaluate_digits(tmp_path, Settings(), tmp_path / "page.html")


def test_a_set_called_as_another_one_disturbed_is_refused(tmp_path):
    images = np.zeros((12, 28, 28), np.uint8)
    images[:, 5:22, 13:15] = 255
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "t10k-images-idx3-ubyte").write_bytes(idx(images))
    (tmp_path / "mine" / "t10k-labels-idx1-ubyte").write_bytes(idx(np.ones(12, np.uint8)))
    np.savez(tmp_path / "mine-blur.npz", images=images, labels=np.ones(12, int))
    with pytest.raises(UsageError, match="sets mine-blur and mine, .* called mine-blur; rename"):
        measure(tmp_path, Settings())


def test_mnist_is_measured_plain_and_disturbed(tmp_path, mnist):
    images, labels = (array[:COUNT] for array in mnist("t10k"))
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "t10k-images-idx3-ubyte").write_bytes(idx(images))
    (tmp_path / "mnist" / "t10k-labels-idx1-ubyte").write_bytes(idx(labels))
    report = evaluate_digits(tmp_path, Settings(), None)
    found = {one.name: one for one in report.sets}
    assert len(found) == 17 and not found["mnist"].of
    assert {len(one.images) for one in report.sets if one.of} == {0}
    assert len(found["mnist"].images) == COUNT
    assert all(one.of == "mnist" for name, one in found.items() if name != "mnist")
    wrong = {name: 1 - facts["accuracy"] for name, facts in report.summaries.items()}
    assert wrong["mnist"] < 0.015 and max(wrong.values()) < 0.04
    told = digits_report.as_json(report)["mnist"]
    assert np.trace(told["confusion"]) == round(COUNT * told["accuracy"])


def test_other_hands_are_read(data):
    found = Report(tuple(measure(data("digits"), Settings())), 0.95).summaries
    assert found["semeion"]["accuracy"] > 0.94
    assert found["optdigits_windep"]["accuracy"] > 0.97
    assert found["ardis4_train"]["accuracy"] > 0.9


def test_an_unusable_folder_is_named(tmp_path):
    with pytest.raises(UsageError, match="no labelled digits"):
        measure(tmp_path, Settings())
