"""What the ink itself shows: blots, and ink paler than the page's own."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from scanproc.records import Candidate

SOLID = 0.75  # share of its box that a blot fills
SLIM = 0.4  # widths over heights: a 1 fills its box too
PALE = 0.35  # of the page's usual step from paper to ink
USUAL = 80  # percentile of the steps: print is sharp, and most of a page
PEN = 1 / 3  # share of shaped digits in pale ink that make it another pen, or a pencil


def solid(candidates: Sequence[Candidate]) -> np.ndarray:
    """(N,) bool: blots, bars, bits of QR codes."""
    filled = np.array([cv2.countNonZero(candidate.mask) for candidate in candidates])
    width, height = np.array([candidate.spot[2:] for candidate in candidates]).T
    return (filled > SOLID * width * height) & (width > SLIM * height)


def faint(candidates: Sequence[Candidate], gray: np.ndarray, shaped: np.ndarray) -> np.ndarray:
    """(N,) bool: show-through, what lies under the sheet, shades: ink with no sharp edge.

    gray: (H, W) uint8, paper 255. shaped: (N,) bool, what the network takes for digits, strokes
    apart. Where much of the pale ink is that, it is written with a paler pen.
    """
    none = np.zeros(len(candidates), bool)
    if _two_levels(gray):
        return none
    steps = cv2.morphologyEx(gray, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    edge = np.array([_edge(candidate, steps) for candidate in candidates])
    pale = edge < PALE * np.percentile(edge, USUAL)
    return none if shaped[pale].sum() > PEN * pale.sum() else pale


def _edge(candidate: Candidate, steps: np.ndarray) -> float:
    """Mean step of gray at the outline."""
    spot, mask = candidate.spot, candidate.mask
    rim = mask - cv2.erode(mask, np.ones((3, 3), np.uint8), borderValue=0)
    return cv2.mean(steps[spot.top:spot.bottom, spot.left:spot.right], rim)[0]


def _two_levels(gray: np.ndarray) -> bool:
    some = gray[::7, ::7]
    return bool(((some == 0) | (some == 255)).all())
