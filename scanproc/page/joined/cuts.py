"""Where a piece of ink may be cut into digits: lines from its top to its bottom.

Three families, in the order of what they gain. Through the branch points of the skeleton, and the
points a stroke away from them, the path that crosses least ink (Lu, Chi, Siu, Shi 1999; Wang and
Jean 1994). Drop-fall: a ball rolls down from the valleys of the upper outline, and from the lower
one upside down (Congedo et al. 1995). Straight lines from a valley above to one below (Strathy,
Suen, Krzyzak 1993; Fujisawa, Nakano, Kurino 1992).
"""

from __future__ import annotations

import cv2
import numpy as np

CUT_PX = 48             # higher digits are cut at this height: strokes stay 3 pixels wide
ASIDE = 0.12            # of an ink pixel: the price of a step aside on a path
DEAREST = 3.5           # strokes of ink that a cut may cross
SAME = 2.0              # squared strokes of ink between two cuts that are one
MOST = 10               # cuts per digit height of width
VALLEY = 0.06           # digit heights on either side over which a valley is the lowest
LEAN = 0.6              # digit heights between the ends of a straight cut
PEN = (0.065, 0.25)     # digit heights: what thinner and thicker strokes are taken for
MOST_POINTS = 400       # that paths are laid through: scribble has more


def stroke(mask: np.ndarray, height: float) -> float:
    """Width of its stroke in pixels, from the ridge of the distance to the paper.

    mask: (h, w) uint8, 1 = ink. height: of a digit, in pixels.
    """
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 5)
    ridge = depth[(depth > 0) & (depth >= cv2.dilate(depth, np.ones((3, 3))))]
    width = 2 * float(np.median(ridge)) - 0.5 if ridge.size else 0.0
    return min(max(width, PEN[0] * height), PEN[1] * height)


def cuts(mask: np.ndarray, height: float) -> np.ndarray:
    """The cuts of a piece: (n, h) int, in every row the first column right of the cut.

    mask: (h, w) uint8, 1 = ink. height: of a digit, in pixels. Sorted by the ink left of them.
    """
    scale = min(1.0, CUT_PX / height)
    small = _shrunk(mask, scale)
    pen = stroke(small, height * scale)
    paths = np.concatenate([_by_skeleton(small, pen), _drop_falls(small, height * scale),
                            _straight(small, height * scale)])
    kept = _distinct(small, paths, pen, int(MOST * mask.shape[1] / height) + 1)
    if scale == 1:
        return kept
    rows = np.minimum((np.arange(mask.shape[0]) + 0.5) * scale, small.shape[0] - 1).astype(int)
    return np.round(kept[:, rows] / scale).astype(int)


def _shrunk(mask: np.ndarray, scale: float) -> np.ndarray:
    if scale == 1:
        return mask
    size = [max(2, round(side * scale)) for side in mask.shape[::-1]]
    gray = cv2.resize(mask * np.uint8(255), size, interpolation=cv2.INTER_AREA)
    return (gray > 100).astype(np.uint8)


def _by_skeleton(ink: np.ndarray, pen: float) -> np.ndarray:
    from skimage.morphology import skeletonize

    line = np.pad(skeletonize(ink > 0), 1).astype(np.uint8)
    neighbours = cv2.filter2D(line, -1, np.ones((3, 3))) - line
    branches = ((line > 0) & (neighbours > 2)).astype(np.uint8)
    away = cv2.distanceTransform(1 - branches, cv2.DIST_L2, 5) if branches.any() else \
        np.full(line.shape, np.inf)
    rows, columns = np.nonzero((line > 0) & (
        (branches > 0) | (np.abs(away - pen) <= 0.5)))
    return _least_ink(ink, columns[:MOST_POINTS] - 1, rows[:MOST_POINTS] - 1)


