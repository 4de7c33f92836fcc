"""The aspect ratio of digits that were stretched to a square, found again from the pen.

A pen is about as thick whichever way it goes. Stretched to a square, the upright strokes of a
digit that was narrow have become thicker than its level ones, by as much as the digit was widened.
How thick each are is taken from the shortest fifth of the runs of ink along rows and columns.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

SHORTEST = 0.2
# log(width / height) = LEVEL + SLOPE * log(level over upright thickness): least squares on digits
# of MNIST's training part stretched to 16x16. It is off by 0.26; their mean would be by 0.38.
LEVEL, SLOPE = -0.09, 0.64
TOUCHING = 0.9
FINER = 4


def stretched(masks: Iterable[np.ndarray]) -> bool:
    """Whether a set has lost its aspect ratios: square images, their ink on all four sides.

    masks: (h, w) uint8 each, 1 = ink, uncut. Binarizing takes the tip off a digit here and there,
    so a tenth may fail to touch.
    """
    touching = []
    for mask in masks:
        if mask.shape[0] != mask.shape[1]:
            return False
        touching.append(all(mask[side].any() for side in (0, -1, (..., 0), (..., -1))))
    return sum(touching) >= TOUCHING * len(touching)


def restored(mask: np.ndarray) -> np.ndarray:
    """A digit stretched to a square with about the width and height that it had.

    mask: (s, s) uint8, 1 = ink. Returns (h, w) uint8, 1 = ink, the larger of them 4 s.
    """
    ratio = np.exp(LEVEL + SLOPE * np.log(_thickness(mask.T) / _thickness(mask)))
    side = FINER * len(mask)
    size = max(1, round(side * min(ratio, 1))), max(1, round(side / max(ratio, 1)))
    return (cv2.resize(mask * np.uint8(255), size) > 127).astype(np.uint8)


def _thickness(mask: np.ndarray) -> float:
    """The mean length of the shortest runs of ink along the rows; 1 where there is no ink."""
    steps = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8)).ravel()
    runs = np.sort(np.flatnonzero(steps < 0) - np.flatnonzero(steps > 0))
    return float(runs[:max(1, round(SHORTEST * len(runs)))].mean()) if len(runs) else 1.0
