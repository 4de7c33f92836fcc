"""The sample pages: drawn again alike, described truly, written legibly."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageSequence

SAMPLES = Path(__file__).parents[1] / "samples"
PICTURES = {".png", ".jpg", ".tif", ".pdf"}
FILES = sorted(path.relative_to(SAMPLES).as_posix() for path in SAMPLES.rglob("*")
               if path.suffix in PICTURES and path.name != "damaged.png")
TRUTH = list(csv.DictReader((SAMPLES / "truth.csv").read_text(encoding="utf-8").splitlines()))
WITH_PRINT = {"boxes", "table", "print", "blank"}


def pages(path: Path) -> list[np.ndarray]:
    """The pixels of each page of a file."""
    if path.suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as document:
            return [page.render(scale=200 / 72).to_numpy().copy() for page in document]
    with Image.open(path) as image:
        return [np.array(frame) for frame in ImageSequence.Iterator(image)]


def gray(page: np.ndarray) -> np.ndarray:
    """(H, W) uint8 of a page that may be in colour or of two values."""
    if page.dtype == bool:
        return page.astype(np.uint8) * 255
    return page if page.ndim == 2 else cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)


def pieces(page: np.ndarray) -> np.ndarray:
    """(N, 5) left, top, width, height, area of the ink that hangs together, specks left out."""
    paper = cv2.GaussianBlur(cv2.morphologyEx(page, cv2.MORPH_CLOSE, np.ones((25, 25))), (0, 0), 15)
    even = np.clip(page.astype(float) * 255 / paper, 0, 255).astype(np.uint8)
    _, ink = cv2.threshold(even, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    found = cv2.connectedComponentsWithStats(ink, connectivity=8)[2][1:]
    return found[found[:, 4] > 40]


@pytest.fixture(scope="module")
def redrawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    subprocess.run([sys.executable, SAMPLES / "draw.py", "--out", folder], check=True)
    return folder


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lets a test import the modules that draw."""
    monkeypatch.syspath_prepend(SAMPLES)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if str(SAMPLES) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.mark.parametrize("name", FILES)
def test_drawn_again_each_page_has_the_same_pixels(redrawn: Path, name: str) -> None:
    committed, again = pages(SAMPLES / name), pages(redrawn / name)
    assert len(committed) == len(again)
    for number, (old, new) in enumerate(zip(committed, again, strict=True), 1):
        assert np.array_equal(old, new), f"page {number} of {name} differs"


def test_drawn_again_the_same_files_and_truth(redrawn: Path) -> None:
    drawn = {path.relative_to(redrawn).as_posix() for path in redrawn.rglob("*") if path.is_file()}
    assert drawn == {*FILES, "damaged.png", "truth.csv"}
    assert (redrawn / "truth.csv").read_bytes() == (SAMPLES / "truth.csv").read_bytes()


def test_every_page_has_one_row_of_truth() -> None:
    counted = [(name, str(number)) for name in FILES
               for number in range(1, len(pages(SAMPLES / name)) + 1)]
    assert sorted((row["file"], row["page"]) for row in TRUTH) == counted
    assert len(counted) >= 12


def test_damaged_file_cannot_be_decoded() -> None:
    with pytest.raises(OSError), Image.open(SAMPLES / "damaged.png") as image:
        image.load()


def test_fax_is_three_pages_of_group_4() -> None:
    with Image.open(SAMPLES / "fax.tif") as image:
        assert image.n_frames == 3
        assert image.mode == "1"
        assert image.info["compression"] == "group4"
        assert tuple(map(round, image.info["dpi"])) == (204, 196)


def test_all_ten_digits_are_in_balance() -> None:
    counts = Counter(sign for row in TRUTH for sign in row["text"] if sign.isdigit())
    assert len(counts) == 10
    assert max(counts.values()) <= 1.1 * min(counts.values())


def test_numbers_of_every_kind_are_there() -> None:
    numbers = [number for row in TRUTH for number in row["text"].replace("|", " ").split()]
    assert {len(number) for number in numbers} == set(range(1, 10))
    assert sum(number[0] == "0" and len(number) > 1 for number in numbers) >= 10


