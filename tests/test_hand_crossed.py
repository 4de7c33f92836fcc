"""Numbers that a line was drawn through."""

import time

import cv2
import numpy as np
import pytest
from papers import Paper, row_of, shape_of

from scanproc.page.hand.crossed import crossed_out
from scanproc.records import Box, Candidate


def number(text, line=None, height=50):
    """Joined by the line, if there is one: y at its left and right end, in heights."""
    parts = [np.pad(shape_of(digit, height), ((5, 5), (3, 3))) for digit in text]
    mask = np.pad(np.hstack(parts), ((0, 0), (12, 12)))
    if line:
        start, end = (round(5 + share * height) for share in line)
        cv2.line(mask, (0, start), (mask.shape[1] - 1, end), 1, 4)
    rows = np.flatnonzero(mask.any(axis=1))
    return mask[rows[0]:rows[-1] + 1, np.flatnonzero(mask.any(axis=0))[0]:]


def candidate(mask):
    spot = Box(100, 100, *mask.shape[::-1])
    return Candidate(mask, spot, spot)


@pytest.mark.parametrize("line, found", [
    ((0.5, 0.5), True), ((0.4, 0.65), True), (None, False), ((1.0, 1.0), False)])  # underlined
def test_a_line_through_a_number_crosses_it_out(line, found):
    assert crossed_out([candidate(number("3582", line))]).tolist() == [found]


def test_a_huge_piece_is_looked_at_small():
    mask = np.repeat(np.repeat(number("3582", (0.5, 0.5)), 60, axis=0), 60, axis=1)
    started = time.process_time()
    assert crossed_out([candidate(mask)]).all()
    assert time.process_time() - started < 2


def test_one_digit_with_a_bar_is_not_crossed_out():
    assert not crossed_out([candidate(number("7", (0.5, 0.5)))]).any()
    assert not crossed_out([]).any()


def test_what_is_crossed_out_is_no_digit_and_says_so():
    paper = Paper()
    paper.prose()
    digits = paper.write("31", 700, 900, 60, seed=3)
    struck = paper.put(number("3582", (0.5, 0.5)), 900, 900, row_of(-1))
    found = paper.sifted()
    assert found[struck] == "crossed_out"
    assert [found[at] for at in digits] == [""] * len(digits)


def test_a_tally_is_not_crossed_out():
    mask = np.zeros((50, 110), np.uint8)
    for left in (15, 40, 65, 90):
        cv2.line(mask, (left, 0), (left, 49), 1, 4)
    cv2.line(mask, (0, 18), (109, 32), 1, 4)
    assert not crossed_out([candidate(mask)]).any()
