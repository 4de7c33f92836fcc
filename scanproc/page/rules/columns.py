"""Short combs below each other: one that is whole tells of the next, though a box is missing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scanproc.page.rules.holes import corners_of, inked_sides, middles_in

LIKE = 0.15  # of a box's width: so far from its column, and so much larger or smaller, may it be
FAR = 12.0  # heights from one comb to the next
SHORT = 5  # boxes; of a longer comb enough are found to tell the others
DRAWN = 0.4  # of the outline of each of its boxes

Row = tuple[np.ndarray, bool]


def in_columns(rows: Sequence[Row], ink: np.ndarray) -> list[Row]:
    """The rows, in which boxes in most of the columns of a comb near above or below are a comb of
    as many.

    rows: (n, 4) float each, left, top, width, height, and whether it is a comb. ink: (H, W) uint8,
    1 = ink down to faint rules.
    """
    combs = [row for row, comb in rows if comb]
    found: list[Row] = []
    for row, comb in rows:
        new = [] if comb else _told(row, combs, ink)
        taken = np.concatenate([np.zeros((0, 4)), *new])
        rest = row[~middles_in(row, taken).any(axis=1)]
        found += [(one, True) for one in new]
        found += [(rest, comb)] if len(rest) else []
    return found


def _told(row: np.ndarray, combs: Sequence[np.ndarray], ink: np.ndarray) -> list[np.ndarray]:
    """Those most of whose boxes are in a row of boxes that were taken for single ones."""
    found: list[np.ndarray] = []
    away = [float(abs(np.median(row[:, 1]) - comb[0, 1])) for comb in combs]
    for at in np.argsort(away, kind="stable"):
        comb = combs[at]
        if len(comb) > SHORT or away[at] > FAR * comb[0, 3]:
            continue
        box, column = np.nonzero(_alike(row, comb))
        if 2 * len(set(column.tolist())) > len(comb):
            shift = np.median(row[box, :2] - comb[column, :2], axis=0)
            placed = comb + np.append(shift, (0, 0))
            drawn = inked_sides(corners_of(placed), ink).mean(axis=1).min() >= DRAWN
            if drawn and not any(middles_in(placed, other).any() for other in (*combs, *found)):
                found.append(placed)
    return found


def _alike(row: np.ndarray, comb: np.ndarray) -> np.ndarray:
    """(n, m) bool: which boxes of a row stand in which columns of a comb, and are of its size."""
    width, height = comb[:, 2], comb[:, 3]
    return ((np.abs(row[:, :1] - comb[:, 0]) < LIKE * width)
            & (np.abs(row[:, 2:3] - width) < LIKE * width)
            & (np.abs(row[:, 3:] - height) < LIKE * height))
