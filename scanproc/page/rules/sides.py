"""The sides of a comb's boxes as rules: a digit that leans on one hides that it is a line."""

from __future__ import annotations

import cv2
import numpy as np

from scanproc.page.rules.bands import Bands, bands
from scanproc.page.rules.components import Components, components, quantiles
from scanproc.page.rules.ends import LIGHT_PART
from scanproc.page.rules.holes import RULE_PX, corners_of, inked_sides, outset

INKED = 0.5  # share of a side; what is less may be a stroke across it
AWAY_PX = (0, 2, 4)  # from where a side is expected; each looks a pixel further
THICK_PX = 3
LEAST = 0.3  # of the width of a box
PEN, PEN_BY = 1.6, 25  # times, and gray levels, as dark as a rule


def side_bands(combs: list[np.ndarray], rule_ink: np.ndarray, dark: np.ndarray, ink: np.ndarray,
               shrink: int, unit: float) -> Bands:
    """The tops and bottoms of boxes as rules of the page, where no pen that is darker lies on them.

    combs: (N, 4) float left, top, width, height each. rule_ink: (h, w) uint8, 1 = ink down to faint
    rules. dark: (h, w) uint8, paper = 0. ink, shrink, unit: as of `bands`.
    """
    found = _along(combs, rule_ink, dark)
    return bands(found, np.ones(len(found.x), bool), ink, shrink, unit)


def _along(combs: list[np.ndarray], ink: np.ndarray, dark: np.ndarray) -> Components:
    comb_of = np.zeros(ink.shape, np.int32)
    for at, boxes in enumerate(combs, 1):
        cv2.polylines(comb_of, list(_inked(boxes, ink)), False, at, THICK_PX)
    y, x = np.divmod(np.flatnonzero(comb_of), ink.shape[1])
    inked = ink[y, x] > 0
    there = y[inked], x[inked]
    owner, darkness = comb_of[there], dark[there]
    usual = quantiles(owner, darkness, len(combs) + 1, LIGHT_PART)
    drawn = np.zeros(ink.shape, np.uint8)
    drawn[there] = darkness <= PEN * usual[owner] + PEN_BY
    return components(drawn, LEAST * min((boxes[:, 2].min() for boxes in combs), default=1))


def _inked(boxes: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """The ends of their inked tops and bottoms, moved outwards to where most of them are: (n, 2, 2)
    int32. Digits that lean on sides make boxes narrower than they are drawn."""
    moved = np.array([outset(corners_of(boxes), by) for by in AWAY_PX])
    inked = inked_sides(moved.reshape(-1, 4, 2), ink).reshape(*moved.shape[:2], 4)
    best = inked.mean(axis=1).argmax(axis=0)
    lines = [outset(moved[best[side]], RULE_PX)[inked[best[side], :, side] >= INKED][:, ends]
             for side, ends in ((0, [0, 1]), (2, [3, 2]))]
    return np.concatenate(lines).round().astype(np.int32, order="C")
