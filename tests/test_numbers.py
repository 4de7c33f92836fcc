"""Groups of digits to numbers."""

from dataclasses import replace

import numpy as np
import pytest

from scanproc.page.numbers import number
from scanproc.page.segment.groups import Group, Guess
from scanproc.records import Box, Candidate


def group(digits, height=40, sure=0.99, cut=0.0, joined=False, **more):
    mask = np.ones((height, 3), np.uint8)
    boxes = [Box(10 * at, 4, 3, 5) for at in range(len(digits))]
    return Group(tuple(Guess(Candidate(mask, box, box, cut), row(digit, sure), joined=joined)
                       for digit, box in zip(digits, boxes, strict=True)), **more)


def row(digit, sure):
    found = np.full(11, (1 - sure) / 10, np.float32)
    found[digit] = sure
    return found


def test_text_confidence_and_box():
    found = number(group([0, 0, 7]))
    assert found.text == "007" and found.reasons == ()
    assert found.confidence == pytest.approx((0.99 / 0.99903) ** 3, abs=1e-4)
    assert found.box == Box(0, 4, 23, 5)
    assert [reading.position for reading in found.readings] == [1, 2, 3]


def test_runner_up_is_the_next_best_digit():
    chances = np.array([.01, .02, .5, .1, .01, .01, .01, .02, .01, .01, .3], np.float32)
    one = group([2])
    (reading,) = number(Group((Guess(one.guesses[0].candidate, chances),))).readings
    assert (reading.digit, reading.runner_up) == (2, 3)
    assert reading.confidence == 0.5 and reading.runner_up_confidence == 0.1


def test_nothing_is_certain():
    found = number(group([3], sure=1.0))
    assert found.confidence == found.readings[0].confidence == 0.9999


@pytest.mark.parametrize(("more", "reason"), [
    ({"marks": ((2, "."),), "doubtful_mark": True}, "mark"),
    ({"marks": ((0, "-"),)}, None), ({"doubtful_gap": True}, "spacing"),
    ({"strange": True}, "not_a_digit"), ({"height": 19}, "small"), ({"height": 20}, None),
    ({"cut": 0.3}, "cut"), ({"joined": True, "sure": 0.97}, "joined"), ({"joined": True}, None)])
def test_every_doubt_is_a_reason(more, reason):
    assert number(group([1, 2, 5, 0], **more)).reasons == ((reason,) if reason else ())


def test_marks_stand_after_so_many_digits():
    assert number(group([1, 2, 5, 0], marks=((0, "-"), (2, ".")))).marks == "0- 2."


def test_an_empty_box_between_digits_stands_in_the_text_and_nobody_is_sure_of_it():
    found = number(group([4, 2, 7], positions=(3, 4, 6)))
    assert (found.text, found.confidence, found.reasons) == ("42_7", 0.0, ("empty_box",))
    assert [reading.position for reading in found.readings] == [3, 4, 6]


def test_empty_boxes_before_and_after_are_left_out():
    found = number(group([4, 2], positions=(3, 4)))
    assert (found.text, found.reasons) == ("42", ())


@pytest.mark.parametrize(("digits", "more", "confidence"), [
    (4, {"positions": (1, 2, 3, 4)}, 0.6 / 0.612), (2, {}, 0.6 / 0.612), (4, {}, 0.6 / 0.612),
    (4, {"sure": 0.9}, 0.6), (4, {"strange": True}, 0.6)])
def test_among_sure_digits_of_a_number_one_is_likely_a_digit(digits, more, confidence):
    """0.6 for a 7, 0.4 for no digit: of its odds three hundredths stay."""
    others = group(range(1, digits), **more)
    chances = np.zeros(11, np.float32)
    chances[[7, 10]] = 0.6, 0.4
    odd = Guess(others.guesses[0].candidate, chances)
    found = number(replace(others, guesses=(odd, *others.guesses)))
    assert found.readings[0].confidence == pytest.approx(confidence, abs=1e-4)
    assert found.readings[1].confidence == pytest.approx(others.guesses[0].row.max(), abs=0.01)
