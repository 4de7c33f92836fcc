"""The road: bytes to results; a page that cannot be read is a value."""

import io
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from scanproc.page.read import load, read_page, read_pages
from scanproc.records import Page
from scanproc.settings import Settings

NETWORK = load()
SAMPLES = Path(__file__).parent.parent / "samples"


def drawn(text="7   1", height=400, width=700):
    page = np.full((height, width), 235, np.uint8)
    cv2.putText(page, text, (80, 220), cv2.FONT_HERSHEY_SIMPLEX, 4, 20, 11, cv2.LINE_AA)
    return Image.fromarray(page)


def saved(*images, kind="PNG", **options):
    buffer = io.BytesIO()
    if len(images) > 1:
        options |= {"save_all": True, "append_images": images[1:]}
    images[0].save(buffer, kind, **options)
    return buffer.getvalue()


def test_a_reader_loads_neither_scipy_nor_what_trains():
    code = ("import sys, scanproc.page.read; "
            "sys.exit(any(name in sys.modules for name in ('scipy', 'skimage', 'tensorflow')))")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def read(data, first=1, count=99, settings=None):
    return read_pages(data, first, count, settings or Settings(), NETWORK)


def test_a_page_is_read_with_its_boxes_and_size():
    rows, (page,) = read(saved(drawn(), dpi=(200, 200)))
    assert rows == 1 and page.status == "read" and (page.width, page.height) == (700, 400)
    assert page.dpi == pytest.approx((200, 200), abs=0.1)
    seven, one = page.numbers
    y, x = np.nonzero(np.asarray(drawn()) < 128)
    assert seven.text == "7" and one.box.left > seven.box.right
    assert seven.box.union(one.box) == pytest.approx(
        (x.min(), y.min(), np.ptp(x) + 1, np.ptp(y) + 1), abs=2)


def test_blank_paper_is_blank():
    _, (page,) = read(saved(Image.new("L", (600, 800), 250)))
    assert page.status == "blank" and page.numbers == ()


def test_some_pages_of_a_file_are_read_and_all_are_counted():
    data = saved(*[drawn(digit) for digit in "12345"], kind="TIFF")
    rows, pages = read(data, first=3, count=2)
    assert rows == 5 and [page.page for page in pages] == [3, 4]
    assert read(data, first=1, count=0) == (5, [])
    assert read(data, first=6) == (5, [])


def test_pages_are_the_same_read_alone_or_together():
    data = saved(*[drawn(digits) for digits in ("1 23", "456", "789 0")], kind="TIFF")
    together = read(data)[1]
    assert together == [read(data, page, 1)[1][0] for page in (1, 2, 3)]


