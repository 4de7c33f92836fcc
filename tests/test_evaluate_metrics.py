import itertools
import random

import pytest

from scanproc.evaluate.metrics import (
    Score,
    Tally,
    compare_bags,
    compare_strings,
    invented,
    matched,
    score,
    total,
)
from scanproc.evaluate.truth import TruthPage
from scanproc.records import Box, Number, Reading

BOX = Box(0, 0, 1, 1)


def number(text, review="", whole=None):
    """A number; review: one 0 or 1 per digit (0 where nothing is said); whole: of the number."""
    digits = [int(sign) for sign in text if sign != "_"]
    flags = [flag == "1" for flag in (review or "0" * len(digits))]
    readings = tuple(Reading(at, digit, 0.9, 0, 0.1, BOX, flag)
                     for at, (digit, flag) in enumerate(zip(digits, flags, strict=True), start=1))
    return Number(text, 0.9, BOX, readings, review=any(flags) if whole is None else whole)


def edits(true, read):
    return compare_strings(true, read, [False] * len(read))[0]


@pytest.mark.parametrize(("true", "read", "expected"), [
    ("", "", (0, 0)),
    ("123", "", (3, 0)),
    ("", "12", (2, 0)),
    ("123", "123", (0, 3)),
    ("123", "173", (1, 2)),
    ("123", "13", (1, 2)),
    ("123", "1123", (1, 3)),
    ("0123456789", "1234567890", (2, 9)),
    ("12", "21", (2, 1)),          # two changes, or one out and one in: the latter has one right
    ("735426", "7354", (2, 4)),
    ("1?3", "183", (0, 3)),
    ("1?3", "13", (1, 2)),         # `?` stands for a digit: not to read it is an edit
    ("??", "123", (1, 2)),
])
def test_edits_and_right_digits_by_hand(true, read, expected):
    assert compare_strings(true, read, [True] * len(read))[:2] == expected


@pytest.mark.parametrize(("true", "read", "accepted", "expected"), [
    ("123", "123", "111", 3),
    ("123", "123", "101", 2),
    ("123", "173", "111", 2),
    ("123", "173", "010", 0),
    ("11", "111", "011", 2),       # which 1 is too many is open: the unsure one
    ("1", "11", "10", 1),
    ("?", "12", "01", 1),
])
def test_right_accepted_digits_by_hand(true, read, accepted, expected):
    flags = [flag == "1" for flag in accepted]
    assert compare_strings(true, read, flags)[2] == expected


def slow(true, read, flags):
    """All comparisons tried one by one: (edits, -right, -accepted right), the least of them."""
    if not true or not read:
        return (len(true) + len(read), 0, 0)
    together = slow(true[1:], read[1:], flags[1:])
    equal = true[0] in ("?", read[0])
    step = (0, -1, -int(flags[0])) if equal else (1, 0, 0)
    ways = [tuple(map(sum, zip(together, step, strict=True)))]
    for rest in (slow(true[1:], read, flags), slow(true, read[1:], flags[1:])):
        ways.append((rest[0] + 1, *rest[1:]))
    return min(ways)


def test_figures_are_those_of_trying_every_comparison():
    draw = random.Random(1)
    for _ in range(300):
        true = "".join(draw.choices("012?", k=draw.randrange(6)))
        read = "".join(draw.choices("012", k=draw.randrange(6)))
        flags = draw.choices([False, True], k=len(read))
        got, right, sure = compare_strings(true, read, flags)
        assert (got, -right, -sure) == slow(true, read, flags)


def test_edits_are_a_distance():
    draw = random.Random(2)
    words = ["".join(draw.choices("0123", k=draw.randrange(8))) for _ in range(14)]
    for one, two in itertools.product(words, repeat=2):
        assert (edits(one, two) == 0) == (one == two)
        assert edits(one, two) == edits(two, one)
        assert abs(len(one) - len(two)) <= edits(one, two) <= max(len(one), len(two))
        for three in words:
            assert edits(one, three) <= edits(one, two) + edits(two, three)


def test_a_thousand_digits_keep_their_figures_apart():
    true = "0123456789" * 100
    read = true[:500] + true[501:] + "7"
    assert compare_strings(true, read, [True] * 1000) == (2, 999, 999)


@pytest.mark.parametrize(("true", "read", "expected"), [
    ("0123", "3210", (0, 4, 4)),
    ("0123", "3219", (1, 3, 3)),
    ("0123", "32", (2, 2, 2)),
    ("01", "0011", (2, 2, 2)),
    ("0??", "90", (1, 2, 2)),
    ("", "5", (1, 0, 0)),
])
def test_bags_by_hand(true, read, expected):
    assert compare_bags(true, read, [True] * len(read)) == expected


def test_a_bag_is_the_best_of_all_orders():
    draw = random.Random(3)
    for _ in range(60):
        true = "".join(draw.choices("012?", k=draw.randrange(5)))
        read = "".join(draw.choices("012", k=draw.randrange(5)))
        flags = draw.choices([False, True], k=len(read))
        best = min(edits("".join(order), read) for order in itertools.permutations(true))
        assert compare_bags(true, read, flags)[0] == best


