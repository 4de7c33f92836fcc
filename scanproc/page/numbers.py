"""Probabilities -> digits and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import compress

import numpy as np

from scanproc.page.classify import NOT_A_DIGIT
from scanproc.page.segment import Group
from scanproc.records import Box, Candidate, Number, Reading

SUREST = 0.9999  # nothing read from paper is certain
# Pixels. On freshly drawn pages 0.3 % of the larger digits given at least 0.95 were wrong, but
# 5 % of those of 12 to 20 pixels.
SMALL_PX = 20


def numbers(groups: Sequence[Group], probabilities: np.ndarray) -> tuple[Number, ...]:
    """The numbers of a page. What is more probably no digit than any digit is left out.

    groups: in reading order. probabilities: (N, 11) float32, a row for each candidate of the
    groups in their order, calibrated; column `NOT_A_DIGIT` is the last.
    """
    found = []
    at = 0
    for group in groups:
        rows = probabilities[at:at + len(group.candidates)]
        at += len(rows)
        is_digit = rows.argmax(axis=1) != NOT_A_DIGIT
        if is_digit.any():
            found.append(_number(group, rows, is_digit))
    return tuple(found)


def _number(group: Group, rows: np.ndarray, is_digit: np.ndarray) -> Number:
    digits = tuple(compress(group.candidates, is_digit))
    readings = tuple(_reading(position, candidate, row) for position, (candidate, row)
                     in enumerate(zip(digits, rows[is_digit], strict=True), start=1))
    reasons = (("mark",) * bool(group.marks) + ("spacing",) * group.doubtful_gap
               + ("not_a_digit",) * (len(digits) < len(rows))
               + ("small",) * (_height(digits) < SMALL_PX))
    return Number(
        text="".join(str(reading.digit) for reading in readings),
        confidence=_rounded(float(np.prod(rows.max(axis=1)))),  # of what is left out as well
        box=reduce(Box.union, (reading.box for reading in readings)),
        readings=readings,
        reasons=reasons,
        marks=" ".join(f"{is_digit[:after].sum()}{sign}" for after, sign in group.marks))


def _reading(position: int, candidate: Candidate, row: np.ndarray) -> Reading:
    runner_up, digit = (int(value) for value in np.argsort(row[:NOT_A_DIGIT], kind="stable")[-2:])
    return Reading(position, digit, _rounded(row[digit]), runner_up, _rounded(row[runner_up]),
                   candidate.box)


def _height(digits: Sequence[Candidate]) -> float:
    """Of the usual digit of a number on the cleaned page, in pixels."""
    return float(np.median([max(candidate.mask.shape) for candidate in digits]))


def _rounded(probability: float) -> float:
    return min(round(float(probability), 4), SUREST)
