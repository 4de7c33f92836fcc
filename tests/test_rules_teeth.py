"""Combs that are open: strokes on a rule, with digits between them."""

import cv2
import numpy as np
import pytest
from papers import write_apart

from scanproc.page import rules
from scanproc.page.rules.combs import Toothed
from scanproc.page.rules.components import components
from scanproc.page.rules.lines import lines
from scanproc.page.rules.teeth import apart, toothed

PITCH, HIGH, LEFT, BOTTOM, UNIT = 50, 60, 200, 500, 5.0


def page():
    return np.full((1000, 1400), 255, np.uint8)


def comb(gray, boxes=9, tooth=20, gap=0, pitch=PITCH):
    """Draws `boxes` boxes that are open above; apart by `gap`."""
    for at in range(boxes):
        left, right = LEFT + at * pitch, LEFT + (at + 1) * pitch - gap
        cv2.line(gray, (left, BOTTOM), (right, BOTTOM), 0, 2)
        for x in (left, right):
            cv2.line(gray, (x, BOTTOM - tooth), (x, BOTTOM), 0, 2)
    return gray


def write(gray, text, pitch=PITCH):
    return write_apart(gray, text, LEFT + 12, BOTTOM - 46, pitch)


def found(gray):
    ink = (gray < 128).astype(np.uint8)
    ruling = rules.find(ink, gray)
    return [cell for cell in ruling.cells if cell.comb >= 0], rules.remove(ink, ruling)[0]


@pytest.mark.parametrize("tooth", [15, 30, HIGH])
@pytest.mark.parametrize("gap", [0, 10])
def test_boxes_stand_between_teeth(tooth, gap):
    cells, _ = found(write(comb(page(), 9, tooth, gap), "602845"))
    assert [cell.position for cell in cells] == list(range(1, 10))
    assert {cell.comb for cell in cells} == {0}
    for cell in cells:
        assert abs(cell.spot.left - (LEFT + (cell.position - 1) * PITCH)) <= 5
        assert abs(cell.spot.bottom - BOTTOM) <= 5 and cell.spot.height >= HIGH - 15


@pytest.mark.parametrize("gap, text", [(0, "602845"), (10, "171")])
def test_teeth_are_taken_out_and_digits_stay(gap, text):
    bare = write(page(), text) < 128
    _, left = found(write(comb(page(), gap=gap), text))
    assert (left > 0)[bare].mean() > 0.97
    assert (left > 0)[~bare].sum() < 100


def test_strokes_that_only_part_the_digits_have_a_box_on_either_side():
    gray, wide = page(), 9 * PITCH
    cv2.rectangle(gray, (LEFT - 40, BOTTOM - 130), (LEFT + wide + 40, BOTTOM), 0, 2)
    cv2.putText(gray, "Write your number", (LEFT, BOTTOM - 70), 0, 1, 0, 2)
    for at in range(1, 9):
        cv2.line(gray, (LEFT + at * PITCH, BOTTOM - 20), (LEFT + at * PITCH, BOTTOM), 0, 2)
    write(gray, "602845319")
    gray[BOTTOM - 46:BOTTOM - 6, LEFT + wide - 3:LEFT + wide] = 0  # ink where no tooth is
    cells, left = found(gray)
    assert [cell.position for cell in cells] == list(range(1, 10))
    assert abs(cells[0].spot.left - LEFT) <= 3 and cells[0].spot.top > BOTTOM - 70
    assert left[BOTTOM - 46:BOTTOM - 6, LEFT + wide - 3:LEFT + wide].all()


@pytest.mark.parametrize("draw", [
    lambda gray: cv2.line(gray, (LEFT, BOTTOM), (LEFT + 450, BOTTOM), 0, 2),
    lambda gray: comb(gray, boxes=3),
    lambda gray: comb(gray, boxes=60, pitch=8),  # a ruler
    lambda gray: write(cv2.line(gray, (LEFT, BOTTOM), (LEFT + 450, BOTTOM), 0, 2), "11711171"),
], ids=["a rule", "too few", "a ruler", "digits on a rule"])
def test_what_is_no_comb(draw):
    gray = page()
    draw(gray)
    assert not found(gray)[0]


def test_a_scale_is_no_comb():
    gray = page()
    cv2.line(gray, (LEFT - 30, BOTTOM), (LEFT + 500, BOTTOM), 0, 2)
    for at in range(10):
        cv2.line(gray, (LEFT + at * PITCH, BOTTOM - 20), (LEFT + at * PITCH, BOTTOM + 20), 0, 2)
    assert not found(gray)[0]


