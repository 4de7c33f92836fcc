"""Numbers that are as high and as thick as the digits that are printed on the page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scanproc.page.classify import NOT_A_DIGIT
from scanproc.page.segment.groups import Group, Guess
from scanproc.page.stray import shape

MANY = 100  # printed digits show how high print is; of fewer a hand's may be as high by chance
HIGH, HIGH_PX = 0.03, 1.0  # of a digit's height, and pixels: so well print keeps its height ...
SHARE = 0.1  # ... and so many of all printed digits are as high as each digit of the number
THICK = 0.25  # by which their strokes may differ
# Beside digits in rows of boxes that are so many times as high as usual pieces of print, numbers
# with no digit higher than so many are print, if their strokes are as thick as its by that share.
HAND, OVER, AS_THICK = 2.4, 1.75, 0.35
FEW, ALIKE = 6, 0.05  # printed digits of one height, within that share: so high print is


def printed(letters: Sequence[Guess]) -> list[Guess]:
    """The digits among the pieces of print; none where they are few."""
    found = [one for one in letters if one.row.argmax() != NOT_A_DIGIT]
    return found if len(found) >= MANY else []


def as_printed(group: Group, figures: Sequence[Guess]) -> bool:
    """Whether every digit of a number is as high and as thick as many printed ones. One alone in a
    box may be so by chance.

    figures: as `printed` gives them. Of 150 handwritten numbers on real pages among print none is.
    """
    if not figures or len(group.guesses) == 1 and shape.boxed(group):
        return False
    heights = np.array([one.spot.height for one in figures], float)
    return all(_like(guess, figures, heights) for guess in group.guesses)


def below_hand(group: Group, figures: Sequence[Guess], hand: float) -> bool:
    """Whether a number is as low and thick as print where a hand writes far higher. A digit alone
    may be a score in a small box.

    figures: as `printed` gives them. hand: height of the digits in rows of boxes, 0.0 of none.
    """
    if not figures or group.positions or len(group.guesses) == 1:
        return False
    usual, thick = float(np.median([one.spot.height for one in figures])), shape.thickness(figures)
    return (hand > HAND * usual
            and max(guess.spot.height for guess in group.guesses) <= OVER * usual
            and abs(shape.thickness(group.guesses) - thick) <= AS_THICK * thick)


def usual_height(letters: Sequence[Guess]) -> float:
    """Height of the page's printed digits in pixels, 0.0 where too few have one."""
    heights = np.array([one.spot.height for one in letters if one.row.argmax() != NOT_A_DIGIT])
    usual = float(np.median(heights)) if heights.size else 0.0
    alike = np.count_nonzero(np.abs(heights - usual) <= ALIKE * usual)
    return usual if alike >= max(FEW, len(heights) / 2) else 0.0


def as_high(group: Group, figure: float) -> bool:
    """Whether, in no row of boxes, all its digits are as high as printed ones."""
    return not group.positions and all(
        abs(guess.spot.height - figure) <= ALIKE * figure for guess in group.guesses)


def _like(guess: Guess, figures: Sequence[Guess], heights: np.ndarray) -> bool:
    high = guess.spot.height
    alike = np.flatnonzero(np.abs(heights - high) <= max(HIGH_PX, HIGH * high))
    if len(alike) < SHARE * len(figures):
        return False
    usual = shape.thickness([figures[at] for at in alike])
    return abs(shape.thickness([guess]) - usual) <= THICK * usual
