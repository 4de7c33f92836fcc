"""Which candidates are no handwritten digits, and why: print is not handwriting.

Each sign has a say in turn, from what a candidate shows by itself to what stands round it; the
network's own "not a digit" comes last, since what it alone doubts may be digits that are joined.
"""

from __future__ import annotations

import numpy as np

from scanproc.page.hand import (
    crossed,
    crosses,
    drawn,
    font,
    ground,
    pen,
    regular,
    strokes,
    texture,
    words,
)
from scanproc.page.hand.evidence import Evidence
from scanproc.page.hand.twins import repeated
from scanproc.page.neighbours import Pairs, on_lines
from scanproc.page.stroke import thickness

__all__ = ["NOT_A_DIGIT", "Evidence", "cores", "grounds", "sift", "sure_crosses"]

cores, grounds, sure_crosses = pen.cores, ground.grounds, crosses.sure_crosses
NOT_A_DIGIT = "not_a_digit"
REACH = 5.0  # heights on a line: what stands farther away is no neighbour
IN_COMB = -4.0  # log-odds against a digit that stands in a row of boxes full of digits
MOST = 20_000  # candidates: no page holds so many characters, it is hatched, or noise
LYING = 0.95  # widths over heights of a 1: what leans so much is a tick, a dash, a hatching
WIDE = 1.2  # widths over heights: it may be digits that are joined
CUT = 0.3  # share of an outline that lies where a rule was: it may be a part of it
SIZED = 0.1  # of the height, by which digits in one printed number differ


def sift(evidence: Evidence) -> list[str]:
    """(N,) keys of `reasons.INK_FATES`, why each candidate is no handwritten digit; "" where it may
    be one.

    The sizes of the signs were read off 43 real pages; see the functions for what each does.
    """
    reasons = np.full(len(evidence.candidates), "", dtype=object)
    if not 0 < len(reasons) <= MOST:
        return ["pattern"] * len(reasons)
    stroke = strokes.strokes(evidence.spots, evidence.probabilities)
    pairs = on_lines(evidence.spots, REACH)
    if evidence.ground is not None:
        _mark(reasons, "border", ground.beside_sheet(evidence.ground) & (evidence.cells < 0))
    _mark(reasons, "solid", texture.solid(evidence.candidates))
    rings = drawn.rings(evidence.candidates)
    _mark(reasons, "pattern", rings)
    _mark(reasons, "print", drawn.in_rings(evidence.spots, rings))
    squares = drawn.squares(evidence.candidates)
    _mark(reasons, "pattern", squares)
    _mark(reasons, NOT_A_DIGIT, drawn.in_codes(evidence.candidates, squares))
    _mark(reasons, "pattern", strokes.dashes(evidence.spots, stroke, evidence.cells))
    if evidence.busy:
        _mark(reasons, "faint", texture.faint(evidence.candidates, evidence.gray,
                                              (evidence.score > 0) & ~stroke))
        _mark(reasons, "print", _printed(evidence, pairs, stroke, reasons == ""))
    voice = words.say(evidence.score, _mute(evidence, stroke, reasons))
    near = pairs.where(evidence.field[pairs.one] == evidence.field[pairs.other])
    _mark(reasons, NOT_A_DIGIT, _unused(evidence))
    row = words.group_says(evidence.field, words.one_each(
        evidence.cells, np.where(reasons == "print", 0, voice)))
    if evidence.busy or np.sign(voice).sum() < 0:
        _mark(reasons, "word", _worded(evidence, near, voice, reasons == "print"))
    _mark(reasons, "word", (row < 0) | (row == 0) & _lettered(
        evidence, pairs, np.where(reasons == "", voice, 0)))
    _mark(reasons, "pattern", _patterned(evidence, near, stroke, voice))
    left = np.flatnonzero(reasons == "")
    reasons[left[crossed.crossed_out([evidence.candidates[at] for at in left])]] = "crossed_out"
    _mark(reasons, NOT_A_DIGIT, _no_digit(evidence, near, voice, row))
    return reasons.tolist()


def _mark(reasons: np.ndarray, key: str, found: np.ndarray) -> None:
    """The first sign that speaks gives the reason."""
    reasons[found & (reasons == "")] = key


