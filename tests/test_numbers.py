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
    """Rows that say these; 10 is no digit."""
    rows = np.full((len(digits), 11), (1 - probability) / 10, np.float32)
    rows[np.arange(len(digits)), digits] = probability
    return rows


def test_text_confidence_and_box():
    first, second = numbers([group(3), group(2, left=100)], sure([0, 0, 7, 4, 2]))
    assert (first.text, second.text) == ("007", "42")
    assert first.confidence == pytest.approx(0.99 ** 3, abs=1e-4)
    assert first.box == Box(0, 4, 23, 5)
    assert [reading.position for reading in first.readings] == [1, 2, 3]


def test_runner_up_is_the_next_best_digit():
    row = np.array([[.01, .02, .5, .1, .01, .01, .01, .02, .01, .01, .3]], np.float32)
    (number,) = numbers([group(1)], row)
    (reading,) = number.readings
    assert (reading.digit, reading.runner_up) == (2, 3)
    assert reading.confidence == 0.5 and reading.runner_up_confidence == 0.1


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


def test_what_is_no_digit_is_left_out_and_a_reason():
    (number,) = numbers([group(5)], sure([10, 4, 10, 2, 10]))
    assert (number.text, number.reasons) == ("42", ("not_a_digit",))
    assert [reading.position for reading in number.readings] == [1, 2]
    assert [reading.box.left for reading in number.readings] == [10, 30]
    assert number.box == Box(10, 4, 23, 5)


def test_a_number_is_as_sure_as_what_was_left_out_of_it():
    rows = sure([4, 10])
    rows[1] = [.03] * 10 + [.7]
    (number,) = numbers([group(2)], rows)
    assert number.confidence == pytest.approx(.99 * .7, abs=1e-4)


def test_no_number_is_made_of_no_digits():
    found = numbers([group(1), group(3, marks=((1, "."),)), group(2)], sure([7, 10, 10, 10, 1, 9]))
    assert [number.text for number in found] == ["7", "19"]
    assert numbers([], np.empty((0, 11), np.float32)) == ()


def test_marks_stay_after_the_digits_that_are_left():
    marked = group(5, marks=((1, "-"), (3, "."), (4, ",")))
    (number,) = numbers([marked], sure([10, 1, 2, 10, 5]))
    assert (number.text, number.marks) == ("125", "0- 2. 2,")


def test_the_height_of_what_is_left_out_does_not_count():
    low, high = group(1, height=19).candidates, group(2, left=10, height=40).candidates
    (number,) = numbers([Group(low + high)], sure([1, 10, 10]))
    assert number.reasons == ("not_a_digit", "small")


@pytest.mark.parametrize(("digit", "neither", "text"), [(.41, .4, "3"), (.4, .41, None)])
def test_a_digit_is_what_is_most_probably_one(digit, neither, text):
    row = np.full(11, (1 - digit - neither) / 9, np.float32)
    row[3], row[10] = digit, neither
    assert [number.text for number in numbers([group(1)], row[None])] == ([text] if text else [])
