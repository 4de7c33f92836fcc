"""Numbers that are none: chance shapes, and on a page full of print print and notes beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress

import numpy as np

from scanproc.page.classify import NOT_A_DIGIT
from scanproc.page.segment.groups import Group, Guess
from scanproc.records import Box

ALL = 0.5  # a number is none if it is less likely all digits than so; in rows of boxes it stays
LOWER = 0.5  # times the page's usual number: lower ones are doubted, and ...
BRACKET = 1.1  # times the digits between them; printed, these are so many times as high as letters
BRACKETED = 1.8  # at most
LOWEST_DIGIT = 0.65  # of its number's usual digit
HIGHER = 1.25  # ... 1s alone that are so much higher
FULL = 20  # letters on a page of print, and at least as many as digits in no box
LETTERS = 0.6, 0.45  # as near as to NEAR, and as high: small letters, beside a tall one
RINGS, RING, NEXT_RING = 6, 0.1, 2.0  # of one size, by that share, and heights to the next
TALLY = 3  # 1s alone among print
# So likely its digit one alone is, and a 1: of others on real pages 7 in 72, and none of 52, were
# any; the others were crosses, brackets, rests of rules.
LONE = 0.5, 0.9
# Of numbers outside boxes on 30 such pages one of ten was one; of lone digits, fewer.
DIGITS, LIKELY = 2, 0.8  # fewer digits, or any less sure, are none ...
TALL, ALL_TALL = 2.0, 0.8  # ... but so many times as high as letters, and so likely all digits
LOW = 1.3  # times the letters: digits that are no higher are print, or in a box may be
# Digits in a box are print below so many times the letters, ...
LOWEST = 0.8  # ... whatever is near them,
AMONG = 1.5  # beside what is no digit,
TOUCHING = 2.2  # and close to print as well; brackets and signs of percent are higher than digits;
LONG = 5  # ... unless it is a number of so many digits;
TOUCHING_FREE = 3.5  # in no box, close to print alone.
BESIDE_COMBS, SURE = 0.7, 0.9  # lower than that beside rows of boxes, and in doubt, they are too
# Print as near as (digit heights) and no lower than (share of the digits): nobody writes so.
NEAR, CLOSE, IN_LINE = (0.6, 1 / LOW), (0.35, 0.6), (1.2, 0.7)
FIGURES, FIGURE = 6, 0.05  # printed digits of one height, within that share: so high print is
ROUND = 0.6  # widths over heights of letters that look like bubbles
LEVEL = 0.07  # of the digits: so well a headline keeps its baseline, or to the pixel


def without_stray(found: Sequence[Group], letters: Sequence[Guess], small: Sequence[Box] = (),
                  ruled: bool = False, patterns: Sequence[Guess] = ()
                  ) -> tuple[list[Group], list[Group]]:
    """(numbers in reading order, what is none). Marked are numbers that stay though they are far
    lower than the others or, among print, stand in no box, are no higher than letters, or 1s alone.

    letters: the pieces of print, and of words, on the page. small: boxes of what is too low for a
    digit. ruled: whether there are boxes. patterns: rings and squares, among others.
    """
    low, marks = LOWER * _usual(found), np.array(small, float).reshape(-1, 4)
    rings = np.array([one.spot for one in patterns], float).reshape(-1, 4)
    none = [not group.positions and (_all_digits(group) < ALL or _among_rings(group, rings) or (
        _height(group) < low and _beside(group, marks, *LETTERS))) for group in found]
    kept = _doubted([group for group, is_none in zip(found, none, strict=True) if not is_none],
                    ruled)
    kept = _as_high_as_figures(kept, letters)
    free = sum(len(group.guesses) for group in kept if not _boxed(group))
    among: list[Group] = []
    if len(letters) >= max(FULL, free):
        kept, among = _among_print(kept, letters, [one for one in patterns if _round(one)])
    return kept, [*compress(found, none), *among]


def _among_print(found: Sequence[Group], letters: Sequence[Guess], rounds: Sequence[Guess]
                 ) -> tuple[list[Group], list[Group]]:
    height = float(np.median([letter.spot.height for letter in letters
                              if letter.row.argmax() == NOT_A_DIGIT] or [0.0]))
    spots = np.array([letter.spot for letter in letters], float)
    line = np.array([letter.spot for letter in (*letters, *rounds)], float)
    combed = float(np.median([_height(group) for group in found if group.positions] or [0.0]))
    kept: list[Group] = []
    stray: list[Group] = []
    for group in found:
        high, strokes = _height(group), _strokes(group)
        if (strokes and len(group.guesses) >= TALLY or not group.positions and (
                _lone_chance(group) or _printed(group, high / max(height, 1), spots)
                or not _boxed(group) and _beside(group, line, *IN_LINE, level=True)
                or _in_brackets(group)
                and min(one.spot.height for one in group.guesses) < BRACKETED * height
                or high < BESIDE_COMBS * combed and _doubtful(group))):
            stray.append(group)
        elif _boxed(group):
            kept.append(replace(group, stray=group.stray or high < LOW * height or strokes))
        elif _likely(group) or (group.spot.height > TALL * height
                                and _all_digits(group) >= ALL_TALL
                                and (not strokes or len(group.guesses) > 1)):
            kept.append(replace(group, stray=True))
        else:
            stray.append(group)
    return kept, stray


def _among_rings(group: Group, rings: np.ndarray) -> bool:
    """Whether all of it is as large as many rings, and next to some: bubbles of answer sheets that
    are broken, or have ink in them. rings: (N, 4), boxes."""
    def is_one(spot: Box) -> bool:
        like = (np.abs(rings[:, 2:] - spot[2:]) <= np.maximum(1, RING * np.array(spot[2:]))
                ).all(axis=1)
        apart = np.abs(rings[like, :2] - spot[:2]).max(axis=1, initial=0)
        return like.sum() >= RINGS and bool((apart <= NEXT_RING * spot.height).any())

    return all(is_one(guess.spot) for guess in group.guesses)


def _lone_chance(group: Group) -> bool:
    """Whether it is one digit alone, and less likely that one than `LONE`."""
    least = LONE[1] if _strokes(group) else LONE[0]
    return len(group.guesses) == 1 and group.guesses[0].row[:NOT_A_DIGIT].max() < least


def _usual(found: Sequence[Group]) -> float:
    """Height of the page's usual number in pixels."""
    return float(np.median([_height(group) for group in found] or [0.0]))


