"""What the reader saw on a page, for people who want to know why it read what it read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scanproc.records import Candidate, Cell, PageResult


@dataclass(frozen=True)
class Seen:
    """A page that was read, and what it looked like on the way.

    gray: (h, w) uint8, the cleaned page: 0 = black, paper 255.
    ink: (h, w) uint8, 1 = ink left when the rules were taken out.
    cells: boxes drawn on the page to be written into.
    rules: (h, w) uint8, 1 = ink taken out as rules.
    candidates: N pieces of ink that were shown to the network, digits cut or put together among
        them.
    images: (N, 28, 28) float32 in [0, 1], as the network was shown them, ink bright.
    probabilities: (N, 11) of the digits 0-9 and "not a digit".
    fates: of each candidate; empty where it became a digit, else a key of `reasons.INK_FATES`.
    result: what was made of it; a digit has the `box` of its candidate.
    """

    gray: np.ndarray
    ink: np.ndarray
    cells: tuple[Cell, ...]
    rules: np.ndarray
    candidates: tuple[Candidate, ...]
    images: np.ndarray
    probabilities: np.ndarray
    fates: tuple[str, ...]
    result: PageResult
