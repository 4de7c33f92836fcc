"""Combs drawn as a whole rule on which teeth stand, or from which the sides of boxes hang."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from scanproc.page.rules.bands import Bands
from scanproc.page.rules.columns import Row
from scanproc.page.rules.combs import BOXES, CLOSED, GAP, PITCH, Toothed, comb
from scanproc.page.rules.components import Components
from scanproc.page.rules.holes import middles_in

LEVEL_PX = 3  # rows between the bottoms of two boxes
ALIKE = 0.15  # of their width, by which boxes that stand apart differ
TOUCHING = 1.0  # units between boxes that run into each other here and there
PART = 0.25  # of its width: so far boxes may differ that were found of a comb
LARGER = 2.0  # times as wide as a box of a comb: a frame around it


def toothed(flat: Components, rule_ink: np.ndarray, unit: float) -> list[Toothed]:
    """Combs whose boxes stand between even strokes on a rule.

    flat: lines from left to right. rule_ink: (H, W) uint8, 1 = ink down to faint rules.
    unit: pixels, about a seventh of a cell.
    """
    made = (comb(left, top, rule_ink, unit) for left, top in _rules(flat, unit))
    return [one for one in made if one]


def hanging(flat: Components, rule_ink: np.ndarray, unit: float) -> list[Toothed]:
    """The same whose teeth hang from one rule, and are so high that they are sides of boxes."""
    high = len(rule_ink)
    above = replace(flat, labels=flat.labels[::-1], x=flat.x[::-1], y=high - 1 - flat.y[::-1],
                    owner=flat.owner[::-1])

    def back(boxes: np.ndarray) -> np.ndarray:
        left, top, width, height = boxes.T
        return np.stack([left, high - top - height, width, height], axis=1)

    edges = _upper_edges(above)
    found = [comb(int(flat.left[one]), edges[one], rule_ink[::-1], unit)
             for one in np.flatnonzero(flat.width >= BOXES * PITCH[0] * unit)]
    return [one._replace(boxes=back(one.boxes), teeth=back(one.teeth)) for one in found
            if one and np.median(one.teeth[:, 3]) >= CLOSED * one.boxes[0, 2]]


def apart(combs: Sequence[Toothed], rows: Sequence[Row]) -> tuple[list[Toothed], list[Row]]:
    """(combs that stand where no boxes of their size were found or but some of theirs, the longest
    first; the rows without those).

    rows: (n, 4) each, boxes, and whether they are a comb.
    """
    found: list[Toothed] = []
    left = list(rows)
    for one in sorted(combs, key=lambda one: -len(one.boxes)):
        there = [at for at, (row, _) in enumerate(left)
                 if middles_in(row[row[:, 2] < LARGER * one.boxes[0, 2]], one.boxes).any()]
        taken = any(middles_in(other.boxes, one.boxes).any() for other in found)
        if not taken and all(_part(left[at][0], one) for at in there):
            found.append(one)
            left = [row for at, row in enumerate(left) if at not in there]
    return found, left


def _part(row: np.ndarray, of: Toothed) -> bool:
    """Whether a row is but some of the boxes of a comb, or some in which sides were not seen."""
    more, pitch = row[:, 2] - of.wide, of.boxes[0, 2]
    return (len(row) < len(of.boxes) and bool(middles_in(row, of.boxes).any(axis=1).all())
            and bool((np.abs(more - pitch * np.round(more / pitch)) < PART * of.wide).all()))


def tooth_bands(combs: Sequence[Toothed], shrink: int, shape: tuple[int, int]) -> Bands:
    """The teeth as rules of the page, `shrink` times as large, x and y exchanged.

    shape: of the page so turned, (W, H).
    """
    teeth = np.concatenate([np.zeros((0, 4), int), *(one.teeth for one in combs)]) * shrink
    rows = [np.arange(top, top + height) for _, top, _, height in teeth]
    x = np.concatenate([np.zeros(0, int), *rows])
    first, last = (np.concatenate([np.zeros(0, int), *(np.full(len(row), value) for row, value in
                                                       zip(rows, values, strict=True))])
                   for values in (teeth[:, 0], teeth[:, 0] + teeth[:, 2] - 1))
    here = (x >= 0) & (x < shape[1])
    return Bands(x[here], *(np.clip(side, 0, shape[0] - 1)[here] for side in (first, last)))


def _rules(flat: Components, unit: float) -> Iterator[tuple[int, np.ndarray]]:
    """Where each long rule begins, and (W,) its upper edge; the bottoms of boxes that stand apart
    are one rule."""
    edge, width = _upper_edges(flat), flat.width
    begins, ends = np.array([(one[0], one[-1]) if len(one) else (0, 0) for one in edge]).T
    rules: list[list[int]] = []
    last = np.zeros(0, int)  # the last piece of each rule
    for piece in np.argsort(flat.left[1:], kind="stable") + 1:
        gap = flat.left[piece] - flat.left[last] - width[last]
        follows = ((gap > 0) & (gap < GAP * width[last])
                   & (np.abs(ends[last] - begins[piece]) <= LEVEL_PX)
                   & ((np.abs(width[last] - width[piece]) <= ALIKE * width[piece])
                      | (gap < TOUCHING * unit)))
        if follows.any():
            at = int(follows.argmax())
            rules[at].append(piece)
            last[at] = piece
        else:
            rules.append([piece])
            last = np.append(last, piece)
    for rule in rules:
        left, right = flat.left[rule[0]], flat.left[rule[-1]] + width[rule[-1]]
        if right - left >= BOXES * PITCH[0] * unit:
            x = np.concatenate([flat.left[one] + np.arange(width[one]) for one in rule])
            top = np.interp(np.arange(left, right), x, np.concatenate([edge[one] for one in rule]))
            yield int(left), top.round().astype(int)


def _upper_edges(flat: Components) -> list[np.ndarray]:
    """The first row of each piece, column by column."""
    start = np.cumsum(flat.width) - flat.width
    top = np.zeros(int(flat.width.sum()), int)
    column = start[flat.owner] + flat.x - flat.left[flat.owner]
    top[column[::-1]] = flat.y[::-1]  # what is written last stays
    return np.split(top, start[1:])
