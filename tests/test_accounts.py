"""What became of the ink: a number in a row of boxes is doubted for ink nobody looked into."""

import numpy as np
import pytest

from scanproc.page.accounts import left_over, with_hidden
from scanproc.page.segment.groups import Group, Guess
from scanproc.records import Box, Candidate, Cell

CELLS = tuple(Cell(Box(10 + 50 * at, 10, 48, 60), 0, at + 1) for at in range(4))


def guess(cell):
    spot = Box(25 + 50 * cell, 20, 20, 40)
    row = np.eye(11, dtype=np.float32)[5]
    return Guess(Candidate(np.ones((40, 20), np.uint8), spot, spot), row, cell)


def doubted(ink, cells=CELLS):
    two = [guess(1), guess(2)]
    (group,) = with_hidden([Group(tuple(two), (2, 3))], two, cells, ink)
    return group.strange


@pytest.mark.parametrize("part, expected", [
    ((slice(20, 60), slice(30, 34)), True),  # a 1, joined to what is large
    ((slice(20, 60), slice(75, 90)), False),  # the digit that was read
    ((slice(12, 70), slice(10, 16)), False),  # the rest of a rule
    ((slice(40, 44), slice(30, 34)), False),  # a speck
    ((slice(100, 160), slice(30, 60)), False)])  # below
def test_ink_in_a_box_of_which_nothing_is_known(part, expected):
    ink = np.zeros((200, 300), np.uint8)
    ink[part] = 1
    assert doubted(ink) is expected


def test_boxes_of_another_row_and_beyond_the_page_say_nothing():
    ink = np.ones((60, 130), np.uint8)
    others = (Cell(CELLS[0].spot, 1), *CELLS[1:3], Cell(Box(400, 300, 48, 60), 0, 4))
    assert not doubted(ink, others)


def test_a_box_of_which_a_joined_digit_was_read_is_no_riddle():
    ink = np.zeros((200, 300), np.uint8)
    ink[20:60, 25:45] = 1
    (group,) = with_hidden([Group((guess(0), guess(1)), (1, 2))], [guess(1)], CELLS, ink)
    assert not group.strange  # what was cut in two was one candidate, in one box


def test_digits_of_no_number_are_told_as_what_they_are():
    given, rest, slash = guess(1), guess(2), guess(-1)
    found = [Group((given,), (2,))]
    assert left_over([given, rest, slash], found, CELLS) == [(rest, "rule"), (slash, "mark")]
