"""Which box each piece of ink stands in, and which boxes are frames around many."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

import numpy as np

from scanproc.records import Box, Cell

ROOMY = 6.0  # digit heights: a higher box is the frame of a section
USUAL, FEW_LOW = 0.75, 0.1  # share of what stands in a box, or on a page, that is lower
RULE = 0.08  # of a cell's shorter side: the rules around it are no thicker


def fitting(cells: Sequence[Cell], spots: Sequence[Box]
            ) -> tuple[tuple[Cell, ...], tuple[Cell, ...]]:
    """(cells, frames of sections): frames are far higher than what stands in them.

    spots: boxes of what may be digits.
    """
    left, top, width, height = np.array(spots, float).reshape(-1, 4).T
    x, y = left + width / 2, top + height / 2
    low = ROOMY * np.percentile(height, 100 * FEW_LOW) if height.size else np.inf

    def roomy(cell: Cell) -> bool:
        if cell.comb >= 0 or cell.spot.height <= low:
            return False
        inside = height[(cell.spot.left <= x) & (x < cell.spot.right)
                        & (cell.spot.top <= y) & (y < cell.spot.bottom)]
        return bool(inside.size) and cell.spot.height > ROOMY * np.percentile(inside, 100 * USUAL)

    wide = [roomy(cell) for cell in cells]
    return (tuple(cell for cell, frame in zip(cells, wide, strict=True) if not frame),
            tuple(compress(cells, wide)))


def place(spots: Sequence[Box], cells: Sequence[Cell]) -> np.ndarray:
    """(N,) int: the smallest cell that holds the middle of each box, -1 where none does; half of
    the rule between two cells is of each.
    """
    found = np.full(len(spots), -1)
    if not spots or not cells:
        return found
    left, top, width, height = np.array([cell.spot for cell in cells], float).T
    rule = RULE * np.minimum(width, height)
    for at, spot in enumerate(spots):
        x, y = spot.left + spot.width / 2, spot.top + spot.height / 2
        around = ((left - rule <= x) & (x < left + width + rule)
                  & (top - rule <= y) & (y < top + height + rule))
        if around.any():
            found[at] = int(np.argmin(np.where(around, width * height, np.inf)))
    return found