def _doubted(found: Sequence[Group], ruled: bool) -> list[Group]:
    """Marked as stray are numbers far lower than the page's others, or with a digit that low, print
    or letters; what may stand in brackets; and 1s alone in no box on a page with boxes, or higher
    than the others: rests of rules, edges."""
    usual = _usual(found)
    return [replace(group, stray=_height(group) < LOWER * usual or _uneven(group)
                    or _in_brackets(group) or _strokes(group)
                    and not _boxed(group) and (ruled or _height(group) > HIGHER * usual))
            for group in found]


def _as_high_as_figures(found: Sequence[Group], letters: Sequence[Guess]) -> list[Group]:
    """Marked as stray are digits that are all as high as the page's printed ones."""
    heights = np.array([one.spot.height for one in letters if one.row.argmax() != NOT_A_DIGIT])
    usual = float(np.median(heights)) if heights.size else 0.0
    if np.count_nonzero(np.abs(heights - usual) <= FIGURE * usual) < max(FIGURES, len(heights) / 2):
        return list(found)
    return [replace(group, stray=group.stray or not group.positions and all(
        abs(guess.spot.height - usual) <= FIGURE * usual for guess in group.guesses))
        for group in found]


def _uneven(group: Group) -> bool:
    """Whether one, in no row of boxes, is far lower than the others: a 0 of a sign of percent."""
    heights = [guess.spot.height for guess in group.guesses]
    return not group.positions and min(heights) < LOWEST_DIGIT * float(np.median(heights))


def _in_brackets(group: Group) -> bool:
    """Whether, in no row of boxes, its first and its last digit are 1s, both higher than all others
    and reaching below them."""
    first, *others, last = group.guesses if len(group.guesses) > 2 else (None, None)
    if group.positions or not others:
        return False
    inner = [guess.spot for guess in others]
    height, bottom = max(spot.height for spot in inner), max(spot.bottom for spot in inner)
    return all(guess.row[:NOT_A_DIGIT].argmax() == 1 and guess.spot.height > BRACKET * height
               and guess.spot.bottom > bottom for guess in (first, last))


def _round(guess: Guess) -> bool:
    """Whether it is about as wide as high: an o among rings, and no tally."""
    return guess.spot.width > ROUND * guess.spot.height


def _strokes(group: Group) -> bool:
    """Whether it is 1s alone, and in no row of boxes: it may be a tally."""
    return not group.positions and all(guess.row[:NOT_A_DIGIT].argmax() == 1
                                       for guess in group.guesses)


def _printed(group: Group, height: float, letters: np.ndarray) -> bool:
    """Whether its digits are as low as print is, beside what stands there.

    height: of its digits, in heights of the page's letters. letters: (N, 4), boxes.
    """
    near, close = (_beside(group, letters, *way) for way in (NEAR, CLOSE))
    if _boxed(group):
        limits = ((LOWEST, True), (LOW, near), (AMONG, group.strange),
                  (TOUCHING, group.strange and close and len(group.guesses) < LONG))
        return any(height < limit and holds for limit, holds in limits)
    return height < LOW or near or close and height < TOUCHING_FREE


def _beside(group: Group, letters: np.ndarray, reach: float, share: float, level: bool = False
            ) -> bool:
    """Whether print stands next to it on its line, that close and no lower than that share.

    level: whether the print has to be on the same baseline.
    """
    left, top, width, height = letters.T
    digit, spot = _height(group), group.spot
    shared = np.minimum(top + height, spot.bottom) - np.maximum(top, spot.top)
    gap = np.maximum(left - spot.right, spot.left - left - width)
    beside = ((shared > np.minimum(height, spot.height) / 2) & (gap < reach * digit)
              & (height > share * digit))
    if level:
        beside &= np.abs(top + height - spot.bottom) <= max(1.0, LEVEL * digit)
    return bool(beside.any())


def _height(group: Group) -> float:
    return float(np.median([guess.spot.height for guess in group.guesses]))


def _boxed(group: Group) -> bool:
    return all(guess.cell >= 0 for guess in group.guesses)


def _all_digits(group: Group) -> float:
    """How likely all of it is digits, whichever."""
    return float(np.prod([1 - guess.row[NOT_A_DIGIT] for guess in group.guesses]))


def _doubtful(group: Group) -> bool:
    """Letters beside it, digits that had to be cut apart, or none too sure."""
    return (group.strange or any(guess.joined for guess in group.guesses)
            or min(guess.row.max() for guess in group.guesses) < SURE)


def _likely(group: Group) -> bool:
    """Several sure digits, and no letters beside them."""
    surenesses = np.array([guess.row.max() for guess in group.guesses])
    return (len(surenesses) >= DIGITS and not group.strange
            and bool((surenesses >= LIKELY).all()))
