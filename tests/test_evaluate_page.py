"""The page of `evaluate`: what stands on it, what cannot get into it, and that it is whole."""

import base64
import errno
import re
import sys
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest

import scanproc.evaluate
from scanproc.batch import files
from scanproc.errors import OutputError, UsageError
from scanproc.evaluate import classes, page
from scanproc.evaluate.measured import Measured

HOSTILE = "<script>alert(1)</script>\"'&{{ 7 * 7 }}\u202e\n"
SHOWN = "<script>alert(1)</script>\"'&{{ 7 * 7 }}\\u202e\\n"
VOID = {"meta", "img", "br", "source", "link"}


class Reader(HTMLParser):
    """Every element as (tag, attributes, text), closed in the order in which HTML asks for it."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(text)
        assert not self.open, "elements that are never closed"

    def handle_starttag(self, tag, attrs):
        self.elements.append([tag, dict(attrs), ""])
        if tag not in VOID:
            self.open.append(self.elements[-1])

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, text):
        for element in self.open:
            element[2] += text

    def texts(self, tag, **attributes):
        return [" ".join(text.split()) for name, found, text in self.elements
                if name == tag and attributes.items() <= found.items()]


def measured(name, count=200, wrong=20, of=""):
    """Digits of which `wrong` are read as the next class, each with a confidence of its own."""
    rng = np.random.default_rng(len(name))
    labels = rng.integers(0, 11, count).astype(np.uint8)
    sure = rng.permutation(np.linspace(0.55, 0.9996, count))
    said = labels.copy()
    said[rng.permutation(count)[:wrong]] += 1
    said %= 11
    found = np.repeat((1 - sure)[:, None] / 10, 11, axis=1)
    found[np.arange(count), said] = sure
    images = rng.random((0 if of else count, 28, 28), dtype=np.float32)
    return Measured(name, images, labels, found.astype(np.float32), of)


@pytest.fixture(scope="module")
def sets():
    return [measured("mnist", 300, 90), measured("mnist-blur", of="mnist"), measured(HOSTILE),
            measured("perfect", wrong=0), measured("tiny", 1, 1), measured("hopeless", 40, 40)]


@pytest.fixture(scope="module")
def text(sets, tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "page.html"
    page.write(sets, file, f"model{HOSTILE}")
    return file.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def read(text):
    return Reader(text)


def unpacked(uri):
    kind, content = re.fullmatch(r"data:image/([a-z+]+);base64,(.+)", uri).groups()
    return kind, base64.b64decode(content, validate=True)


def test_hostile_names_are_shown_and_do_nothing(read):
    assert SHOWN in read.texts("h2") and read.texts("h1") == [f"How well model{SHOWN} reads digits"]
    assert not [tag for tag, _, _ in read.elements if tag in ("script", "iframe", "form", "object")]
    assert not [name for _, attributes, _ in read.elements for name in attributes
                if name.startswith("on")]


def test_the_page_asks_for_nothing_outside_itself(read, text):
    assert "default-src 'none'" in text
    for _, attributes, _ in read.elements:
        for name in {"src", "srcset", "href", "data", "poster", "background"} & attributes.keys():
            assert attributes[name].startswith(("data:image/", "#set")), attributes[name][:99]
    assert "@import" not in text and "url(" not in text
    drawn = [svg for kind, svg in map(unpacked, re.findall(r'src="(data:[^"]+)"', text))
             if kind == "svg+xml"]
    assert len(drawn) == 5 * 4
    for svg in drawn:
        assert not re.search(rb"""href=["'](?!#)|url\((?!#)|@import|<image|<script""", svg)


def test_every_set_has_a_row_and_each_that_is_no_other_disturbed_its_sections(read, sets):
    own = [SHOWN if one.name == HOSTILE else one.name for one in sets if not one.of]
    assert read.texts("h2") == own
    assert read.texts("h3") == ["What is taken for what", "Can its confidence be believed?",
                                "What does a second look save?", "The worst errors"] * len(own)
    assert read.texts("th", scope="row")[:len(sets)] == [*own, "blur"]
    assert read.texts("th", scope="rowgroup") == ["The digits of mnist, disturbed"]
    assert all(attributes.get("alt") for tag, attributes, _ in read.elements if tag == "img")


