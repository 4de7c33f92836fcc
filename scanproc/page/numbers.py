"""Probabilities -> digits and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from scanproc.page.segment import Group
from scanproc.records import Box, Candidate, Number, Reading

SUREST = 0.9999  # nothing read from paper is certain
# Pixels. On freshly drawn pages 0.3 % of the larger digits given at least 0.95 were wrong, but
# 5 % of those of 12 to 20 pixels.
SMALL_PX = 20


def numbers(groups: Sequence[Group], probabilities: np.ndarray) -> tuple[Number, ...]:
    """The numbers of a page.

    groups: in reading order. probabilities: (N, 10) float32, a row for each candidate of the
    groups in their order, calibrated.
    """
    found = []
    at = 0
    for group in groups:
        size = len(group.candidates)
        found.append(_number(group, probabilities[at:at + size]))
        at += size
    return tuple(found)


def _number(group: Group, probabilities: np.ndarray) -> Number:
    readings = tuple(_reading(position, candidate, row) for position, (candidate, row)
                     in enumerate(zip(group.candidates, probabilities, strict=True), start=1))
    reasons = (("mark",) * bool(group.marks) + ("spacing",) * group.doubtful_gap
               + ("small",) * (_height(group) < SMALL_PX))
    return Number(
        text="".join(str(reading.digit) for reading in readings),
        confidence=_rounded(float(np.prod(probabilities.max(axis=1)))),
        box=reduce(Box.union, (reading.box for reading in readings)),
        readings=readings,
        reasons=reasons,
        marks=" ".join(f"{position}{sign}" for position, sign in group.marks))


def _reading(position: int, candidate: Candidate, row: np.ndarray) -> Reading:
    runner_up, digit = (int(value) for value in np.argsort(row, kind="stable")[-2:])
    return Reading(position, digit, _rounded(row[digit]), runner_up, _rounded(row[runner_up]),
                   candidate.box)


def _height(group: Group) -> float:
    """Of the usual digit of a number on the cleaned page, in pixels."""
    return float(np.median([max(candidate.mask.shape) for candidate in group.candidates]))


def _rounded(probability: float) -> float:
    return min(round(float(probability), 4), SUREST)
