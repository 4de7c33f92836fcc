"""Two narrow boxes side by side, with paper on either side: a comb for a number of two digits."""

from __future__ import annotations

import numpy as np

from scanproc.page.rules.cells import NARROW, WIDE
from scanproc.page.rules.columns import Row
from scanproc.page.rules.holes import RULE_PX

LIKE = 0.15  # of the width: so far the two differ
BETWEEN = 0.35  # of the width: the widest rule between them
LEVEL = 0.2  # of the height: so far apart may their tops be, and their bottoms
BEYOND = 0.15, 0.35  # of the width: where rules that go on outside of a pair are looked for ...
SLACK = 0.08  # ... and of the height, how far up and down
GOES_ON = 0.3  # inked share of a rule there


def in_pairs(rows: list[Row], ink: np.ndarray) -> list[Row]:
    """The rows, in which two like boxes whose tops and bottoms end with them are a comb.

    rows: (n, 4) float left, top, width, height of boxes, and whether it is a comb. ink: (H, W)
    uint8, 1 = ink down to faint rules. Where the rules go on, the boxes are cells of a table.
    """
    found: list[Row] = []
    for row, comb in rows:
        pairs = [] if comb else [pair for pair in _pairs(row) if _end(row[pair], ink)]
        rest = np.delete(row, [at for pair in pairs for at in pair], axis=0)
        found += [(row[pair], True) for pair in pairs]
        found += [(rest, comb)] if len(rest) else []
    return found


def _pairs(row: np.ndarray) -> list[list[int]]:
    """Which boxes of a row stand side by side, each as wide and high as the other."""
    left, top, width, height = row.T
    shape = width / height
    fit = (shape >= NARROW) & (shape <= WIDE)
    gap = left - (left + width)[:, None]
    beside = fit & fit[:, None] & (gap > 0) & (gap <= BETWEEN * width)
    for edge, most in ((width, LIKE * width), (top, LEVEL * height), (top + height, LEVEL * height)):
        beside &= np.abs(edge - edge[:, None]) < most
    return [list(map(int, pair)) for pair in np.argwhere(beside)]


def _end(pair: np.ndarray, ink: np.ndarray) -> bool:
    """Whether the tops and bottoms of two boxes, (2, 4), end with them."""
    left, top, width, height = pair[0]
    right = pair[1, 0] + pair[1, 2]
    near, far = np.multiply(BEYOND, width)
    slack = max(RULE_PX, SLACK * height)
    parts = [ink[_within(y - slack, y + slack), _within(first, last)]
             for first, last in ((left - far, left - near), (right + near, right + far))
             for y in (top, top + height)]
    return all(part.any(axis=0).mean() < GOES_ON for part in parts if part.size)


def _within(first: float, last: float) -> slice:
    return slice(max(0, round(first)), max(0, round(last)))
