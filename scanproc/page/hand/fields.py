"""Which box, or row of boxes, a candidate stands in: what stands in another has no say on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scanproc.page.neighbours import linked, on_lines
from scanproc.records import Cell

LIKE = 0.25  # by which the sizes of boxes in one row differ
APART = 0.5  # of a box's height: more between two parts their rows


def fields(boxes: Sequence[Cell], cells: np.ndarray) -> np.ndarray:
    """(N,) int: the row of boxes of one size, or the comb, that each stands in, -1 for none.

    cells: (N,) int, index into `boxes`, -1 for none.
    """
    if not boxes:
        return np.full(len(cells), -1)
    spots = np.array([box.spot for box in boxes], float)
    pairs = on_lines(spots, APART)
    like = np.abs(spots[pairs.one, 2:] - spots[pairs.other, 2:]) < LIKE * spots[pairs.one, 2:]
    rows = linked(pairs.where(like.all(axis=1)), len(boxes))
    comb = np.array([box.comb for box in boxes])
    return np.append(np.where(comb >= 0, len(boxes) + comb, rows), -1)[cells]