def _least_ink(ink: np.ndarray, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """From top to bottom through each of the points (n,), crossing least ink: (n, h) columns."""
    height = ink.shape[0]
    steps = _steps(np.stack([ink, ink[::-1]]).astype(np.float32))
    above = _traced(steps[0], columns, rows)
    below = _traced(steps[1], columns, height - 1 - rows)[:, ::-1]
    return np.where(np.arange(height) <= rows[:, None], above, below)


def _steps(ink: np.ndarray) -> np.ndarray:
    """(2, h, w) ink -> (2, h, w) -1, 0 or 1: from where the best path from above comes."""
    chosen = np.zeros(ink.shape, np.int8)
    best = np.pad(ink[:, 0], ((0, 0), (1, 1)), constant_values=np.inf)
    options = np.empty((3, 2, ink.shape[2]), np.float32)
    for row in range(1, ink.shape[1]):
        options[0], options[1], options[2] = best[:, 1:-1], best[:, :-2], best[:, 2:]
        options[1:] += ASIDE
        chosen[:, row] = options.argmin(axis=0)
        best[:, 1:-1] = options.min(axis=0) + ink[:, row]
    return np.array([0, -1, 1], np.int8)[chosen]


def _traced(steps: np.ndarray, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The paths back to the top, from each point on; below it the point's own column."""
    paths = np.empty((len(columns), len(steps)), int)
    at = columns.copy()
    for row in range(len(steps) - 1, -1, -1):
        paths[:, row] = at
        at = at + np.where(row <= rows, steps[row, at], 0)
    return paths


def _valleys(ink: np.ndarray, height: float) -> np.ndarray:
    """Columns in which the upper outline is lowest."""
    outline = np.where(ink.any(axis=0), ink.argmax(axis=0), ink.shape[0]).astype(np.float32)
    reach = np.ones((1, 2 * max(1, round(VALLEY * height)) + 1))
    lowest = (outline >= cv2.dilate(outline[None], reach)[0]).astype(np.int8)
    edges = np.diff(lowest, prepend=0, append=0)
    starts, ends = np.flatnonzero(edges > 0), np.flatnonzero(edges < 0)
    inside = (starts > 0) & (ends < len(outline))
    return ((starts + ends - 1) // 2)[inside]


def _drop_falls(ink: np.ndarray, height: float) -> np.ndarray:
    """Balls that roll left or right, down or up: (n, h) columns."""
    last = ink.shape[1] - 1
    upper, lower = _valleys(ink, height), _valleys(ink[::-1], height)
    fields = np.stack([ink, ink[:, ::-1], ink[::-1], ink[::-1, ::-1]])
    starts = [upper, last - upper, lower, last - lower]
    which = np.repeat(np.arange(4), [len(part) for part in starts])
    paths = _fallen(fields, which, np.concatenate(starts))
    paths = np.where((which % 2 == 1)[:, None], last + 1 - paths, paths)
    return np.where((which >= 2)[:, None], paths[:, ::-1], paths)


def _fallen(fields: np.ndarray, which: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Balls on fields (4, h, w) of ink, let go above a column each: (n, h) columns."""
    _, height, width = fields.shape
    aside, level = _rolls(fields)
    paths = np.tile(columns[:, None], height)
    balls = np.arange(len(columns))
    row, rolled = np.zeros(len(columns), int), np.zeros(len(columns), int)
    for _ in range(height + width):
        step = rolled, which, row, columns
        along = aside[step]
        rolled = np.where(level[step], along, 0)
        columns = columns + along
        row = np.minimum(row + 1 - np.abs(rolled), height - 1)
        paths[balls, row] = columns
        if row.min(initial=height) >= height - 1:
            break
    return paths


def _rolls(fields: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What a ball at a pixel does: (to which side it goes, whether it stays in its row).

    Both (3, 4, h, w), the first axis by how it came along its row: not, to the right, to the left.
    It falls where it can, else rolls down to the left, to the right, aside to the left, to the
    right, but not back; where it can do nothing it sinks through the ink.
    """
    paper = np.pad(fields == 0, ((0, 0), (0, 1), (1, 1)))
    below, beside = paper[:, 1:], paper[:, :-1]
    down = [below[:, :, 1:-1], below[:, :, :-2], below[:, :, 2:]]
    left, right = beside[:, :, :-2] & ~np.any(down, axis=0), \
        beside[:, :, 2:] & ~np.any(down, axis=0)
    aside, level = [], []
    for came in (0, 1, -1):
        ways = [*down, left & (came <= 0), right & (came >= 0)]
        aside.append(np.select(ways, [0, -1, 1, -1, 1], 0))
        level.append(ways[3] | ways[4])
    return np.array(aside), np.array(level)


def _straight(ink: np.ndarray, height: float) -> np.ndarray:
    """Lines between a valley above and one below, upright beyond: (n, h) columns."""
    upper, lower = _valleys(ink, height), _valleys(ink[::-1], height)
    above, below = (part.ravel() for part in np.meshgrid(upper, lower, indexing="ij"))
    near = np.abs(above - below) <= LEAN * height
    above, below = above[near], below[near]
    top = ink.argmax(axis=0)[above]
    bottom = ink.shape[0] - 1 - ink[::-1].argmax(axis=0)[below]
    share = (np.arange(ink.shape[0]) - top[:, None]) / np.maximum(bottom - top, 1)[:, None]
    return np.round(above[:, None] + np.clip(share, 0, 1) * (below - above)[:, None]).astype(int)


def _distinct(ink: np.ndarray, paths: np.ndarray, pen: float, most: int) -> np.ndarray:
    """The cheapest of the paths that differ, those that cut something off, from left to right."""
    rows = np.arange(ink.shape[0])
    paths = np.clip(paths, 0, ink.shape[1] - 1)
    before = np.pad(ink.cumsum(axis=1, dtype=int), ((0, 0), (1, 0)))
    left = before[rows, paths]
    cost, area = ink[rows, paths].sum(axis=1), left.sum(axis=1)
    least = SAME * pen * pen
    fit = (cost <= DEAREST * pen) & (area >= least) & (area <= before[:, -1].sum() - least)
    kept: list[int] = []
    for at in sorted(np.flatnonzero(fit), key=lambda one: cost[one]):
        if len(kept) < most and np.all(np.abs(left[kept] - left[at]).sum(axis=1) >= least):
            kept.append(at)
    return paths[sorted(kept, key=lambda one: area[one])]
