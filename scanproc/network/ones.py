"""A 1 as much of Europe writes it: with an upstroke, and now and then a foot.

MNIST has hardly any, so a network that knows MNIST alone takes them for 7. They are made from
MNIST's own 1s by drawing the missing strokes.
"""

from __future__ import annotations

import cv2
import numpy as np

from scanproc.labelled.digits import Digits

ENLARGE = 4                    # strokes are drawn so much larger, then made gray by area
SHARPEST_DEG = 18.0            # between stem and upstroke
FLATTEST_DEG = 50.0            # between the upstroke and a plumb line; a flatter one makes a 7
LENGTH = (0.2, 0.55)           # of the stem
FOOT_SHARE = 0.12
FOOT = (0.12, 0.3)             # of the stem, to either side
MIN_STEM_PX = 10.0             # a shorter 1 lies on its side


def with_upstrokes(digits: Digits, seed: int) -> Digits:
    """The digits, and once more their 1s with an upstroke: one copy of each that has a stem."""
    rng = np.random.default_rng(seed)
    drawn = [with_upstroke(image, rng) for image in digits.images[digits.labels == 1]]
    ones = [image for image in drawn if image is not None]
    return digits + Digits(np.array(ones, np.uint8).reshape(-1, 28, 28),
                           np.ones(len(ones), digits.labels.dtype))


def with_upstroke(image: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """One 1 with an upstroke drawn to its stem; None where it has no stem or leans too far.

    image: (28, 28) uint8, ink = 255. Returns the same, its centre of mass in the middle.
    """
    large = cv2.resize(image, None, fx=ENLARGE, fy=ENLARGE, interpolation=cv2.INTER_LINEAR)
    rows = np.flatnonzero((large > 127).any(axis=1))
    if len(rows) < MIN_STEM_PX * ENLARGE:
        return None
    pen = max(2, round((large > 127).sum() / len(rows)))
    top, bottom = (np.array([np.flatnonzero(large[row] > 127).mean(), row])
                   for row in (rows[pen // 2], rows[-1 - pen // 2]))
    lean = np.rad2deg(np.arctan2(top[0] - bottom[0], bottom[1] - top[1]))
    if lean + SHARPEST_DEG > FLATTEST_DEG:
        return None
    angle = np.deg2rad(rng.uniform(lean + SHARPEST_DEG, FLATTEST_DEG))
    length = np.hypot(*(bottom - top))
    away = np.array([-np.sin(angle), np.cos(angle)]) * length
    _stroke(large, top, top + away * rng.uniform(*LENGTH), pen)
    if rng.random() < FOOT_SHARE:
        reach = np.array([length, 0.0])
        _stroke(large, bottom - reach * rng.uniform(*FOOT), bottom + reach * rng.uniform(*FOOT),
                pen)
    return _centred(cv2.resize(large, (28, 28), interpolation=cv2.INTER_AREA))


def _stroke(image: np.ndarray, start: np.ndarray, end: np.ndarray, pen: int) -> None:
    points = [tuple(int(round(value)) for value in point) for point in (start, end)]
    cv2.line(image, *points, 255, pen, cv2.LINE_AA)


def _centred(image: np.ndarray) -> np.ndarray:
    places = np.arange(28) + 0.5
    mass = float(image.sum())
    shift = [round(14.5 - float(image.sum(axis=axis) @ places) / mass) for axis in (1, 0)]
    return np.roll(image, shift, axis=(0, 1))
