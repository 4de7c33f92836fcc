"""Digits as high and as thick as many printed ones on the page."""

import numpy as np
import pytest
from test_stray import PROSE, guess, number

from scanproc.page.stray import without_stray
from scanproc.page.stray.figures import as_printed, below_hand, printed

HIGH = 40
PRINTED = [guess(str(at % 10), 60 * (at % 20), 800 + 60 * (at // 20), HIGH) for at in range(120)]


def thick(text, pen=0, height=HIGH, cell=3):
    """A number in a box, drawn with a pen of so many pixels, 0 as print is."""
    return number(text, 600, height, cell, pen=pen)


@pytest.mark.parametrize("group, expected", [
    (thick("24"), True), (thick("7349"), True),
    (thick("24", height=HIGH + 1), True), (thick("24", height=HIGH + 4), False),
    (thick("24", pen=2), False),
    (thick("4"), False), (thick("4", cell=-1), True)])  # one alone in a box may be so by chance
def test_a_number_is_print_if_each_digit_is_like_printed_ones(group, expected):
    assert as_printed(group, printed([*PROSE, *PRINTED])) is expected


def test_one_digit_of_another_height_makes_it_a_number():
    group = thick("24")
    other = thick("8", height=HIGH - 3).guesses
    assert not as_printed(type(group)((*group.guesses, *other)), printed(PRINTED))


def test_few_printed_digits_tell_nothing():
    assert printed(PRINTED[:99]) == [] and not as_printed(thick("24"), [])


def test_printed_digits_of_all_heights_tell_nothing():
    mixed = [guess(str(at % 10), 60 * at, 800, 20 + 3 * (at % 15)) for at in range(120)]
    assert not as_printed(thick("24"), printed(mixed))


@pytest.mark.parametrize("height, positions, kept", [
    (HIGH, (), False), (HIGH + 4, (), True), (HIGH, (1, 2), True)])  # in a row of boxes it stays
def test_so_it_is_left_out_on_a_page_full_of_print(height, positions, kept):
    group = number("24", 600, height, 3, positions=positions)
    found, none = without_stray([group], [*PROSE, *PRINTED])
    assert (len(found), len(none)) == (kept, not kept)
    assert np.all([one.guesses == group.guesses for one in (*found, *none)])


@pytest.mark.parametrize("text, height, pen, hand, below", [
    ("171", 60, 9, 100, True), ("171", 60, 9, 90, False),  # the hand writes hardly higher
    ("171", 75, 9, 100, False), ("171", 60, 2, 100, False), ("7", 60, 9, 100, False)])
def test_where_a_hand_writes_far_higher_low_numbers_are_print(text, height, pen, hand, below):
    assert below_hand(number(text, 600, height, 3, pen=pen), printed(PRINTED), hand) is below


def test_in_rows_of_boxes_or_without_print_nothing_is_below_the_hand():
    assert not below_hand(number("171", 600, HIGH, 3, positions=(1, 2, 3)), PRINTED, 100)
    assert not below_hand(number("171", 600, HIGH, 3), [], 100)
    assert not below_hand(number("171", 600, HIGH, 3), PRINTED, 0.0)
