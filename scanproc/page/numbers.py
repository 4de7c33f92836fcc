"""Digits with their probabilities -> numbers, as they stand in the CSV."""

from __future__ import annotations

from functools import reduce

import numpy as np

from scanproc.page.classify import NOT_A_DIGIT, expecting
from scanproc.page.overwritten import overwritten
from scanproc.page.segment.groups import Group, Guess
from scanproc.records import Box, Number, Reading

SUREST = 0.9999  # nothing read from paper is certain
# Pixels. On freshly drawn pages 0.3 % of the larger digits given at least 0.95 were wrong, but
# 5 % of those of 12 to 20 pixels.
SMALL_PX = 20
CUT = 0.12  # share of a digit's outline on a rule taken out, from which it may have lost ink
# Of 62 numbers with digits so surely parted, on freshly drawn pages, none was wrong.
PARTED_WELL = 0.98
# The network expects that one in ten of what it sees is no digit. Where the other digits of a
# number are usually so sure, 25 of 8,481 were none on freshly drawn pages.
SURE, LESS = 0.95, 0.03
EMPTY = "_"


def number(group: Group) -> Number:
    """One number. An empty box between its digits makes it one that nobody can be sure of."""
    positions = group.positions or tuple(range(1, len(group.guesses) + 1))
    rows = _among_its_like(group)
    readings = tuple(map(_reading, positions, group.guesses, rows))
    digits = {reading.position: str(reading.digit) for reading in readings}
    text = "".join(digits.get(at, EMPTY) for at in range(positions[0], positions[-1] + 1))
    product = float(np.prod(rows.max(axis=1)))
    return Number(
        text=text,
        confidence=0.0 if EMPTY in text else _rounded(product),
        box=reduce(Box.union, (reading.box for reading in readings)),
        readings=readings,
        reasons=_reasons(group, text),
        marks=" ".join(f"{after}{sign}" for after, sign in group.marks))


def _reasons(group: Group, text: str) -> tuple[str, ...]:
    holds = {
        "mark": group.doubtful_mark,
        "spacing": group.doubtful_gap,
        "empty_box": EMPTY in text,
        "not_a_digit": group.strange,
        "joined": any(guess.joined and guess.row.max() < PARTED_WELL for guess in group.guesses),
        "overwritten": any(overwritten(guess.candidate.mask, int(guess.row[:NOT_A_DIGIT].argmax()))
                           for guess in group.guesses),
        "cut": any(guess.candidate.cut > CUT for guess in group.guesses),
        "stray": group.stray,
        "small": _height(group) < SMALL_PX,
    }
    return tuple(reason for reason, held in holds.items() if held)


def _among_its_like(group: Group) -> np.ndarray:
    """(N, 11) probabilities of its digits, each expected to be one if its other ones are."""
    rows = np.array([guess.row for guess in group.guesses])
    if not group.strange and len(rows) > 1:
        sure = np.array([np.median(np.delete(rows.max(axis=1), at)) for at in range(len(rows))])
        rows[sure >= SURE] = expecting(rows[sure >= SURE], LESS)
    return rows


def _reading(position: int, guess: Guess, row: np.ndarray) -> Reading:
    runner_up, digit = (int(value) for value in np.argsort(row[:NOT_A_DIGIT], kind="stable")[-2:])
    return Reading(position, digit, _rounded(row[digit]), runner_up, _rounded(row[runner_up]),
                   guess.candidate.box)


def _height(group: Group) -> float:
    """Of the usual digit of a number on the cleaned page, in pixels."""
    return float(np.median([max(guess.candidate.mask.shape) for guess in group.guesses]))


def _rounded(probability: float) -> float:
    return min(round(float(probability), 4), SUREST)
