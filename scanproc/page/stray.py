"""Numbers that are none: chance shapes, and on a page full of print print and notes beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np

from scanproc.page import shape
from scanproc.page.classify import NOT_A_DIGIT
from scanproc.page.segment.groups import Group, Guess
from scanproc.records import Box

ALL = 0.5  # a number is none if it is less likely all digits than so; in rows of boxes it stays
LETTERS = 0.6, 0.45  # as near as to NEAR, and as high: small letters, beside a tall one
RINGS, RING, NEXT_RING = 6, 0.1, 2.0  # of one size, by that share, and heights to the next
LOWER = 0.5  # times the page's usual number: lower ones are doubted, and ...
HIGHER = 1.25  # ... 1s alone that are so much higher
FIGURES, FIGURE = 6, 0.05  # printed digits of one height, within that share: so high print is
FULL = 20  # letters on a page of print, and at least as many as digits in no box
ROUND = 0.6  # widths over heights of letters that look like bubbles
TALLY = 3  # 1s alone among print
# Of numbers outside boxes on 30 such pages one of ten was one; of lone digits, fewer. They are
# none, but for those that are so many times as high as letters, and so likely all digits.
TALL, ALL_TALL = 2.0, 0.8
LOW = 1.3  # times the letters: digits that are no higher are print, or in a box may be
# Digits in a box are print below so many times the letters, ...
LOWEST = 0.8  # ... whatever is near them,
AMONG = 1.5  # beside what is no digit,
BRACKETED = 1.8  # in what may be brackets,
TOUCHING = 2.2  # and close to print as well; brackets and signs of percent are higher than digits;
LONG = 5  # ... unless it is a number of so many digits;
TOUCHING_FREE = 3.5  # in no box, close to print alone.
BESIDE_COMBS = 0.7  # lower than that beside rows of boxes, and in doubt, they are too
# Print as near as (digit heights) and no lower than (share of the digits): nobody writes so.
NEAR, CLOSE, IN_LINE = (0.6, 1 / LOW), (0.35, 0.6), (1.2, 0.7)
LEVEL = 0.07  # of the digits: so well a headline keeps its baseline, or to the pixel


@dataclass(frozen=True)
class Print:
    """What a page full of print has.

    height: of a letter, pixels. letters: (N, 4), their boxes. lines: (M, 4), those and of what else
    may be letters of a headline. combed: height of the digits in rows of boxes, 0.0 of none.
    """

    height: float
    letters: np.ndarray
    lines: np.ndarray
    combed: float


def without_stray(found: Sequence[Group], letters: Sequence[Guess], small: Sequence[Box] = (),
                  ruled: bool = False, patterns: Sequence[Guess] = ()
                  ) -> tuple[list[Group], list[Group]]:
    """(numbers in reading order, what is none). Marked are numbers that stay though they are far
    lower than the others or, among print, stand in no box, are no higher than letters, or 1s alone.

    letters: the pieces of print, and of words, on the page. small: boxes of what is too low for a
    digit. ruled: whether there are boxes. patterns: rings and squares, among others.
    """
    low, marks, rings = LOWER * _usual(found), _boxes(small), _spots(patterns)
    none = [not group.positions and (
        shape.all_digits(group) < ALL or _among_rings(group, rings)
        or shape.height(group) < low and _beside(group, marks, *LETTERS)) for group in found]
    kept = _doubted([group for group, is_none in zip(found, none, strict=True) if not is_none],
                    letters, ruled)
    free = sum(len(group.guesses) for group in kept if not shape.boxed(group))
    among: list[Group] = []
    if len(letters) >= max(FULL, free):
        kept, among = _among_print(kept, letters, [one for one in patterns if _round(one)])
    return kept, [*compress(found, none), *among]


def _usual(found: Sequence[Group]) -> float:
    """Height of the page's usual number in pixels."""
    return float(np.median([shape.height(group) for group in found] or [0.0]))


def _boxes(boxes: Sequence[Box]) -> np.ndarray:
    return np.array(boxes, float).reshape(-1, 4)


