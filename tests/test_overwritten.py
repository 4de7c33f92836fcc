"""Digits written over others."""

import cv2
import numpy as np
import pytest
from papers import shape_of

from scanproc.page.overwritten import overwritten


def laid_over(one, other, height=60):
    masks = [cv2.resize(shape_of(text, height), (40, height), interpolation=cv2.INTER_NEAREST)
             for text in (one, other)]
    return np.maximum(*masks)


@pytest.mark.parametrize("one, other", [("0", "3"), ("3", "8"), ("5", "2")])
def test_a_digit_over_another_one_shuts_in_more_paper(one, other):
    assert overwritten(laid_over(one, other), int(one))


@pytest.mark.parametrize("seed", range(5))
def test_digits_as_they_are_written_do_not(seed):
    assert not any(overwritten(shape_of(digit, 60, seed), int(digit)) for digit in "0123456789")


def test_flaws_of_the_scan_are_no_holes():
    mask = cv2.dilate(shape_of("1", 60), np.ones((7, 7), np.uint8))
    middle = mask[10:50].sum(axis=1).argmax() + 10
    filled = np.flatnonzero(mask[middle])
    for at in range(3):
        mask[15 + 10 * at, int(filled.mean())] = 0
    assert not overwritten(mask, 1)
