"""Light, polarity, square pixels, skew, and the way back to the page's own pixels."""

import cv2
import numpy as np
import pytest

from scanproc.page.clean import clean
from scanproc.page.clean.frame import upright
from scanproc.page.clean.light import binarize, even, white_on_black
from scanproc.page.clean.skew import find_skew
from scanproc.records import Box


def written(height=800, width=1000, ink=30, paper=230, noise=0.0, seed=0):
    """A page with three lines of figures, (height, width) uint8, and where its ink is."""
    page = np.full((height, width), paper, np.uint8)
    for row in (200, 400, 600):
        cv2.putText(page, "4073 118 25", (120, row), cv2.FONT_HERSHEY_SIMPLEX, 3, ink, 7,
                    cv2.LINE_AA)
    truth = page < (ink + paper) / 2
    if noise:
        random = np.random.default_rng(seed)
        page = np.clip(page + random.normal(0, noise, page.shape), 0, 255).astype(np.uint8)
    return page, truth


def agreement(ink, truth):
    """Intersection over union of two masks of ink."""
    return np.sum((ink > 0) & truth) / np.sum((ink > 0) | truth)


@pytest.mark.parametrize("ink, paper, noise", [(30, 230, 0), (30, 230, 8), (150, 200, 5)])
def test_ink_is_found_on_even_paper(ink, paper, noise):
    page, truth = written(ink=ink, paper=paper, noise=noise)
    assert agreement(binarize(even(page)), truth) > 0.85


def test_ink_is_found_in_a_shadow():
    page, truth = written(noise=3)
    ramp = np.linspace(1.0, 0.35, page.shape[1])
    ramp[600:] *= 0.6
    assert agreement(binarize(even((page * ramp).astype(np.uint8))), truth) > 0.8


@pytest.mark.parametrize("noise", [0, 4, 12])
def test_blank_paper_has_no_ink(noise):
    random = np.random.default_rng(1)
    page = np.clip(215 + random.normal(0, noise, (900, 700)), 0, 255).astype(np.uint8)
    assert not clean(page, None, 0).ink.any()


@pytest.mark.parametrize("level", [0, 255])
def test_a_page_of_one_level_has_no_ink(level):
    assert not clean(np.full((300, 200), level, np.uint8), None, 0).ink.any()


def test_pencil_keeps_its_strokes_whole():
    page, truth = written(ink=206, paper=235, noise=4)
    ink = clean(page, None, 0).ink
    assert agreement(ink, truth) > 0.7
    assert cv2.connectedComponents(ink)[0] == cv2.connectedComponents(truth.astype(np.uint8))[0]


