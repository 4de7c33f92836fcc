"""What stands beside a candidate says whether it is a letter: words, and boxes for letters."""

from __future__ import annotations

import numpy as np

from scanproc.page.neighbours import Pairs, linked

SURE = 4.0  # log-odds: no candidate has more say than this
TIE = -1.0  # say of what the network takes for a digit and for none alike
WORD_GAP = 0.6  # heights between the letters of a word
CLEAR, DOUBTFUL = -2.0, -0.5  # mean say of two, and of three others of a word that make it one
LINE = 6  # letters on a line beside which ...
ON_LINE = 3  # ... a digit for so many is none
SOME, WEIGHT = 3, 2.0  # letters whose mean say counts so much, beside a candidate's own odds
SPACED = 2.0  # heights between letters that are written apart
FILLED = 4  # boxes with ink, or letters apart; of fewer each stands for itself


def say(score: np.ndarray, mute: np.ndarray) -> np.ndarray:
    """(N,) float64 in [-SURE, SURE]: for or against digits, in votes on others.

    score: (N,) log-odds of the best digit against none. mute: (N,) bool, what tells nothing of
    its neighbours.
    """
    return np.where(mute, 0.0, np.where(score == 0, TIE, np.clip(score, -SURE, SURE)))


def in_word(pairs: Pairs, voice: np.ndarray) -> np.ndarray:
    """(N,) bool: whose word is mostly letters or print.

    pairs: neighbours on a line. voice: (N,) float64, see `say`.
    """
    word = linked(pairs.where(pairs.gap < WORD_GAP), len(voice))
    others = np.bincount(word, voice != 0)[word] - (voice != 0)
    mean = (np.bincount(word, voice)[word] - voice) / np.maximum(others, 1)
    return ((others >= 2) & (mean < CLEAR)) | ((others >= 3) & (mean < DOUBTFUL))


def among_letters(pairs: Pairs, voice: np.ndarray, score: np.ndarray) -> np.ndarray:
    """(N,) bool: which stand on a line of letters, the surer the fewer digits are there.

    score: (N,) log-odds of the best digit against none, which what stands round it moves.
    """
    heard = voice[pairs.other]
    letters, digits = (pairs.sums(side, len(voice)) for side in (heard < 0, heard > 0))
    mean = pairs.sums(heard, len(voice)) / np.maximum(letters + digits, 1)
    return (((letters >= LINE) & (letters >= ON_LINE * digits))
            | ((letters >= SOME) & (mean < 0) & (score + WEIGHT * mean < 0)))


def spaced(pairs: Pairs, heard: np.ndarray) -> np.ndarray:
    """(N,) int: one number for all in a row of characters written apart, -1 for what is not heard.

    pairs: neighbours on a line, in whatever boxes. heard: (N,) bool, what is to be put in rows.
    """
    close = (pairs.gap < SPACED) & heard[pairs.one] & heard[pairs.other]
    return np.where(heard, linked(pairs.where(close), len(heard)), -1)


def group_says(group: np.ndarray, voice: np.ndarray) -> np.ndarray:
    """(N,) float64: mean say of the group that each is of, 0.0 where of none, or where too few of
    it have a say.

    group: (N,) int, -1 for none.
    """
    count, total = (np.bincount(group + 1, by) for by in (voice != 0, voice))
    mean = np.where(count >= FILLED, total / np.maximum(count, 1), 0.0)
    return np.where(group >= 0, mean[group + 1], 0.0)


def one_each(box: np.ndarray, voice: np.ndarray) -> np.ndarray:
    """(N,) float64: the mean say of each box, given to the first in it; the others are silent.

    box: (N,) int, -1 for none.
    """
    heard = np.flatnonzero((box >= 0) & (voice != 0))
    _, first, at = np.unique(box[heard], return_index=True, return_inverse=True)
    found = np.zeros(len(voice))
    found[heard[first]] = np.bincount(at, voice[heard]) / np.maximum(np.bincount(at), 1)
    return found
