"""Combs drawn as a rule with upright strokes on it, even or nearly so, and open above or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np

from scanproc.page.rules.bands import Bands
from scanproc.page.rules.columns import Row
from scanproc.page.rules.components import Components
from scanproc.page.rules.holes import middles_in

PITCH = (4.0, 20.0)  # units from one tooth to the next
LEAST = 0.15  # of the pitch: height of a tooth
HIGHEST = 16.0  # units that are looked at above a rule
SLIM = 0.8  # units: thicker strokes are no teeth
EVEN, SPREAD, SPREAD_PX = 0.07, 0.02, 0.5  # of the pitch: off its place, and all of them
BOXES = 5  # at least
MISSING = 0.25  # share of teeth
OTHERS = 2.3  # strokes to each tooth: boxes that stand apart have two; a ruler has more
LIKE, LIKE_PX = 0.2, 2  # of the usual height, by which teeth differ
CLOSED, TABLE = 0.8, 1.8  # of the pitch: teeth so high are the sides of boxes, and of a table
LEVEL_PX = 3  # rows between the bottoms of two boxes
OPEN = 1.0  # pitches: height of a box whose top is not drawn
GAP, ALIKE = 0.5, 0.15  # of their width, between boxes that stand apart, and by which they differ
BELOW = 0.25, 0.6  # of the pitch: below any rule, and above the next one
PART = 0.25  # of its width: so far boxes may differ that were found of a comb
LARGER = 2.0  # times as wide as a box of a comb: a frame around it
MOST = 200  # strokes on one rule; a bar code or a hatching has more


class Toothed(NamedTuple):
    """A comb. boxes: (N, 4) float, teeth: (M, 4) int; left, top, width, height of each.

    shut: (N,) bool, whether a box has teeth on both its sides, not only towards the others.
    wide: pixels between its teeth; less than the width of a box where the boxes stand apart.
    """

    boxes: np.ndarray
    teeth: np.ndarray
    shut: np.ndarray
    wide: float


class Broken(NamedTuple):
    """How whole teeth are. half_gap: pixels, half of what may be missing in one. usual: the
    quantile of their heights that is the usual one. alike: share of them that are about so high.
    bare: whether no whole rule is under them: what is higher may be strokes of digits, and the
    left sides of boxes may be lost."""

    half_gap: int = 3
    usual: float = 0.5
    alike: float = 0.7
    bare: bool = False


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
    for comb in sorted(combs, key=lambda comb: -len(comb.boxes)):
        width = comb.boxes[0, 2]
        there = [at for at, (row, _) in enumerate(left)
                 if middles_in(row[row[:, 2] < LARGER * width], comb.boxes).any()]
        taken = any(middles_in(one.boxes, comb.boxes).any() for one in found)
        if not taken and all(_part(left[at][0], comb) for at in there):
            found.append(comb)
            left = [row for at, row in enumerate(left) if at not in there]
    return found, left


def _part(row: np.ndarray, comb: Toothed) -> bool:
    """Whether a row is but some of the boxes of a comb."""
    return (len(row) < len(comb.boxes) and bool(middles_in(row, comb.boxes).any(axis=1).all())
            and bool((np.abs(row[:, 2] - comb.wide) < PART * comb.wide).all()))


def tooth_bands(combs: Sequence[Toothed], shrink: int, shape: tuple[int, int]) -> Bands:
    """The teeth as rules of the page, `shrink` times as large, x and y exchanged.

    shape: of the page so turned, (W, H).
    """
    teeth = np.concatenate([np.zeros((0, 4), int), *(comb.teeth for comb in combs)]) * shrink
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
                   & (np.abs(width[last] - width[piece]) <= ALIKE * width[piece]))
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


def comb(left: int, top: np.ndarray, rule_ink: np.ndarray, unit: float,
         broken: Broken = Broken()) -> Toothed | None:  # noqa: B008
    """The comb that stands on a rule, if one does.

    left: where the rule begins. top: (W,) int, its upper edge. rule_ink: (H, W) uint8, 1 = ink.
    unit: pixels.
    """
    strokes = _strokes(rule_ink, left, top, unit, broken.half_gap)
    middle, height = (strokes[:, 0] + strokes[:, 1] - 1) / 2, strokes[:, 2]
    row = _even(middle, height, unit, broken)
    if row is None or row[3] >= round(HIGHEST * unit):  # rules of a table go on and on
        return None
    start, pitch, count, high = row
    if broken.bare:
        start = _left_side(start, pitch, count, middle[_alike(height, high)])
    start, shut = _boxes(start, pitch, count, len(top))
    count = len(shut) + 1
    place = start + pitch * np.arange(count)
    tall = high if high >= CLOSED * pitch else OPEN * pitch
    bottom = top[np.clip((place[:-1] + pitch / 2).round().astype(int), 0, len(top) - 1)]
    sides = np.append(shut, False) | np.append(False, shut)
    of_row = (np.abs(middle[:, None] - place[sides]) < EVEN * pitch).any(axis=1) & (
        height < (1 + LIKE) * high)
    phase = (middle - start) / pitch % 1
    second = _second(phase, ~of_row & _alike(height, high), len(shut))
    part = float(np.median(phase[second])) if second.any() else 1.0
    boxes = np.stack([left + place[:-1], bottom - tall, np.full(count - 1, pitch),
                      np.full(count - 1, tall)], axis=1)
    first, stop, length = strokes[of_row | second].T
    foot = top[first]
    if _crossed(rule_ink, left + (first + stop) // 2, foot, pitch):
        return None
    return Toothed(boxes, np.stack([left + first, foot - length, stop - first, length], axis=1),
                   shut, pitch * (part if part > GAP else 1))


def _left_side(start: float, pitch: float, count: int, at: np.ndarray) -> float:
    """Where the first box begins if the even strokes are right sides of boxes that stand apart."""
    phase = (at - start) / pitch % 1
    second = _second(phase, np.minimum(phase, 1 - phase) > EVEN, count)
    part = float(np.median(phase[second])) if second.any() else 1.0
    return start if part > GAP else start - (1 - part) * pitch


def _second(phase: np.ndarray, free: np.ndarray, boxes: int) -> np.ndarray:
    """(N,) bool: the strokes on the other side of boxes that stand apart.

    phase: (N,) in pitches. free: (N,) bool, which strokes are not yet teeth.
    """
    if not free.any():
        return free
    like = free & (np.abs(phase - np.median(phase[free])) < EVEN)
    return like & (like.sum() >= (1 - MISSING) * boxes)


def _alike(height: np.ndarray, usual: float) -> np.ndarray:
    return np.abs(height - usual) <= max(LIKE_PX, LIKE * usual)


def _boxes(start: float, pitch: float, count: int, length: int) -> tuple[float, np.ndarray]:
    """(where the first box begins, (N,) which boxes have teeth on both sides) of so many teeth."""
    before, after = start / pitch, (length - 1 - start) / pitch - (count - 1)
    behind = int(np.ceil(after - 2 * EVEN))  # the last box may be narrower by a gap
    if abs(before - round(before)) < 2 * EVEN and behind - after < GAP:  # they fill the rule
        return start - round(before) * pitch, np.ones(count - 1 + round(before) + behind, bool)
    ends = before >= 1, after >= 1  # strokes that only part the digits, on a rule that goes on
    return start - ends[0] * pitch, np.repeat([False, True, False], [ends[0], count - 1, ends[1]])


def _crossed(rule_ink: np.ndarray, x: np.ndarray, foot: np.ndarray, pitch: float) -> bool:
    """Whether most strokes go on below the rule: those of a scale, or of a grid."""
    below = foot + np.arange(*(round(part * pitch) for part in BELOW))[:, None]
    there = rule_ink[np.minimum(below, len(rule_ink) - 1), x].any(axis=0)
    return bool(2 * there.sum() > x.size)


def _strokes(rule_ink: np.ndarray, left: int, top: np.ndarray, unit: float, half_gap: int
             ) -> np.ndarray:
    """(N, 3) int: slim strokes that stand on a rule, from the left: where along it each begins and
    ends, and how high it is.

    left: where the rule begins. top: (W,) its upper edge.
    """
    deep = round(HIGHEST * unit)
    rows = np.clip(top[None] - 1 - np.arange(deep)[:, None], 0, len(rule_ink) - 1)
    strip = rule_ink[rows, left + np.arange(len(top))]
    strip = cv2.morphologyEx(strip, cv2.MORPH_CLOSE, np.ones((half_gap * 2 + 1, 1), np.uint8))
    high = np.where(strip.all(axis=0), deep, strip.argmin(axis=0))
    stands = high >= LEAST * PITCH[0] * unit
    ends = np.flatnonzero(np.diff(stands, prepend=False, append=False)).reshape(-1, 2)
    ends = ends[np.diff(ends, axis=1)[:, 0] <= max(4, SLIM * unit)][:MOST]
    tall = [high[first:stop].max() for first, stop in ends]
    return np.column_stack([ends, np.array(tall, int)])


def _even(at: np.ndarray, height: np.ndarray, unit: float, broken: Broken
          ) -> tuple[float, float, int, float] | None:
    """The longest even row of strokes as (start, pitch, count, usual height), or None."""
    best = None
    for first in range(len(at)):
        for pitch in at[first + 1:first + 4] - at[first]:
            if not PITCH[0] * unit <= pitch <= PITCH[1] * unit:
                continue
            row = _row(at, height, first, pitch, broken)
            if row and (best is None or row[2] > best[2]):
                best = row
    return best


def _row(at: np.ndarray, height: np.ndarray, first: int, pitch: float, broken: Broken
         ) -> tuple[float, float, int, float] | None:
    place = (at - at[first]) / pitch
    nearest = np.round(place)
    hits = (np.abs(place - nearest) <= EVEN) & (nearest >= 0) & (height >= LEAST * pitch)
    if not hits.any():
        return None
    numbers = np.unique(nearest[hits])
    count = int(np.argmax(np.diff(np.append(numbers, 1e9)) > 2)) + 1  # one may be missing
    last = numbers[count - 1]
    if last < BOXES or count < (1 - MISSING) * (last + 1):
        return None
    hits &= nearest <= last
    usual = float(np.quantile(height[hits], broken.usual))
    between = (place > 0) & (place < last)
    if broken.bare:
        between &= height <= (1 + LIKE) * usual + LIKE_PX
    if (_alike(height[hits], usual).mean() < broken.alike or usual > TABLE * pitch
            or np.count_nonzero(between) > OTHERS * count):
        return None
    pitch, start = np.polyfit(nearest[hits], at[hits], 1)
    if np.std(at[hits] - start - pitch * nearest[hits]) > SPREAD * pitch + SPREAD_PX:
        return None
    return float(start), float(pitch), int(last) + 1, usual
