"""Combs that stand alone, most of whose boxes are broken or dashed or leaned on by a digit."""

import cv2
import numpy as np
import pytest
from papers import shape_of

from scanproc.page import rules
from scanproc.page.rules.standing import _with, standing, stands_alone

PITCH, WIDE, HIGH, LEFT, TOP = 62, 52, 64, 200, 400


def page():
    return np.full((1000, 1400), 255, np.uint8)


def box(gray, at, thick=2, dash=0, top=TOP):
    """Box `at` of the comb; dashed: `dash` of twelve pixels are missing."""
    left = LEFT + at * PITCH
    drawn = np.zeros_like(gray)
    cv2.rectangle(drawn, (left, top), (left + WIDE, top + HIGH), 1, thick)
    across = np.add.outer(np.arange(len(gray)), np.arange(gray.shape[1])) % 12
    gray[(drawn > 0) & (across >= dash)] = 0
    return gray


def comb(dash=5, whole=(3,), count=9, top=TOP):
    gray = page()
    for at in range(count):
        box(gray, at, dash=0 if at in whole else dash, top=top)
    return gray


def seed(at=3):
    return [(np.array([[LEFT + at * PITCH + 2, TOP + 2, WIDE - 4, HIGH - 4]], float), False)]


def ink_of(gray):
    return (gray < 128).astype(np.uint8)


def test_one_whole_box_tells_where_the_dashed_ones_are():
    (row, is_comb), = standing(seed(), ink_of(comb()), 7.0)
    assert is_comb and len(row) == 9
    assert np.abs(row[:, 0] - (LEFT + 2 + PITCH * np.arange(9))).max() <= 3


def test_boxes_found_in_one_piece_are_parted():
    merged = np.array([[LEFT + 5 * PITCH + 2, TOP + 2, 3 * PITCH - 14, HIGH - 4]], float)
    frame = np.array([[LEFT - 40, TOP - 100, 800, 300]], float)
    rows = standing([*seed(), (merged, False), (frame, False)], ink_of(comb()), 7.0)
    assert sorted((len(row), comb) for row, comb in rows) == [(1, False), (9, True)]


def test_a_short_comb_beside_a_column_of_others_stays_as_it_was():
    short = [(seed()[0][0] + np.arange(3)[:, None] * [PITCH, 0, 0, 0], True)]
    assert standing(short, ink_of(comb()), 7.0) is short


def test_the_row_of_a_grid_is_no_comb():
    gray = comb(top=TOP + HIGH)
    for at in range(9):
        box(gray, at, dash=5)
    below = seed()[0][0] + [[0, HIGH, 0, 0], [PITCH, HIGH, 0, 0]]
    rows = [*seed(), (below, False)]
    assert standing(rows, ink_of(gray), 7.0) is rows


@pytest.mark.parametrize("drawn", ["circles", "filled", "ladder"])
def test_what_is_no_row_of_boxes_is_none(drawn):
    gray = box(page(), 3)
    for at in range(9):
        middle = LEFT + at * PITCH + WIDE // 2, TOP + HIGH // 2
        if drawn == "circles":
            cv2.circle(gray, middle, WIDE // 2, 0, 2)
        elif drawn == "filled":
            cv2.rectangle(box(gray, at), (middle[0] - 20, TOP), (middle[0] + 20, TOP + HIGH), 0, -1)
        else:
            for x in (-WIDE // 2, WIDE // 2):
                cv2.line(box(gray, at), (middle[0] + x, TOP - 60), (middle[0] + x, TOP + 120), 0, 2)
    rows = seed()
    assert standing(rows, ink_of(gray), 7.0) is rows


def test_the_usual_comb_stands_alone():
    row = seed(0)[0][0] + PITCH * np.arange(9)[:, None] * [1, 0, 0, 0]
    assert stands_alone(row, ink_of(comb(dash=0)))
    assert not stands_alone(row[:3], ink_of(comb(dash=0)))


def test_sides_that_digits_lean_on_are_taken_out_and_the_digits_stay():
    gray, bare = page(), page()
    for at in range(9):
        box(gray, at, thick=4)
        mask = shape_of(str(at), 30, at)
        left = LEFT + at * PITCH + (WIDE - mask.shape[1] + 1 if at in (0, 5, 8) else 12)
        for canvas in (gray, bare):
            canvas[TOP + 12:TOP + 42, left:left + mask.shape[1]][mask > 0] = 0
    ink = ink_of(gray)
    ruling = rules.find(ink, gray)
    left, _ = rules.remove(ink, ruling)
    assert [cell.position for cell in ruling.cells] == list(range(1, 10))
    assert (left > 0)[ink_of(bare) > 0].mean() > 0.9
    assert (left > 0)[ink_of(bare) == 0].sum() < 0.05 * (ink > 0).sum()


@pytest.mark.parametrize("ink", [np.zeros((50, 60), np.uint8), np.ones((50, 60), np.uint8)])
def test_a_box_at_the_edge_of_a_page_is_looked_at(ink):
    rows = [(np.array([[-3.0, -3, 20, 24], [45, 30, 20, 24]]), False)]
    assert standing(rows, ink, 7.0) is rows
    assert standing([], ink, 7.0) == []


def test_a_whole_comb_is_not_given_up_for_a_longer_row_of_another_pitch():
    gray = comb(whole=range(9))
    for at in range(11):  # a second, fainter row of uprights through it
        gray[TOP:TOP + HIGH:2, LEFT - 20 + at * 52:LEFT - 18 + at * 52] = 0
    whole = [(seed(0)[0][0] + np.arange(9)[:, None] * [PITCH, 0, 0, 0], True)]
    other = np.array([[LEFT + 2 + at * 52, TOP + 2, 48, HIGH - 4] for at in range(11)], float)
    assert _with(other, whole) is whole
    assert len(_with(whole[0][0], [(whole[0][0][2:7], True)])[0][0]) == 9