def test_a_table_is_no_comb():
    gray = page()
    for at in range(10):
        cv2.line(gray, (LEFT + at * PITCH, 100), (LEFT + at * PITCH, BOTTOM), 0, 2)
    for y in range(100, BOTTOM + 1, 50):
        cv2.line(gray, (LEFT, y), (LEFT + 450, y), 0, 2)
    assert not found(gray)[0]


def closed(gray, boxes=9):
    """A comb whose sides hang from its upper rule, and whose lower one is lost."""
    top = BOTTOM - HIGH
    cv2.line(gray, (LEFT, top), (LEFT + boxes * PITCH, top), 0, 2)
    for at in range(boxes + 1):
        cv2.line(gray, (LEFT + at * PITCH, top), (LEFT + at * PITCH, BOTTOM - 3), 0, 2)
    return gray


def test_sides_that_hang_from_a_rule_are_of_boxes():
    cells, left = found(write(closed(page()), "602845"))
    assert [cell.position for cell in cells] == list(range(1, 10))
    assert all(abs(cell.spot.bottom - BOTTOM) <= 5 and abs(cell.spot.top - BOTTOM + HIGH) <= 5
               for cell in cells)
    bare = write(page(), "602845") < 128
    assert (left > 0)[bare].mean() > 0.95 and (left > 0)[~bare].sum() < 200


def test_short_strokes_that_hang_are_of_no_boxes():
    assert not found(comb(page())[::-1].copy())[0]


def row(boxes, shift=0.0, width=1.0):
    """Boxes of the comb that were found one by one."""
    return np.array([(LEFT + at * PITCH + shift, BOTTOM - HIGH, width * PITCH, HIGH)
                     for at in boxes], float)


@pytest.mark.parametrize("rows, kept", [
    ([(row([1, 2, 3]), True)], True), ([(row([1, 2]), False), (row([6]), False)], True),
    ([(row(range(9)), True)], False),           # all of it was found
    ([(row([1, 2], width=1.6), False)], False),  # something else is there
    ([(row([1], width=1.95), False), (row([6]), False)], True)])  # of two boxes the side is lost
def test_a_comb_takes_the_place_of_some_of_its_boxes(rows, kept):
    comb = Toothed(row(range(9)), np.zeros((0, 4), int), np.ones(9, bool), float(PITCH))
    other = (row([3]) + [0, 300, 0, 0], False)
    combs, left = apart([comb, comb], [*rows, other])
    assert len(combs) == kept and len(left) == 1 + (0 if kept else len(rows))
    assert left[-1] is other


def test_the_bar_of_a_digit_at_the_top_of_an_open_box_stays():
    gray = write(comb(page()), "602845")
    left, top = LEFT + 2 * PITCH + 12, found(gray)[0][2].spot.top
    gray[top - 3:top, left:left + 30] = 0
    assert found(gray)[1][top - 3:top, left:left + 30].all()


def test_the_base_goes_where_a_digit_lies_along_it():
    gray = comb(page(), gap=10)
    box = LEFT + 8 * PITCH  # the last one
    cv2.ellipse(gray, (box + 20, BOTTOM - 20), (17, 16), 0, 0, 360, 0, 4)
    cells, left = found(gray)
    assert len({cell.spot.bottom for cell in cells}) == 1
    assert left[BOTTOM:BOTTOM + 2, box + 2:box + 38].mean() < 0.3
    assert left[BOTTOM - 38:BOTTOM - 3, box + 8:box + 32].sum() > 200


def test_boxes_apart_whose_bases_run_into_each_other_are_one_comb():
    gray = comb(page(), gap=8)
    gray[BOTTOM - 1:BOTTOM + 1, LEFT:LEFT + 9 * PITCH - 8] = 0
    end = LEFT + 6 * PITCH  # of the sixth box
    gray[BOTTOM - 1:BOTTOM + 2, end - 6:end - 2] = 255
    ink = (gray < 128).astype(np.uint8)
    (one,) = toothed(components(lines(ink, UNIT), UNIT), ink, UNIT)
    assert len(one.boxes) == 9


@pytest.mark.parametrize("lost, boxes", [([4], 9), ([4, 5], 9), ([3, 4, 5], 0)])
def test_two_teeth_may_be_lost(lost, boxes):
    gray = comb(page())
    for at in lost:
        gray[BOTTOM - 25:BOTTOM - 3, LEFT + at * PITCH - 3:LEFT + at * PITCH + 4] = 255
    assert len(found(gray)[0]) == boxes
