"""Ink at the rim of a page that nobody wrote: black scanner borders, the shadow of a gutter or of a
fold, slivers of the scanner's lid or of the sheet's edge."""

from __future__ import annotations

import cv2
import numpy as np

SOLID = 0.012  # of the long side: so thick is no stroke of a pen on a page
SOLID_PX = 5  # the same, on the small page where thick ink is looked for
ALONG = 0.25  # of a rim: thick ink that runs along so much of it is a border
FRINGE_PX = 2  # there: how far a border frays
SLIVER, FLAT_SLIVER = 0.006, 0.012  # of the long side: so far it reaches into the page
FLAT = 4.0  # so many times as long as that
MAX_ASPECT = 2.2  # a longer strip was cut out of a page: it has no borders, its digits meet its rim
MIN_LONG_PX = 1000  # less is a cutting, too


def borders(ink: np.ndarray) -> np.ndarray:
    """(H, W) uint8, 1 = ink of borders, shadows and slivers that are joined to the rim.

    ink: (H, W) uint8, 1 = ink. Writing and rules that run into the rim or a border are left.
    """
    is_page = MIN_LONG_PX <= max(ink.shape) <= MAX_ASPECT * min(ink.shape)
    if not is_page or not any(side.any() for side in _rims(ink, 2)):
        return np.zeros_like(ink)
    found = _thick(ink)
    _add_slivers(ink, found)
    return found


def _rims(ink: np.ndarray, depth: int) -> list[np.ndarray]:
    """Views of the page from its four rims, (depth, length) each: row 0 is the rim."""
    return [side[:depth] for side in (ink, ink[::-1], ink.T, ink.T[::-1])]


def _thick(ink: np.ndarray) -> np.ndarray:
    """Thick ink that runs along a rim, or from one rim to another, with its fringe."""
    stride = max(1, round(SOLID * max(ink.shape) / SOLID_PX))
    solid = np.ones((SOLID_PX, SOLID_PX), np.uint8)
    small = cv2.morphologyEx(np.ascontiguousarray(ink[::stride, ::stride]), cv2.MORPH_OPEN, solid)
    count, labels = cv2.connectedComponents(small)
    along = np.stack([np.bincount(side.max(axis=0), minlength=count) / side.shape[1]
                      for side in _rims(labels, 2)])
    is_border = (along.max(axis=0) > ALONG) | ((along > 0).sum(axis=0) > 1)
    is_border[0] = False
    if not is_border.any():
        return np.zeros_like(ink)
    mass = is_border[labels].astype(np.uint8)
    mass = cv2.dilate(mass, np.ones((2 * FRINGE_PX + 1,) * 2, np.uint8))
    return cv2.resize(mass, ink.shape[::-1], interpolation=cv2.INTER_NEAREST) & ink


def _add_slivers(ink: np.ndarray, found: np.ndarray) -> None:
    """Marks in `found` what touches a rim and hardly reaches into the page."""
    depth = int(FLAT_SLIVER * max(ink.shape)) + 2
    for band, marked in zip(_rims(ink, depth), _rims(found, depth), strict=True):
        count, labels, stats, _ = cv2.connectedComponentsWithStats(band & ~marked)
        reach, length = stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_WIDTH]
        touches = np.zeros(count, bool)
        touches[labels[:2]] = True
        sliver = touches & ((reach <= SLIVER * max(ink.shape))
                            | ((reach < depth) & (length >= FLAT * reach)))
        sliver[0] = False
        marked |= sliver[labels]
