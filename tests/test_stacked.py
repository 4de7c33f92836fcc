"""Parts of a digit above each other become one where the network is sure of it."""

import numpy as np
import pytest
from papers import row_of

from scanproc.page.clean.frame import Frame
from scanproc.page.segment.groups import Guess
from scanproc.page.stacked import put_together
from scanproc.records import Box, Candidate, Cell

FRAME = Frame(np.eye(2, 3), 1000, 1000)


def guess(left, top, width, height, digit, sure=0.999, cell=-1):
    spot = Box(left, top, width, height)
    return Guess(Candidate(np.ones((height, width), np.uint8), spot, spot, parts=2),
                 row_of(digit, sure), cell)


WHOLE = [guess(100 * at, 300, 40, 60, 7) for at in range(5)]


def together(parts, strange=(), row=None, cells=(Cell(Box(0, 0, 9, 9)),) * 4):
    asked = []

    def answer(masks):
        asked.extend(masks)
        return np.array([row_of(5) if row is None else row] * len(masks))
    digits, left = put_together([*WHOLE, *parts], list(strange), cells, answer, FRAME)
    return [one for one in digits if not any(one is whole for whole in WHOLE)], left, asked


def test_a_5_whose_top_is_loose_is_one_digit():
    top, bottom = guess(700, 300, 40, 32, 5, 0.4), guess(695, 328, 44, 36, 0, 0.5)
    (found,), left, (mask,) = together([top, bottom])
    assert found.spot == Box(695, 300, 45, 64) and not left
    assert found.row.argmax() == 5 and found.joined and found.candidate.parts == 4
    assert found.candidate.mask is mask and mask.shape == (64, 45) and not mask[0, 0]
    assert found.candidate.box == found.spot


def test_a_part_that_is_no_digit_by_itself_belongs_to_it_as_well():
    top, bottom = guess(700, 300, 40, 32, 5, 0.4), guess(695, 328, 44, 36, -1)
    (found,), left, _ = together([top], [bottom])
    assert found.row.argmax() == 5 and not left


@pytest.mark.parametrize(("more", "row"), [
    ({}, row_of(5, 0.6)),  # no sure digit together
    ({"digit": 3, "sure": 0.99}, None),  # both are sure by themselves
    ({"top": 340}, None),  # too far apart
    ({"left": 740}, None),  # beside each other
    ({"height": 56}, None),  # as high as two digits
    ({"cell": 3}, None)])  # in another box
def test_what_is_left_alone(more, row):
    where = {"left": 695, "top": 328, "width": 44, "height": 36, "digit": 0, "sure": 0.5} | more
    top = guess(700, 300, 40, 32, 5, 0.95)
    assert len(together([top, guess(**where)], row=row)[0]) == 2


def test_a_part_goes_to_one_digit_only():
    parts = [guess(700, 300, 40, 24, 5, 0.4), guess(700, 322, 40, 24, 5, 0.4),
             guess(700, 344, 40, 24, 5, 0.4)]
    found, _, asked = together(parts)
    assert len(found) == 2 and len(asked) == 2
    assert put_together([], [], (), None, FRAME) == ([], [])


BOXES = [Cell(Box(690, 280, 60, 100), comb=0, position=1), Cell(Box(690, 280, 60, 100))]


@pytest.mark.parametrize("bar", [
    guess(705, 290, 44, 14, -1, cell=0),  # much lower than the digit
    guess(728, 300, 20, 50, -1, cell=0)])  # beside it
def test_in_a_row_of_boxes_all_ink_of_a_box_may_be_of_one_digit(bar):
    bottom = guess(700, 306, 40, 74, 5, 0.6, cell=0)
    (found,), left, _ = together([bottom], [bar], cells=BOXES)
    assert found.spot == bottom.spot.union(bar.spot) and found.cell == 0 and not left


@pytest.mark.parametrize("other", [
    guess(705, 290, 44, 14, -1, cell=1),  # in a box for a number
    guess(692, 300, 5, 20, -1, cell=0),  # a rest of the side of its box
    guess(700, 281, 40, 5, -1, cell=0)])  # too far away
def test_what_may_be_of_something_else_is_left(other):
    bottom = guess(700, 306, 40, 74, 5, 0.6, cell=other.cell)
    assert together([bottom], [other], cells=BOXES)[1] == [other]
