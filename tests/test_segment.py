"""Candidates by contour, broken digits, lines and numbers in reading order, marks."""

import time

import cv2
import numpy as np
import pytest

from scanproc.page.clean.frame import Frame
from scanproc.page.segment import segment
from scanproc.records import Box


def drawn(boxes, shape=(400, 900)):
    """Ink with a ring (a digit as far as boxes go) in each (left, top, width, height)."""
    ink = np.zeros(shape, np.uint8)
    for left, top, width, height in boxes:
        ink[top:top + height, left:left + width] = 1
        ink[top + 4:top + height - 4, left + 4:left + width - 4] = 0
    return ink


def groups_of(ink):
    height, width = ink.shape
    return segment(ink, Frame(np.eye(2, 3), width, height)).groups


def layout(ink):
    """The boxes of each number, in reading order."""
    return [[tuple(candidate.box) for candidate in group.candidates]
            for group in groups_of(ink)]


def row(left, top, count, pitch=50):
    return [(left + at * pitch, top, 30, 48) for at in range(count)]


def test_numbers_come_line_by_line_and_left_to_right():
    numbers = [row(40, 50, 3), row(400, 55, 2), row(60, 160, 4), row(500, 150, 1)]
    assert layout(drawn(sum(numbers, []))) == numbers


def test_a_wandering_line_stays_one_line():
    line = [(40 + 90 * at, 50 + 12 * at, 30, 48) for at in range(9)]
    below = [(40 + 90 * at, 150 + 12 * at, 30, 48) for at in range(9)]
    assert sum(layout(drawn(line + below)), []) == line + below


def test_a_digit_in_a_box_is_found_and_the_box_is_not():
    ink = drawn(row(100, 100, 2))
    cv2.rectangle(ink, (60, 60), (300, 380), 1, 3)
    assert layout(ink) == [row(100, 100, 2)]


def test_a_frame_as_low_as_a_digit_is_no_0():
    ink = drawn(row(100, 100, 2) + row(100, 250, 3))
    cv2.rectangle(ink, (85, 85), (200, 165), 1, 3)
    assert layout(ink) == [row(100, 100, 2), row(100, 250, 3)]


def test_a_mask_holds_its_own_ink_only():
    ink = drawn([(100, 100, 60, 80)])
    ink[130:140, 120:130] = 1
    (group,) = groups_of(ink)
    (candidate,) = group.candidates
    assert candidate.mask.shape == (80, 60)
    assert candidate.mask.sum() == drawn([(100, 100, 60, 80)]).sum()


@pytest.mark.parametrize("refused", [
    (300, 80, 400, 6),      # a rule
    (300, 10, 6, 300),      # a vertical rule
    (305, 60, 5, 5),        # dirt
    (300, 150, 120, 150),   # a blot far larger than the digits
])
def test_what_is_no_digit_by_its_size_is_refused(refused):
    ink = drawn(row(40, 50, 3) + row(40, 150, 3) + row(40, 250, 3))
    left, top, width, height = refused
    ink[top:top + height, left:left + width] = 1
    assert layout(ink) == [row(40, 50, 3), row(40, 150, 3), row(40, 250, 3)]


def test_a_loose_bar_is_joined_to_its_digit():
    ink = drawn(row(40, 54, 4, pitch=60))
    ink[44:50, 52:84] = 1
    (number,) = layout(ink)
    assert number[0] == (40, 44, 44, 58)
    assert number[1:] == row(40, 54, 4, pitch=60)[1:]


def test_lines_close_to_each_other_are_not_joined():
    upper, lower = row(40, 50, 4), row(40, 102, 4)
    assert layout(drawn(upper + lower)) == [upper, lower]


@pytest.mark.parametrize("mark, sign", [((142, 90, 8, 8), "."), ((142, 88, 6, 18), ","),
                                        ((138, 72, 16, 6), "-")])
def test_a_mark_neither_splits_nor_vanishes(mark, sign):
    ink = drawn(row(40, 50, 2) + row(165, 50, 2))
    left, top, width, height = mark
    ink[top:top + height, left:left + width] = 1
    (group,) = groups_of(ink)
    assert len(group.candidates) == 4
    assert group.marks == ((2, sign),)


