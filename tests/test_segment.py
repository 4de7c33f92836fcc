"""Candidates by contour, broken digits, lines and numbers in reading order, marks."""

import time

import cv2
import numpy as np
import pytest

from scanproc.page.clean.frame import Frame
from scanproc.page.segment import lines, rests, segment
from scanproc.page.segment.groups import Guess, groups
from scanproc.page.segment.pieces import pieces
from scanproc.page.segment.places import fitting, place
from scanproc.records import Box, Candidate, Cell


def drawn(boxes, shape=(400, 900)):
    """Ink with a ring (a digit as far as boxes go) in each (left, top, width, height)."""
    ink = np.zeros(shape, np.uint8)
    for left, top, width, height in boxes:
        ink[top:top + height, left:left + width] = 1
        ink[top + 4:top + height - 4, left + 4:left + width - 4] = 0
    return ink


ROW = np.eye(11, dtype=np.float32)[0]


def segments_of(ink):
    height, width = ink.shape
    return segment(ink, np.zeros_like(ink), Frame(np.eye(2, 3), width, height))


def groups_of(ink, cells=()):
    found = segments_of(ink)
    places = place([candidate.spot for candidate in found.candidates], cells)
    guesses = [Guess(candidate, ROW, int(cell))
               for candidate, cell in zip(found.candidates, places, strict=True)]
    return groups(guesses, (), found.small, cells)


def layout(ink, cells=()):
    """The boxes of each number, in reading order."""
    return [[tuple(guess.candidate.box) for guess in group.guesses]
            for group in groups_of(ink, cells)]


def row(left, top, count, pitch=50):
    return [(left + at * pitch, top, 30, 48) for at in range(count)]


def test_numbers_come_line_by_line_and_left_to_right():
    numbers = [row(40, 50, 3), row(400, 55, 2), row(60, 160, 4), row(500, 150, 1)]
    assert layout(drawn(sum(numbers, []))) == numbers


def test_a_wandering_line_stays_one_line():
    line = [(40 + 90 * at, 50 + 12 * at, 30, 48) for at in range(9)]
    below = [(40 + 90 * at, 150 + 12 * at, 30, 48) for at in range(9)]
    assert sum(layout(drawn(line + below)), []) == line + below


def test_a_digit_in_a_box_is_found_and_the_box_is_not():
    ink = drawn(row(100, 100, 2))
    cv2.rectangle(ink, (60, 60), (300, 380), 1, 3)
    assert layout(ink) == [row(100, 100, 2)]


def test_a_frame_as_low_as_a_digit_is_no_0():
    ink = drawn(row(100, 100, 2) + row(100, 250, 3))
    cv2.rectangle(ink, (85, 85), (200, 165), 1, 3)
    assert layout(ink) == [row(100, 100, 2), row(100, 250, 3)]


def test_a_mask_holds_its_own_ink_only():
    ink = drawn([(100, 100, 60, 80)])
    ink[130:140, 120:130] = 1
    (group,) = groups_of(ink)
    candidate = group.guesses[0].candidate
    assert candidate.mask.shape == (80, 60)
    assert candidate.mask.sum() == drawn([(100, 100, 60, 80)]).sum()


@pytest.mark.parametrize("refused", [
    (300, 80, 400, 6),      # a rule
    (300, 10, 6, 300),      # a vertical rule
    (305, 60, 5, 5),        # dirt
    (300, 150, 120, 150),   # a blot
])
def test_what_is_no_digit_by_its_size_is_refused(refused):
    ink = drawn(row(40, 50, 3) + row(40, 150, 3) + row(40, 250, 3))
    left, top, width, height = refused
    ink[top:top + height, left:left + width] = 1
    assert layout(ink) == [row(40, 50, 3), row(40, 150, 3), row(40, 250, 3)]


def test_a_loose_bar_is_joined_to_its_digit():
    ink = drawn(row(40, 54, 4, pitch=60))
    ink[44:50, 52:84] = 1
    (number,) = layout(ink)
    assert number[0] == (40, 44, 44, 58)
    assert number[1:] == row(40, 54, 4, pitch=60)[1:]


def test_lines_close_to_each_other_are_not_joined():
    upper, lower = row(40, 50, 4), row(40, 102, 4)
    assert layout(drawn(upper + lower)) == [upper, lower]


