"""A set of labelled digits and what the network says of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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
