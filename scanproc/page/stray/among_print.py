"""On a page full of print: numbers that are print, or notes beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scanproc.page.classify import NOT_A_DIGIT
from scanproc.page.segment.groups import Group, Guess
from scanproc.page.stray import figures, shape
from scanproc.page.stray.around import about, beside, pen, spots, usual_height

LETTERED = 10  # so many show how high letters are; fewer may be of a headline
OVER_FIGURES = 1.5  # times printed digits: higher letters are pieces of handwriting
ROUND = 0.6  # widths over heights of letters that look like bubbles
TALLY = 3  # 1s alone among print
# Of numbers outside boxes on 30 such pages one of ten was one; of lone digits, fewer. They are
# none, but for sure ones where boxes show the pen, and those so many times as high as letters, and
# so likely all digits.
TALL, ALL_TALL = 2.0, 0.8
MUCH = 200  # pieces of print: among so many, level digits in no box are print
THICKET, ABOUT = 3, 0.25  # pieces of what is no digit, so many heights about one: of a code
HUGE = 8.0  # times the letters: digits in no box that are higher are marks in the page's corners
# Times the pen in the boxes: digits whose strokes are thinner, or in no box thicker, are print; on
# real pages those of 51 such numbers were 0.62 to 1.22 times as thick, those of print up to 3.4.
PEN = 0.6, 1.5
LOW = 1.3  # times the letters: digits that are no higher are print, or in a box may be
# Digits in a box are print below so many times the letters, ...
LOWEST, LOWEST_ONE = 0.8, 1.02  # ... whatever is near them, and one alone,
AMONG = 1.5  # beside what is no digit,
BRACKETED = 1.8  # in what may be brackets,
TOUCHING = 2.2  # and close to print as well; brackets and signs of percent are higher than digits;
LONG = 5  # ... unless it is a number of so many digits;
TOUCHING_FREE = 3.5  # in no box, close to print alone.
# Lower than that beside rows of boxes, and in doubt, they are too; lower than this, doubted.
BESIDE_COMBS, BESIDE_SURE = 0.7, 0.5
# Print as near as (digit heights) and no lower than (share of the digits): nobody writes so.
NEAR, CLOSE, IN_LINE = (0.6, 1 / LOW), (0.35, 0.6), (1.2, 0.7)


@dataclass(frozen=True)
class Print:
    """What a page full of print has.

    height: of a letter, pixels, 0.0 where too few show it. letters: (N, 4), their boxes. lines:
    (M, 4), those and of what else may be letters of a headline. combed: height of the digits in
    rows of boxes, 0.0 of none. pen: thickness of the strokes in boxes, 0.0 where too few show it.
    odd: (N, 4), boxes of what is neither. figures: the printed digits, none where they are few.
    """

    height: float
    letters: np.ndarray
    lines: np.ndarray
    combed: float
    pen: float
    odd: np.ndarray
    figures: Sequence[Guess]


def parted(found: Sequence[Group], letters: Sequence[Guess], patterns: Sequence[Guess],
           odd: Sequence[Guess]) -> tuple[list[Group], list[Group]]:
    """(numbers, what is print). Marked as stray are those that stay though they stand in no box,
    are no higher than letters, or 1s alone.

    letters: the pieces of print, and of words. patterns: rings and squares, among others. odd:
    those, and what else is no digit and no print.
    """
    page = _print(found, letters, [one for one in patterns if _round(one)], odd)
    kept: list[Group] = []
    stray: list[Group] = []
    for group in found:
        boxed = shape.boxed(group)
        if _is_print(group, page) or not boxed and not _stands_out(group, page):
            stray.append(group)
        else:
            low = shape.height(group) < max(LOW * page.height, BESIDE_SURE * page.combed)
            kept.append(replace(group, stray=(group.stray or not boxed or shape.strokes(group)
                                              or low and not group.positions)))
    return kept, stray


def _print(found: Sequence[Group], letters: Sequence[Guess], rounds: Sequence[Guess],
           odd: Sequence[Guess]) -> Print:
    return Print(_height(letters),
                 spots(letters), spots([*letters, *rounds]),
                 usual_height([group for group in found if group.positions]),
                 pen([group for group in found if shape.boxed(group)]), spots(odd),
                 figures.printed(letters))


def _height(letters: Sequence[Guess]) -> float:
    """Of a letter, pixels; 0.0 where too few show it."""
    heights = np.array([one.spot.height for one in letters], float)
    digits = np.array([one.row.argmax() != NOT_A_DIGIT for one in letters], bool)
    if len(heights) - digits.sum() < LETTERED:
        return 0.0
    usual = float(np.median(heights[~digits]))
    most = OVER_FIGURES * float(np.median(heights[digits])) if digits.any() else usual
    return min(usual, most)


def _round(guess: Guess) -> bool:
    """Whether it is about as wide as high: an o among rings, and no tally."""
    return guess.spot.width > ROUND * guess.spot.height


def _is_print(group: Group, page: Print) -> bool:
    if group.positions:
        return False
    if shape.thickness(group.guesses) < PEN[0] * page.pen:
        return True
    return (shape.strokes(group) and len(group.guesses) >= TALLY
            or page.height > 0 and shape.hardly_one(group)  # where print is digits alone, it stays
            or _printed(group, page) or figures.as_printed(group, page.figures)
            or figures.below_hand(group, page.figures, page.combed)
            or shape.in_brackets(group) and BRACKETED * page.height
            > min(guess.spot.height for guess in group.guesses)
            or shape.height(group) < BESIDE_COMBS * page.combed and shape.doubtful(group))


def _stands_out(group: Group, page: Print) -> bool:
    """Whether what stands in no box may be a number; no 1 alone."""
    thick = shape.thickness(group.guesses)
    if (len(page.letters) >= MUCH and shape.level(group)
            or about(group, page.odd, ABOUT) >= THICKET):
        return False
    if page.height and group.spot.height > HUGE * page.height or page.pen and not (
            PEN[0] * page.pen < thick < PEN[1] * page.pen):
        return False
    return shape.likely(group) or bool(page.pen) and shape.sure_one(group) or (
        group.spot.height > TALL * page.height and shape.all_digits(group) >= ALL_TALL
        and not (shape.strokes(group) and len(group.guesses) == 1))


def _printed(group: Group, page: Print) -> bool:
    """Whether its digits are as low as print is, beside what stands there."""
    height = shape.height(group) / max(page.height, 1)
    near, close = (beside(group, page.letters, *way) for way in (NEAR, CLOSE))
    if shape.boxed(group):
        limits = ((LOWEST, True), (LOWEST_ONE, len(group.guesses) == 1), (LOW, near),
                  (AMONG, group.strange),
                  (TOUCHING, group.strange and close and len(group.guesses) < LONG),
                  (TOUCHING, shape.strokes(group) and close and len(group.guesses) > 1))  # a ll
        return any(height < limit and holds for limit, holds in limits)
    return height < LOW or near or close and height < TOUCHING_FREE or beside(
        group, page.lines, *IN_LINE, level=True)