def test_white_on_black_is_turned():
    page, truth = written(noise=3)
    small = cv2.resize(page, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    assert not white_on_black(small)
    assert white_on_black(255 - small)
    assert agreement(binarize(even(255 - page)), truth) > 0.85


def test_a_white_sheet_on_a_dark_desk_is_not_turned():
    page, _ = written()
    desk = np.full((2000, 2000), 40, np.uint8)
    desk[300:1100, 300:1300] = page
    assert not white_on_black(cv2.resize(desk, None, fx=0.25, fy=0.25,
                                         interpolation=cv2.INTER_AREA))


@pytest.mark.parametrize("light", [0.25, 0.45])
def test_small_writing_in_bad_light_is_not_turned(light):
    page = np.full((2400, 1700), 235, np.uint8)
    for top in range(60, 2400, 60):
        cv2.putText(page, "4073 118 25 96 3301 7", (40, top), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 60, 2)
    ramp = np.linspace(1.0, 0.3, 1700)
    for lit in (page * light, page * ramp, page * ramp * 0.6):
        small = cv2.resize(lit.astype(np.uint8), None, fx=1 / 3, fy=1 / 3,
                           interpolation=cv2.INTER_AREA)
        assert not white_on_black(small)
        assert white_on_black((255 - small) // 2)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (3, 100_000), (20_000, 20)])
def test_a_page_that_is_hardly_one_is_cleaned_like_any(shape):
    page = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    found = clean(page, (204.0, 98.0), 90)
    assert (found.frame.height, found.frame.width) == shape[::-1]


@pytest.mark.parametrize("skew", [-7.0, -3.0, -0.5, 0.0, 1.3, 3.0, 6.4])
def test_skew_is_found_and_taken_out(skew):
    page, _ = written(noise=3)
    turn = cv2.getRotationMatrix2D((500, 400), -skew, 0.8)
    tilted = cv2.warpAffine(page, turn, (1000, 800), borderValue=230)
    found = clean(tilted, None, 0)
    assert found.skew == pytest.approx(skew, abs=0.25)
    assert abs(find_skew(found.ink)) <= 0.2


@pytest.mark.parametrize("rotation, place", [
    (0, Box(20, 30, 5, 9)), (90, Box(61, 20, 9, 5)), (180, Box(175, 61, 5, 9)),
    (270, Box(30, 175, 9, 5))])
def test_boxes_are_pixels_of_the_turned_page(rotation, place):
    page = np.full((100, 200), 255, np.uint8)
    page[30:39, 20:25] = 0
    image, frame = upright(page, None, rotation)
    y, x = np.nonzero(image < 128)
    assert frame.box(np.stack([x, y], axis=1)) == place
    assert (frame.height, frame.width) == image.shape


def test_fax_pixels_are_made_square_and_boxes_stay_stored_pixels():
    page = np.full((98, 204), 255, np.uint8)
    page[40:50, 60:80] = 0
    image, frame = upright(page, (204.0, 98.0), 0)
    assert image.shape == (204, 204)
    y, x = np.nonzero(image < 128)
    assert np.allclose(frame.box(np.stack([x, y], axis=1)), (60, 40, 20, 10), atol=1)


def test_a_box_survives_the_deskewing():
    page, truth = written()
    turn = cv2.getRotationMatrix2D((500, 400), -3, 0.9)
    tilted = cv2.warpAffine(page, turn, (1000, 800), borderValue=230)
    y, x = np.nonzero(tilted < 130)
    result = clean(tilted, None, 0)
    rows, columns = np.nonzero(result.ink)
    found = result.frame.box(np.stack([columns, rows], axis=1))
    assert np.allclose(found, (x.min(), y.min(), np.ptp(x) + 1, np.ptp(y) + 1), atol=3)


def test_a_long_page_is_read_smaller_with_boxes_in_stored_pixels():
    page = np.full((7000, 600), 255, np.uint8)
    page[1000:1200, 100:180] = 0
    image, frame = upright(page, (600.0, 600.0), 0)
    assert image.shape == (3500, 300)
    y, x = np.nonzero(image < 128)
    assert frame.box(np.stack([x, y], axis=1)) == Box(100, 1000, 80, 200)


def through(front, back, blur, noise=3.0):
    """A page written on both sides, whose back shines through: (page, its front, its back)."""
    strokes, truth = written(ink=0, paper=255)
    behind = cv2.GaussianBlur(strokes[::-1, ::-1], (0, 0), blur)
    page = 235 * (1 - front * (1 - strokes / 255)) * (1 - back * (1 - behind / 255))
    page += np.random.default_rng(3).normal(0, noise, page.shape)
    return np.clip(page, 0, 255).astype(np.uint8), truth, truth[::-1, ::-1]


@pytest.mark.parametrize("front, back, blur", [
    (0.75, 0.1, 2), (0.75, 0.25, 2), (0.75, 0.4, 3), (0.3, 0.1, 2), (0.3, 0.15, 3)])
def test_what_shines_through_is_no_ink_and_pencil_is(front, back, blur):
    page, truth, behind = through(front, back, blur)
    ink = clean(page, None, 0).ink
    assert agreement(ink, truth) > 0.75
    far = behind & ~cv2.dilate(truth.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool)
    assert ink[far].mean() < 0.01