def _mute(evidence: Evidence, stroke: np.ndarray, reasons: np.ndarray) -> np.ndarray:
    """(N,) bool: strokes, blots, rests of rules, crosses, what may be digits that are joined."""
    wide = evidence.spots[:, 2] > WIDE * evidence.spots[:, 3]
    mute = stroke | wide | np.isin(reasons, ("solid", "faint")) | (evidence.cut > CUT)
    boxed = np.flatnonzero(~mute & (evidence.cells >= 0) & (evidence.score <= 0))
    mute[boxed] = crosses.crosses([evidence.candidates[at] for at in boxed])
    return mute


def _unused(evidence: Evidence) -> np.ndarray:
    """(N,) bool: crosses in rows of boxes."""
    found = np.zeros(len(evidence.candidates), bool)
    combed = np.flatnonzero(evidence.comb)
    found[combed] = sure_crosses([evidence.candidates[at] for at in combed],
                                 evidence.probabilities[combed, 10])
    return found


def _printed(evidence: Evidence, pairs: Pairs, stroke: np.ndarray, left: np.ndarray
             ) -> np.ndarray:
    digit = evidence.score > 0
    # Where letters are many, a digit in no box that has twins is one of theirs.
    cautious = digit & ((evidence.cells >= 0) | (2 * digit.sum() > len(digit)))
    read_as = np.where(cautious, evidence.probabilities[:, :10].argmax(axis=1), -1)
    printed, paired = repeated(evidence.images, evidence.spots, read_as)
    digits = left & digit
    if evidence.lettered:
        printed |= regular.in_print_line(pairs, evidence.spots)
        printed[digits] |= regular.in_list(evidence.spots[digits], stroke[digits],
                                            np.median(evidence.spots[evidence.score < 0, 3]))
        free = digit & ~evidence.comb
        printed[free] |= regular.enumerated(evidence.spots[free],
                                            evidence.probabilities[free, :10].argmax(axis=1))
        printed |= regular.beside_print(pairs, evidence.spots, printed)
    else:
        printed &= ~digit
    shaped = np.flatnonzero(digits & ~stroke)
    thick = np.array([thickness(evidence.candidates[at].mask) for at in shaped])
    printed[shaped] |= font.in_font_of_print(thick, evidence.spots[shaped, 3], printed[shaped])
    if evidence.colour is not None:
        printed[digits] |= pen.in_colour_of_print(evidence.colour[digits],
                                                  (printed | paired)[digits])
    return printed


def _worded(evidence: Evidence, pairs: Pairs, voice: np.ndarray, printed: np.ndarray
            ) -> np.ndarray:
    """A printed digit is no letter, but what is as high as it and close to it is of its word."""
    height, digit = evidence.spots[:, 3], evidence.score > 0
    sized = np.abs(height[pairs.one] - height[pairs.other]) < SIZED * height[pairs.one]
    close = pairs.where(sized | ~(printed & digit)[pairs.other])
    in_word = words.in_word(close, np.where(printed & (voice != 0), -words.SURE, voice))
    voice = np.where(printed & digit, 0, voice)
    return ~evidence.comb & (in_word | words.among_letters(pairs, voice, evidence.score))


def _lettered(evidence: Evidence, pairs: Pairs, voice: np.ndarray) -> np.ndarray:
    """(N,) bool: what stands in a box, or a row, of characters written apart, mostly letters."""
    return ((words.group_says(evidence.cells, voice) < 0)
            | (words.group_says(words.spaced(pairs, voice != 0), voice) < 0))


def _patterned(evidence: Evidence, pairs: Pairs, stroke: np.ndarray, voice: np.ndarray
               ) -> np.ndarray:
    boxed = evidence.cells >= 0
    lone = (strokes.unsupported(pairs, stroke, voice, boxed) & ~evidence.comb
            & (evidence.busy and evidence.lettered))
    near = pairs.where(evidence.cells[pairs.one] == evidence.cells[pairs.other])
    return lone | strokes.tallies(near, evidence.spots, stroke)


def _no_digit(evidence: Evidence, pairs: Pairs, voice: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Least is asked for among digits in a row of boxes, most of what stands alone in print."""
    digits = pairs.sums(voice[pairs.other] > 0, len(voice))
    doubtful = (evidence.score == 0) & (evidence.cells < 0) & (digits == 0) & evidence.busy
    lying = ((evidence.probabilities.argmax(axis=1) == 1) & evidence.busy
             & (evidence.spots[:, 2] > LYING * evidence.spots[:, 3]))
    asked = np.where(evidence.comb & (row > 0), IN_COMB, 0.0)
    return doubtful | lying | (evidence.score < asked)
