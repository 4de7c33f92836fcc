"""Numbers that are none, and what makes one doubtful: chance shapes, rests of rules, bubbles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress

import numpy as np

from scanproc.page.segment.groups import Group, Guess
from scanproc.page.stray import among_print, figures, shape
from scanproc.page.stray.around import beside, edges, pen, spots, usual_height
from scanproc.records import Box

ALL = 0.5  # a number is none if it is less likely all digits than so; in rows of boxes it stays
LETTERS = 0.6, 0.45  # digit heights, and of a digit's: small letters, beside a tall one
RINGS, RING, NEXT_RING = 6, 0.1, 2.0  # of one size, by that share, and heights to the next
# Of strokes that much thinner than the page's usual ones, 1s alone are none, and what is so much
# lower than its usual number: of 548 digits on real pages two, and every fifth piece that is none.
THIN, THIN_LOW = 0.6, 0.75
LOWER = 0.5  # times the page's usual number: lower ones are doubted, and ...
HIGHER = 1.25  # ... 1s alone that are so much higher
FULL = 20  # letters on a page of print, and at least as many as undoubted digits in no box


def without_stray(found: Sequence[Group], letters: Sequence[Guess], small: Sequence[Box] = (),
                  ruled: bool = False, patterns: Sequence[Guess] = (), odd: Sequence[Guess] = ()
                  ) -> tuple[list[Group], list[Group]]:
    """(numbers in reading order, what is none). Marked are numbers that stay though they are far
    lower than the others or, among print, stand in no box, are no higher than letters, or 1s alone.

    letters: the pieces of print, and of words, on the page. small: boxes of what is too low for a
    digit. ruled: whether there are boxes. patterns: rings and squares, among others. odd:
    those, and what else is no digit and no print.
    """
    usual, thick = usual_height(found), pen(found)
    marks, rings = edges(small), spots(patterns)
    none = [not group.positions and (
        shape.all_digits(group) < ALL or _among_rings(group, rings)
        or _thin(group, thick, usual) or shape.bars(group) and not shape.boxed(group)
        or shape.height(group) < LOWER * usual and beside(group, marks, *LETTERS))
        for group in found]
    kept = _doubted([group for group, is_none in zip(found, none, strict=True) if not is_none],
                    letters, ruled)
    free = sum(len(group.guesses) for group in kept if not (group.stray or shape.boxed(group)))
    among: list[Group] = []
    if len(letters) >= max(FULL, free):
        kept, among = among_print.parted(kept, letters, patterns, odd)
    return kept, [*compress(found, none), *among]


def _thin(group: Group, thick: float, usual: float) -> bool:
    """Whether it is print, or rests of rules, by strokes far thinner than the page's usual pen."""
    return shape.thickness(group.guesses) < THIN * thick and (
        shape.strokes(group) or shape.height(group) < THIN_LOW * usual)


def _among_rings(group: Group, rings: np.ndarray) -> bool:
    """Whether all of it is as large as many rings, and next to some: bubbles of answer sheets that
    are broken, or have ink in them. rings: (N, 4), boxes."""
    def is_one(spot: Box) -> bool:
        like = (np.abs(rings[:, 2:] - spot[2:]) <= np.maximum(1, RING * np.array(spot[2:]))
                ).all(axis=1)
        apart = np.abs(rings[like, :2] - spot[:2]).max(axis=1, initial=0)
        return like.sum() >= RINGS and bool((apart <= NEXT_RING * spot.height).any())

    return all(is_one(guess.spot) for guess in group.guesses)


def _doubted(found: Sequence[Group], letters: Sequence[Guess], ruled: bool) -> list[Group]:
    """Marked as stray are numbers far lower than the page's others, or with a digit that low, print
    or letters; what may stand in brackets; digits as high as printed ones; 1s alone in no box on
    a page with boxes, or higher than the others; a 1 at an end that may be a piece of a rule:
    rests of rules, edges."""
    usual, figure = usual_height(found), figures.usual_height(letters)

    def doubted(group: Group) -> bool:
        high = shape.height(group)
        return (high < LOWER * usual or shape.uneven(group) or shape.in_brackets(group)
                or figures.as_high(group, figure) or ruled and shape.beside_rule(group)
                or shape.strokes(group) and not shape.boxed(group)
                and (ruled or high > HIGHER * usual))

    return [replace(group, stray=doubted(group)) for group in found]
