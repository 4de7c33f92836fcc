"""What a number shows by its own digits, whatever stands around it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from scanproc.page import stroke
from scanproc.page.classify import NOT_A_DIGIT
from scanproc.page.segment.groups import Group, Guess

# So likely its digit one alone is, and a 1: of others on real pages 7 in 72, and none of 52, were
# any; the others were crosses, brackets, rests of rules.
LONE = 0.5, 0.9
DIGITS, LIKELY = 2, 0.8  # so many digits, each so sure, are likely a number
SURE = 0.9  # a digit that is less sure is in doubt
SURE_ONE = 0.95  # one alone, of another shape than a 1
LOWEST_DIGIT = 0.65  # of its number's usual digit
REST, STRAIGHT, BAR = 0.03, 0.7, 0.3  # of its outline, of its box, widths over heights
EDGE, EDGE_BAR = 0.6, 0.12  # the same, of what has no end on a rule
BRACKET = 1.1  # times the digits between them
LEVEL = 0.03  # of their height: nobody writes digits more evenly


def height(group: Group) -> float:
    """Of its usual digit, in pixels."""
    return float(np.median([guess.spot.height for guess in group.guesses]))


def thickness(guesses: Sequence[Guess]) -> float:
    """Of their usual stroke, in pixels; 0.0 of none."""
    return float(np.median([stroke.thickness(guess.candidate.mask) for guess in guesses] or [0.0]))


def boxed(group: Group) -> bool:
    """Whether all of it stands in boxes."""
    return all(guess.cell >= 0 for guess in group.guesses)


def strokes(group: Group) -> bool:
    """Whether it is 1s alone, and in no row of boxes: it may be a tally."""
    return not group.positions and all(guess.row[:NOT_A_DIGIT].argmax() == 1
                                       for guess in group.guesses)


def bars(group: Group) -> bool:
    """Whether it is 1s alone, straight and upright, with an end or a side where a rule was, and so
    rests of rules: none of 830 handwritten digits on real pages that stood in no box was one."""
    return strokes(group) and all(_is_bar(guess) for guess in group.guesses)


def beside_rule(group: Group) -> bool:
    """Whether, in no row of boxes, its first or last digit is a 1 as slim as a rule."""
    return not group.positions and any(
        guess.row[:NOT_A_DIGIT].argmax() == 1 and guess.spot.width < EDGE_BAR * guess.spot.height
        and _filled(guess) > EDGE for guess in (group.guesses[0], group.guesses[-1]))


def uneven(group: Group) -> bool:
    """Whether one, in no row of boxes, is far lower than the others: a 0 of a sign of percent."""
    lowest = min(guess.spot.height for guess in group.guesses)
    return not group.positions and lowest < LOWEST_DIGIT * height(group)


def in_brackets(group: Group) -> bool:
    """Whether, in no row of boxes, its first and its last digit are 1s, both higher than all others
    and reaching below them."""
    if group.positions or len(group.guesses) <= 2:
        return False
    first, *others, last = group.guesses
    high = max(guess.spot.height for guess in others)
    bottom = max(guess.spot.bottom for guess in others)
    return all(guess.row[:NOT_A_DIGIT].argmax() == 1 and guess.spot.height > BRACKET * high
               and guess.spot.bottom > bottom for guess in (first, last))


def level(group: Group) -> bool:
    """Whether it is several digits of one height on one line, as print is."""
    edges = np.array([(guess.spot.top, guess.spot.bottom) for guess in group.guesses])
    return len(edges) > 1 and bool(np.ptp(edges, axis=0).max() <= LEVEL * height(group))


def all_digits(group: Group) -> float:
    """How likely all of it is digits, whichever."""
    return float(np.prod([1 - guess.row[NOT_A_DIGIT] for guess in group.guesses]))


def hardly_one(group: Group) -> bool:
    """Whether it is one digit alone, and less likely that one than `LONE`."""
    least = LONE[1] if strokes(group) else LONE[0]
    return len(group.guesses) == 1 and group.guesses[0].row[:NOT_A_DIGIT].max() < least


def doubtful(group: Group) -> bool:
    """Letters beside it, digits that had to be cut apart, or none too sure."""
    return (group.strange or any(guess.joined for guess in group.guesses)
            or min(guess.row.max() for guess in group.guesses) < SURE)


def likely(group: Group) -> bool:
    """Several sure digits, and no letters beside them."""
    return (len(group.guesses) >= DIGITS and not group.strange
            and all(guess.row.max() >= LIKELY for guess in group.guesses))


def sure_one(group: Group) -> bool:
    """One sure digit alone, no 1, and no letters beside it."""
    return (len(group.guesses) == 1 and not group.strange and not strokes(group)
            and group.guesses[0].row[:NOT_A_DIGIT].max() >= SURE_ONE)


def _is_bar(guess: Guess) -> bool:
    width, height = guess.spot[2:]
    return (guess.candidate.cut > REST and width < BAR * height
            and _filled(guess) > STRAIGHT)


def _filled(guess: Guess) -> float:
    """Share of its box that is ink."""
    return cv2.countNonZero(guess.candidate.mask) / guess.candidate.mask.size

