"""Static, as broken image data give it: pieces of every size, and the smaller the more."""

from __future__ import annotations

import cv2
import numpy as np

from scanproc.page.segment.pieces import MIN_DIGIT_PX, SMALL, usual

EVERY, MANY_RUNS = 4, 100_000  # rows; of ink in all rows: fewer are soon read, whatever they are
MANY = 3000  # pieces as large as digits


def noise(ink: np.ndarray) -> int:
    """How many pieces of ink there are where all is static, 0 where there is writing.

    On scans with more than 1,000 pieces as large as digits, those of half the size were half as
    many at most; of static there are more than of the large ones.

    ink: (H, W) uint8, 1 = ink.
    """
    rows = ink[::EVERY]
    if EVERY * np.count_nonzero(rows[:, 1:] > rows[:, :-1]) < MANY_RUNS:
        return 0
    stats = cv2.connectedComponentsWithStats(ink)[2][1:]
    width, height = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    least = max(MIN_DIGIT_PX, SMALL * usual(height[height >= MIN_DIGIT_PX]))
    large = np.count_nonzero(height >= least)
    smaller = np.count_nonzero((np.maximum(width, height) >= least / 2) & (height < least))
    return len(stats) if large > MANY and smaller > large else 0
