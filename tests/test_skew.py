"""The tilt of the lines: found to a tenth of a degree where there are lines, 0 where not."""

import cv2
import numpy as np
import pytest

from scanproc.page.clean.frame import Frame, deskewed
from scanproc.page.clean.light import binarize, even
from scanproc.page.clean.skew import find_skew
from scanproc.page.decode import open_scan
from scanproc.settings import Settings

TILTS = (-9.3, -4.2, -0.7, -0.25, 0.15, 0.55, 2.4, 8.8)


def tilted(ink, degrees):
    """The ink turned clockwise, and nothing of it lost."""
    frame = Frame(np.eye(2, 3), ink.shape[1], ink.shape[0])
    return (deskewed((1 - ink) * np.uint8(255), frame, -degrees)[0] < 128).astype(np.uint8)


def printed(lines=12, rules=False):
    """Lines of print, or a table of it: (1400, 1000) uint8, 1 = ink."""
    page = np.zeros((1400, 1000), np.uint8)
    for at in range(lines):
        y = 200 + 80 * at
        cv2.putText(page, "Name and number 407 of week 25", (120, y), cv2.FONT_HERSHEY_SIMPLEX,
                    1.3, 1, 3)
        if rules:
            page[y + 20:y + 22, 100:900] = 1
    if rules:
        page[150:200 + 80 * lines, (100, 101, 500, 501, 898, 899)] = 1
    return page


def loose(count, seed):
    """Digits here and there: (1400, 1000) uint8, 1 = ink."""
    random = np.random.default_rng(seed)
    page = np.zeros((1400, 1000), np.uint8)
    for _ in range(count):
        x, y = (int(value) for value in random.integers((50, 150), (900, 1350)))
        cv2.putText(page, str(random.integers(10)), (x, y), cv2.FONT_HERSHEY_SIMPLEX,
                    random.uniform(2, 4), 1, 6)
    return page


@pytest.mark.parametrize("page", [printed(), printed(4), printed(rules=True)],
                         ids=["print", "little print", "table"])
def test_lines_are_found_to_a_tenth_of_a_degree(page):
    assert [find_skew(tilted(page, tilt)) for tilt in TILTS] == pytest.approx(TILTS, abs=0.1)


def test_straight_lines_are_straight():
    assert abs(find_skew(printed())) <= 0.02


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("count", [3, 8, 15])
def test_loose_digits_have_no_tilt(count, seed):
    assert find_skew(loose(count, seed)) == 0.0


@pytest.mark.parametrize("shape", [(1, 1), (1, 10_000), (10_000, 3), (2500, 2000)])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_what_is_no_page_has_hardly_a_tilt(shape, share):
    noise = (np.random.default_rng(1).random(shape) < share).astype(np.uint8)
    assert abs(find_skew(noise)) < 0.5


@pytest.mark.parametrize("name", ["quexf_3.pdf", "hsf_1.png", "cdig_dpr10_sample_01.jpeg"])
def test_real_pages_are_found_to_a_tenth_of_a_degree(data, name):
    with open_scan((data("pages") / name).read_bytes(), Settings()) as scan:
        ink = binarize(even(scan.page(1).gray))
    own = find_skew(ink)
    found = np.array([find_skew(tilted(ink, tilt)) for tilt in (-6.3, -0.55, 0.35, 4.7)])
    assert found - own == pytest.approx((-6.3, -0.55, 0.35, 4.7), abs=0.1)


def test_what_is_left_of_a_border_is_as_straight_as_the_picture_and_no_line():
    page = np.zeros((1400, 1000), np.uint8)
    for y in range(200, 1200, 120):
        cv2.line(page, (200, y), (500, y - 16), 1, 3)  # 3 degrees counter-clockwise
    page[-4:-1] = 1
    assert abs(find_skew(page) - -3) < 0.1
