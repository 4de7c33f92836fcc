"""Pages from file to figures, read with a network that takes every sign for a sure 7."""

import hashlib
import json
import math
import os

import cv2
import numpy as np
import pytest
from PIL import Image

from scanproc.errors import ModelError, UsageError
from scanproc.evaluate.metrics import Tally
from scanproc.evaluate.pages import evaluate_pages
from scanproc.page import classify
from scanproc.settings import Settings


def drawn(*lines):
    """A white page with the lines drawn on it, no digit quite like another: that would be print."""
    page, uneven = np.full((480, 720), 255, np.uint8), np.random.default_rng(4)
    for at, line in enumerate(lines):
        for place, sign in enumerate(line):
            size, lean, turn = 1 + uneven.uniform(-0.12, 0.12, 3) * (1, 2, 1)
            page = np.minimum(page, _sign(sign, 60 + 50 * place, 120 + 130 * at, size, lean - 1,
                                          turn - 1))
    return Image.fromarray(page)


def _sign(sign, left, baseline, size, lean, turn):
    """A page with one digit on it, (H, W) uint8. lean: to the right per height; turn: radians."""
    page = np.full((480, 720), 255, np.uint8)
    cv2.putText(page, sign, (0, 60), cv2.FONT_HERSHEY_SIMPLEX, 2.4, 0, 6, cv2.LINE_AA)
    matrix = np.array([[size, -lean, left + 60 * lean], [turn, size, baseline - 60 * size]])
    return cv2.warpAffine(page, matrix, (720, 480), borderValue=255)


@pytest.fixture(scope="session")
def sevens(tmp_path_factory):
    """Settings that name a network giving 7 a probability of 0.99, whatever it sees."""
    file = tmp_path_factory.mktemp("model") / "sevens.npz"
    bias = np.zeros(10, np.float32)
    bias[7] = math.log(9 * 0.99 / 0.01)
    stage = classify.Stage((np.zeros((784, 10), np.float32),), (bias,), 1.0, 0.0)
    np.savez(file, **classify.arrays(classify.Network((stage,), 0.0, {})))
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    file.with_suffix(".json").write_text(json.dumps({"sha256": sha256}))
    return Settings(model=str(file), jobs=1)


@pytest.fixture(scope="session")
def report(tmp_path_factory, sevens):
    """The report on a folder with all that can be in one; other tests look at parts of it."""
    folder = tmp_path_factory.mktemp("pages")
    drawn("777", "77").save(folder / "right.png")
    drawn("727").save(folder / "wrong.png")
    drawn().save(folder / "blank.png")
    drawn("77").save(folder / "other.png")
    (folder / "sub").mkdir()
    drawn("7").save(folder / "sub" / "three.tif", save_all=True,
                    append_images=[drawn("77"), drawn("777")])
    (folder / "damaged.png").write_bytes((folder / "right.png").read_bytes()[:60])
    (folder / "empty.pdf").write_bytes(b"")
    truth = folder / "truth.csv"
    truth.write_text("file,page,text,kind\nwrong.png,1,727,lines\nright.png,1,777|77,lines\n"
                     "sub/three.tif,3,777,\nsub/three.tif,4,12345,\nsub/three.tif,900000,1,\n"
                     "blank.png,1,,\ndamaged.png,1,12,\nempty.pdf,700000,12,\ngone.png,1,99,\n",
                     encoding="utf-8")
    return evaluate_pages(folder, truth, sevens)


def page(report, file, number=1):
    (found,) = (page for page in report.pages if (page.file, page.page) == (file, number))
    return found


def test_each_row_of_the_truth_is_there_sorted(report):
    assert [(page.file, page.page, page.status) for page in report.pages] == [
        ("blank.png", 1, "blank"), ("damaged.png", 1, "refused"), ("empty.pdf", 700000, "missing"),
        ("gone.png", 1, "missing"), ("right.png", 1, "read"), ("sub/three.tif", 3, "read"),
        ("sub/three.tif", 4, "missing"), ("sub/three.tif", 900000, "missing"),
        ("wrong.png", 1, "read")]


def test_pages_without_a_row_are_named(report):
    assert report.unscored == (("empty.pdf", 1), ("other.png", 1), ("sub/three.tif", 1),
                               ("sub/three.tif", 2))


def test_what_was_read_right(report):
    assert page(report, "right.png").score.edits == 0
    assert page(report, "right.png").score.numbers == Tally(2, 2, 2, 2, 2)
    assert page(report, "sub/three.tif", 3).score.digits == Tally(3, 3, 3, 3, 3)


def test_what_was_read_wrong_and_not_noticed(report):
    score = page(report, "wrong.png").score
    assert (score.edits, score.digits) == (1, Tally(3, 3, 2, 3, 2))
    assert score.numbers.accepted_wrong_share == 1.0


def test_what_could_not_be_read_is_lost(report):
    for file, number, lost in (("damaged.png", 1, 2), ("gone.png", 1, 2), ("sub/three.tif", 4, 5),
                               ("empty.pdf", 700000, 2)):
        score = page(report, file, number).score
        assert (score.edits, score.digits) == (lost, Tally(true=lost))


def test_totals(report):
    assert report.total.edits == 1 + 2 + 2 + 5 + 1 + 2
    assert report.total.digits == Tally(23, 11, 10, 11, 10)
    assert {kind: len(pages) for kind, pages in report.kinds.items()} == {"lines": 2}


def one_page(tmp_path, file="a.png", text="77"):
    folder = tmp_path / "pages"
    folder.mkdir()
    drawn("77").save(folder / "a.png")
    truth = tmp_path / "truth.csv"
    truth.write_text(f"file,page,text\n{file},1,{text}\n", encoding="utf-8")
    return folder, truth


def test_the_review_threshold_decides_what_is_accepted(tmp_path, sevens):
    strict = Settings(model=sevens.model, jobs=1, review_below=0.999)
    score = evaluate_pages(*one_page(tmp_path), strict).total
    assert score.edits == 0
    assert score.numbers == Tally(true=1, reported=1, right=1)
    assert score.digits == Tally(true=2, reported=2, right=2)


def test_a_file_too_large_is_lost_not_fatal(tmp_path, sevens):
    small = Settings(model=sevens.model, jobs=1, max_file_mb=0.001)
    report = evaluate_pages(*one_page(tmp_path), small)
    assert [(page.status, page.score.edits) for page in report.pages] == [("refused", 2)]
    assert report.pages[0].reason.startswith("too_large: ")
    assert report.unscored == ()


@pytest.mark.skipif(os.name == "nt", reason="names are no bytes on Windows")
def test_a_name_that_is_not_utf8_is_found_as_the_csv_writes_it(tmp_path, sevens):
    folder, truth = one_page(tmp_path, file="\\xe4.png")
    (folder / "a.png").rename(os.fsdecode(os.fsencode(folder) + b"/\xe4.png"))
    assert evaluate_pages(folder, truth, sevens).total.numbers.recall == 1.0


def test_a_folder_that_is_not_there(tmp_path, sevens):
    _, truth = one_page(tmp_path)
    with pytest.raises(UsageError, match="is not there"):
        evaluate_pages(tmp_path / "none", truth, sevens)


def test_a_model_that_is_not_there(tmp_path):
    folder, truth = one_page(tmp_path)
    with pytest.raises(ModelError):
        evaluate_pages(folder, truth, Settings(model=str(tmp_path / "none.npz"), jobs=1))
