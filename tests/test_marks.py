"""Points, commas, dashes, slashes and colons between the digits of a number."""

import time
import tracemalloc

import cv2
import numpy as np
import pytest
from test_segment import drawn, groups_of, row

from scanproc.page.segment import marks
from scanproc.records import Box


def marked(*marks):
    """The number of four digits, 48 high and written with a pen of 4 pixels, that has these."""
    ink = drawn(row(40, 50, 2) + row(165, 50, 2))
    for left, top, width, height in marks:
        ink[top:top + height, left:left + width] = 1
    (group,) = groups_of(ink)
    assert len(group.guesses) == 4
    return group


@pytest.mark.parametrize("mark, sign, doubted", [
    ((142, 92, 6, 6), ".", False),
    ((142, 92, 10, 3), "-", True),      # low
    ((142, 70, 6, 6), ".", True),       # in the middle
    ((142, 92, 6, 9), ",", True),       # neither round nor long
    ((142, 90, 8, 18), ",", False),
    ((142, 88, 8, 26), ",", True),      # very long
    ((142, 76, 8, 18), ",", True),      # it does not hang
    ((138, 72, 18, 6), "-", False),
    ((138, 51, 18, 6), "-", True),      # the bar of a 5
])
def test_a_mark_neither_splits_nor_vanishes(mark, sign, doubted):
    group = marked(mark)
    assert group.marks == ((2, sign),) and group.doubtful_mark is doubted


def test_a_point_above_another_is_a_colon():
    assert marked((142, 68, 6, 6), (142, 90, 6, 6)).marks == ((2, ":"),)
    assert not marked((142, 68, 6, 6), (142, 90, 6, 6)).doubtful_mark
    beside = marked((136, 90, 6, 6), (150, 90, 6, 6))
    assert beside.marks == ((2, "."), (2, ".")) and beside.doubtful_mark


def test_a_point_in_front_is_doubtful():
    ink = drawn(row(80, 50, 3))
    ink[92:98, 66:72] = 1
    (group,) = groups_of(ink)
    assert group.marks == ((0, "."),) and group.doubtful_mark


@pytest.mark.parametrize("height, is_mark", [(22, True), (32, False)])
def test_what_hangs_on_a_digit_is_a_comma_however_high(height, is_mark):
    found = groups_of(drawn([*row(40, 50, 2), (142, 90, 10, height), *row(165, 50, 2)]))
    assert [group.marks for group in found] == ([((2, ","),)] if is_mark else [(), (), ()])


@pytest.mark.parametrize("lean, stands_out, signs", [
    (14, 8, ((2, "/"),)), (14, 0, ()), (0, 8, ())])
def test_a_stroke_that_leans_and_stands_out_is_a_slash(lean, stands_out, signs):
    ink = drawn(row(40, 50, 2) + row(160, 50, 2))
    cv2.line(ink, (144 + lean // 2, 52 - stands_out), (144 - lean // 2, 95 + stands_out), 1, 4)
    (group,) = groups_of(ink)
    assert group.marks == signs
    assert len(group.guesses) == (4 if signs else 5)


def test_a_sign_in_front_is_a_mark():
    ink = drawn(row(80, 50, 3))
    ink[72:77, 45:68] = 1
    (group,) = groups_of(ink)
    assert group.marks == ((0, "-"),) and not group.doubtful_mark


def test_of_very_many_digits_those_that_hang_are_found_in_no_time_and_little_room():
    boxes = [Box(40 * (at % 200), 60 * (at // 200), 20, 40) for at in range(12_000)]
    boxes.append(Box(boxes[5000].right + 3, boxes[5000].bottom - 6, 8, 20))
    started = time.process_time()
    tracemalloc.start()
    found = marks.hanging(boxes, [-1] * len(boxes))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.flatnonzero(found).tolist() == [12_000]
    assert time.process_time() - started < 5 and most < 200e6
