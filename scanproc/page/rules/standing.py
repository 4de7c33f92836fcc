"""Combs that stand alone: any whole box of a row tells where its broken and dashed ones are."""

from __future__ import annotations

import cv2
import numpy as np

from scanproc.page.rules.cells import NARROW, WIDE
from scanproc.page.rules.columns import Row
from scanproc.page.rules.holes import (
    RULE_PX,
    corners_of,
    ink_share,
    middles_in,
    span,
    square_corners,
)
from scanproc.page.rules.kinds import HIGHEST

MORE = 11  # boxes that are looked for on either side of one
WIDEST = 1.5  # widths from one box to the next, at most
STEP_PX = 0.5  # of the pitches that are tried
SLACK, SLACK_PX = 0.05, 2  # of its width: so far from its place may an upright be; lids, rows
INSET = 0.08  # of the height: uprights are looked at so far from the lids
INKED, LEAST_INKED = 0.5, 0.3  # shares of the sides of a box: their mean, and each
BOXES, SHARE = 5, 0.75  # in a row, and of all those between its ends
WANTING, MOST_WANTING = 0.07, 0.6  # corners of a box, times the boxes of a row; between circles
# there are none
FILLED, INSIDE = 0.45, 0.15  # share of ink so far inside boxes; a bar code has more
BEYOND, GOES_ON = (0.2, 0.6), 0.25  # of the height above and below; share of uprights there
MOST = 200  # boxes from which rows are sought
LIKE = 1.3  # times as high as a row: a frame around it
ALIKE, NEXT = 0.2, 1.5  # of their size: boxes of a grid; of the height, from row to row of it

Rows = list[Row]


def standing(rows: Rows, ink: np.ndarray, unit: float) -> Rows:
    """The rows, and whole combs that stand alone in place of what was found of them; on a page
    without a long comb also one that has no whole box at all.

    rows: (n, 4) float left, top, width, height of boxes, and whether it is a comb.
    ink: (H, W) uint8, 1 = ink down to faint rules. unit: pixels, about a seventh of a cell.
    """
    seen = np.zeros((0, 4))
    for seed in _seeds(rows, max(ink.shape)):
        if not middles_in(seed[None], seen).any():
            row = _row(seed, ink)
            if len(row) and stands_alone(row, ink):
                seen = np.concatenate([seen, row])
                rows = _with(row, rows)
    return rows


def stands_alone(row: np.ndarray, ink: np.ndarray) -> bool:
    """Whether so many boxes have corners, paper inside, and uprights that end with them.

    row: (N, 4) float, boxes at one height. ink: (H, W) uint8.
    """
    if len(row) < BOXES or 4 - square_corners(corners_of(row), ink).mean() > min(
            WANTING * len(row), MOST_WANTING):
        return False
    start, size = row[:, :2], row[:, 2:]
    inside = zip(start + INSIDE * size, start + (1 - INSIDE) * size, strict=True)
    if np.mean([ink_share(ink[span(*y), span(*x)]) for x, y in (
            np.transpose(corners) for corners in inside)]) > FILLED:
        return False
    top, height = row[0, 1], row[0, 3]
    near, far = np.multiply(BEYOND, height)
    x = np.concatenate([start[:, 0] - RULE_PX, start[:, 0] + size[:, 0] + RULE_PX]).round()
    near_x = np.clip(x[:, None] + [-1, 0, 1], 0, ink.shape[1] - 1).astype(int)
    inked = [ink[span(*rows)][:, near_x].any(axis=2) for rows in (
        (top - far, top - near), (top + height + near, top + height + far))]
    return all(not part.size or (part.mean(axis=0) >= INKED).mean() <= GOES_ON for part in inked)


