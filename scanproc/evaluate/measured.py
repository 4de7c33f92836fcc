"""A set of labelled digits and what the network says of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scanproc.page.classify import NOT_A_DIGIT, expecting


@dataclass(frozen=True, eq=False)
class Measured:
    """Labelled digits and their readings.

    name: of the set. images: (N, 28, 28) float32 in [0, 1], ink = 1.0; (0, 28, 28) of a disturbed
    set, whose images are not kept. labels: (N,) uint8, 0-9, 10 = not a digit. probabilities:
    (N, 11) float32, column 10 not a digit, rows summing to 1. of: the set whose images these are,
    disturbed; empty where they are nobody else's.
    """

    name: str
    images: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    of: str = ""

    @property
    def told(self) -> np.ndarray:
        """(N, 11): how sure each answer is where one is told, if so, that all are digits.

        The network expects pages, where many a thing is no digit. What it said stays said: a digit
        that was lost is lost.
        """
        if (self.labels == NOT_A_DIGIT).any():
            return self.probabilities
        found = self.probabilities.copy()
        digits = found.argmax(axis=1) != NOT_A_DIGIT
        found[digits] = expecting(found[digits], 0)
        return found
