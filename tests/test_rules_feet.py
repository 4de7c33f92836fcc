"""Combs of which a copier left dashes: found by the feet of their uprights."""

import cv2
import numpy as np
import pytest
from papers import write_apart

from scanproc.page import rules
from scanproc.page.rules.feet import standing_on_feet

PITCH, HIGH, LEFT, BASE, UNIT = 62, 64, 200, 500, 6.5


def page():
    return np.full((1000, 1400), 255, np.uint8)


def dashes(gray, start, end, seed=0, gap=9):
    """A line of which a copier has lost a part."""
    drawn, rng = np.zeros_like(gray), np.random.default_rng(seed)
    cv2.line(drawn, start, end, 1, 2)
    along = np.add.outer(np.arange(len(gray)), np.arange(gray.shape[1])) // gap
    gray[(drawn > 0) & (rng.random(along.max() + 1) < 0.6)[along]] = 0
    return gray


def comb(boxes=9, tooth=HIGH, gap=0, base=BASE):
    """Dashed boxes; a tooth lower than HIGH: open above."""
    gray = page()
    for at in range(boxes):
        left, right = LEFT + at * PITCH, LEFT + (at + 1) * PITCH - gap
        dashes(gray, (left, base), (right, base), at)
        if tooth == HIGH:
            dashes(gray, (left, base - HIGH), (right, base - HIGH), 20 + at)
        for side in (left, right):
            cv2.line(gray, (side, base - tooth), (side, base), 0, 2)
            gray[base - tooth // 2:base - tooth // 2 + 5, side - 2:side + 3] = 255
    return gray


def ink_of(gray):
    return (gray < 128).astype(np.uint8)


@pytest.mark.parametrize("tooth, gap", [(HIGH, 0), (HIGH, 12), (24, 0), (24, 12)])
def test_a_comb_of_dashes_is_found_with_its_digits(tooth, gap):
    gray = write_apart(comb(9, tooth, gap), "602845319", LEFT + 14, BASE - 52, PITCH)
    found = [cell for cell in rules.find(ink_of(gray), gray).cells if cell.comb >= 0]
    assert [cell.position for cell in found] == list(range(1, 10))
    for cell in found:
        assert abs(cell.spot.left - (LEFT + (cell.position - 1) * PITCH)) <= 4
        assert abs(cell.spot.bottom - BASE) <= 4 and abs(cell.spot.height - HIGH) <= 10


@pytest.mark.parametrize("lost", [2, 5])
def test_an_upright_and_a_base_may_be_lost(lost):
    gray = comb()
    gray[BASE - 30:BASE + 3, LEFT + lost * PITCH - 3:LEFT + (lost + 1) * PITCH - 3] = 255
    one = standing_on_feet(ink_of(gray), UNIT)[0]
    assert len(one.boxes) == 9 and abs(one.boxes[0, 0] - LEFT) <= 2
    assert abs(one.boxes[0, 3] - HIGH) <= 4


@pytest.mark.parametrize("lost, high", [(0.3, HIGH), (0.9, PITCH)])
def test_over_a_whole_base_a_broken_lid_counts_and_the_rest_of_one_does_not(lost, high):
    gray = comb()
    cv2.line(gray, (LEFT, BASE), (LEFT + 9 * PITCH, BASE), 0, 2)
    for at in range(9):
        start = LEFT + at * PITCH + 4
        gray[BASE - HIGH - 2:BASE - HIGH + 3, start:start + round(lost * (PITCH - 8))] = 255
    one = standing_on_feet(ink_of(gray), UNIT)[0]
    assert len(one.boxes) == 9 and abs(one.boxes[0, 3] - high) <= 4


def bubbles():
    gray = page()
    for at in range(10):
        cv2.circle(gray, (LEFT + at * 42, BASE), 14, 0, 2)
        cv2.putText(gray, str(at), (LEFT + at * 42 - 6, BASE + 6), 0, 0.5, 0, 1)
    return gray


def prose():
    gray = page()
    for line in range(8):
        text = "still all filled till little bill" if line % 2 else "In 11 lines 111 lilt till 1111"
        cv2.putText(gray, text, (LEFT, BASE + line * 26), 0, 0.8, 0, 2)
    return gray


def over_print():
    gray = comb()
    cv2.putText(gray, "THIS IS THE TEXT RIGHT UNDER IT", (LEFT, BASE + 18), 0, 0.6, 0, 2)
    return gray


def baseless():
    """Even strokes that stand on nothing: digits, all of them 1."""
    gray = page()
    for at in range(10):
        cv2.line(gray, (LEFT + at * PITCH, BASE - HIGH), (LEFT + at * PITCH, BASE), 0, 2)
    return gray


@pytest.mark.parametrize("gray", [bubbles(), prose(), over_print(), baseless(), comb(4), page()])
def test_what_only_looks_like_one_is_none(gray):
    assert standing_on_feet(ink_of(gray), UNIT) == []


@pytest.mark.parametrize("base", [HIGH + 1, 997])
def test_a_comb_at_the_edge_of_a_page_is_looked_at(base):
    standing_on_feet(ink_of(comb(base=base)), UNIT)
    standing_on_feet(np.ones((40, 60), np.uint8), 3.5)


@pytest.mark.parametrize("base", [6, 12, 20, 30])
def test_uprights_that_go_on_beyond_the_page_are_looked_at(base):
    gray = page()
    cv2.line(gray, (LEFT, base), (LEFT + 9 * PITCH, base), 0, 2)
    for at in range(10):
        cv2.line(gray, (LEFT + at * PITCH, 0), (LEFT + at * PITCH, base), 0, 2)
    with np.errstate(all="raise"):
        standing_on_feet(ink_of(gray), UNIT)
        rules.find(ink_of(gray), gray)


def test_uprights_on_a_part_of_a_rule_are_those_of_a_word():
    gray = comb()
    assert standing_on_feet(ink_of(gray), UNIT)
    for end in (LEFT - 150, LEFT + 9 * PITCH + 150):
        dashes(gray, (min(end, LEFT), BASE), (max(end, LEFT), BASE))
    assert not standing_on_feet(ink_of(gray), UNIT)
