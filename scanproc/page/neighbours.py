"""Which candidates stand beside each other: on a line, or under one another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SHARED = 0.5  # of the lower one's height that two on a line share
LIKE = 1.7  # by which their heights may differ: x-height to ascender is 1.5, print to hand is more
BLOCK = 256  # candidates that are compared at once
MOST = 64  # neighbours of one candidate, on average; noise has more, and nothing to tell by them
NONE = (np.empty(0, int), np.empty(0, int), np.empty(0, np.float32))  # a page may have no digit


@dataclass(frozen=True)
class Pairs:
    """Neighbours, each pair both ways.

    one, other: (P,) int, indices of candidates. gap: (P,) float32, empty pixels between the two in
    heights of the higher one; negative where they overlap.
    """

    one: np.ndarray
    other: np.ndarray
    gap: np.ndarray

    def where(self, kept: np.ndarray) -> Pairs:
        """The pairs for which `kept` (P,) bool holds."""
        return Pairs(self.one[kept], self.other[kept], self.gap[kept])

    def sums(self, values: np.ndarray, count: int) -> np.ndarray:
        """(count,) float64: what `values` (P,) add up to for each of `count` candidates."""
        return np.bincount(self.one, values, count)


def linked(pairs: Pairs, count: int) -> np.ndarray:
    """(count,) int: for each the least index of all it is linked to, however many lie between.

    By hooking and pointer jumping (Shiloach and Vishkin 1982, An O(log n) parallel connectivity
    algorithm).
    """
    label = np.arange(count)
    while True:
        found = label.copy()
        np.minimum.at(found, label[pairs.one], label[pairs.other])
        found = found[found]
        if (found == label).all():
            return label
        label = found


def on_lines(spots: np.ndarray, reach: float) -> Pairs:
    """Those of like height that share rows and are less than `reach` heights apart.

    spots: (N, 4) float, left, top, width, height.
    """
    return _near(spots, spots[:, 3], reach, across=1)


def in_columns(spots: np.ndarray, reach: float) -> Pairs:
    """Those of like height that share columns and are less than `reach` heights apart.

    spots: (N, 4) float, left, top, width, height.
    """
    return _near(spots, spots[:, 3], reach, across=0)


def _near(spots: np.ndarray, height: np.ndarray, reach: float, across: int) -> Pairs:
    """across: 1 where a pair shares rows, 0 where it shares columns."""
    start, end = spots[:, :2], spots[:, :2] + spots[:, 2:]
    middle = (start[:, across] + end[:, across]) / 2
    order = np.argsort(middle, kind="stable")
    found, room = [NONE], MOST * len(spots)
    for at in range(0, len(order), BLOCK):
        ones = order[at:at + BLOCK]
        slack = spots[ones, 2 + across].max() * LIKE
        first, last = np.searchsorted(middle[order], (middle[ones[0]] - slack,
                                                      middle[ones[-1]] + slack))
        pairs = _compared(ones, order[first:last], start, end, height, reach, across)
        found.append(pairs)
        room -= len(pairs[0])
        if room < 0:
            break
    return Pairs(*(np.concatenate(part) for part in zip(*found, strict=True)))


def _compared(ones: np.ndarray, others: np.ndarray, start: np.ndarray, end: np.ndarray,
              height: np.ndarray, reach: float, across: int) -> tuple[np.ndarray, ...]:
    one, other = ones[:, None], others[None, :]
    lower, higher = np.minimum(height[one], height[other]), np.maximum(height[one], height[other])
    apart = np.maximum(start[one], start[other]) - np.minimum(end[one], end[other])
    size = end[:, across] - start[:, across]
    shared = -apart[..., across] >= SHARED * np.minimum(size[one], size[other])
    gap = apart[..., 1 - across] / higher
    row, column = np.nonzero(shared & (gap < reach) & (higher < LIKE * lower) & (one != other))
    return ones[row], others[column], gap[row, column]