def test_a_cut_file_has_a_row_for_what_cannot_be_reached():
    data = saved(*[drawn(digit) for digit in "123"], kind="TIFF")
    rows, pages = read(data[:len(data) * 2 // 3])
    assert rows == len(pages) < 4
    assert pages[-1].status == "refused" and pages[-1].reason == "cut"
    assert all(page.status == "read" for page in pages[:-1])


@pytest.mark.parametrize("data, reason", [
    (b"", "empty"), (b"hello", "not_a_scan"), (b"\x89PNG\r\n\x1a\n", ("cut", "damaged")),
    (b"%PDF-1.7\n", ("cut", "damaged", "empty")), (b"II*\0", ("cut", "damaged", "empty"))])
def test_bad_bytes_are_refused_with_words(data, reason):
    rows, (page,) = read(data)
    assert rows == 1 and page.page == 1 and page.status == "refused"
    assert page.reason in reason and len(page.words) > 20
    assert read(data, first=2) == (1, [])
    assert read(data, count=0) == (1, [])


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_page_the_file_calls_turned_is_turned(turn):
    flag = {0: 1, 90: 6, 180: 3, 270: 8}[turn]
    exif = Image.Exif()
    exif[0x0112] = flag
    stored = drawn("47").rotate(turn, expand=True)  # counter-clockwise
    _, (page,) = read(saved(stored, exif=exif))
    _, (upright,) = read(saved(drawn("47")))
    assert page.rotation == turn
    assert (page.width, page.height) == (700, 400)
    assert [number.box for number in page.numbers] == [number.box for number in upright.numbers]


def test_white_on_black_reads_the_same():
    _, (page,) = read(saved(drawn("2 5 8")))
    inverted = Image.fromarray(255 - np.asarray(drawn("2 5 8")))
    _, (other,) = read(saved(inverted))
    assert [number.text for number in other.numbers] == [number.text for number in page.numbers]
    assert [number.box for number in other.numbers] == [number.box for number in page.numbers]


@pytest.mark.parametrize("shape", [(300, 200), (9, 536), (2284, 9), (1600, 1200)])
@pytest.mark.parametrize("tint", [(255, 255, 255), (40, 60, 200), (0, 0, 0)])
def test_a_page_in_colour_without_ink_is_blank(shape, tint):
    colour = np.full((*shape, 3), tint, np.uint8)
    result = read_page(Page(cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY), colour), 1, NETWORK)
    assert (result.status, result.numbers, result.ink) == ("blank", (), ())


def test_a_black_sheet_on_a_desk_is_no_sheet():
    colour = np.full((1600, 1200, 3), 90, np.uint8)
    colour[200:1400, 200:1000] = 0
    gray = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
    assert read_page(Page(gray, colour), 1, NETWORK).status in ("read", "blank")


def test_a_cross_says_that_a_box_is_not_used():
    """Crosses before the digits are no doubt on them; one between them is an empty box."""
    def number(text):
        page = np.full((1000, 900), 250, np.uint8)
        for at, letter in enumerate(text):
            left = 150 + 70 * at
            cv2.rectangle(page, (left, 400), (left + 70, 480), 90, 3)
            if letter == "X":
                for ends in (((left + 12, 412), (left + 58, 468)),
                             ((left + 58, 412), (left + 12, 468))):
                    cv2.line(page, *ends, 20, 5, cv2.LINE_AA)
            else:
                cv2.putText(page, letter, (left + 17, 463), cv2.FONT_HERSHEY_SIMPLEX, 1.7, 20, 5,
                            cv2.LINE_AA)
        _, (result,) = read(saved(Image.fromarray(page)))
        (found,) = result.numbers
        return found.text, found.reasons

    assert number("XX472") == ("472", ())
    assert number("4XX72")[0] == "4__72" and "empty_box" in number("4XX72")[1]


def scanned(ink, back, paper):
    """A page as a scanner makes it: its back shows, its rim is black, or a bare page is beside."""
    if back:
        other = cv2.GaussianBlur(cv2.imread(str(SAMPLES / "column.png"), 0)[:, ::-1], (0, 0), 1.5)
        other = cv2.resize(other, ink.shape[::-1])
        ink = np.minimum(ink, 255 - (255 - other.astype(float)) * back).astype(np.uint8)
    if paper == "bordered":
        return cv2.copyMakeBorder(ink, 80, 10, 5, 120, cv2.BORDER_CONSTANT, value=12)
    if paper == "spread":
        x = np.arange(2 * ink.shape[1]) - ink.shape[1]
        shade = 1 - 0.75 * np.exp(-(x / 40) ** 2)
        shade[np.abs(x) < 3] = 0.05
        return (np.hstack([ink, np.full_like(ink, 250)]) * shade).astype(np.uint8)
    return ink


@pytest.mark.parametrize("written, back, paper", [
    (True, 0.3, ""), (True, 0.2, "bordered"), (True, 0, "spread"),
    (False, 0.2, ""), (False, 0.4, ""), (False, 1.0, ""),  # darker ones are known by mirror writing
    (False, 0.2, "bordered"), (False, 0.4, "bordered"), (False, 0, "spread")])
def test_the_back_of_a_page_scanner_borders_and_a_gutter_give_no_digits(written, back, paper):
    page = cv2.imread(str(SAMPLES / "lines.png"), 0)
    page = page if written else np.full_like(page, 250)

    def given(gray):
        (found,) = read(saved(Image.fromarray(gray)))[1]
        return [number.text for number in found.numbers]

    expected = given(page) if written else []
    assert len(expected) == 25 * written and given(scanned(page, back, paper)) == expected
