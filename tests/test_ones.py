"""1s with an upstroke, drawn from MNIST's own."""

import cv2
import numpy as np
import pytest

from scanproc.network.data import Digits
from scanproc.network.ones import FLATTEST_DEG, with_upstroke, with_upstrokes


def stem(lean=0):
    """A plain 1, leaning by so many pixels to the right."""
    image = np.zeros((28, 28), np.uint8)
    cv2.line(image, (14 + lean, 5), (14 - lean, 23), 255, 2)
    return image


def test_the_upstroke_is_on_the_left_of_the_top():
    rng = np.random.default_rng(4)
    for _ in range(50):
        drawn = with_upstroke(stem(), rng)
        added = drawn.astype(int).sum() - stem().astype(int).sum()
        rows, columns = np.nonzero(drawn > 127)
        top = columns[rows < rows.min() + 3].mean()
        upper = columns[rows < rows.min() + 12]
        assert added > 0
        assert top - upper.min() > upper.max() - top


def test_it_is_centred_as_mnist_is():
    drawn = with_upstroke(stem(3), np.random.default_rng(1)).astype(float)
    for axis in (0, 1):
        assert drawn.sum(axis=axis) @ np.arange(28) / drawn.sum() == pytest.approx(14, abs=0.6)


def test_a_1_that_leans_too_far_or_lies_is_left_out():
    rng = np.random.default_rng(1)
    assert with_upstroke(stem(8), rng) is None
    assert with_upstroke(stem().T.copy(), rng) is None
    assert FLATTEST_DEG < 65  # a flatter stroke makes a 7


def test_every_1_comes_a_second_time_and_nothing_else_changes():
    digits = Digits(np.stack([stem(), stem(8), stem(2), stem()]), np.array([1, 1, 1, 7], np.uint8))
    more = with_upstrokes(digits, seed=3)
    assert more.labels.tolist() == [1, 1, 1, 7, 1, 1]
    assert (more.images[:4] == digits.images).all()
    assert (more.images == with_upstrokes(digits, seed=3).images).all()
    none = with_upstrokes(digits[3:], seed=3)
    assert len(none) == 1
