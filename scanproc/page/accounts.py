"""What became of the ink of a page, and what was seen on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, compress

import cv2
import numpy as np

from scanproc.page import classify, hand
from scanproc.page.normalize import normalize_all
from scanproc.page.segment import Segments
from scanproc.page.segment.groups import Group, Guess
from scanproc.records import Box, Candidate, Cell

INSET, FULL = 0.2, 0.05  # of a box: its rim, and how much of the rest a thin digit inks

Rejected = Sequence[tuple[Guess, str]]  # with its fate


def rejected(guesses: Sequence[Guess], fates: Sequence[str], strange: Sequence[Guess]
             ) -> list[tuple[Guess, str]]:
    """What became no digit, with its fate.

    fates: of each guess, see `hand.sift`. strange: what of `not_a_digit` stayed that.
    """
    left = {id(guess) for guess in strange}
    return [(guess, fate) for guess, fate in zip(guesses, fates, strict=True)
            if id(guess) in left or fate not in ("", hand.NOT_A_DIGIT)]


def strange(rejected: Rejected, cells: Sequence[Cell]) -> list[Guess]:
    """What stands where a digit might, and may be one: no printed letter, and no cross in a row of
    boxes, which says that a box is not used."""
    found = [guess for guess, fate in rejected
             if fate != "print" or guess.row.argmax() != classify.NOT_A_DIGIT]
    boxed = [guess for guess in found if guess.cell >= 0 and cells[guess.cell].comb >= 0]
    crosses = hand.sure_crosses([guess.candidate for guess in boxed],
                                np.array([guess.row[classify.NOT_A_DIGIT] for guess in boxed]))
    unused = {id(guess) for guess in compress(boxed, crosses)}
    return [guess for guess in found if id(guess) not in unused]


def left_over(digits: Sequence[Guess], found: Sequence[Group], cells: Sequence[Cell]
              ) -> list[tuple[Guess, str]]:
    """Digits that are of no number, with their fates: rests of rules in rows of boxes, else marks
    between digits."""
    given = {id(guess) for group in found for guess in group.guesses}
    return [(guess, "rule" if guess.cell >= 0 and cells[guess.cell].comb >= 0 else "mark")
            for guess in digits if id(guess) not in given]


def with_hidden(found: Sequence[Group], guesses: Sequence[Guess], cells: Sequence[Cell],
                ink: np.ndarray) -> list[Group]:
    """The numbers, those in doubt in whose row of boxes one is full of ink that became no
    candidate: a digit that is joined to what is large, or to a rule that was not found.

    ink: (H, W) uint8, 1 = ink without rules.
    """
    looked_at = {guess.cell for guess in chain(guesses, *(group.guesses for group in found))}
    combs = {cells[group.guesses[0].cell].comb for group in found if group.positions}
    full = {cell.comb for at, cell in enumerate(cells)
            if cell.comb in combs and at not in looked_at and _is_full(ink, cell.spot)}
    return [replace(group, strange=True) if group.positions
            and cells[group.guesses[0].cell].comb in full else group for group in found]


def _is_full(ink: np.ndarray, box: Box) -> bool:
    aside, down = round(INSET * box.width), round(INSET * box.height)
    inside = ink[max(0, box.top + down):box.bottom - down,
                 max(0, box.left + aside):box.right - aside]
    return cv2.countNonZero(inside) > FULL * inside.size


def ink(segments: Segments, rejected: Rejected, found: Sequence[Group]
        ) -> tuple[tuple[str, int], ...]:
    """How many pieces of ink had which fate, see `PageResult.ink`; together, all there are."""
    fates = segments.fates.copy()
    for guess, fate in rejected:
        fates[fate] += guess.candidate.parts
    marks = min(sum(len(group.marks) for group in found), len(segments.small))
    fates["mark"] += marks
    fates["speck"] += len(segments.small) - marks
    fates["digit"] += segments.pieces - fates.total()
    return tuple(sorted((fate, count) for fate, count in fates.items() if count))


def seen(found: Sequence[Group], rejected: Rejected
         ) -> tuple[tuple[Candidate, ...], np.ndarray, np.ndarray, tuple[str, ...]]:
    """(candidates, images, probabilities, fates) as of `Seen`, what became digits first."""
    digits = [guess for group in found for guess in group.guesses]
    guesses = [*digits, *(guess for guess, _ in rejected)]
    candidates = tuple(guess.candidate for guess in guesses)
    return (candidates, normalize_all([one.mask for one in candidates]),
            np.array([guess.row for guess in guesses], np.float32).reshape(-1, 11),
            ("",) * len(digits) + tuple(fate for _, fate in rejected))