def test_a_gap_between_the_usual_and_the_wide_is_doubtful():
    close, near = row(40, 50, 4), row(265, 50, 4)
    assert not any(group.doubtful_gap for group in groups_of(drawn(close + row(400, 50, 4))))
    assert any(group.doubtful_gap for group in groups_of(drawn(close + near)))


@pytest.mark.parametrize("last, doubted", [(486, True), (700, False)])
def test_of_digits_far_apart_one_a_little_farther_is_doubtful_too(last, doubted):
    spots = [(40, 50, 30, 48), (170, 50, 30, 48), (310, 50, 30, 48), (last, 50, 30, 48)]
    assert groups_of(drawn(spots))[-1].doubtful_gap is doubted


@pytest.mark.parametrize("lefts, numbers", [
    ((40,) * 6, 6),  # six pairs at one pitch: rows of two faint boxes
    ((40,) * 5, 10), ((40, 60, 100, 30, 75, 110), 12)])  # too few; at no one pitch
def test_pairs_of_lone_digits_at_the_pitch_of_many_are_doubtful_numbers(lefts, numbers):
    found = groups_of(drawn([box for at, left in enumerate(lefts) for box in
                             ((30, 40 + 90 * at, 30, 48), (90 + left, 40 + 90 * at, 30, 48))],
                            shape=(700, 900)))
    assert len(found) == numbers
    assert all(group.doubtful_gap for group in found if len(group.guesses) == 2)


def test_lone_digits_at_one_pitch_are_one_doubtful_number():
    comb = [(40 + 80 * at, 50, 30, 48) for at in range(5)]
    (group,) = groups_of(drawn(comb))
    assert len(group.guesses) == 5 and group.doubtful_gap
    uneven = [(40, 50, 30, 48), (120, 50, 30, 48), (320, 50, 30, 48), (410, 50, 30, 48)]
    assert layout(drawn(uneven)) == [[spot] for spot in uneven]


def test_specks_leave_a_page_blank_and_a_rule_does_not():
    ink = np.zeros((300, 300), np.uint8)
    ink[50:53, 80:84] = 1
    assert segments_of(ink).blank
    ink[100:103, 20:280] = 1
    assert not segments_of(ink).blank


def test_no_ink_gives_no_numbers():
    assert groups_of(np.zeros((300, 300), np.uint8)) == ()


def test_the_dark_edge_of_a_scan_hides_no_digits():
    ink = drawn(row(40, 50, 3) + row(40, 150, 3), shape=(1200, 900))
    ink[300:1100, :6] = ink[100:1190, 894:] = 1
    assert layout(ink) == [row(40, 50, 3), row(40, 150, 3)]


def test_a_page_of_thin_ones_is_read():
    assert layout(drawn([(50, 40, 3, 60), (400, 45, 3, 58)])) == [
        [(50, 40, 3, 60)], [(400, 45, 3, 58)]]


@pytest.mark.parametrize("pattern", [[[1, 1, 1], [1, 0, 1], [1, 1, 1]],
                                     np.kron(np.eye(2), np.ones((4, 4)))])
def test_a_picture_full_of_holes_costs_no_more_than_writing(pattern):
    """Half a million holes took a minute; a digit beside them is found as ever."""
    ink = drawn(row(100, 40, 3), shape=(3600, 2500))
    tile = np.array(pattern, np.uint8)
    ink[120:, :] = np.tile(tile, (1200, 900))[:3480, :2500]
    started = time.process_time()
    assert layout(ink) == [row(100, 40, 3)]
    assert time.process_time() - started < 10


def test_many_specks_cost_no_more_than_writing():
    random = np.random.default_rng(5)
    ink = np.zeros((3508, 2480), np.uint8)
    for left, top in random.integers(0, (2470, 3490), (60_000, 2)):
        ink[top:top + 6, left:left + 4] = 1
    started = time.process_time()
    assert len(groups_of(ink)) > 1000
    assert time.process_time() - started < 15


def test_random_ink_never_crashes():
    random = np.random.default_rng(3)
    for share in (0.01, 0.2, 0.5, 0.9, 1.0):
        ink = (random.random((120, 160)) < share).astype(np.uint8)
        for group in groups_of(ink):
            for guess in group.guesses:
                assert guess.candidate.mask.any()
                assert Box(0, 0, 160, 120).union(guess.candidate.box) == Box(0, 0, 160, 120)


