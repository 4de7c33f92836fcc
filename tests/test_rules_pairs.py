"""Two boxes for the two digits of a number, and two cells of a table that look like them."""

import cv2
import numpy as np
import pytest

from scanproc.page import rules
from scanproc.page.rules.pairs import in_pairs

WIDE, HIGH, LEFT, TOP = 60, 70, 300, 200


def page(columns=2, lines=1, first=0, high=HIGH):
    """Boxes that share rules, at the columns from `first` on."""
    gray = np.full((1400, 1000), 255, np.uint8)
    for line in range(lines):
        for column in range(first, first + columns):
            left, top = LEFT + column * WIDE, TOP + line * high
            cv2.rectangle(gray, (left, top), (left + WIDE, top + high), 0, 2)
    return gray


def combs(gray):
    """How many boxes each comb has."""
    ink = (gray < 128).astype(np.uint8)
    found = [cell.comb for cell in rules.find(ink, gray).cells if cell.comb >= 0]
    return [found.count(comb) for comb in sorted(set(found))]


def test_two_boxes_alone_are_a_comb_of_two():
    assert combs(page()) == [2]


def test_so_they_are_in_every_line_below_each_other():
    assert combs(page(lines=4)) == [2] * 4


def test_a_frame_around_them_is_no_rule_of_theirs():
    gray = page(lines=4)
    cv2.rectangle(gray, (LEFT - 30, TOP - 30), (LEFT + 2 * WIDE + 30, TOP + 4 * HIGH + 30), 0, 3)
    assert combs(gray) == [2] * 4


@pytest.mark.parametrize("columns", [1, 3, 4])
def test_other_numbers_of_columns_are_no_pairs(columns):
    assert 2 not in combs(page(columns, lines=4))


def cells(*columns):
    """A row of found boxes in these columns."""
    return np.array([(LEFT + column * WIDE + 2, TOP + 2, WIDE - 3, HIGH - 3)
                     for column in columns], float)


@pytest.mark.parametrize("first", [0, -1])
def test_two_cells_are_no_pair_where_the_rules_of_a_third_go_on_that_was_not_found(first):
    ink = (page(columns=3, first=first) < 128).astype(np.uint8)
    row = cells(0, 1)
    (found, comb), = in_pairs([(row, False)], ink)
    assert not comb and np.array_equal(found, row)


@pytest.mark.parametrize("boxes", [
    cells(0, 1) * [1, 1, 1, 0.4], cells(0, 1) * [[1, 1, 1, 1], [1, 1, 0.7, 1]],
    cells(0, 1) + [[0, 0, 0, 0], [0, 40, 0, 0]], cells(0, 1) + [[0, 0, 0, 0], [30, 0, 0, 0]]])
def test_boxes_too_wide_unlike_or_apart_are_no_pair(boxes):
    ink = np.zeros((1400, 1000), np.uint8)
    assert not any(comb for _, comb in in_pairs([(boxes, False)], ink))


def test_the_other_boxes_of_a_row_stay_single():
    ink, row = np.zeros((1400, 1000), np.uint8), cells(0, 1, 4)
    found = in_pairs([(row, False)], ink)
    assert [(len(boxes), comb) for boxes, comb in found] == [(1, False), (2, True)]


@pytest.mark.parametrize("found, drawn, expected", [
    ((0, 1), 2, 2), ((0,), 2, 2), ((1,), 2, 2),  # a rule beside the lower pair goes on
    ((0,), 1, 1)])                               # its neighbour is not drawn
def test_a_pair_tells_of_the_next_in_its_columns(found, drawn, expected):
    gray = page(lines=2)
    if drawn == 1:
        gray[TOP + HIGH + 3:, LEFT + WIDE + 3:] = 255
    else:
        cv2.line(gray, (LEFT - 200, TOP + 2 * HIGH), (LEFT + 400, TOP + 2 * HIGH), 0, 2)
    rows = [(cells(0, 1), False), (cells(*found) + [0, HIGH, 0, 0], False)]
    combs = [boxes for boxes, comb in in_pairs(rows, (gray < 128).astype(np.uint8)) if comb]
    assert len(combs) == expected and all(len(boxes) == 2 for boxes in combs)
