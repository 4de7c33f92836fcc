"""The page made small for the search of rules, with all that may belong to one."""

from __future__ import annotations

import cv2
import numpy as np

SIDE_PX = 1400  # a long side that is twice as long is halved, and so on
FAINTEST = 14  # gray levels under the paper
NOISE_FACTOR = 1.75  # sigmas of the paper's noise
SOLID = 3.0  # units: no stroke is so thick
EDGE_PX = 3  # what is left of it
AROUND_PX = 7  # a rule is the darkest for so far around, except where it meets ink


def shrink_factor(shape: tuple[int, int]) -> int:
    """By how much a page is to be made small."""
    return max(1, max(shape) // SIDE_PX)


def darkness(gray: np.ndarray, shrink: int) -> np.ndarray:
    """(H / shrink, W / shrink) uint8, paper = 0, of the darkest of the pixels that become one:
    a rule of one pixel stays whole.

    gray: (H, W) uint8, paper = 255.
    """
    if shrink > 1:
        window = np.ones((shrink, shrink), np.uint8)
        gray = cv2.erode(gray, window, anchor=(0, 0))[::shrink, ::shrink]
    return 255 - gray


def rule_ink(dark: np.ndarray) -> np.ndarray:
    """(h, w) uint8, 1 = ink down to faint rules.

    dark: (h, w) uint8, paper = 0. Ink ends at half its height, so that dark rules do not grow fat
    under a threshold that is low enough for faint ones.
    """
    middle, upper = np.percentile(dark[::3, ::3], (50, 75))
    floor = max(FAINTEST, middle + NOISE_FACTOR * (upper - middle) / 0.6745)
    around = cv2.dilate(dark, np.ones((AROUND_PX, AROUND_PX), np.uint8))
    return ((dark > floor) & (dark > around // 2)).astype(np.uint8)


def hollow(ink: np.ndarray, unit: float) -> np.ndarray:
    """(h, w) uint8, 1 = ink, without the inside of bars and blocks: their edges are rules too.

    ink: (h, w) uint8. unit: pixels, about a seventh of a cell.
    """
    solid = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((round(SOLID * unit),) * 2, np.uint8))
    return ink & ~cv2.erode(solid, np.ones((EDGE_PX * 2 + 1,) * 2, np.uint8))
