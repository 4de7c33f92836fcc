"""The drawn forms: each kind is what it says, and its truth agrees with its ink."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from scanproc.evaluate import truth

SAMPLES = Path(__file__).parents[1] / "samples"
KINDS = ("office", "boxed", "tables", "photographs", "strings")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of each kind, and twenty strings, written by strokes."""
    out = tmp_path_factory.mktemp("forms")
    subprocess.run([sys.executable, SAMPLES / "forms" / "draw.py", "--out", out, "--seed", "7"],
                   check=True)
    return out


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lets a test import the modules that draw."""
    monkeypatch.syspath_prepend(SAMPLES)
    monkeypatch.syspath_prepend(SAMPLES / "forms")
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if str(SAMPLES) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def rows(folder: Path, file: str) -> list[dict[str, str]]:
    lines = (folder / "boxes.csv").read_text(encoding="utf-8").splitlines()
    return [row for row in csv.DictReader(lines) if row["file"] == file]


def pages(folder: Path, kind: str) -> list[truth.TruthPage]:
    return [page for page in truth.load(folder / "truth.csv") if page.kind == kind]


@pytest.mark.parametrize("kind", KINDS)
def test_truth_and_boxes_name_the_same_digits(folder: Path, kind: str) -> None:
    for page in pages(folder, kind):
        digits = {(int(row["number"]), int(row["position"])): row["digit"]
                  for row in rows(folder, page.file)}
        assert list(digits.items()) == [((number, position), digit)
                                        for number, text in enumerate(page.numbers, 1)
                                        for position, digit in enumerate(text, 1)]
        assert digits


def test_marks_belong_to_numbers_of_the_truth(folder: Path) -> None:
    with (folder / "marks.csv").open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream))
    numbers = {page.file: page.numbers for page in truth.load(folder / "truth.csv")}
    assert found
    for row in found:
        number = numbers[row["file"]][int(row["number"]) - 1]
        for mark in row["marks"].split():
            assert mark[-1] in ".,-" and 0 <= int(mark[:-1]) <= len(number)


def test_there_is_one_page_of_each_kind_and_twenty_strings(folder: Path) -> None:
    assert [len(pages(folder, kind)) for kind in KINDS] == [1, 1, 1, 1, 20]
    assert {page.file for page in truth.load(folder / "truth.csv")} == {
        path.name for path in folder.iterdir() if path.suffix != ".csv"}


def test_an_office_form_is_a_group_4_tiff_with_one_number_of_7_to_9_digits(folder: Path) -> None:
    (page,) = pages(folder, "office")
    with Image.open(folder / page.file) as image:
        assert (image.mode, image.info["compression"]) == ("1", "group4")
        assert tuple(map(round, image.info["dpi"])) == (200, 200)
    assert [7 <= len(number) <= 9 for number in page.numbers] == [True]


def test_a_boxed_sheet_has_150_cells_at_300_dpi(folder: Path) -> None:
    (page,) = pages(folder, "boxed")
    assert page.score == "digits"
    assert sum(map(len, page.numbers)) == 150
    with Image.open(folder / page.file) as image:
        assert (image.mode, round(image.info["dpi"][0])) == ("L", 300)


def test_strings_hold_one_number_each_and_are_small(folder: Path) -> None:
    for page in pages(folder, "strings"):
        assert len(page.numbers) == 1
        with Image.open(folder / page.file) as image:
            assert image.height < 100 < 4 * image.width


@pytest.mark.usefixtures("drawing")
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_boxes_hold_the_ink_of_the_digits_on_the_upright_page(turn: int) -> None:
    from capture import photograph
    from sheet import Sheet
    from writer import Writer
    from writing import write

    rng = np.random.default_rng(3)
    sheet = Sheet(120, 90, 150, rng)
    writer = Writer.of(rng, None)
    for baseline in (40, 70):
        sheet.line()
        write(sheet, writer, "4720", 20, baseline, 12)
        write(sheet, writer, "9,8", 75, baseline, 12)
    picture = photograph(sheet, (30, 30, 30), -0.05, 900).turned(turn)
    upright = np.rot90(picture.pixels, -turn // 90).min(axis=2)
    covered = np.zeros(upright.shape, bool)
    for left, top, width, height in picture.boxes:
        box = upright[top:top + height, left:left + width].astype(int)
        around = int(np.median(upright[top - 9:top + height + 9, left - 9:left + width + 9]))
        for edge in (box[:3], box[-3:], box[:, :3], box[:, -3:]):
            assert edge.min() < around - 30, "ink reaches each edge of its box"
        covered[top - 3:top + height + 3, left - 3:left + width + 3] = True
    assert sheet.text == "4720 98|4720 98"
    assert len(picture.boxes) == 12
    dark = (upright < 90) & ~covered
    assert 0 < dark.sum() < 0.05 * (upright < 90).sum(), "two commas are outside of all boxes"


@pytest.mark.usefixtures("drawing")
@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_flag_in_the_file_says_how_to_turn_it(turn: int, tmp_path: Path) -> None:
    from capture import Picture

    from draw import save

    pixels = np.zeros((60, 40, 3), np.uint8)
    pixels[:20, :20] = 255
    picture = Picture(pixels, np.zeros((0, 4), int)).turned(turn, turn)
    file = tmp_path / save(picture, tmp_path / "a", np.random.default_rng(1))
    with Image.open(file) as image:
        upright = np.asarray(ImageOps.exif_transpose(image))
    assert np.abs(upright.astype(int) - pixels).mean() < 5


@pytest.mark.usefixtures("drawing")
def test_joined_digits_touch_and_others_do_not() -> None:
    import cv2
    from sheet import Sheet
    from writer import Writer
    from writing import write

    def pieces(joined: float) -> int:
        rng = np.random.default_rng(5)
        sheet = Sheet(120, 30, 200, rng)
        sheet.line()
        write(sheet, Writer.of(rng, None), "0680896", 10, 20, 10, joined)
        return cv2.connectedComponents((sheet.pen > 100).astype(np.uint8))[0] - 1

    assert pieces(0.0) == 7
    assert pieces(1.0) <= 2


@pytest.mark.usefixtures("drawing")
@pytest.mark.parametrize("pen", [2.0, 4.0, 7.0])
def test_a_digit_gets_the_height_and_the_pen_that_were_asked_for(pen: float) -> None:
    from writer import Writer

    rng = np.random.default_rng(1)
    writer = Writer.of(rng, None)
    heights, widths = [], []
    for digit in "0123456789" * 2:
        ink = writer.digit(digit, 60, pen, rng)
        heights.append(ink.shape[0])
        widths.append(2 * (ink / 255).sum() / _outline(ink))
    assert np.mean(heights) == pytest.approx(60 + pen / 2, rel=0.1)
    assert np.mean(widths) == pytest.approx(pen, rel=0.25)


def _outline(ink: np.ndarray) -> float:
    """How long the edge of the ink is, in pixels."""
    import cv2

    found = cv2.findContours((ink > 127).astype(np.uint8), cv2.RETR_LIST,
                             cv2.CHAIN_APPROX_NONE)[0]
    return sum(cv2.arcLength(contour, True) for contour in found)


@pytest.mark.usefixtures("drawing")
def test_no_image_is_written_twice_on_a_page_while_there_are_others() -> None:
    from writer import Writer

    rng = np.random.default_rng(3)
    writer = Writer.of(rng, {"1": [np.pad(np.full((20, 4), 255, np.uint8), 4)] * 4})
    for _ in range(4):
        writer.digit("1", 40, 4, rng)
    assert writer.written == {("1", at) for at in range(4)}
    assert writer.digit("1", 40, 4, rng).any()


@pytest.mark.usefixtures("drawing")
def test_only_held_out_digits_of_the_train_set_are_written(data, mnist) -> None:
    from writer import mnist as pool_of

    images, labels = mnist("train")
    pool = pool_of(data("mnist"))
    held_out = {image.tobytes() for image in images[55_000:]}
    assert sum(map(len, pool.values())) == 5000
    for digit, own in pool.items():
        assert len(own) == (labels[55_000:] == int(digit)).sum()
        assert all(image.tobytes() in held_out for image in own)


def test_the_same_seed_draws_the_same_pixels(folder: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, SAMPLES / "forms" / "draw.py", "--out", tmp_path, "--seed", "7",
                    "--kind", "strings"], check=True)
    again = pages(tmp_path, "strings")
    assert again == pages(folder, "strings")
    for page in again[:5]:
        assert (tmp_path / page.file).read_bytes() == (folder / page.file).read_bytes()
