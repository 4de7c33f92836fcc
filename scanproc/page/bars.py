"""The loose bar of a 5 or a 7 in its box: too low to be read by itself, it belongs to the digit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from scanproc.page.classify import NOT_A_DIGIT, Answer
from scanproc.page.clean.frame import Frame
from scanproc.page.segment import Segments
from scanproc.page.segment.groups import Guess
from scanproc.page.segment.pieces import candidate, together
from scanproc.page.segment.places import place
from scanproc.records import Box, Cell

FLAT = 1.5  # times as wide as high, at least
WIDE = 0.3  # of the digit's height; less is a point
LID = 0.1  # of the height of a box: what ends no lower is a rest of the rule above it
BESIDE = 0.35  # of the digit's height: so far above it, and so far down beside it
SHARED = 0.3  # of its width that stands above the digit
SURE = 0.9  # with the bar it is a digit, else it is in doubt


def with_bars(digits: Sequence[Guess], segments: Segments, cells: Sequence[Cell],
              ink: np.ndarray, answer: Answer, frame: Frame) -> tuple[list[Guess], Segments]:
    """The digits, with a bar above the one digit of a box in a row made part of it, and the
    segments without those bars.

    ink: (H, W) uint8, 1 = ink without rules. answer: the network. Where it reads something else
    with the bar, but is not sure, both are as likely.
    """
    low = [*segments.small, *segments.flat]
    found, pairs = list(digits), _pairs(digits, low, cells)
    whole = [together([(digits[one].candidate.mask, digits[one].spot),
                       (ink[low[bar].top:low[bar].bottom, low[bar].left:low[bar].right], low[bar])])
             for one, bar in pairs]
    taken = set()
    rows = answer([mask for mask, _ in whole]) if whole else ()
    for (one, bar), (mask, spot), row in zip(pairs, whole, rows, strict=True):
        alone = digits[one]
        if row[:NOT_A_DIGIT].max() >= SURE:
            old = alone.candidate
            found[one] = replace(alone, row=row, joined=True, candidate=candidate(
                mask, spot, frame, old.cut, old.parts + 1))
            taken.add(low[bar])
        elif row.argmax() != alone.row.argmax():
            found[one] = replace(alone, row=(row + alone.row) / 2)
    small, flat = (tuple(spot for spot in spots if spot not in taken)
                   for spots in (segments.small, segments.flat))
    fates = segments.fates - Counter(rule=len(segments.flat) - len(flat))
    return found, replace(segments, small=small, flat=flat, fates=fates)


def _pairs(digits: Sequence[Guess], low: Sequence[Box], cells: Sequence[Cell]
           ) -> list[tuple[int, int]]:
    """Which digit may have lost which bar: the only digit of its box, by their numbers."""
    held: dict[int, list[int]] = {}
    for at, guess in enumerate(digits):
        if guess.cell >= 0 and cells[guess.cell].comb >= 0:
            held.setdefault(guess.cell, []).append(at)
    bars = [at for at, spot in enumerate(low) if held and spot.width >= FLAT * spot.height]
    found = {}
    for bar, cell in zip(bars, place([low[at] for at in bars], cells), strict=True):
        inside = held.get(int(cell), [])
        if len(inside) == 1 and _above(low[bar], digits[inside[0]].spot, cells[cell].spot):
            found[inside[0]] = bar
    return list(found.items())


def _above(bar: Box, digit: Box, box: Box) -> bool:
    shared = min(bar.right, digit.right) - max(bar.left, digit.left)
    return (abs(digit.top - bar.bottom) <= BESIDE * digit.height
            and bar.width >= WIDE * digit.height and shared >= SHARED * bar.width
            and bar.bottom - box.top >= LID * box.height)
