"""Letters beside a digit, rows of boxes with letters in them, tallies."""

import cv2
import numpy as np
import pytest
from papers import Paper, row_of, shape_of

from scanproc.page.hand.crosses import crosses, sure_crosses, two_strokes
from scanproc.page.hand.fields import fields
from scanproc.page.hand.strokes import dashes
from scanproc.page.neighbours import Pairs, in_columns, linked, on_lines
from scanproc.page.strings import CROSS_LIKE
from scanproc.records import Box, Candidate, Cell


def page():
    paper = Paper()
    paper.prose()
    return paper


def reasons_of(paper, indices):
    found = paper.sifted()
    return [found[at] for at in indices]


def boxed(paper, text, left=100, top=900, size=60, comb=0, seed=5):
    """Text, a character in each box of a row; returns the indices."""
    first = paper.comb(left, top, size, len(text), comb)
    return [paper.write(letter, left + 15 + at * size, top + 10, 40, seed=seed + at,
                        cell=first + at)[0] for at, letter in enumerate(text) if letter != " "]


def test_pairs_stand_on_a_line_or_in_a_column():
    spots = np.array([(0, 0, 20, 30), (30, 4, 20, 30), (2, 60, 20, 30), (30, 0, 60, 90)], float)
    beside, below = on_lines(spots, 2.0), in_columns(spots, 2.0)
    assert sorted(zip(beside.one.tolist(), beside.other.tolist(), strict=True)) == [(0, 1), (1, 0)]
    assert sorted(zip(below.one.tolist(), below.other.tolist(), strict=True)) == [(0, 2), (2, 0)]
    assert beside.gap[0] == pytest.approx(1 / 3) and below.gap[0] == pytest.approx(1)


def test_links_reach_through_any_number_of_others():
    chain = np.random.default_rng(1).permutation(500)
    one, other = np.concatenate([chain[:-1], chain[1:]]), np.concatenate([chain[1:], chain[:-1]])
    assert set(linked(Pairs(one, other, np.zeros(len(one))), 502).tolist()) == {0, 500, 501}


def test_a_digit_in_a_written_word_is_a_letter():
    paper = page()
    word = paper.write("wr0ngly", 300, 900, 40, seed=11, gap=0.2)
    assert set(reasons_of(paper, word)) == {"word"}


def test_a_number_beside_a_label_of_print_stays():
    paper = page()
    paper.write("number", 100, 912, 24)
    number = paper.write("42", 320, 890, 50, seed=3)
    assert reasons_of(paper, number) == ["", ""]


def test_a_small_page_of_digits_with_something_between_keeps_them():
    paper = Paper((200, 600))
    digits = paper.write("7x5xx82", 40, 60, 50, seed=2)
    assert reasons_of(paper, digits) == ["", "not_a_digit", "", "not_a_digit", "not_a_digit", "",
                                         ""]


@pytest.mark.parametrize("comb", [0, -1])
def test_a_row_of_boxes_with_letters_gives_nothing(comb):
    paper = page()
    letters = boxed(paper, "5ERATU5", comb=comb)
    assert set(reasons_of(paper, letters)) == {"word"}


def test_one_filled_comb_on_a_page_of_print_gives_its_number():
    paper = page()
    number = boxed(paper, "302857619")
    found = paper.sifted()
    assert [found[at] for at in number] == [""] * 9
    assert found.count("") == 9


def test_a_doubtful_digit_counts_in_a_comb_of_digits():
    paper = page()
    first = paper.comb(100, 900, 60, 7)
    number = [paper.write(digit, 115 + 60 * at, 910, 40, seed=at, cell=first + at)[0]
              for at, digit in enumerate("302857")]
    doubtful = paper.put(shape_of("4", 40, 77), 475, 910, row_of(-1, sure=0.8), cell=first + 6)
    assert reasons_of(paper, [*number, doubtful]) == [""] * 7


def test_crosses_in_boxes_that_are_not_used_say_nothing_of_a_digit():
    paper = page()
    first = paper.comb(100, 900, 60, 5)
    cross = np.maximum(np.eye(40, dtype=np.uint8), np.eye(40, dtype=np.uint8)[::-1])
    cross = np.maximum.reduce([np.roll(cross, by, axis=1) for by in (-1, 0, 1)])
    for at in range(4):
        paper.put(cross, 110 + 60 * at, 910, row_of(-1), cell=first + at)
    digit = paper.write("7", 355, 910, 40, seed=3, cell=first + 4)
    assert reasons_of(paper, digit) == [""]
    assert crosses([paper.candidates[-2], paper.candidates[-1]]).tolist() == [True, False]


def stroked(*strokes, size=60, pen=3):
    mask = np.zeros((size, size), np.uint8)
    for start, end in strokes:
        cv2.line(mask, start, end, 1, pen)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return mask[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]


@pytest.mark.parametrize("strokes, found", [
    ([((2, 2), (57, 57)), ((57, 2), (2, 57))], True),
    ([((15, 6), (44, 57)), ((57, 2), (2, 57))], True),      # uneven
    ([((2, 2), (30, 57)), ((57, 2), (30, 57))], False),     # a V
    ([((2, 2), (57, 57))], False),
    ([((2, 2), (57, 57)), ((57, 2), (2, 57)), ((2, 2), (57, 2))], False),
    ([((28, 2), (32, 57)), ((32, 2), (28, 57))], False),    # slim
])
def test_two_straight_strokes_that_cross_are_a_cross(strokes, found):
    assert two_strokes(stroked(*strokes)) is found


def test_no_digit_is_two_strokes_that_cross():
    assert not any(two_strokes(shape_of(digit, 60, seed)) for digit in "0123456789"
                   for seed in range(20))


