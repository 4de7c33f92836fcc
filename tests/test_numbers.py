"""Probabilities to numbers."""

import numpy as np
import pytest

from scanproc.page.numbers import numbers
from scanproc.page.segment import Group
from scanproc.records import Box, Candidate


def group(size, left=0, height=40, **more):
    mask = np.ones((height, 3), np.uint8)
    boxes = [Box(left + 10 * at, 4, 3, 5) for at in range(size)]
    return Group(tuple(Candidate(mask, box, box) for box in boxes), **more)


def sure(digits, probability=0.99):
    rows = np.full((len(digits), 10), (1 - probability) / 9, np.float32)
    rows[np.arange(len(digits)), digits] = probability
    return rows


def test_text_confidence_and_box():
    first, second = numbers([group(3), group(2, left=100)], sure([0, 0, 7, 4, 2]))
    assert (first.text, second.text) == ("007", "42")
    assert first.confidence == pytest.approx(0.99 ** 3, abs=1e-4)
    assert first.box == Box(0, 4, 23, 5)
    assert [reading.position for reading in first.readings] == [1, 2, 3]


def test_runner_up_is_the_next_best():
    row = np.array([[.01, .02, .6, .3, .01, .01, .01, .02, .01, .01]], np.float32)
    (number,) = numbers([group(1)], row)
    (reading,) = number.readings
    assert (reading.digit, reading.runner_up) == (2, 3)
    assert reading.confidence == 0.6 and reading.runner_up_confidence == 0.3


def test_nothing_is_certain():
    (number,) = numbers([group(1)], sure([3], 1.0))
    assert number.confidence == number.readings[0].confidence == 0.9999


def test_marks_and_doubtful_gaps_are_reasons():
    marked = group(4, marks=((0, "-"), (2, ".")))
    first, second, third = numbers([marked, group(1, doubtful_gap=True), group(1)],
                                   sure([1, 2, 5, 0, 8, 3]))
    assert (first.marks, first.reasons) == ("0- 2.", ("mark",))
    assert second.reasons == ("spacing",) and third.reasons == ()


def test_digits_of_few_pixels_are_a_reason():
    small, enough = numbers([group(2, height=19), group(2, height=20)], sure([1, 2, 3, 4]))
    assert small.reasons == ("small",) and enough.reasons == ()