def boxes(left, top, count, comb=-1, pitch=60, size=(54, 70)):
    return [Cell(Box(left + at * pitch, top, *size), comb, at + 1 if comb >= 0 else 1)
            for at in range(count)]


def test_a_row_of_boxes_is_one_number_with_a_position_for_each_box():
    cells = boxes(100, 40, 6, comb=0)
    digits = [(110 + 60 * at, 50, 30, 48) for at in (1, 2, 4)]
    (group,) = groups_of(drawn(digits), cells)
    assert group.positions == (2, 3, 5)
    assert [guess.candidate.box.left for guess in group.guesses] == [170, 230, 350]


def test_of_two_digits_in_a_box_the_larger_stays_and_somebody_looks():
    cells = boxes(100, 40, 3, comb=0, pitch=90, size=(84, 70))
    (group,) = groups_of(drawn([(105, 50, 30, 48), (145, 60, 25, 30), (200, 50, 30, 48)]), cells)
    assert group.positions == (1, 2) and group.strange
    assert group.guesses[0].candidate.box == (105, 50, 30, 48)


@pytest.mark.parametrize("left, height, read_as, is_rest, doubted", [
    (100, 15, 1, True, False), (100, 25, 1, False, False), (100, 15, 7, False, False),
    (75, 27, 1, True, False), (75, 40, 1, False, True), (75, 90, 1, True, True),  # on the rule
    (75, 40, 7, False, False)])
def test_the_rest_of_a_stroke_between_two_boxes_is_no_1(left, height, read_as, is_rest, doubted):
    box, row = Box(74, 50, 60, 70), np.eye(11)[read_as]
    assert rests.of_comb(Box(left, 60, 5, height), row, box, 48, 5.0) == (is_rest, doubted)


@pytest.mark.parametrize("left, wide, is_rest", [(79, 1, True), (79, 3, False), (100, 1, False)])
def test_a_stroke_far_finer_than_the_pen_at_the_side_of_a_box_is_of_a_rule(left, wide, is_rest):
    strokes = [*[np.ones((40, 5), np.uint8)] * 4, *[np.ones((30, 1), np.uint8)] * 9]
    pen = rests.pens((0, mask) for mask in strokes)[0]
    found = rests.of_comb(Box(left, 60, wide, 40), np.eye(11)[1], Box(74, 50, 60, 70), 48, pen)
    assert found[0] == is_rest


@pytest.mark.parametrize("gap, doubted", [(200, False), (52, True), (30, False)])
def test_beside_a_row_of_boxes_a_digit_may_be_of_it_but_no_two_close_together(gap, doubted):
    cells = boxes(300, 40, 3, comb=0)
    beside = [(296 - gap, 50, 30, 48)] + ([(296 - gap - 40, 50, 30, 48)] if gap == 30 else [])
    found = groups_of(drawn(beside + row(310, 50, 3, pitch=60)), cells)
    assert [group.strange for group in found if group.positions] == [doubted]