def test_the_figures_are_those_of_the_text_report(read, sets):
    ordered = [one for one in sets if not one.of] + [one for one in sets if one.of]
    cells = read.texts("td")
    for at, one in enumerate(ordered):
        found = classes.summary(one)
        rates = (1 - found["accuracy"], found["ece"], found["error_at_reject"]["0.01"])
        assert cells[4 * at:4 * at + 4] == [str(found["n"]),
                                            *(f"{100 * rate:.2f} %" for rate in rates)]


def test_the_confusion_matrix_counts_what_was_said(read, sets):
    table = classes.confusion(sets[0])
    start = 4 * len(sets) + 1  # behind the first table, and the corner
    cells = read.texts("td")[start:start + table.size]
    assert [int(cell or 0) for cell in cells] == table.ravel().tolist()
    assert read.texts("td", **{"class": "right"})[:11] == [str(n) for n in table.diagonal()]


def test_the_worst_errors_are_the_wrong_ones_the_surest_first(read, sets):
    one = sets[0]
    said = one.probabilities.argmax(axis=1)
    wrong = [at for at in range(len(said)) if said[at] != one.labels[at]]
    wrong.sort(key=lambda at: one.told[at].max(), reverse=True)
    assert len(wrong) > page.WORST == 60
    words = [*"0123456789", "no digit"]
    captions = read.texts("li")[:60]
    for caption, at in zip(captions, wrong, strict=False):
        expected = f"is {words[one.labels[at]]}, read as {words[said[at]]}, "
        assert caption.startswith(expected) and caption.endswith(f" sure no. {at}")
        claimed = float(re.search(r"([\d.]+) % sure", caption).group(1))
        assert claimed == pytest.approx(100 * one.told[at].max(), abs=0.051)
    assert any("The 60 of 90 errors" in words for words in read.texts("p"))
    assert "There are none." in read.texts("p")  # of the set without an error


def test_the_pictures_are_those_of_the_errors_ink_dark(read, sets):
    shown = [unpacked(attributes["src"])[1] for _, attributes, _ in read.elements
             if attributes.get("alt", "").startswith("digit no. ")]
    numbers = [int(caption.rpartition(" ")[2]) for caption in read.texts("li")]
    assert len(shown) == len(numbers)
    for picture, at in list(zip(shown, numbers, strict=True))[:60]:
        gray = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_UNCHANGED)
        assert gray.shape == (28, 28)
        assert np.abs(255 * (1 - sets[0].images[at]) - gray).max() <= 0.5


@pytest.mark.parametrize(("confidence", "words"), [
    (0.5, "50.0 %"), (0.9929, "99.3 %"), (0.9989, "99.9 %"), (0.9992, "99.92 %"),
    (0.99999, "99.99 %"), (1.0, "99.99 %")])
def test_nothing_is_called_entirely_sure(confidence, words):
    assert page._sure(confidence) == words


def test_the_same_sets_give_the_same_bytes(sets, tmp_path):
    for name in ("one.html", "two.html"):
        page.write(sets[1:3], tmp_path / name, "model")
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


@pytest.mark.parametrize("call", ["open", "fsync", "replace"])
def test_a_failing_disk_leaves_the_old_page(tmp_path, monkeypatch, call):
    file = tmp_path / "page.html"
    file.write_text("the old page")

    def failing(*_):
        raise OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(files.os, call, failing)
    with pytest.raises(OutputError, match=r"page\.html cannot be written: No space.*make room"):
        page.write([measured("tiny", 1, 1)], file, "model")
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == [file] and file.read_text() == "the old page"


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OutputError, match="make the folder first"):
        page.write([measured("tiny", 1, 1)], tmp_path / "missing" / "page.html", "model")


def test_without_matplotlib_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "scanproc.evaluate.plots", raising=False)
    monkeypatch.delattr(scanproc.evaluate, "plots", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError, match="-m pip install matplotlib"):
        page.write([measured("tiny", 1, 1)], tmp_path / "page.html", "model")
    assert not list(tmp_path.iterdir())
