"""The loose bar of a 5 or a 7 in a box is part of the digit, and never lost in silence."""

from collections import Counter

import numpy as np
import pytest
from papers import row_of

from scanproc.page.bars import with_bars
from scanproc.page.clean.frame import Frame
from scanproc.page.segment import Segments
from scanproc.page.segment.groups import Guess
from scanproc.records import Box, Candidate, Cell

FRAME = Frame(np.eye(2, 3), 1000, 1000)
CELL = Cell(Box(100, 100, 60, 80), 0, 1)
STEM, BAR = Box(130, 125, 12, 45), Box(110, 115, 36, 7)


def digit(spot=STEM, cell=0):
    return Guess(Candidate(np.ones((spot.height, spot.width), np.uint8), spot, spot), row_of(1),
                 cell)


def read(bar=BAR, row=None, digits=None, cells=(CELL,), flat=False):
    """(digits, segments left, masks that the network was asked for)."""
    ink, asked = np.zeros((300, 300), np.uint8), []
    ink[bar.top:bar.bottom, bar.left:bar.right] = 1
    small, wide = ((), (bar,)) if flat else ((bar,), ())
    segments = Segments((), small, wide, (), Counter(rule=len(wide)), 2, False)

    def answer(masks):
        asked.extend(masks)
        return np.array([row_of(7) if row is None else row] * len(masks))
    found, left = with_bars(digits or [digit()], segments, cells, ink, answer, FRAME)
    return found, left, asked


@pytest.mark.parametrize("flat", [False, True])
def test_a_7_whose_bar_is_loose_is_a_7(flat):
    (found,), left, (mask,) = read(flat=flat)
    assert found.row.argmax() == 7 and found.joined and found.candidate.parts == 2
    assert found.spot == Box(110, 115, 36, 55) and found.candidate.mask is mask
    assert mask[0].all() and mask[-1].sum() == 12
    assert not left.small and not left.flat and left.fates.total() == 0


def test_where_the_network_is_not_sure_with_it_a_person_should_look():
    (found,), left, _ = read(row=row_of(7, 0.6))
    assert found.spot == STEM and found.row.max() < 0.6 and left.small == (BAR,)


def test_where_it_reads_the_same_with_it_nothing_changes():
    (found,), left, _ = read(row=row_of(1, 0.6))
    assert found.row.max() > 0.99 and left.small == (BAR,)


@pytest.mark.parametrize("bar", [
    Box(110, 98, 36, 7),     # of the rule above the box
    Box(132, 115, 7, 7),     # a point
    Box(110, 115, 10, 3),    # too short
    Box(100, 115, 30, 7),    # beside it
    Box(110, 160, 36, 7)])   # below
def test_what_is_no_bar_of_it_stays_alone(bar):
    (found,), left, asked = read(bar)
    assert found.spot == STEM and not asked and left.small == (bar,)


@pytest.mark.parametrize("digits, cells", [
    ([digit(), digit(Box(145, 125, 12, 45))], (CELL,)),  # whose would it be
    ([digit(cell=-1)], (CELL,)), (None, (Cell(CELL.spot),))])
def test_it_is_joined_to_the_one_digit_of_a_box_in_a_row(digits, cells):
    _, left, asked = read(digits=digits, cells=cells)
    assert not asked and left.small == (BAR,)
