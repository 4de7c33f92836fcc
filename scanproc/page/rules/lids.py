"""Boxes between a broken top and a broken bottom: where a row of dashed boxes may begin."""

from __future__ import annotations

import cv2
import numpy as np

from scanproc.page.rules.cells import NARROW, WIDE
from scanproc.page.rules.components import Components, components
from scanproc.page.rules.holes import RULE_PX, corners_of, inked_sides, span
from scanproc.page.rules.lines import along

GAP, LEAST, LONG = 2.5, 3.0, 15.0  # units: between dashes, of a run of them, of a lid
THIN_PX = 9  # what is closed up is no higher; lines of print are
HIGH = 4.0, 16.0  # units: of a box
SHARED = 0.6  # of the shorter lid lies above or below the longer one
UPRIGHT = 0.5  # inked share of an upright between them
BOXES, SHAPE = 6, 0.6  # in a row; width over height: strokes of digits are closer
BROKEN = 0.9  # of a lid is inked at most; boxes with whole ones are found without this
OUTSIDE, PAPER = (0.1, 0.25), 0.03  # of the height above and below a row; inked share there
MOST, PAIRS, TRIED = 200, 60, 60  # lids on a page, pairs of them, and boxes between those


def between_lids(rule_ink: np.ndarray, unit: float) -> np.ndarray:
    """(N, 4) float left, top, width, height of what may be boxes of combs.

    rule_ink: (H, W) uint8, 1 = ink down to faint rules. unit: pixels, about a seventh of a cell.
    """
    found = _lids(rule_ink, unit)
    left, width = found.left[1:MOST + 1], found.width[1:MOST + 1]
    right = left + width
    area = np.bincount(found.owner, minlength=found.count)
    middle = (np.bincount(found.owner, found.y, found.count) / np.maximum(1, area))[1:MOST + 1]
    high = middle - middle[:, None]
    shared = np.minimum(right, right[:, None]) - np.maximum(left, left[:, None])
    pairs = np.argwhere((high >= HIGH[0] * unit) & (high <= HIGH[1] * unit)
                        & (shared >= SHARED * np.minimum(width, width[:, None])))
    boxes = [_boxes(rule_ink, middle[top] + RULE_PX, middle[bottom] - RULE_PX,
                    min(left[top], left[bottom]), max(right[top], right[bottom]))
             for top, bottom in pairs[:PAIRS]]
    return np.concatenate([np.zeros((0, 4)), *boxes])[:TRIED]


def broken_alone(row: np.ndarray, ink: np.ndarray) -> bool:
    """Whether boxes, (n, 4), are a row by itself, with a broken top or bottom: print has no paper
    above and below, and what a hand writes in a frame has whole lids."""
    _, top, width, height = row[0]
    if len(row) < BOXES or width < SHAPE * height:
        return False
    lids = inked_sides(corners_of(row), ink)[:, [0, 2]].mean(axis=0)
    across = span(row[0, 0], row[-1, 0] + width)
    near, far = np.multiply(OUTSIDE, height)
    outside = [ink[span(*rows), across] for rows in (
        (top - far, top - near), (top + height + near, top + height + far))]
    return bool(lids.min() <= BROKEN) and all(part.mean() <= PAPER for part in outside if part.size)


def _lids(rule_ink: np.ndarray, unit: float) -> Components:
    thick = cv2.dilate(rule_ink, np.ones((3, 1), np.uint8))
    closed = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, along(GAP * unit))
    thin = closed & ~cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((THIN_PX, 1), np.uint8))
    whole = cv2.morphologyEx(thin, cv2.MORPH_CLOSE, along(GAP * unit))
    return components(cv2.morphologyEx(whole, cv2.MORPH_OPEN, along(LEAST * unit)), LONG * unit)


def _boxes(ink: np.ndarray, top: float, bottom: float, left: int, right: int) -> np.ndarray:
    """Between uprights that stand as far apart as a comb's."""
    height = bottom - top
    body = ink[span(top, bottom), span(left - 2, right + 2)]
    upright = body.mean(axis=0) >= UPRIGHT
    ends = np.flatnonzero(np.diff(upright, prepend=False, append=False)).reshape(-1, 2)
    at = max(0, left - 2) + (ends.mean(axis=1) if len(ends) else np.zeros(0)) - 0.5
    width = np.diff(at)
    fit = (width >= NARROW * height) & (width <= WIDE * height)
    return np.stack([at[:-1][fit] + RULE_PX, np.full(fit.sum(), top), width[fit] - 2 * RULE_PX,
                     np.full(fit.sum(), height)], axis=1)