@pytest.mark.parametrize("row", [row for row in TRUTH if row["kind"] not in WITH_PRINT],
                         ids=lambda row: f"{row['file']}:{row['page']}")
def test_each_digit_is_one_piece_of_ink_apart_from_the_others(row: dict[str, str]) -> None:
    page = gray(pages(SAMPLES / row["file"])[int(row["page"]) - 1])
    assert len(pieces(page)) == sum(sign.isdigit() for sign in row["text"])


def test_lines_leave_clear_gaps_between_numbers_and_small_ones_within() -> None:
    text = next(row["text"] for row in TRUTH if row["file"] == "lines.png")
    found = pieces(gray(pages(SAMPLES / "lines.png")[0]))
    height = float(np.median(found[:, 3]))
    found = found[np.argsort(found[:, 1] + found[:, 3] / 2)]
    for line in text.split("|"):
        digits, found = np.split(found, [len(line.replace(" ", ""))])
        digits = digits[np.argsort(digits[:, 0])]
        gaps = (digits[1:, 0] - digits[:-1, 0] - digits[:-1, 2]) / height
        ends = np.cumsum([len(number) for number in line.split()])[:-1] - 1
        assert gaps[ends].min() >= 1.2
        assert np.delete(gaps, ends).max() <= 0.35
        assert np.delete(gaps, ends).min() > 0


def test_empty_pages_have_no_pen_on_them() -> None:
    assert {row["kind"] for row in TRUTH if not row["text"]} == {"blank", "print"}


def test_blank_page_has_no_ink_the_size_of_a_digit() -> None:
    page = gray(pages(SAMPLES / "blank.png")[0])
    assert np.ptp(page) > 20, "no paper and no specks to be seen"
    assert cv2.connectedComponentsWithStats((page < 200).astype(np.uint8))[2][1:, 3].max() < 8


@pytest.mark.usefixtures("drawing")
@pytest.mark.parametrize("seed", range(200, 216))
def test_any_hand_writes_ten_digits_apart(seed: int) -> None:
    from hand import chance, write, writer
    from paper import Sheet

    sheet = Sheet(120, 20)
    end = write(sheet, writer(seed), "0123456789", 10, 14, 6, chance(seed))
    ink = sheet.layers["pen"]
    assert cv2.connectedComponents((ink > 90).astype(np.uint8))[0] - 1 == 10
    columns = np.flatnonzero(ink.max(axis=0)) * 25.4 / 200
    assert columns[0] == pytest.approx(10, abs=0.4)
    assert columns[-1] == pytest.approx(end, abs=0.4)


@pytest.mark.usefixtures("drawing")
def test_two_hands_differ_and_one_hand_never_writes_the_same_twice() -> None:
    from hand import chance, write, writer
    from paper import Sheet

    def ink(hand: int, moment: int) -> np.ndarray:
        sheet = Sheet(40, 15)
        write(sheet, writer(hand), "385", 5, 12, 6, chance(moment))
        return sheet.layers["pen"]

    assert np.array_equal(ink(1, 1), ink(1, 1))
    assert not np.array_equal(ink(1, 1), ink(1, 2))
    assert not np.array_equal(ink(1, 1), ink(2, 1))


@pytest.mark.usefixtures("drawing")
def test_ink_beyond_the_edge_of_the_sheet_is_cut_off() -> None:
    from hand import chance, write, writer
    from paper import Sheet

    sheet = Sheet(20, 10)
    write(sheet, writer(1), "88888", -3, 12, 8, chance(1))
    assert sheet.layers["pen"][:, 0].max() > 0
    assert sheet.layers["pen"][:, -1].max() > 0


@pytest.mark.usefixtures("drawing")
def test_a_curve_starts_and_ends_at_its_points_and_turns_at_a_corner() -> None:
    from pen import curve

    path = curve(np.array([(0, 0), (1, 0), (1, 0), (1, 1)]))
    assert path[0].tolist() == [0, 0]
    assert path[-1].tolist() == [1, 1]
    assert [1, 0] in path.tolist()
