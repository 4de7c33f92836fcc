"""The back of a page that shows through as sharp as the front: its digits stand mirrored."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scanproc.page.classify import NOT_A_DIGIT, Answer
from scanproc.page.segment.groups import Group, Guess

SURE, NONE = 0.95, 0.5  # a digit seen from the right side, and the same from the wrong one
MANY, TIMES = 8, 4  # so many are digits only from behind, and so many times as many as from before
MOST = 100  # of what is no digit that is looked at
# Mirrored, and as it is seen where that made the page be turned by 180, 90 and 270 degrees.
WAYS = (np.fliplr, np.flipud, np.transpose, lambda mask: np.flip(mask).T)


def without_back(found: Sequence[Group], left_out: Sequence[Guess], answer: Answer
                 ) -> tuple[list[Group], list[Group]]:
    """(numbers, what is seen from behind): one of the two is empty.

    left_out: what was taken for no digit. answer: the network. On 43 real pages no more than 6
    pieces were digits from behind alone, and as many from before alone; on backs that show through
    12 to 26, and 0 to 3.
    """
    step = max(1, len(left_out) // MOST)
    every = [*(guess for group in found for guess in group.guesses), *left_out[::step]]
    before = np.array([guess.row[:NOT_A_DIGIT].max() for guess in every])
    if not found or np.count_nonzero(before < NONE) < MANY:
        return list(found), []
    masks = [guess.candidate.mask for guess in every]
    is_back = any(_is_back(before, answer([np.ascontiguousarray(way(mask)) for mask in masks]))
                  for way in WAYS)
    return ([], list(found)) if is_back else (list(found), [])


def _is_back(before: np.ndarray, rows: np.ndarray) -> bool:
    behind = rows[:, :NOT_A_DIGIT].max(axis=1)
    no_stroke = rows.argmax(axis=1) != 1  # a dash is a 1 from the side
    only_behind = np.count_nonzero((behind >= SURE) & (before < NONE) & no_stroke)
    only_before = np.count_nonzero((before >= SURE) & (behind < NONE))
    return only_behind >= max(MANY, TIMES * only_before)
