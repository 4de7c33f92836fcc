"""Short combs below each other, one of which was not found whole."""

import cv2
import numpy as np
import pytest

from scanproc.page.rules.columns import in_columns

COMB = np.array([(100 + 40 * at, 100, 30, 32) for at in range(3)], float)


def below(boxes, by=60, shift=2):
    return COMB[boxes] + [shift, by, 0, 0]


def found_in(rows, *bare):
    """What is found on a page on which all boxes of all columns are drawn but some."""
    ink = np.zeros((800, 800), np.uint8)
    for by in (0, 60, 500):
        for at, (left, top, width, height) in enumerate((below([0, 1, 2], by)).astype(int)):
            if (by, at) not in bare:
                cv2.rectangle(ink, (left - 3, top - 3), (left + width + 2, top + height + 2), 1, 2)
    return in_columns(rows, ink)


def combs(rows):
    return [row for row, comb in rows if comb]


@pytest.mark.parametrize("boxes", [[0, 1], [0, 2], [1, 2]])
def test_two_boxes_in_the_columns_of_a_comb_of_three_are_one(boxes):
    found = found_in([(COMB, True), (below(boxes), False)])
    assert len(found) == 2 and np.allclose(combs(found)[1], below([0, 1, 2]))


def test_a_box_that_is_not_drawn_is_none():
    found = found_in([(COMB, True), (below([0, 2]), False)], (60, 1))
    assert len(combs(found)) == 1 and len(found[1][0]) == 2


@pytest.mark.parametrize("row", [
    below([1]),                                 # one of three says nothing
    below([0, 1], by=500), below([0, 1], shift=15),
    below([0, 1]) * [1, 1, 1.4, 1], below([0, 1]) * [1, 1, 1, 0.6]])
def test_what_is_not_like_the_comb_is_none(row):
    found = found_in([(COMB, True), (row, False)])
    assert len(combs(found)) == 1 and np.array_equal(found[1][0], row)


def test_other_boxes_of_the_row_stay_single():
    other = below([0]) + [300, 0, 0, 0]
    found = found_in([(COMB, True), (np.concatenate([below([0, 2]), other]), False)])
    assert len(combs(found)) == 2 and np.array_equal(found[2][0], other) and not found[2][1]


def test_a_place_that_a_comb_has_is_taken():
    beside = below([0, 1], by=63)
    found = found_in([(COMB, True), (below([0, 1, 2]), True), (beside, False)])
    assert len(combs(found)) == 2


def test_long_combs_are_left_to_themselves():
    long = np.array([(100 + 40 * at, 100, 30, 32) for at in range(6)], float)
    found = found_in([(long, True), (long[:4] + [0, 60, 0, 0], False)])
    assert len(combs(found)) == 1
    assert found_in([]) == []
