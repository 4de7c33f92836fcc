"""Combs of even upright strokes on a base: teeth between which digits stand, or sides of boxes."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from scanproc.page.rules.cells import level
from scanproc.page.rules.holes import RULE_PX

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
OPEN = 1.0  # pitches: height of a box whose top is not drawn
GAP = 0.5  # of their width, between boxes that stand apart
BELOW = 0.25, 0.6  # of the pitch: below any rule, and above the next one
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
    bottom = level(top[np.clip((place[:-1] + pitch / 2).round().astype(int), 0, len(top) - 1)])
    sides = np.append(shut, False) | np.append(False, shut)
    of_row = (np.abs(middle[:, None] - place[sides]) < EVEN * pitch).any(axis=1) & (
        height < (1 + LIKE) * high)
    phase = (middle - start) / pitch % 1
    second, part = _second(phase, ~of_row & _alike(height, high), len(shut))
    boxes = np.stack([left + place[:-1], bottom - tall, np.full(count - 1, pitch),
                      np.full(count - 1, tall)], axis=1)
    first, stop, length = strokes[of_row | second].T
    foot = top[first]
    if _crossed(rule_ink, left + (first + stop) // 2, foot, pitch):
        return None
    return Toothed(boxes, np.stack([left + first, foot - length, stop - first, length], axis=1),
                   shut, pitch * (part if part > GAP else 1))


def is_open(found: Toothed) -> bool:
    """Whether the teeth are so low that what lies at the top of a box is of a digit, and no lid."""
    return bool(found.boxes[0, 3] > (1 + LIKE) * np.median(found.teeth[:, 3]))


def papers(found: Toothed) -> np.ndarray:
    """(N, 4) its shut boxes; of closed ones the paper inside."""
    boxes = found.boxes[found.shut]
    if not is_open(found):  # teeth end at the far edge of a lid, or of a base
        boxes += [RULE_PX, RULE_PX / 2, 0, -RULE_PX]
        boxes[:, 2] = found.wide - 2 * RULE_PX
    return boxes


def level_edges(found: Toothed) -> np.ndarray:
    """(N, 4) the boxes whose tops and bottoms are drawn: of open ones the bases, without height."""
    boxes = papers(found)
    if is_open(found):
        boxes[:, 1] += boxes[:, 3] + RULE_PX
        boxes[:, 3] = 0
    return boxes


def _left_side(start: float, pitch: float, count: int, at: np.ndarray) -> float:
    """Where the first box begins if the even strokes are right sides of boxes that stand apart."""
    phase = (at - start) / pitch % 1
    _, part = _second(phase, np.minimum(phase, 1 - phase) > EVEN, count)
    return start if part > GAP else start - (1 - part) * pitch


def _second(phase: np.ndarray, free: np.ndarray, boxes: int) -> tuple[np.ndarray, float]:
    """((N,) bool, the strokes on the other side of boxes that stand apart; how far on they are in
    pitches, 1.0 where there are none).

    phase: (N,) in pitches. free: (N,) bool, which strokes are not yet teeth.
    """
    like = free & (np.abs(phase - np.median(phase[free])) < EVEN) if free.any() else free
    second = like & (like.sum() >= (1 - MISSING) * boxes)
    return second, float(np.median(phase[second])) if second.any() else 1.0


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
    count = int(np.argmax(np.diff(np.append(numbers, 1e9)) > 3)) + 1  # two may be missing
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