@pytest.mark.parametrize("lean, stands_out, marks", [
    (14, 8, ((2, "/"),)), (14, 0, ()), (0, 8, ())])
def test_a_stroke_that_leans_and_stands_out_is_a_slash(lean, stands_out, marks):
    ink = drawn(row(40, 50, 2) + row(160, 50, 2))
    cv2.line(ink, (144 + lean // 2, 52 - stands_out), (144 - lean // 2, 95 + stands_out), 1, 4)
    (group,) = groups_of(ink)
    assert group.marks == marks
    assert len(group.candidates) == (4 if marks else 5)


def test_a_sign_in_front_is_a_mark():
    ink = drawn(row(80, 50, 3))
    ink[72:77, 45:68] = 1
    (group,) = groups_of(ink)
    assert group.marks == ((0, "-"),)


def test_a_gap_between_the_usual_and_the_wide_is_doubtful():
    close, near = row(40, 50, 4), row(265, 50, 4)
    assert not any(group.doubtful_gap for group in groups_of(drawn(close + row(400, 50, 4))))
    assert any(group.doubtful_gap for group in groups_of(drawn(close + near)))


def test_lone_digits_at_one_pitch_are_one_doubtful_number():
    comb = [(40 + 80 * at, 50, 30, 48) for at in range(5)]
    (group,) = groups_of(drawn(comb))
    assert len(group.candidates) == 5 and group.doubtful_gap
    uneven = [(40, 50, 30, 48), (120, 50, 30, 48), (320, 50, 30, 48), (410, 50, 30, 48)]
    assert layout(drawn(uneven)) == [[spot] for spot in uneven]


def test_specks_leave_a_page_blank_and_a_rule_does_not():
    ink = np.zeros((300, 300), np.uint8)
    frame = Frame(np.eye(2, 3), 300, 300)
    ink[50:53, 80:84] = 1
    assert segment(ink, frame).blank
    ink[100:103, 20:280] = 1
    assert not segment(ink, frame).blank


def test_no_ink_gives_no_numbers():
    assert groups_of(np.zeros((300, 300), np.uint8)) == ()


def test_the_dark_edge_of_a_scan_hides_no_digits():
    ink = drawn(row(40, 50, 3) + row(40, 150, 3), shape=(1200, 900))
    ink[300:1100, :6] = ink[100:1190, 894:] = 1
    assert layout(ink) == [row(40, 50, 3), row(40, 150, 3)]


def test_a_page_of_thin_ones_is_read():
    assert layout(drawn([(50, 40, 3, 60), (400, 45, 3, 58)])) == [
        [(50, 40, 3, 60)], [(400, 45, 3, 58)]]


@pytest.mark.parametrize("pattern", [[[1, 1, 1], [1, 0, 1], [1, 1, 1]],
                                     np.kron(np.eye(2), np.ones((4, 4)))])
def test_a_picture_full_of_holes_costs_no_more_than_writing(pattern):
    """Half a million holes took a minute; a digit beside them is found as ever."""
    ink = drawn(row(100, 40, 3), shape=(3600, 2500))
    tile = np.array(pattern, np.uint8)
    ink[120:, :] = np.tile(tile, (1200, 900))[:3480, :2500]
    started = time.process_time()
    assert layout(ink) == [row(100, 40, 3)]
    assert time.process_time() - started < 10


def test_many_specks_cost_no_more_than_writing():
    random = np.random.default_rng(5)
    ink = np.zeros((3508, 2480), np.uint8)
    for left, top in random.integers(0, (2470, 3490), (60_000, 2)):
        ink[top:top + 6, left:left + 4] = 1
    started = time.process_time()
    assert len(groups_of(ink)) > 1000
    assert time.process_time() - started < 15


def test_random_ink_never_crashes():
    random = np.random.default_rng(3)
    for share in (0.01, 0.2, 0.5, 0.9, 1.0):
        ink = (random.random((120, 160)) < share).astype(np.uint8)
        for group in groups_of(ink):
            for candidate in group.candidates:
                assert candidate.mask.any()
                assert Box(0, 0, 160, 120).union(candidate.box) == Box(0, 0, 160, 120)