def _spots(guesses: Sequence[Guess]) -> np.ndarray:
    return _boxes([guess.spot for guess in guesses])


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
    or letters; what may stand in brackets; digits as high as the printed ones; and 1s alone in no
    box on a page with boxes, or higher than the others: rests of rules, edges."""
    usual, figure = _usual(found), _figure(letters)

    def doubted(group: Group) -> bool:
        high = shape.height(group)
        return (high < LOWER * usual or shape.uneven(group) or shape.in_brackets(group)
                or _as_high(group, figure) or shape.strokes(group) and not shape.boxed(group)
                and (ruled or high > HIGHER * usual))

    return [replace(group, stray=doubted(group)) for group in found]


def _figure(letters: Sequence[Guess]) -> float:
    """Height of the page's printed digits in pixels, 0.0 where too few have one."""
    heights = np.array([one.spot.height for one in letters if one.row.argmax() != NOT_A_DIGIT])
    usual = float(np.median(heights)) if heights.size else 0.0
    alike = np.count_nonzero(np.abs(heights - usual) <= FIGURE * usual)
    return usual if alike >= max(FIGURES, len(heights) / 2) else 0.0


def _as_high(group: Group, figure: float) -> bool:
    """Whether, in no row of boxes, all its digits are as high as printed ones."""
    return not group.positions and all(
        abs(guess.spot.height - figure) <= FIGURE * figure for guess in group.guesses)


def _round(guess: Guess) -> bool:
    """Whether it is about as wide as high: an o among rings, and no tally."""
    return guess.spot.width > ROUND * guess.spot.height


def _among_print(found: Sequence[Group], letters: Sequence[Guess], rounds: Sequence[Guess]
                 ) -> tuple[list[Group], list[Group]]:
    heights = [one.spot.height for one in letters if one.row.argmax() == NOT_A_DIGIT]
    page = Print(float(np.median(heights or [0.0])), _spots(letters), _spots([*letters, *rounds]),
                 _usual([group for group in found if group.positions]))
    kept: list[Group] = []
    stray: list[Group] = []
    for group in found:
        boxed = shape.boxed(group)
        if _is_print(group, page) or not boxed and not _stands_out(group, page):
            stray.append(group)
        else:
            low = shape.height(group) < LOW * page.height
            kept.append(replace(group, stray=(group.stray or not boxed or low
                                              or shape.strokes(group))))
    return kept, stray


def _is_print(group: Group, page: Print) -> bool:
    if group.positions:
        return False
    return (shape.strokes(group) and len(group.guesses) >= TALLY or shape.hardly_one(group)
            or _printed(group, page) or shape.in_brackets(group) and BRACKETED * page.height
            > min(guess.spot.height for guess in group.guesses)
            or shape.height(group) < BESIDE_COMBS * page.combed and shape.doubtful(group))


def _stands_out(group: Group, page: Print) -> bool:
    """Whether what stands in no box may be a number; no 1 alone."""
    return shape.likely(group) or (
        group.spot.height > TALL * page.height and shape.all_digits(group) >= ALL_TALL
        and not (shape.strokes(group) and len(group.guesses) == 1))


def _printed(group: Group, page: Print) -> bool:
    """Whether its digits are as low as print is, beside what stands there."""
    height = shape.height(group) / max(page.height, 1)
    near, close = (_beside(group, page.letters, *way) for way in (NEAR, CLOSE))
    if shape.boxed(group):
        limits = ((LOWEST, True), (LOW, near), (AMONG, group.strange),
                  (TOUCHING, group.strange and close and len(group.guesses) < LONG))
        return any(height < limit and holds for limit, holds in limits)
    return height < LOW or near or close and height < TOUCHING_FREE or _beside(
        group, page.lines, *IN_LINE, level=True)


def _beside(group: Group, letters: np.ndarray, reach: float, share: float, level: bool = False
            ) -> bool:
    """Whether print stands next to it on its line, that close and no lower than that share.

    letters: (N, 4), boxes. level: whether the print has to be on the same baseline.
    """
    left, top, width, height = letters.T
    digit, spot = shape.height(group), group.spot
    shared = np.minimum(top + height, spot.bottom) - np.maximum(top, spot.top)
    gap = np.maximum(left - spot.right, spot.left - left - width)
    beside = ((shared > np.minimum(height, spot.height) / 2) & (gap < reach * digit)
              & (height > share * digit))
    if level:
        beside &= np.abs(top + height - spot.bottom) <= max(1.0, LEVEL * digit)
    return bool(beside.any())
