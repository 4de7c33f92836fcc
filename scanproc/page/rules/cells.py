"""Boxes on a page -> cells: which of them are combs, rows of boxes for a digit each."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from scanproc.page.rules.columns import in_columns
from scanproc.page.rules.holes import corners_of, inked_sides, middles_in

NARROW, WIDE = 0.5, 1.4  # width of a comb's boxes by their height
LEVEL = 0.2  # of the height: so far apart may top and bottom of neighbours be
APART = 1.6  # of the height: the widest gap in a row; a box may be missing
NEAR = 0.12  # of the height: a gap so much wider than the usual one parts two combs
LID, SIDE = 0.85, 0.4  # inked shares of top and bottom, and of sides that a digit may hide
LID_LEAST = 0.5  # of a top or a bottom; of a box between others, of both
MORE = 8  # boxes that may not have been found at an end
TOUCHING = 0.3  # of the height: rows that may share a rule
EVEN = 0.12  # of the pitch
LIKE = 0.25  # of the usual width of a row's boxes
MIN_BOXES, MAX_BOXES = 3, 60
CLEAR, REACH = 0.12, 0.2  # of the height: so far from boxes, and so long, a rule passes them
MIN_FIT = 0.75
SMALLER = 0.7  # of the area of the box that it stands in
SAME = 1.3  # the same of a box that was found there already
MAX_CELLS = 1500


def cells(boxes: np.ndarray, ink: np.ndarray) -> list[tuple[np.ndarray, bool]]:
    """The rows of boxes from the top: (n, 4) float each, and whether it is a comb.

    boxes: (N, 4) float left, top, width, height of rectangles of paper, pixels of `ink`.
    ink: (H, W) uint8, 1 = ink down to faint rules.
    """
    boxes = boxes[np.argsort(-boxes[:, 2] * boxes[:, 3], kind="stable")[:MAX_CELLS]]
    boxes = _not_nested(boxes)
    found = []
    for row in _rows(boxes):
        combs, others = _combs(boxes[row], ink)
        rest = np.delete(boxes, row, axis=0)
        found += [(comb, not _stacked(comb, rest, ink)) for comb in combs]
        found += [(others, False)] if len(others) else []
    return _not_in_combs(in_columns(found, ink))


def in_combs(boxes: np.ndarray, rows: list[tuple[np.ndarray, bool]], smaller: float = SMALLER
             ) -> np.ndarray:
    """(N,) bool: which boxes stand inside those of combs, and are smaller: a digit shuts some paper
    in between itself and rules.

    boxes: (N, 4) float, left, top, width, height. rows: as of `cells`. smaller: than so many times
    the area of the comb's.
    """
    combs = np.concatenate([np.zeros((0, 4)), *(row for row, comb in rows if comb)])
    return (middles_in(boxes, combs) & (_areas(boxes)[:, None] < smaller * _areas(combs))
            ).any(axis=1)


def _not_in_combs(rows: list[tuple[np.ndarray, bool]]) -> list[tuple[np.ndarray, bool]]:
    """Without boxes in those of combs, and without combs that are but a part of another one."""
    combs: list[int] = []
    for at in sorted(range(len(rows)), key=lambda at: -len(rows[at][0])):
        row, comb = rows[at]
        if comb and not any(middles_in(row, rows[other][0]).any(axis=1).all() for other in combs):
            combs.append(at)
    kept = [(row if comb else row[~in_combs(row, rows, SAME)], comb)
            for at, (row, comb) in enumerate(rows) if not comb or at in combs]
    return [(row, comb) for row, comb in kept if len(row)]


def _not_nested(boxes: np.ndarray) -> np.ndarray:
    """Without frames that hold boxes, and without what is printed in the boxes of a comb."""
    holds = middles_in(boxes, boxes).T & (_areas(boxes) < SMALLER * _areas(boxes)[:, None])
    of_combs, row_of = np.zeros(len(boxes), bool), np.zeros(len(boxes), int)
    for at, row in enumerate(_rows(boxes)):
        of_combs[row], row_of[row] = _fit(boxes[row]) is not None, at
    beside = (row_of[:, None] == row_of) & ~np.eye(len(boxes), dtype=bool)
    of_combs &= ~(holds & (holds.astype(np.float32) @ beside > 0)).any(axis=1)
    guides = (holds & of_combs[:, None]).any(axis=0)
    return boxes[~guides & ~((holds & ~guides).any(axis=1) & ~of_combs)]


def _areas(boxes: np.ndarray) -> np.ndarray:
    return boxes[:, 2] * boxes[:, 3]


def _rows(boxes: np.ndarray) -> list[list[int]]:
    """Indices of boxes that stand side by side at one height, from left to right."""
    if not len(boxes):
        return []
    left, top, width, height = boxes.T
    level = LEVEL * height
    gap = left - (left + width)[:, None]
    beside = (np.abs(top - top[:, None]) < level) & (np.abs(height - height[:, None]) < level)
    beside &= (gap > -LEVEL * np.minimum(width, height)) & (gap < APART * height)
    np.fill_diagonal(beside, False)
    following = np.where(beside.any(axis=1), np.where(beside, gap, np.inf).argmin(axis=1), -1)
    rows, seen = [], {-1}
    first = set(range(len(boxes))) - set(following.tolist())
    for at in sorted(first, key=lambda at: (top[at], left[at])):
        row = []
        while at not in seen:
            row.append(at)
            seen.add(at)
            at = int(following[at])
        rows.append(row)
    return rows


def _combs(row: np.ndarray, ink: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """(the combs in a row, its other boxes): (n, 4) each."""
    gaps = row[1:, 0] - row[:-1, 0] - row[:-1, 2]
    wide = gaps > np.median(gaps) + NEAR * row[:-1, 3] if gaps.size else gaps
    parts = np.split(row, np.flatnonzero(wide) + 1)
    alike = [_like(part) for part in parts]
    combs = _confirmed(row, row, ink)
    if len(alike[0]) < len(row):
        combs = max(combs, _apart(comb for part in alike for comb in _confirmed(part, row, ink)),
                    key=lambda combs: sum(map(len, combs)))
    if not combs:
        return [], row
    taken = np.concatenate(combs)
    middle = row[:, 0] + row[:, 2] / 2
    inside = (taken[:, :1] <= middle) & (middle <= taken[:, :1] + taken[:, 2:3])
    return combs, row[~inside.any(axis=0)]


def _apart(combs: Iterable[np.ndarray]) -> list[np.ndarray]:
    """Combs from the left, each found once."""
    found: list[np.ndarray] = []
    for comb in combs:
        if not any(comb[0, 0] < other[-1, 0] and other[0, 0] < comb[-1, 0] for other in found):
            found.append(comb)
    return found


def _like(row: np.ndarray) -> np.ndarray:
    """The longest run of boxes about as wide as they are high, and each as the others."""
    shape = row[:, 2] / row[:, 3]
    square = (shape >= NARROW) & (shape <= WIDE)
    if not square.any():
        return row[:0]
    like = np.abs(row[:, 2] / np.median(row[square, 2]) - 1) <= LIKE
    ends = np.flatnonzero(np.diff(like, prepend=False, append=False)).reshape(-1, 2)
    start, stop = max(ends, key=lambda run: run[1] - run[0], default=(0, 0))
    return row[start:stop]


def _confirmed(part: np.ndarray, row: np.ndarray, ink: np.ndarray) -> list[np.ndarray]:
    """What is even in a part of a row: combs of boxes that were found there, or that are there
    though a digit hides a side."""
    comb = _fit(part)
    if comb is None:
        return []
    more = (comb[1] - comb[0]) * np.arange(1, MORE + 1)[:, None] * [1, 1, 0, 0]
    comb = np.concatenate([comb[:1] - more[::-1], comb, comb[-1:] + more])
    left, width = comb[:, 0], comb[:, 2]
    sides = inked_sides(corners_of(comb), ink)
    lids, dividers = sides[:, [0, 2]].min(axis=1), sides[:, [1, 3]].min(axis=1)
    found = (np.abs(left[:, None] - row[:, 0]) < EVEN * width[:, None]) \
        & (np.abs(width[:, None] - row[:, 2]) < LIKE * width[:, None])
    shared = np.minimum(left + width, (row[:, 0] + row[:, 2])[:, None]) \
        - np.maximum(left, row[:, :1])
    free = (shared < LIKE * width).all(axis=0) | (dividers >= LID)
    between = (np.arange(len(comb)) >= MORE) & (np.arange(len(comb)) < len(comb) - MORE)
    lid = sides[:, [0, 2]].mean(axis=1)
    there = (dividers >= SIDE) & (lids >= LID_LEAST) & (between | (lid >= LID) & free)
    seen = found.any(axis=1)
    boxes = seen | there
    ends = np.flatnonzero(np.diff(boxes, prepend=False, append=False))
    return [part for start, stop in ends.reshape(-1, 2)
            if seen[start:stop].any()
            for part in _parted(comb[start:stop], ink) if len(part) >= MIN_BOXES]


def _parted(comb: np.ndarray, ink: np.ndarray) -> list[np.ndarray]:
    """A row of boxes, parted where a rule of the table around it runs between two of them."""
    cuts = []
    for at, (left, top, width, height) in enumerate(comb[:-1]):
        gap = slice(int(left + width), int(np.ceil(comb[at + 1, 0])) + 1)
        above, below = (ink[max(0, int(edge)):max(0, int(edge + REACH * height)), gap]
                        for edge in (top - (REACH + CLEAR) * height, top + (1 + CLEAR) * height))
        if min(above.size, below.size) and (above.all(axis=0) & below.all(axis=0)).any():
            cuts.append(at + 1)
    return np.split(comb, cuts)


def _fit(row: np.ndarray) -> np.ndarray | None:
    """The row as even boxes, (n, 4), or None.

    One box whose divider was not found, or that a stroke divides, is put right where most of the
    row is even: the number of boxes is the one that best explains the edges found.
    """
    if len(row) < MIN_BOXES:
        return _pair(row)
    left, right, height = row[:, 0], row[:, 0] + row[:, 2], float(np.median(row[:, 3]))
    gap = max(0.0, float(np.median(left[1:] - right[:-1])))
    whole = right[-1] - left[0] + gap
    counts = np.arange(MIN_BOXES, MAX_BOXES + 1)
    widths = whole / counts - gap
    counts = counts[(widths >= NARROW * height) & (widths <= WIDE * height)]
    edges = np.concatenate([left[1:], right[:-1] + gap]) - left[0]
    scores = [_score(edges * count / whole, count) for count in counts]
    if not scores or max(scores) < MIN_FIT:
        return None
    count = counts[int(np.argmax(scores))]
    across = left[0] + whole / count * np.arange(count)
    return np.stack([across, np.interp(across, left, level(row[:, 1])),
                     np.full(count, whole / count - gap), np.full(count, height)], axis=1)


def level(row: np.ndarray) -> np.ndarray:
    """(N,) the tops or the bottoms of a row of boxes, each as its neighbours have it: a digit that
    runs along an edge is taken for it."""
    around = np.pad(row, 2, mode="reflect")  # SciPy's filter would cost each run 0.3 s to load
    return np.median(np.lib.stride_tricks.sliding_window_view(around, 5), axis=1)


def _pair(row: np.ndarray) -> np.ndarray | None:
    """Two boxes of one size and about square, as (2, 4), or None: a third may not be found yet."""
    if len(row) != 2 or len(_like(row)) != 2:
        return None
    return np.column_stack([row[:, :2], np.tile(row[:, 2:].mean(axis=0), (2, 1))])


def _score(places: np.ndarray, count: int) -> float:
    """How well edges at `places`, in pitches, are those of a comb of so many boxes: in [0, 1]."""
    nearest = np.round(places)
    meets = np.abs(places - nearest) <= EVEN
    hit = len(set(nearest[meets & (nearest > 0) & (nearest < count)].tolist()))
    return 0.6 * hit / (count - 1) + 0.4 * float(meets.mean())


def _stacked(comb: np.ndarray, others: np.ndarray, ink: np.ndarray) -> bool:
    """Whether like boxes share rules with it above or below: then it is a row of a table."""
    left, top, width, height = comb.T[:, :, None]
    over = others[:, 1] < top
    edges = np.where(over, others[:, 1] + others[:, 3], top + height), \
        np.where(over, top, others[:, 1])
    near = (np.abs(edges[1] - edges[0]) < TOUCHING * height) \
        & (np.abs(others[:, 0] - left) < EVEN * width) \
        & (np.abs(others[:, 2] - width) < EVEN * width)
    box, other = np.nonzero(near)
    y = np.clip((edges[0] + edges[1])[box, other] / 2, 1, len(ink) - 2).astype(int)
    x = np.clip(comb[box, 0] + comb[box, 2] / 2, 0, ink.shape[1] - 1).astype(int)
    between = ink[y[:, None] + np.arange(-1, 2), x[:, None]].any(axis=1)
    return 2 * len(set(box[between].tolist())) > len(comb)