def _seeds(rows: Rows, side: int) -> np.ndarray:
    """Boxes of the shape of a comb's, of a comb the middle one: (N, 4)."""
    boxes = np.concatenate([np.zeros((0, 4)), *(
        row[len(row) // 2:len(row) // 2 + 1] if comb else row for row, comb in rows)])
    shape = boxes[:, 2] / boxes[:, 3]
    boxes = boxes[(shape >= NARROW) & (shape <= WIDE) & (boxes[:, 3] < HIGHEST * side)]
    return boxes[_above_or_below(boxes, boxes).sum(axis=1) == 0][:MOST]


def _with(row: np.ndarray, rows: Rows) -> Rows:
    """The rows with one more in place of what overlaps with it, if it is of no grid and
    no comb there is a short one by itself, no shorter, or of another pitch."""
    found = np.concatenate([row[:0], *(boxes for boxes, _ in rows)])
    if _above_or_below(found, row).any(axis=1).sum() > 1:
        return rows
    kept = []
    for boxes, comb in rows:
        overlap = (middles_in(boxes, row).any(axis=1) | middles_in(row, boxes).any(axis=0)) \
            & (boxes[:, 3] < LIKE * row[0, 3])
        if comb and overlap.any() and not (BOXES <= len(boxes) < len(row) and _among(boxes, row)):
            return rows
        left = boxes[:0] if comb and overlap.any() else boxes[~overlap]
        kept += [(left, comb)] if len(left) else []
    return [*kept, (row, True)]


def _among(boxes: np.ndarray, row: np.ndarray) -> bool:
    """Whether boxes of a comb, (n, 4), begin where those of a row do, (m, 4)."""
    away = np.abs(boxes[:, None, 0] - row[:, 0]).min(axis=1)
    return bool((away <= SLACK * row[0, 2] + 2 * SLACK_PX).all())


def _above_or_below(boxes: np.ndarray, row: np.ndarray) -> np.ndarray:
    """(N, M) bool: which boxes stand right above or below which of a row, as large: in a grid.

    boxes: (N, 4). row: (M, 4).
    """
    size, other = boxes[:, None, 2:], row[:, 2:]
    away = np.abs(boxes[:, None, :2] + size / 2 - row[:, :2] - other / 2) / other
    return ((np.abs(size / other - 1) < ALIKE).all(axis=2) & (away[..., 0] < 0.5)
            & (away[..., 1] > 0.5) & (away[..., 1] < NEXT))


def _row(seed: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """The row of boxes like the seed, at the pitch where most of their sides are inked: (n, 4)."""
    pitches = np.arange(seed[2] + 1, WIDEST * seed[2] + 2 * RULE_PX, STEP_PX)
    number = np.arange(-MORE, MORE + 1)
    inked = _inked(seed, pitches[:, None] * number, ink)
    mean = inked.mean(axis=0)
    there = (mean >= INKED) & (inked.min(axis=0) >= LEAST_INKED)
    first, last = -_reach(there[:, MORE::-1]), _reach(there[:, MORE:])
    of_row = there & (number >= first[:, None]) & (number <= last[:, None])
    count = of_row.sum(axis=1)
    good = (count >= BOXES) & (count >= SHARE * (last - first + 1))
    if not good.any():
        return np.zeros((0, 4))
    best = np.where(good, (mean * of_row).sum(axis=1), 0).argmax()
    places = pitches[best] * np.arange(first[best], last[best] + 1)
    return seed + places[:, None] * [1, 0, 0, 0]


def _reach(there: np.ndarray) -> np.ndarray:
    """(P,) the number of the last box from the first on, where no two in a row are missing.

    there: (P, K) bool.
    """
    two_missing = ~there[:, :-1] & ~there[:, 1:]
    until = np.where(two_missing.any(axis=1), two_missing.argmax(axis=1), there.shape[1])
    number = np.arange(there.shape[1])
    return np.where(there & (number < until[:, None]), number, 0).max(axis=1)


def _inked(seed: np.ndarray, shift: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Shares of the sides of the seed, so shifted, that are inked: (4, P, K), top, bottom, left,
    right; 0 beyond the page.

    shift: (P, K) pixels to the right.
    """
    left, top, width, height = seed + np.array([-1, -1, 2, 2]) * RULE_PX
    begin = max(0, int(left + shift.min()))
    strip = ink[:, begin:max(begin, int(left + width + shift.max()) + 1)]
    lids = [strip[span(y - SLACK_PX, y + SLACK_PX + 1)].any(axis=0) for y in (top, top + height)]
    body = strip[span(top + INSET * height, top + (1 - INSET) * height)]
    first, last = np.round(left - begin + shift), np.round(left - begin + width + shift)
    inside = (first >= 0) & (last < strip.shape[1])
    first, last = np.where(inside, (first, last), 0).astype(int)
    total = np.cumsum(np.pad(lids, ((0, 0), (1, 0))), axis=1)
    across = (total[:, last] - total[:, first]) / width
    upright = _greatest(_greatest(body, 1).mean(axis=0), round(SLACK * width) + 1)
    return np.concatenate([across, upright[np.array([first, last])]]) * inside


def _greatest(values: np.ndarray, reach: int) -> np.ndarray:
    """The greatest value that is so near along the last axis."""
    return cv2.dilate(np.atleast_2d(values), np.ones((1, 2 * reach + 1), np.uint8)).reshape(
        values.shape)
