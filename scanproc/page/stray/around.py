"""What is usual on a page, and what stands beside a number on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scanproc.page.classify import NOT_A_DIGIT
from scanproc.page.segment.groups import Group, Guess
from scanproc.page.stray import shape
from scanproc.records import Box

PEN_DIGITS = 5  # show the page's pen
LEVEL = 0.07  # of the digits: so well a headline keeps its baseline, or to the pixel


def usual_height(found: Sequence[Group]) -> float:
    """Height of the page's usual number in pixels."""
    return float(np.median([shape.height(group) for group in found] or [0.0]))


def pen(found: Sequence[Group]) -> float:
    """Thickness of the page's usual stroke in pixels, 0.0 where too few digits but 1s show it."""
    guesses = [guess for group in found for guess in group.guesses
               if guess.row[:NOT_A_DIGIT].argmax() != 1]
    return shape.thickness(guesses) if len(guesses) >= PEN_DIGITS else 0.0


def edges(boxes: Sequence[Box]) -> np.ndarray:
    """(N, 4) float64: left, top, width, height."""
    return np.array(boxes, float).reshape(-1, 4)


def spots(guesses: Sequence[Guess]) -> np.ndarray:
    """(N, 4) float64: their boxes on the cleaned page."""
    return edges([guess.spot for guess in guesses])


def beside(group: Group, letters: np.ndarray, reach: float, share: float, level: bool = False
           ) -> bool:
    """Whether letters stand next to it on its line, that close and no lower than that share.

    letters: (N, 4), boxes. level: whether they have to be on the same baseline.
    """
    left, top, width, height = letters.T
    digit, spot = shape.height(group), group.spot
    shared = np.minimum(top + height, spot.bottom) - np.maximum(top, spot.top)
    gap = np.maximum(left - spot.right, spot.left - left - width)
    found = ((shared > np.minimum(height, spot.height) / 2) & (gap < reach * digit)
             & (height > share * digit))
    if level:
        found &= np.abs(top + height - spot.bottom) <= max(1.0, LEVEL * digit)
    return bool(found.any())


def about(group: Group, boxes: np.ndarray, reach: float) -> int:
    """How many boxes, (N, 4), are less than so many digit heights from it, on whichever side."""
    start, size = np.array(group.spot[:2]), np.array(group.spot[2:])
    gap = np.maximum(boxes[:, :2] - start - size, start - boxes[:, :2] - boxes[:, 2:])
    return int((gap < reach * shape.height(group)).all(axis=1).sum())
