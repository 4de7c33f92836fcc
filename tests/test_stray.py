"""Digits among print: what is as low as print, or as close to it, is none."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from papers import row_of, shape_of
from skimage.morphology import skeletonize

from scanproc.page.segment.groups import Group, Guess
from scanproc.page.stray import without_stray
from scanproc.records import Box, Candidate

LETTER = 20  # pixels; the page's print is so high


def guess(text, left, bottom, height, cell=-1, pen=0):
    mask = shape_of(text, height)
    if pen:
        line = skeletonize(mask).astype(np.uint8)
        mask = cv2.dilate(line, np.ones((pen, pen), np.uint8))
    spot = Box(left, bottom - height, mask.shape[1], height)
    digit = int(text) if text.isdigit() else -1
    return Guess(Candidate(mask, spot, spot), row_of(digit), cell)


def number(text, left, height, cell=-1, bottom=500, pen=0, **more):
    found = []
    for letter in text:
        found.append(guess(letter, left, bottom, height, cell, pen))
        left += found[-1].spot.width + height // 4
    return Group(tuple(found), **more)


PROSE = [guess("n", 40 * at, 100 + 40 * line, LETTER) for line in range(3) for at in range(10)]
FIGURES = [guess(str(at % 10), 40 * at, 100, LETTER) for at in range(30)]


@pytest.mark.parametrize("height, cell, strange, kept", [
    (LETTER, -1, False, False),  # as low as print, in no box
    (30, -1, False, True),
    (15, 3, False, False), (LETTER, 3, False, True),  # in a box it must be lower than print
    (28, 3, True, False), (34, 3, True, True),  # or stand beside what is no digit
])
def test_what_is_as_low_as_print_is_none(height, cell, strange, kept):
    group = number("123", 600, height, cell, strange=strange)
    found, stray = without_stray([group], PROSE)
    assert (len(found), len(stray)) == (kept, not kept)
    assert all(one.stray for one in found if cell < 0 or height < 1.3 * LETTER)


@pytest.mark.parametrize("gap, kept", [(8, False), (60, True)])
def test_what_is_close_to_print_as_high_is_of_it(gap, kept):
    word = [guess("n", 600, 500, 40)]
    group = number("23", word[0].spot.right + gap, 44)
    found, _ = without_stray([group], PROSE + word)
    assert bool(found) == kept


@pytest.mark.parametrize("letter, high, below, kept", [
    ("N", 40, 0, False), ("n", 30, 2, False), ("N", 40, 8, True), ("n", 24, 0, True)])
def test_a_number_in_a_headline_stands_as_low_as_its_letters(letter, high, below, kept):
    word = guess(letter, 600, 500, high)
    group = number("164", word.spot.right + 36, 40, bottom=500 + below)
    for print_, patterns in (([*PROSE, word], ()), (PROSE, [word])):
        found, _ = without_stray([group], print_, patterns=patterns)
        assert bool(found) == kept


@pytest.mark.parametrize("high, positions, doubted", [
    (20, (), True), (30, (), False), (20, (1, 2, 3), False)])
def test_a_digit_far_lower_than_its_number_is_doubted(high, positions, doubted):
    group = number("24", 600, 40, 3)
    low = guess("0", group.spot.right + 6, 480, high, 3)
    (found,), _ = without_stray([Group((*group.guesses, low), positions)], [])
    assert found.stray is doubted


@pytest.mark.parametrize("text, kept", [("123", False), ("12345", True)])
def test_what_touches_print_in_a_box_may_be_a_bracket_but_no_long_number(text, kept):
    word = [guess("n", 600, 500, 26)]
    group = number(text, word[0].spot.right + 8, 40, 3, strange=True)
    found, _ = without_stray([group], PROSE + word)
    assert bool(found) == kept


@pytest.mark.parametrize("text, height, gap, kept", [
    ("11", 40, 8, False), ("11", 40, 30, True), ("11", 48, 8, True), ("1", 40, 8, True),
    ("17", 40, 8, True)])
def test_1s_in_a_box_close_to_letters_are_theirs(text, height, gap, kept):
    word = [guess("a", 600, 500, 26)]
    group = number(text, word[0].spot.right + gap, height, 3)
    found, _ = without_stray([group], PROSE + word)
    assert bool(found) == kept


@pytest.mark.parametrize("chance, cell, positions, print_, kept", [
    (0.95, -1, (), PROSE, True), (0.8, -1, (), PROSE, False), (0.8, -1, (), [], True),
    (0.8, 3, (), PROSE, True), (0.6, 3, (), PROSE, False), (0.6, -1, (), [], False),
    (0.6, 3, (1, 2), PROSE, True)])
def test_what_is_hardly_all_digits_is_no_number(chance, cell, positions, print_, kept):
    high = number("24", 600, 3 * LETTER, cell, positions=positions)
    doubted = [replace(one, row=np.append(chance * one.row[:10], 1 - chance))
               for one in high.guesses]
    found, stray = without_stray([replace(high, guesses=tuple(doubted))], print_)
    assert (len(found), len(stray)) == (kept, not kept)


def test_rows_of_boxes_and_pages_without_print_are_left_alone():
    combed = number("123", 600, LETTER, 3, positions=(1, 2, 3))
    assert without_stray([combed], PROSE)[0]
    free = number("123", 600, LETTER)
    assert without_stray([free], PROSE[:5]) == ([free], [])


def test_where_all_print_is_figures_nothing_is_low():
    found, stray = without_stray([number("12", 600, LETTER)], FIGURES)
    assert found[0].stray and not stray


@pytest.mark.parametrize("text, cell, positions, doubted, kept", [
    ("11", 3, (), True, True), ("12", 3, (), False, True), ("11", 3, (1, 2), False, True),
    ("111", 3, (), True, False), ("111", 3, (1, 2, 3), False, True)])
def test_strokes_alone_may_be_a_tally(text, cell, positions, doubted, kept):
    found, _ = without_stray([number(text, 600, 60, cell, positions=positions)], PROSE)
    assert [group.stray for group in found] == [doubted] * kept


def test_numbers_far_lower_than_the_others_are_doubted():
    lines = [number("123", 600, high, bottom=300 * at, pen=8 if high < 30 else 0)
             for at, high in enumerate((60, 56, 62, 28))]
    assert [group.stray for group in without_stray(lines, [])[0]] == [False, False, False, True]


@pytest.mark.parametrize("text, cell, height, ruled, doubted", [
    ("1", -1, 60, False, False), ("1", -1, 60, True, True), ("11", -1, 60, True, True),
    ("1", -1, 90, False, True), ("11", -1, 90, False, True), ("7", -1, 90, False, False),
    ("1", 2, 60, True, False), ("17", -1, 60, True, False)])
def test_1s_alone_in_no_box_may_be_rests_of_rules(text, cell, height, ruled, doubted):
    others = [number("234", 600, 60, bottom=300 * at) for at in range(3)]
    found, _ = without_stray([*others, number(text, 600, height, cell)], [], (), ruled)
    assert [group.stray for group in found] == [False] * 3 + [doubted]


@pytest.mark.parametrize("height, size, gap, kept", [
    (24, (14, 16), 4, False),  # the l of "all", whose a is too low for a digit
    (24, (14, 16), 40, True), (24, (8, 5), 4, True),  # far away; a point
    (60, (14, 30), 4, True)])  # as high as the others
def test_tall_letters_of_low_words_are_none(height, size, gap, kept):
    others = [number("234", 600, 60, bottom=300 * at + 300) for at in range(3)]
    letter = Box(900 - gap - size[0], 500 - size[1], *size)
    found, stray = without_stray([*others, number("7", 900, height, pen=8)], [], [letter])
    assert len(found) == 3 + kept and len(stray) == 1 - kept


@pytest.mark.parametrize("height, more, kept", [
    (36, {"strange": True}, False), (60, {"strange": True}, True), (36, {}, True)])
def test_beside_rows_of_boxes_lower_numbers_in_doubt_are_print(height, more, kept):
    combed = number("271", 600, 60, 3, positions=(1, 2, 3))
    other = number("84", 600, height, 5, bottom=800, **more)
    found, stray = without_stray([combed, other], PROSE)
    assert (len(found), len(stray)) == (1 + kept, 1 - kept)
    assert without_stray([combed, other], PROSE[:5])[1] == []


@pytest.mark.parametrize("height, doubted", [(36, False), (28, True)])
def test_in_a_box_half_as_high_as_in_rows_of_boxes_is_doubted(height, doubted):
    combed = number("271", 600, 60, 3, positions=(1, 2, 3))
    found, _ = without_stray([combed, number("84", 600, height, 5, bottom=800)], PROSE)
    assert [one.stray for one in found] == [False, doubted]


@pytest.mark.parametrize("height, positions, heights, doubted", [
    (60, (), (60, 60, 61, 59, 60, 60), True),  # as high as the figures that are printed
    (70, (), (60, 60, 61, 59, 60, 60), False), (60, (1, 2, 3), (60,) * 6, False),
    (60, (), (60,) * 5, False),  # too few to tell
    (60, (), (60, 60, 60, 60, 60, 60, 20, 25, 30, 35, 40, 45, 50), False)])  # of no one height
def test_digits_as_high_as_printed_ones_are_doubted(height, positions, heights, doubted):
    figures = [guess("4", 100 * at, 900, high, 2) for at, high in enumerate(heights)]
    (found,), _ = without_stray([number("123", 600, height, 3, positions=positions)], figures)
    assert found.stray is doubted


@pytest.mark.parametrize("text, chance, cell, print_, kept", [
    ("1", 0.85, 3, PROSE, False), ("1", 0.95, 3, PROSE, True), ("1", 0.85, 3, [], True),
    ("4", 0.45, 3, PROSE, False), ("4", 0.55, 3, PROSE, True), ("41", 0.45, 3, PROSE, True),
    ("1", 0.85, 3, FIGURES, True), ("4", 0.45, 3, FIGURES, True)])
def test_a_doubtful_digit_alone_among_print_is_none(text, chance, cell, print_, kept):
    group = number(text, 600, 50, cell)
    row = row_of(int(text[0]), sure=chance)
    row[10], row[2] = 0.02, row[2] + row[10] - 0.02
    doubtful = tuple(replace(guess, row=row) for guess in group.guesses)
    found, _ = without_stray([replace(group, guesses=doubtful)], print_)
    assert bool(found) is kept


@pytest.mark.parametrize("high, away, kept", [
    (36, 50, False), (36, 400, True), (48, 50, True)])
def test_what_is_as_large_as_bubbles_and_among_them_is_one(high, away, kept):
    bubbles = [guess("0", 100 + 50 * at, 300, 36) for at in range(8)]
    group = number("0", 450 + away, high, 3, bottom=300)
    found, _ = without_stray([group], PROSE, patterns=bubbles)
    assert bool(found) is kept


@pytest.mark.parametrize("high, cell, positions, print_, kept, doubted", [
    (34, -1, (), PROSE, False, False), (34, 3, (), PROSE, False, False),  # in print, as low as it
    (50, 3, (), PROSE, True, True), (34, 3, (), [], True, True),
    (34, 3, (1, 2, 3, 4), PROSE, True, False)])
def test_a_number_in_brackets_is_print_or_doubted(high, cell, positions, print_, kept, doubted):
    inner = number("35", 640, high, cell)
    left, right = (guess("1", at, 500 + high // 5, high * 4 // 3, cell)
                   for at in (620, inner.spot.right + 10))
    found, _ = without_stray([Group((left, *inner.guesses, right), positions)], print_)
    assert [one.stray for one in found] == [doubted] * kept


@pytest.mark.parametrize("text, cell, kept", [("1", -1, False), ("1", 3, True), ("7", -1, True)])
def test_a_1_alone_among_print_stands_in_a_box(text, cell, kept):
    found, _ = without_stray([number(text, 600, 60, cell)], PROSE)
    assert bool(found) is kept


@pytest.mark.parametrize("text, height, pen, positions, kept", [
    ("11", 60, 3, (), False), ("11", 60, 7, (), True), ("11", 60, 3, (1, 2), True),
    ("23", 60, 3, (), True),  # a finer pen may have written it; but not, as low as that, ...
    ("23", 40, 3, (), False), ("23", 40, 7, (), True)])
def test_strokes_far_thinner_than_the_pages_pen_are_none(text, height, pen, positions, kept):
    others = [number("234", 600, 60, bottom=300 * at + 900, pen=7) for at in range(2)]
    odd = number(text, 600, height, pen=pen, positions=positions)
    assert len(without_stray([*others, odd], [])[0]) == 2 + kept
    few = number("22", 600, 60, bottom=900, pen=7)
    assert len(without_stray([few, odd], [])[0]) == 2  # too few show the pen


@pytest.mark.parametrize("cell, cut, lean, kept", [
    (-1, 0.1, 0, False), (-1, 0.0, 0, True), (2, 0.1, 0, True), (-1, 0.1, 20, True)])
def test_straight_strokes_where_a_rule_was_are_rests_of_it(cell, cut, lean, kept):
    mask = np.zeros((60, 8 + lean), np.uint8)
    cv2.line(mask, (4 + lean, 0), (4, 59), 1, 7)
    spot = Box(600, 440, *mask.shape[::-1])
    bar = Group((Guess(Candidate(mask, spot, spot, cut), row_of(1), cell),))
    assert bool(without_stray([bar], [])[0]) is kept


@pytest.mark.parametrize("text, height, pen, more, kept", [
    ("7", 36, 6, {}, True), ("1", 36, 6, {}, False), ("7", 36, 6, {"strange": True}, False),
    ("72", 60, 6, {}, True),  # by the pen that filled in the boxes
    ("72", 60, 15, {}, False), ("72", 60, 3, {}, False)])
def test_in_no_box_a_number_among_print_is_written_with_the_pen_in_the_boxes(text, height, pen,
                                                                            more, kept):
    boxed = [number("234", 600, 60, at, bottom=300 * at + 900, pen=7) for at in range(2)]
    found, _ = without_stray([*boxed, number(text, 600, height, pen=pen, **more)], PROSE)
    assert len(found) == 2 + kept
    if len(text) == 1:  # nothing shows the pen: one digit alone is none
        assert without_stray([number(text, 600, height, pen=pen, **more)], PROSE)[0] == []


@pytest.mark.parametrize("pen, kept", [(6, True), (3, False)])
def test_in_a_box_a_number_among_print_is_not_far_thinner_than_the_pen(pen, kept):
    boxed = [number("234", 600, 60, at, bottom=300 * at + 900, pen=7) for at in range(3)]
    found, _ = without_stray([*boxed, number("72", 600, 60, 7, pen=pen)], PROSE)
    assert len(found) == 3 + kept


@pytest.mark.parametrize("wide, cell, positions, ruled, doubted", [
    (3, -1, (), True, True), (8, -1, (), True, False), (3, -1, (), False, False),
    (3, 3, (1, 2, 3), True, False)])
def test_a_1_at_the_end_may_be_a_piece_of_a_rule(wide, cell, positions, ruled, doubted):
    written = number("57", 600, 40, cell)
    spot = Box(written.spot.right + 10, 460, wide, 40)
    bar = Guess(Candidate(np.ones((40, wide), np.uint8), spot, spot), row_of(1), cell)
    group = Group((*written.guesses, bar), positions)
    (found,), _ = without_stray([group], [], ruled=ruled)
    assert found.stray == doubted


@pytest.mark.parametrize("height, kept", [(8 * LETTER - 2, True), (8 * LETTER + 2, False)])
def test_what_is_far_higher_than_print_is_a_mark_in_a_corner(height, kept):
    assert bool(without_stray([number("77", 600, height)], PROSE)[0]) is kept


@pytest.mark.parametrize("text, height, letters, kept", [
    ("4", LETTER, PROSE, False), ("4", LETTER + 2, PROSE, True), ("44", LETTER, PROSE, True),
    ("4", LETTER, [*PROSE[:9], *(guess(str(at), 40 * at, 900, LETTER) for at in range(9)),
                   *(guess("4", 40 * at, 1100, LETTER) for at in range(9))], True)])
def test_one_digit_in_a_box_as_low_as_many_letters_is_print(text, height, letters, kept):
    assert bool(without_stray([number(text, 600, height, 3)], letters)[0]) is kept


@pytest.mark.parametrize("tall, low, print_", [(4, 3, True), (4, 0, True), (7, 0, False)])
def test_doubted_digits_do_not_make_a_page_one_without_print(tall, low, print_):
    """22 letters are those of a page of print beside 20 digits, and beside 15 low ones as well."""
    low = [number("23456", 900, 24, bottom=300 + 90 * at, pen=4) for at in range(low)]
    written = [number("23456", 100, 60, bottom=300 + 90 * at, pen=4) for at in range(tall)]
    found, none = without_stray([*written, *low], PROSE[:22])
    assert len(none) == len(low) and all(one.stray == print_ for one in found)


@pytest.mark.parametrize("high, doubted", [(45, False), (28, True)])
def test_pieces_of_handwriting_do_not_say_how_high_letters_are(high, doubted):
    """Beside printed digits 20 pixels high, letters of 45 are no print; those of 28 are."""
    pieces = [guess("n", 60 * at, 200, high) for at in range(15)]
    low = 34 if doubted else 55
    found, none = without_stray([number("234", 600, low, cell=0, bottom=700)], FIGURES + pieces)
    assert not none and [one.stray for one in found] == [doubted]


@pytest.mark.parametrize("letters, lower, kept", [(PROSE * 7, 0, 0), (PROSE * 7, 4, 1),
                                                  (PROSE, 0, 1)])
def test_among_much_print_digits_that_are_quite_level_are_print(letters, lower, kept):
    first, other = number("2", 600, 60), number("4", 660, 60, bottom=500 + lower)
    found, _ = without_stray([Group(first.guesses + other.guesses)], letters)
    assert len(found) == kept


@pytest.mark.parametrize("count, kept", [(3, 0), (2, 1)])
def test_what_stands_in_a_thicket_of_patterns_is_of_it(count, kept):
    others = [guess("n", left, 520, 90) for left in (560, 590, 610)][:count]
    found, _ = without_stray([number("23", 600, 60)], PROSE, odd=others)
    assert len(found) == kept
    assert len(without_stray([number("23", 600, 60)], PROSE[:5], odd=others)[0]) == 1
