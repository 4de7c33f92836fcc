"""Drawn by a machine: rings of a sheet for answers, squares, and codes between three of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np

from scanproc.records import Candidate

LONG = 1.15  # sides of what may be a ring or a square, one over the other
# Share of the smallest circle round it that a ring's hull fills; a square's is 0.64. Of zeros in
# MNIST's train set 0.9 % fill more than the first, 0.15 % more than the second.
ROUND, TRUE = 0.93, 0.96
SQUARE = 0.94  # the same of the smallest rectangle round a square; a ring's is 0.79
LIKE, MANY, TWO = 0.08, 6, 2  # of one size: as many are none of a hand, if they are so round
EVEN, MOST = 0.06, 0.7  # of heights in rings, where that share is so much alike it is print
MOST_RINGS = 1000  # that are looked into: no sheet has more
# The inked share of a square in the corner of a QR code (ISO/IEC 18004: 24 of 49 modules, 33 with
# its middle); a box to tick has less, a mark in the corner of a sheet more. From one to the next,
# in such squares, up to version 10; by which sizes and sides of a code differ.
CORNER, APART, OFF = (0.38, 0.75), (1.7, 8.0), 0.12
MOST_CORNERS = 60


def rings(candidates: Sequence[Candidate]) -> np.ndarray:
    """(N,) bool: round, and as high as many others that are."""
    fills = np.array([_fill(candidate, _circle) for candidate in candidates])
    height = np.array([candidate.spot.height for candidate in candidates], float)
    rings = np.zeros(len(candidates), bool)
    for share, least in ((ROUND, MANY), (TRUE, TWO)):
        found = np.flatnonzero(fills > share)
        sizes, slack = np.sort(height[found]), np.maximum(1, LIKE * height[found])
        like = (np.searchsorted(sizes, height[found] + slack, "right")
                - np.searchsorted(sizes, height[found] - slack, "left"))
        rings[found] |= like >= least
    return rings


def in_rings(spots: np.ndarray, ring: np.ndarray) -> np.ndarray:
    """(N,) bool: what stands in rings, if it is as regular as print.

    spots: (N, 4) float, left, top, width, height. ring: (N,) bool, see `rings`.
    """
    left, top, right, bottom = (*spots.T[:2], *(spots[:, :2] + spots[:, 2:]).T)
    around = np.flatnonzero(ring)[:MOST_RINGS]
    inside = ((left[:, None] > left[around]) & (top[:, None] > top[around])
              & (right[:, None] < right[around]) & (bottom[:, None] < bottom[around])).any(axis=1)
    height = spots[inside, 3]
    if len(height) < MANY:
        return np.zeros(len(spots), bool)
    usual = np.median(height)
    even = np.abs(height - usual) <= np.maximum(1, EVEN * usual)
    return inside & (even.mean() >= MOST)


def squares(candidates: Sequence[Candidate]) -> np.ndarray:
    """(N,) bool: true squares, straight or turned, empty or not."""
    return np.array([_fill(candidate, _rectangle) > SQUARE for candidate in candidates], bool)


def in_codes(candidates: Sequence[Candidate], square: np.ndarray) -> np.ndarray:
    """(N,) bool: what lies between three corners of a QR code.

    square: (N,) bool, see `squares`.
    """
    spots = np.array([candidate.spot for candidate in candidates], float)
    corners = spots[[at for at in np.flatnonzero(square)
                     if CORNER[0] <= candidates[at].mask.mean() <= CORNER[1]][:MOST_CORNERS]]
    middle, found = spots[:, :2] + spots[:, 2:] / 2, np.zeros(len(spots), bool)
    for first, stop in _codes(corners[:, :2] + corners[:, 2:] / 2, corners[:, 2]):
        found |= ((middle > first) & (middle < stop)).all(axis=1)
    return found


def _codes(middle: np.ndarray, size: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(x and y of the upper left, and of the lower right) of codes.

    middle: (N, 2) of squares. size: (N,) of their sides.
    """
    away = np.abs(middle[:, None] - middle)
    like = np.abs(size[:, None] - size) <= OFF * size
    side, off = (axes.transpose(2, 0, 1) for axes in (away, away[..., ::-1]))
    lined = (like & (side >= APART[0] * size) & (side <= APART[1] * size)
             & (off <= OFF * side))
    for at in range(len(middle)):
        for right in np.flatnonzero(lined[0, at]):
            for below in np.flatnonzero(lined[1, at]):
                if abs(away[at, right, 0] - away[at, below, 1]) <= OFF * away[at, right, 0]:
                    three = middle[[at, right, below]]
                    yield three.min(axis=0) - size[at] / 2, three.max(axis=0) + size[at] / 2


def _fill(candidate: Candidate, around: Callable[[np.ndarray], float]) -> float:
    """Share of the figure round it that its hull fills, 0.0 where it is longer than wide."""
    height, width = candidate.mask.shape
    if max(height, width) > LONG * min(height, width):
        return 0.0
    hull = cv2.convexHull(cv2.findNonZero(candidate.mask))
    return cv2.contourArea(hull) / max(around(hull), 1.0)


def _circle(hull: np.ndarray) -> float:
    return np.pi * (cv2.minEnclosingCircle(hull)[1] - 0.5) ** 2


def _rectangle(hull: np.ndarray) -> float:
    width, height = cv2.minAreaRect(hull)[1]
    return width * height
