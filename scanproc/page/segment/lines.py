"""Boxes -> lines -> numbers, in reading order. Knows boxes only, no ink."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from scanproc.records import Box

SAME_LINE = 0.4  # of the lower one's height that two neighbours on a line share
FAR_SAME_LINE = 0.6  # the same across a gap of more than FAR heights
FAR = 3.0
WIDE = 0.45  # a gap between numbers exceeds the usual gap by this share of the digit height
DOUBT = 0.15  # within this of WIDE it may be either
UNEVEN = 1.35  # lone digits whose pitch changes by this factor are no row of boxes
LONG_ROW = 5  # such pitches in a row
PITCHES, EVEN, EVENLY = 6, 0.2, 0.8  # so many, within that share of the median, that share of them
USUAL_MAX = 0.35  # of the height: the usual gap where a line is too short to tell its own
USUAL_MAX_LONG = 0.6  # the same on a line of many digits
MANY_GAPS = 4


def in_lines(spots: Sequence[Box]) -> list[list[int]]:
    """Indices of the boxes, line by line from the top, each from the left.

    A box joins the line whose rightmost box it shares most rows with, so that a line may wander.
    """
    lines: list[list[int]] = []
    last = np.zeros((0, 4))  # left, top, right, bottom of each line's rightmost box
    for at in sorted(range(len(spots)), key=lambda index: spots[index]):
        spot = spots[at]
        line = _line_of(spot, last)
        edges = (spot.left, spot.top, spot.right, spot.bottom)
        if line is None:
            lines.append([at])
            last = np.vstack([last, edges])
        else:
            lines[line].append(at)
            last[line] = edges
    return sorted(lines, key=lambda line: float(np.mean([
        spots[at].top + spots[at].height / 2 for at in line])))


def _line_of(spot: Box, last: np.ndarray) -> int | None:
    if not len(last):
        return None
    _, top, right, bottom = last.T
    shared = np.minimum(bottom, spot.bottom) - np.maximum(top, spot.top)
    share = shared / np.minimum(bottom - top, spot.height)
    far = spot.left - right > FAR * spot.height
    share = np.where(share >= np.where(far, FAR_SAME_LINE, SAME_LINE), share, 0)
    best = int(np.argmax(np.where(far, share, 2 * share)))  # a neighbour has more say
    return best if share[best] > 0 else None


def usual_gap(gaps: np.ndarray) -> float:
    """Gap between digits of one number in digit heights: the mean of the lower 60 %.

    gaps: (N,) in digit heights, between neighbours on a line or, of short lines, on the page.
    """
    if not gaps.size:
        return 0.0
    most = USUAL_MAX_LONG if gaps.size >= MANY_GAPS else USUAL_MAX
    return float(np.clip(_lower_mean(gaps), 0, most))


def _lower_mean(gaps: np.ndarray) -> float:
    return float(np.sort(gaps)[:max(1, int(0.6 * gaps.size))].mean())


def split(gaps: np.ndarray, usual: float) -> tuple[np.ndarray, np.ndarray]:
    """(which gaps part two numbers, which of all are doubtful), both (N,) bool. On a line of
    digits that all stand far apart, every gap is doubtful but the widest.

    gaps: (N,) in digit heights. usual: see `usual_gap`.
    """
    excess = gaps - usual
    sparse = gaps.size > 0 and _lower_mean(gaps) > USUAL_MAX_LONG
    far = max(FAR, UNEVEN * float(np.median(gaps))) if gaps.size else FAR
    return excess > WIDE, (np.abs(excess - WIDE) < DOUBT) | (sparse & (gaps < far))


def evenly_spaced(parts: np.ndarray, spots: Sequence[Box], gaps: np.ndarray, usual: float
                  ) -> np.ndarray:
    """(N - 1,) bool: the gaps of three or more lone digits at one pitch, as in a row of boxes, or
    of two at the page's; those that part a long line at one pitch.

    parts: (N - 1,) bool, which gaps part two numbers. gaps: (N - 1,) in digit heights. usual: see
    `usual_pitch`.
    """
    pitch = _pitch(spots)
    if pitch.size >= LONG_ROW and pitch.max() < UNEVEN * pitch.min() and gaps.max() < FAR:
        return parts.copy()
    near = _lone(parts, gaps)
    change = pitch[1:] / np.maximum(pitch[:-1], 1)
    even = near[:-1] & near[1:] & (change < UNEVEN) & (change > 1 / UNEVEN)
    none = np.array([False])
    return (np.concatenate([none, even])[:gaps.size] | np.concatenate([even, none])[:gaps.size]
            | near & (np.abs(pitch - usual) <= EVEN * usual))


def usual_pitch(lines: Sequence[tuple[np.ndarray, Sequence[Box], np.ndarray]]) -> float:
    """Pixels from each lone digit of a page to the next, 0.0 where they do not agree.

    lines: of each (parts, spots, gaps) as of `evenly_spaced`.
    """
    found = np.concatenate([[], *(_pitch(spots)[_lone(parts, gaps)]
                                  for parts, spots, gaps in lines)])
    usual = float(np.median(found)) if found.size >= PITCHES else 0.0
    agree = np.count_nonzero(np.abs(found - usual) <= EVEN * usual)
    return usual if agree >= EVENLY * found.size else 0.0


def _lone(parts: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """(N - 1,) bool: the gaps between digits that stand alone, but no farther than FAR."""
    edge = np.array([True])
    lone = np.concatenate([edge, parts]) & np.concatenate([parts, edge])
    return lone[:-1] & lone[1:] & (gaps < FAR)


def _pitch(spots: Sequence[Box]) -> np.ndarray:
    """(N - 1,) pixels from the middle of each to the next."""
    return np.diff([spot.left + spot.width / 2 for spot in spots])


def gaps_between(spots: Sequence[Box], height: float) -> np.ndarray:
    """(N - 1,) empty columns between neighbours, in digit heights; negative where they overlap.

    height: of a digit, in pixels.
    """
    return np.array([(right.left - left.right) / height
                     for left, right in pairwise(spots)])
