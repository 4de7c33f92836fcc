"""Upright strokes are 1s only where digits are: tallies, bars, hatching, the l of a word."""

from __future__ import annotations

import numpy as np

from scanproc.page.neighbours import Pairs, in_columns, linked

SLIM = 0.4  # widths over heights of a stroke
PITCH = 0.4  # heights from the middle of a tally's stroke to the next; of 11 it is more
DASH_GAP, DASH_LIKE, DASH_ALIGNED, DASHES = 0.6, 0.3, 0.75, 3  # heights, share, widths, of a rule


def tallies(pairs: Pairs, spots: np.ndarray, stroke: np.ndarray) -> np.ndarray:
    """(N,) bool: three strokes or more, each closer to the next than two 1s stand.

    pairs: neighbours on a line. spots: (N, 4) float, left, top, width, height.
    stroke: (N,) bool, see `strokes`.
    """
    middle, height = spots[:, 0] + spots[:, 2] / 2, spots[:, 3]
    pitch = np.abs(middle[pairs.one] - middle[pairs.other])
    close = (stroke[pairs.one] & stroke[pairs.other]
             & (pitch < PITCH * np.maximum(height[pairs.one], height[pairs.other])))
    inner = pairs.sums(close, len(spots)) >= 2
    return inner | (pairs.sums(close & inner[pairs.other], len(spots)) > 0)


def dashes(spots: np.ndarray, stroke: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """(N,) bool: strokes of one size in line above each other, in one box or in none: a dashed
    rule, no column of 1s.

    spots: (N, 4) float, left, top, width, height. stroke: (N,) bool, see `strokes`. cells: (N,).
    """
    at = np.flatnonzero(stroke)
    pairs = in_columns(spots[at], DASH_GAP)
    one, other = spots[at[pairs.one]], spots[at[pairs.other]]
    wider = np.maximum(one[:, 2], other[:, 2])
    aligned = np.abs(one[:, 0] + one[:, 2] / 2 - other[:, 0] - other[:, 2] / 2) <= (
        DASH_ALIGNED * wider)
    like = np.abs(one[:, 3] - other[:, 3]) <= DASH_LIKE * np.maximum(one[:, 3], other[:, 3])
    same = cells[at[pairs.one]] == cells[at[pairs.other]]
    chain = linked(pairs.where(aligned & like & same), len(at))
    found = np.zeros(len(spots), bool)
    found[at] = np.bincount(chain, minlength=len(at))[chain] >= DASHES
    return found


def unsupported(pairs: Pairs, stroke: np.ndarray, voice: np.ndarray, boxed: np.ndarray
                ) -> np.ndarray:
    """(N,) bool: strokes on a line without a digit of another shape, which stand beside letters or
    in no box.

    voice: (N,) float64, say for or against digits. boxed: (N,) bool, which stand in boxes.
    """
    heard = voice[pairs.other]
    letters, digits = (pairs.sums(kind, len(voice)) > 0
                       for kind in (heard < 0, (heard > 0) & ~stroke[pairs.other]))
    return stroke & ~digits & (letters | ~boxed)


def strokes(spots: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """(N,) bool: slim, and by its shape a 1 if anything.

    spots: (N, 4) float, left, top, width, height. probabilities: (N, 11).
    """
    return (spots[:, 2] < SLIM * spots[:, 3]) & (probabilities[:, :10].argmax(axis=1) == 1)
