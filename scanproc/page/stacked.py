"""Parts of one digit above each other, a 5 whose pen was lifted: read as one where that is sure.

What `segment.broken` joins by size alone are fragments; these are as high as digits might be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from scanproc.page.classify import NOT_A_DIGIT, Answer
from scanproc.page.clean.frame import Frame
from scanproc.page.neighbours import in_columns
from scanproc.page.segment import rests
from scanproc.page.segment.groups import Guess
from scanproc.page.segment.pieces import candidate, together
from scanproc.records import Box, Cell

NEAR = 0.2  # heights of the higher part between the two
HIGHEST = 1.25  # of the page's usual digit: no larger one is made, but in a row of boxes
MOST = 8  # pieces of one box that are tried
DOUBTED, SURE = 0.9, 0.9  # one part at least is less sure than the first, both together surer


def put_together(digits: Sequence[Guess], strange: Sequence[Guess], cells: Sequence[Cell],
                 answer: Answer, frame: Frame) -> tuple[list[Guess], list[Guess]]:
    """(digits, strange) with the parts of digits made one, in the place of both.

    strange: what the network alone took for no digit. answer: the network.
    """
    every = [*digits, *strange]
    pairs = _pairs(every, len(digits), cells)
    whole = [together([(every[at].candidate.mask, every[at].spot) for at in pair])
             for pair in pairs]
    rows = answer([mask for mask, _ in whole]) if whole else np.zeros((0, 11), np.float32)
    gone: set[int] = set()
    found = []
    for at in np.argsort(-rows.max(axis=1), kind="stable"):
        if (rows[at, :NOT_A_DIGIT].max() >= SURE and not gone & set(pairs[at])):
            gone |= set(pairs[at])
            found.append(_one([every[part] for part in pairs[at]], *whole[at], rows[at], frame))
    return ([one for at, one in enumerate(digits) if at not in gone] + found,
            [one for at, one in enumerate(strange, len(digits)) if at not in gone])


def _pairs(every: Sequence[Guess], digits: int, cells: Sequence[Cell]) -> list[tuple[int, int]]:
    """What may be parts of one digit, and is doubtful: what stands above each other, of no more
    height than a digit, and what is near each other in one box of a row."""
    if not digits:
        return []
    spots = np.array([guess.spot for guess in every], float)
    usual = np.median(spots[:digits, 3])
    cell = np.array([guess.cell for guess in every])
    sure = np.array([guess.row[:NOT_A_DIGIT].max() for guess in every])
    near = in_columns(spots, NEAR)
    one, other = near.one, near.other
    high = (np.maximum(spots[one, 1] + spots[one, 3], spots[other, 1] + spots[other, 3])
            - np.minimum(spots[one, 1], spots[other, 1]))
    fit = (one < other) & (cell[one] == cell[other]) & (high <= HIGHEST * usual)
    pairs = {*zip(one[fit].tolist(), other[fit].tolist(), strict=True),
             *_in_one_box(every, cells)}
    return sorted((one, other) for one, other in pairs if min(sure[one], sure[other]) < DOUBTED)


def _in_one_box(every: Sequence[Guess], cells: Sequence[Cell]) -> Iterator[tuple[int, int]]:
    """Pairs in a box for one digit, however high that is; rests of its sides are left out."""
    held: dict[int, list[int]] = {}
    for at, guess in enumerate(every):
        if guess.cell >= 0 and cells[guess.cell].comb >= 0 and not rests.of_side(
                guess.spot, cells[guess.cell].spot):
            held.setdefault(guess.cell, []).append(at)
    for inside in held.values():
        for one, other in combinations(inside[:MOST], 2):
            first, second = every[one].spot, every[other].spot
            around = first.union(second)
            gap = max(around.width - first.width - second.width,
                      around.height - first.height - second.height)
            if gap <= NEAR * max(first.height, second.height):
                yield one, other


def _one(parts: Sequence[Guess], mask: np.ndarray, spot: Box, row: np.ndarray, frame: Frame
         ) -> Guess:
    ones = [part.candidate for part in parts]
    return Guess(candidate(mask, spot, frame, max(one.cut for one in ones),
                           sum(one.parts for one in ones)), row, parts[0].cell, joined=True)