def test_a_cross_that_the_network_takes_for_a_digit_in_doubt_fills_a_box_that_is_not_used():
    paper = page()
    first = paper.comb(100, 900, 60, 3)
    cross = stroked(((12, 2), (57, 57)), ((57, 2), (2, 57)), size=44)
    doubtful = np.full(11, 0.01, np.float32)
    doubtful[[2, 8, 10]] = 0.35, 0.24, 0.32
    crossed = paper.put(cross, 105, 905, doubtful, cell=first)
    digits = [paper.write("7", 175 + 60 * at, 910, 40, seed=at, cell=first + 1 + at)[0]
              for at in range(2)]
    assert reasons_of(paper, [crossed, *digits]) == ["not_a_digit", "", ""]


def test_a_cross_with_the_rest_of_its_box_is_one_and_joined_digits_are_none():
    paper = page()
    cross = np.maximum(np.eye(60, dtype=np.uint8), np.eye(60, dtype=np.uint8)[::-1])
    cross = np.maximum.reduce([np.roll(cross, by, axis=1) for by in range(-2, 3)])
    cross[10:13, 5:55] = cross[10:50, 5:8] = 1
    joined = np.hstack([shape_of("8", 60), shape_of("5", 60)])
    for mask in (cross, joined):
        paper.put(mask, 200, 900, row_of(-1))
    assert sure_crosses(paper.candidates[-2:], np.array([0.99, 0.99]), CROSS_LIKE
                        ).tolist() == [True, False]
    assert not sure_crosses(paper.candidates[-2:], np.array([0.5, 0.5]), CROSS_LIKE).any()


def test_tallies_are_a_pattern_and_11_is_not():
    paper = page()
    stroke = np.ones((40, 6), np.uint8)
    tally = [paper.put(stroke, 200 + 12 * at, 900, row_of(1)) for at in range(4)]
    paper.write("5", 300, 1100, 40, seed=2)
    eleven = [paper.put(stroke, 340 + 24 * at, 1100, row_of(1)) for at in range(2)]
    assert reasons_of(paper, tally) == ["pattern"] * 4
    assert reasons_of(paper, eleven) == ["", ""]


@pytest.mark.parametrize("gap, aside, cells, is_rule", [
    (20, 0, (-1, -1, -1), True), (20, 0, (4, 4, 4), True),
    (20, 0, (4, 5, 6), False),  # in a box each
    (20, 12, (-1, -1, -1), False), (60, 0, (-1, -1, -1), False)])
def test_a_dashed_rule_is_no_column_of_1s(gap, aside, cells, is_rule):
    spots = np.array([(200 + aside * (at % 2), 300 + (40 + gap) * at, 7, 40) for at in range(3)]
                     + [(400, 300, 7, 40), (400, 360, 7, 40)], float)
    found = dashes(spots, np.ones(5, bool), np.array([*cells, -1, -1]))
    assert found.tolist() == [is_rule] * 3 + [False] * 2


def test_a_lone_stroke_is_a_1_in_a_box_only():
    paper = page()
    stroke = np.ones((40, 6), np.uint8)
    first = paper.comb(600, 890, 60, 1, comb=-1)
    lone = paper.put(stroke, 200, 900, row_of(1))
    in_box = paper.put(stroke, 625, 900, row_of(1), cell=first)
    assert reasons_of(paper, [lone, in_box]) == ["pattern", ""]


def test_boxes_of_one_size_side_by_side_are_one_field():
    boxes = (*(Cell(Box(100 + 50 * at, 10, 45, 60)) for at in range(3)),
             Cell(Box(400, 10, 45, 60)), Cell(Box(250, 10, 140, 60)),
             *(Cell(Box(100 + 90 * at, 200, 45, 60), 0, at + 1) for at in range(2)))
    found = fields(boxes, np.array([0, 1, 2, 3, 4, 5, 6, -1]))
    assert found[0] == found[1] == found[2]
    assert found[5] == found[6]
    assert len({found[0], found[3], found[4], found[5]}) == 4
    assert found[7] == -1
    assert fields((), np.array([-1, -1])).tolist() == [-1, -1]


def test_random_rows_and_boxes_never_crash():
    random = np.random.default_rng(2)
    for _ in range(20):
        paper = Paper((300, 300))
        paper.boxes = [Cell(Box(*map(int, random.integers(1, 120, 4))), int(random.integers(-1, 3)))
                       for _ in range(5)]
        for _ in range(int(random.integers(1, 90))):
            mask = np.ones(random.integers(1, 40, 2), np.uint8)
            paper.put(mask, *map(int, random.integers(0, 250, 2)), random.dirichlet(np.ones(11)),
                      cell=int(random.integers(-1, 5)))
        assert len(paper.sifted()) == len(paper.candidates)
        assert isinstance(paper.candidates[0], Candidate)


def test_the_rest_of_a_rule_on_a_printed_figure_keeps_it_in_its_list():
    paper = page()
    figures = [index for at in range(6) for index in paper.write(
        str(at + 1), 200 + 150 * at, 900, 32 if at != 2 else 35)]
    assert reasons_of(paper, figures) == ["print"] * 6


@pytest.mark.parametrize("down", [0, 5])
def test_the_numbers_of_printed_items_count_on(down):
    paper = page()
    items = [index for at in range(7) for index in paper.write(
        str(at + 1), 100 + 140 * at, 900 + down * at, 20)]
    assert reasons_of(paper, items) == ["print"] * 7


def test_digits_of_a_hand_that_count_on_stay():
    paper = page()
    items = [index for at, height in enumerate((40, 34, 42, 36, 47, 39)) for index in paper.write(
        str(at + 1), 100 + 160 * at, 900, height, seed=7 * at)]
    assert reasons_of(paper, items) == [""] * 6