@pytest.mark.parametrize(("true", "texts", "expected"), [
    (["12", "12", "7"], ["12", "7", "7"], 2),
    (["007"], ["7"], 0),
    (["12"], ["1_2"], 0),
    (["1?"], ["12", "13"], 1),
    (["1?"], ["1_"], 0),
    (["1?"], ["1"], 0),
    (["1?", "12"], ["12", "13"], 2),
    (["1?", "?2"], ["12", "13"], 2),     # only 13 fits 1?, so 12 is left for ?2
    (["?"], [], 0),
])
def test_numbers_matched(true, texts, expected):
    assert matched(true, texts) == expected
    assert matched(true[::-1], texts[::-1]) == expected


@pytest.mark.parametrize(("true", "texts", "expected"), [
    (["1250"], ["1250"], 0),
    (["1250"], ["1750"], 0),             # read wrong, but read
    (["1250"], ["1250", "1250"], 1),
    (["1250"], ["1250", "1750"], 1),     # the one that is there is read already
    (["1250"], ["12", "50"], 1),         # in two parts: one of them is too many
    (["12", "50"], ["1250"], 0),
    (["1250"], ["3344"], 1),
    (["1250"], ["12501112223"], 1),
    (["3"], ["8"], 0),
    (["1?5"], ["125"], 0),
    (["1234"], ["1_34"], 0),
    ([], ["7"], 1),
    (["7"], [], 0),
])
def test_invented_numbers(true, texts, expected):
    assert invented(true, texts) == expected
    assert invented(true[::-1], texts[::-1]) == expected


def test_a_page_of_numbers():
    truth = TruthPage("a.png", 1, ("165", "183", "10"))
    reported = [number("165"), number("188", "001"), number("10", "00", whole=True), number("4")]
    assert score(truth, reported) == Score(
        edits=2,                                    # 188 for 183, and a 4 that is not there
        digits=Tally(true=8, reported=9, right=7, accepted=8, accepted_right=7),
        numbers=Tally(true=3, reported=4, right=2, accepted=2, accepted_right=1),
        invented=1)


def test_rates_by_hand():
    tally = Tally(true=10, reported=8, right=6, accepted=5, accepted_right=4)
    assert (tally.recall, tally.precision) == (0.6, 0.75)
    assert (tally.accepted_share, tally.accepted_right_share) == (0.625, 0.4)
    assert tally.accepted_wrong_share == pytest.approx(0.2)


def test_splitting_a_number_costs_no_digit_but_the_number():
    figures = score(TruthPage("a.png", 1, ("1234",)), [number("12"), number("34")])
    assert figures.edits == 0
    assert (figures.numbers.recall, figures.numbers.precision) == (0.0, 0.0)
    assert figures.numbers.accepted_wrong_share == 1.0
    assert figures.digits.accepted_wrong_share == 0.0


def test_an_empty_box_is_no_digit_and_its_number_is_not_found():
    figures = score(TruthPage("a.png", 1, ("1?3",)), [number("1_3", "00", whole=True)])
    assert figures.edits == 1
    assert figures.digits.reported == 2
    assert figures.numbers == Tally(true=1, reported=1)


@pytest.mark.parametrize(("way", "expected"), [("digits", 2), ("bag", 0)])
def test_scores_without_numbers(way, expected):
    figures = score(TruthPage("a.png", 1, ("12", "3"), way), [number("3"), number("12")])
    assert figures.edits == expected
    assert figures.numbers is None


def test_a_number_in_the_wrong_place_is_found_but_costs_edits():
    figures = score(TruthPage("a.png", 1, ("12", "3")), [number("3"), number("12")])
    assert figures.edits == 2
    assert figures.numbers.recall == 1.0


def test_digits_on_a_blank_page_have_no_rate_but_count_in_all():
    blank = score(TruthPage("blank.png", 1, ()), [number("17")])
    assert (blank.edits, blank.error_rate) == (2, None)
    assert (blank.numbers.recall, blank.numbers.precision) == (None, 0.0)
    other = score(TruthPage("a.png", 1, ("1234",)), [number("1234")])
    assert total([blank, other]).error_rate == 0.5
    assert total([blank, other]).numbers == Tally(1, 2, 1, 2, 1)


def test_a_page_with_nothing_read_loses_all_digits():
    figures = score(TruthPage("a.png", 1, ("12", "345")), [])
    assert (figures.edits, figures.error_rate) == (5, 1.0)
    assert figures.numbers == Tally(true=2)
    assert figures.numbers.accepted_wrong_share is None


def test_totals_are_over_all_digits_and_leave_out_pages_without_numbers():
    one = Score(1, Tally(10, 10, 9, 9, 9), Tally(2, 2, 1, 1, 1), 1)
    grid = Score(5, Tally(10, 5, 5, 0, 0))
    assert total([one, grid]) == Score(6, Tally(20, 15, 14, 9, 9), Tally(2, 2, 1, 1, 1), 1)
    assert (total([one, grid]).error_rate, total([one, grid]).invented_share) == (0.3, 0.5)
    assert total([grid]).invented_share is None
    assert total([grid]).numbers is None
    assert total([]) == Score()
