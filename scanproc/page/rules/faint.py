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
# Rules fainter than that show in the mean along them, if it is darker than that so far beside it.
LONG_PX, SHORT_PX, BESIDE_PX = 25, 5, 4
LEVELS, LINE_NOISE = 2.5, 3.0  # gray levels, and sigmas of such means, by which they do
STEPS = 6  # of a gray level in a mean
HALO = 3.0  # times as dark as faint ink: what is near so dark strokes may be their blur
BROKEN_PX, LEAST_PX = 5, 21  # holes in such a line, and its length


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
    under a threshold that is low enough for faint ones. Fainter ones are ridges (Steger 1998, An
    unbiased detector of curvilinear structures): darker along than on both their sides.
    """
    middle, upper = np.percentile(dark[::3, ::3], (50, 75))
    floor = max(FAINTEST, middle + NOISE_FACTOR * (upper - middle) / 0.6745)
    around = cv2.dilate(dark, np.ones((AROUND_PX, AROUND_PX), np.uint8))
    ink = ((dark > floor) & (dark > around // 2)).astype(np.uint8)
    free = (around <= HALO * floor).astype(np.uint8)
    pale = np.minimum(dark, min(floor, 255 // STEPS)).astype(np.uint8) * free * np.uint8(STEPS)
    return ink | (_pale_lines(pale) | _pale_lines(cv2.transpose(pale)).T) & free


def _pale_lines(pale: np.ndarray) -> np.ndarray:
    """(h, w) uint8, 1 = lines from left to right that only their length tells from noise.

    pale: (h, w) uint8, STEPS times the darkness where it is that of no ink.
    """
    level = _above_sides(pale, LONG_PX)
    noise = float(np.percentile(level[::3, ::3], 90)) / 1.28
    least = max(LEVELS * STEPS, LINE_NOISE * noise)
    found = (level > least).astype(np.uint8)
    if cv2.countNonZero(found) < LEAST_PX:  # as on most pages
        return found
    found &= _above_sides(pale, SHORT_PX) > least
    thick = cv2.dilate(found, np.ones((3, 1), np.uint8))
    whole = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((1, BROKEN_PX), np.uint8))
    return found & cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((1, LEAST_PX), np.uint8))


def _above_sides(pale: np.ndarray, long: int) -> np.ndarray:
    """(h, w) uint8: by how much the mean so far along exceeds those above and below it."""
    mean = cv2.blur(pale, (long, 1))
    around = cv2.copyMakeBorder(mean, BESIDE_PX, BESIDE_PX, 0, 0, cv2.BORDER_REPLICATE)
    return cv2.subtract(mean, cv2.max(around[:-2 * BESIDE_PX], around[2 * BESIDE_PX:]))


def hollow(ink: np.ndarray, unit: float) -> np.ndarray:
    """(h, w) uint8, 1 = ink, without the inside of bars and blocks: their edges are rules too.

    ink: (h, w) uint8. unit: pixels, about a seventh of a cell.
    """
    solid = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((round(SOLID * unit),) * 2, np.uint8))
    return ink & ~cv2.erode(solid, np.ones((EDGE_PX * 2 + 1,) * 2, np.uint8))