@pytest.mark.parametrize("jump, numbers", [(0, 1), (40, 2)])
def test_digits_far_apart_at_one_pitch_are_one_number_that_somebody_looks_at(jump, numbers):
    """As between ticks: two narrow 1s stand farther from each other than the others do."""
    wide = [9 if at in (3, 4) else 46 for at in range(8)]
    line = [(83 + 70 * at + (jump if at > 3 else 0) - wide[at] // 2, 50, wide[at], 60)
            for at in range(8)]
    found = groups_of(drawn(line))
    assert len(found) == numbers and (numbers > 1 or found[0].doubtful_gap)


def test_the_edge_of_a_box_parts_numbers_for_sure():
    cells = boxes(40, 40, 2, pitch=100, size=(98, 70))
    found = groups_of(drawn(row(50, 50, 2, pitch=44) + row(145, 50, 2, pitch=44)), cells)
    assert [len(group.guesses) for group in found] == [2, 2]
    assert not any(group.doubtful_gap for group in found)


@pytest.mark.parametrize("width, doubted", [(118, True), (130, False)])
def test_what_stands_beside_a_box_for_one_digit_may_be_of_its_number(width, doubted):
    (cell,) = boxes(110, 40, 1, size=(width, 70))
    found = groups_of(drawn([(40, 50, 30, 48), (125, 50, 30, 48)]), [cell])
    assert [group.doubtful_gap for group in found] == [doubted] * 2
    two = groups_of(drawn([(125, 50, 30, 48), (170, 50, 30, 48), (260, 50, 30, 48)]), [cell])
    assert not two[0].doubtful_gap


def test_one_box_holds_one_number_however_it_is_spaced():
    (cell,) = boxes(30, 30, 1, size=(400, 90))
    spread = [(50, 50, 30, 48), (100, 50, 30, 48), (172, 50, 30, 48), (222, 50, 30, 48)]
    assert layout(drawn(spread), [cell]) == [spread]
    assert layout(drawn(spread)) == [spread[:2], spread[2:]]


def test_combs_and_lines_come_in_reading_order():
    cells = boxes(100, 150, 3, comb=0)
    top, comb, beside = row(40, 40, 2), [(110 + 60 * at, 160, 30, 48) for at in range(3)], \
        row(500, 158, 2)
    assert layout(drawn(top + comb + beside), cells) == [top, comb, beside]


def test_a_digit_that_lost_ink_to_a_rule_says_so():
    ink = drawn(row(100, 50, 1))
    cut = np.zeros_like(ink)
    cut[98:104, 60:300] = 1
    (touched,) = segment(ink, cut, Frame(np.eye(2, 3), 900, 400)).candidates
    assert 0.1 < touched.cut < 0.5
    assert segments_of(ink).candidates[0].cut == 0.0


def test_a_digit_beside_a_row_of_boxes_casts_doubt_on_it():
    cells = boxes(100, 40, 3, comb=0)
    inside = [(110 + 60 * at, 50, 30, 48) for at in range(3)]
    (alone,) = groups_of(drawn(inside), cells)
    comb, _ = groups_of(drawn([*inside, (305, 52, 30, 48)]), cells)
    assert comb.strange and not alone.strange


@pytest.mark.parametrize("height, doubted", [(12, False), (30, True)])
def test_a_second_digit_in_a_box_casts_doubt_if_it_is_no_rest(height, doubted):
    inside = [(110 + 60 * at, 50, 30, 48) for at in range(3)]
    (comb,) = groups_of(drawn([*inside, (205, 52, 6, height)]), boxes(100, 40, 3, comb=0))
    assert len(comb.guesses) == 3 and comb.strange == doubted


def test_rests_in_a_box_are_held_against_its_digit_not_against_each_other():
    inside = [(110 + 60 * at, 50, 30, 48) for at in range(3)]
    rests = [(202, 52, 6, 16), (146, 52, 6, 12), (146, 80, 5, 10)]
    (comb,) = groups_of(drawn([*inside, *rests]), boxes(100, 40, 3, comb=0))
    assert len(comb.guesses) == 3 and not comb.strange


@pytest.mark.parametrize("left, height, doubted", [
    (206, 14, False), (163, 14, False),  # at its sides
    (186, 14, True), (206, 40, True)])  # amid the box; too high
def test_the_rest_of_a_rule_in_a_box_says_nothing_of_its_digit(left, height, doubted):
    cells = boxes(100, 40, 3, comb=0)
    digits = [Guess(Candidate(np.ones((48, 20), np.uint8), spot, spot), ROW, at)
              for at, spot in enumerate(Box(115 + 60 * at, 50, 20, 48) for at in range(3))]
    spot = Box(left, 70, 4, height)
    rest = Guess(Candidate(np.ones((height, 4), np.uint8), spot, spot), ROW, 1)
    (comb,) = groups(digits, [rest], (), cells)
    assert comb.strange == doubted


def test_what_stands_on_the_rule_between_two_boxes_stands_in_one_of_them():
    cells = boxes(100, 40, 2, comb=0)
    on_rule, beside = Box(144, 50, 26, 40), Box(60, 50, 20, 40)
    first, second = place([on_rule, beside], cells)
    assert first >= 0 and second == -1


def test_a_point_in_a_box_stays_and_the_frame_of_a_section_is_no_box():
    (cell,) = boxes(30, 20, 1, size=(500, 250))
    digits = row(60, 100, 2) + row(185, 100, 2)
    ink = drawn(digits)
    ink[140:148, 162:170] = 1
    (group,) = groups_of(ink, [cell])
    assert group.marks == ((2, "."),) and {guess.cell for guess in group.guesses} == {0}
    frame, tall = Cell(Box(10, 10, 800, 380)), Box(200, 100, 30, 60)
    spots = [Box(60, 100, 20, 30), Box(100, 100, 20, 30), Box(140, 100, 20, 30), tall]
    assert fitting([frame], spots) == fitting([frame], [tall]) == ((), (frame,))
    low = Cell(Box(10, 10, 800, 200))
    assert fitting([low], spots) == ((low,), ()) and fitting([frame], []) == ((frame,), ())


def test_numbers_of_two_lines_that_touch_as_digits_of_one_are_doubted():
    def doubted(*places):
        digits = [Guess(Candidate(np.ones((50, 30), np.uint8), box, box), ROW)
                  for box in (Box(left, top, 30, 50) for left, top in places)]
        return [group.doubtful_gap for group in groups(digits, (), (), ())]

    assert all(doubted((60, 140), (100, 100), (135, 124)))  # the last went to the line of the first
    assert doubted((100, 100), (135, 100), (100, 160), (135, 160)) == [False, False]


def test_the_rule_between_two_sections_parts_numbers():
    digits = [Guess(Candidate(np.ones((50, 30), np.uint8), box, box), ROW)
              for box in (Box(100 + 60 * at, 100, 30, 50) for at in range(4))]
    frames = [Cell(Box(10, 10, 200, 380)), Cell(Box(210, 10, 200, 380))]
    assert len(groups(digits, (), (), ())) == 1
    assert [len(group.guesses) for group in groups(digits, (), (), (), frames)] == [2, 2]


@pytest.mark.parametrize("top, height, beside", [(76, 80, True), (100, 50, True), (20, 70, False),
                                                 (60, 140, False)])
def test_what_was_no_digit_and_stands_beside_one_is_told(top, height, beside):
    one, other = (Guess(Candidate(np.ones((50, 30), np.uint8), box, box), ROW)
                  for box in (Box(100, 100, 30, 50), Box(185, 100, 30, 50)))
    odd = Box(138, top, 40, height)
    strange = Guess(Candidate(np.ones((height, 40), np.uint8), odd, odd), ROW)
    assert any(group.strange for group in groups((one, other), (strange,), (), ())) == beside


@pytest.mark.parametrize("gap, doubted", [(20, True), (120, False)])
def test_what_is_too_large_for_digits_doubts_those_beside_it(gap, doubted):
    digits = [Guess(Candidate(np.ones((50, 30), np.uint8), box, box), ROW)
              for box in (Box(100, 100, 30, 50), Box(140, 100, 30, 50))]
    (group,) = groups(digits, (), (), (), large=(Box(170 + gap, 90, 400, 80),))
    assert group.strange is doubted


def test_on_a_strip_digits_may_reach_from_edge_to_edge():
    strip = drawn([(20, 2, 30, 50), (60, 8, 30, 40)], (55, 170))
    assert layout(strip) == [[(20, 2, 30, 50), (60, 8, 30, 40)]]


def test_of_a_mesh_as_large_as_a_page_the_holes_are_not_looked_at():
    y, x = np.mgrid[:1200, :900]
    ink = ((x % 5 == 0) | (y % 5 == 0)).astype(np.uint8)
    ink[:80] = ink[:, :40] = 0
    ink[20:68, 400:430] = drawn([(0, 0, 30, 48)], (48, 30))
    mesh, digit = sorted(pieces(ink), key=lambda piece: -piece.spot.width)
    assert (len(mesh.contours), len(digit.contours)) == (1, 2)


def test_a_digit_stays_with_its_neighbour_though_a_far_line_is_as_level():
    far, four, six = Box(0, 12, 30, 40), Box(500, 0, 32, 45), Box(528, 10, 34, 44)
    assert [1, 2] in [line[-2:] for line in lines.in_lines([far, four, six])]


@pytest.mark.parametrize("top, high, doubted", [(40, 70, True), (40, 140, False), (80, 70, False)])
def test_beside_a_row_of_boxes_a_wide_one_on_the_same_rules_may_be_of_it(top, high, doubted):
    cells = [*boxes(300, 40, 3, comb=0), Cell(Box(60, top, 234, high))]
    inside = row(310, 50, 3, pitch=60) + row(100, top + 10, 2, pitch=60)
    found = groups_of(drawn(inside), cells)
    assert [group.strange for group in found if group.positions] == [doubted]
