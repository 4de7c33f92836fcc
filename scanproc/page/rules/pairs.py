"""Two narrow boxes side by side, with paper on either side: a comb for a number of two digits."""

from __future__ import annotations

import numpy as np

from scanproc.page.rules.cells import NARROW, WIDE
from scanproc.page.rules.columns import Row
from scanproc.page.rules.holes import RULE_PX, corners_of, inked_sides, middles_in, span

LIKE = 0.15  # of the width: so far the two differ, and boxes of a column
BETWEEN = 0.35  # of the width: the widest rule between them
LEVEL = 0.2  # of the height: so far apart may their tops be, and their bottoms
BEYOND = 0.15, 0.35  # of the width: where rules that go on outside of a pair are looked for ...
SLACK = 0.08  # ... and of the height, how far up and down
GOES_ON = 0.3  # inked share of a rule there
LIKE_HEIGHT = 0.25  # by which heights in a column differ
FAR = 24.0  # heights: so far above and below, a pair tells of others in its columns
DRAWN = 0.6  # of the outline of a box that is told of


def in_pairs(rows: list[Row], ink: np.ndarray) -> list[Row]:
    """The rows, in which two like boxes whose tops and bottoms end with them are a comb.

    rows: (n, 4) float left, top, width, height of boxes, and whether it is a comb. ink: (H, W)
    uint8, 1 = ink down to faint rules. Where the rules go on, the boxes are cells of a table. One
    pair tells of those above and below, of which one box may not be found.
    """
    single = np.concatenate([np.zeros((0, 4)), *(row for row, comb in rows if not comb)])
    pairs = [row[pair] for row, comb in rows if not comb for pair in _pairs(row)
             if _end(row[pair], ink)]
    for pair in list(pairs):
        pairs += _told(pair, single, np.concatenate(pairs), ink)
    taken = np.concatenate([np.zeros((0, 4)), *pairs])
    left = [(row if comb else row[~(middles_in(row, taken) | middles_in(taken, row).T).any(axis=1)],
             comb) for row, comb in rows]
    return [(row, comb) for row, comb in left if len(row)] + [(pair, True) for pair in pairs]


def _told(pair: np.ndarray, boxes: np.ndarray, taken: np.ndarray, ink: np.ndarray
          ) -> list[np.ndarray]:
    """Pairs in the columns of one, each told by one box that is found."""
    found: list[np.ndarray] = []
    width, height = pair[:, 2].mean(), pair[:, 3].mean()
    for at in (0, 1):
        size = (np.abs(boxes[:, 2] - width) < LIKE * width) \
            & (np.abs(boxes[:, 3] - height) < LIKE_HEIGHT * height)
        away = np.abs(boxes[:, 1] - pair[at, 1])
        near = size & (np.abs(boxes[:, 0] - pair[at, 0]) < LIKE * width) & (away < FAR * height)
        for box in boxes[near]:
            placed = pair + [*(box[:2] - pair[at, :2]), 0, 0]
            others = np.concatenate([taken, *found])
            if not middles_in(placed, others).any() \
                    and inked_sides(corners_of(placed), ink).mean(axis=1).min() >= DRAWN:
                found.append(placed)
    return found


def _pairs(row: np.ndarray) -> list[list[int]]:
    """Which boxes of a row stand side by side, each as wide and high as the other."""
    left, top, width, height = row.T
    shape = width / height
    fit = (shape >= NARROW) & (shape <= WIDE)
    gap = left - (left + width)[:, None]
    beside = fit & fit[:, None] & (gap > 0) & (gap <= BETWEEN * width)
    beside &= np.abs(width - width[:, None]) < LIKE * width
    for edge in (top, top + height):
        beside &= np.abs(edge - edge[:, None]) < LEVEL * height
    return [list(map(int, pair)) for pair in np.argwhere(beside)]


def _end(pair: np.ndarray, ink: np.ndarray) -> bool:
    """Whether the tops and bottoms of two boxes, (2, 4), end with them."""
    left, top, width, height = pair[0]
    right = pair[1, 0] + pair[1, 2]
    near, far = np.multiply(BEYOND, width)
    slack = max(RULE_PX, SLACK * height)
    parts = [ink[span(y - slack, y + slack), span(first, last)]
             for first, last in ((left - far, left - near), (right + near, right + far))
             for y in (top, top + height)]
    return all(part.any(axis=0).mean() < GOES_ON for part in parts if part.size)
