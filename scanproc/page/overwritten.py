"""Digits that were written over another one: their ink shuts in more paper than a digit does."""

from __future__ import annotations

import numpy as np

from scanproc.page.stroke import holes, thickness

LOOPS = 1, 0, 1, 0, 1, 0, 1, 0, 2, 1  # of each digit, as it is often written
# So many more show it: of 5,909 handwritten digits 2 have them, of 747 on real pages none, of pairs
# laid over each other, where one is read for sure, every fifth.
MORE = 2
# Shares of the square of the pen's thickness, and of the digit's box: a smaller hole is a flaw.
LEAST, LEAST_SHARE = 0.15, 0.004


def overwritten(mask: np.ndarray, digit: int) -> bool:
    """Whether what reads as a digit has too many holes to be that one alone.

    mask: (h, w) uint8, 1 = ink.
    """
    least = max(LEAST * thickness(mask) ** 2, LEAST_SHARE * mask.size)
    return holes(mask, least) >= LOOPS[digit] + MORE
