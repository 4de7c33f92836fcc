"""Numbers that stand in no box on a page full of print: print, chance shapes, or notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from scanproc.page.classify import NOT_A_DIGIT
from scanproc.page.segment.groups import Group, Guess

FULL = 20  # letters on a page of print, and at least as many as digits in no box
# Of numbers outside boxes on 30 such pages one of ten was one; of lone digits, fewer.
DIGITS, LIKELY = 2, 0.8  # fewer digits, or any less sure, are none ...
TALL = 2.0  # ... if they are not so many times as high as the letters
LOW = 1.25  # times the letters: what is in a box and no higher may be printed there


def without_stray(found: Sequence[Group], letters: Sequence[Guess]
                  ) -> tuple[list[Group], list[Group]]:
    """(numbers, what is none), both in reading order. Marked are numbers that stay though they
    stand in no box, and those in a box that are no higher than letters.

    letters: the pieces of print, and of words, on the page.
    """
    free = sum(len(group.guesses) for group in found if not _boxed(group))
    if len(letters) < max(FULL, free):
        return list(found), []
    height = float(np.median([letter.spot.height for letter in letters
                              if letter.row.argmax() == NOT_A_DIGIT] or [0.0]))
    kept, stray = [], []
    for group in found:
        if _boxed(group):
            kept.append(replace(group, stray=_height(group) < LOW * height))
        elif _likely(group) or group.spot.height > TALL * height:
            kept.append(replace(group, stray=True))
        else:
            stray.append(group)
    return kept, stray


def _height(group: Group) -> float:
    return float(np.median([guess.spot.height for guess in group.guesses]))


def _boxed(group: Group) -> bool:
    return all(guess.cell >= 0 for guess in group.guesses)


def _likely(group: Group) -> bool:
    """Several sure digits, and no letters beside them."""
    surenesses = np.array([guess.row.max() for guess in group.guesses])
    return (len(surenesses) >= DIGITS and not group.strange
            and bool((surenesses >= LIKELY).all()))
