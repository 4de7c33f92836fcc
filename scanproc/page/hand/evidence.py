"""What there is to judge the candidates of a page by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scanproc.page.hand.fields import fields
from scanproc.records import Candidate, Cell

BUSY = 60  # candidates; with fewer the page may be a cutting with a few digits on it
LETTERED = 0.1  # of the candidates


@dataclass(frozen=True)
class Evidence:
    """The candidates of a page, in page order, and what is known of each.

    images: (N, 28, 28) float32 in [0, 1], as the network got them.
    probabilities: (N, 11) float32; the last column is "not a digit".
    cells: (N,) int, index into `boxes` of the cell that each stands in, -1 for none.
    gray: (H, W) uint8, the cleaned page, paper 255.
    colour, ground: (N, 3) float32, Lab colours of each one's core and of what it stands on, see
        `cores` and `grounds`, or None on a page without.
    """

    candidates: tuple[Candidate, ...]
    images: np.ndarray
    probabilities: np.ndarray
    cells: np.ndarray
    boxes: tuple[Cell, ...]
    gray: np.ndarray
    colour: np.ndarray | None = None
    ground: np.ndarray | None = None

    @cached_property
    def spots(self) -> np.ndarray:
        """(N, 4) float64: left, top, width, height on the cleaned page."""
        return np.array([candidate.spot for candidate in self.candidates], float).reshape(-1, 4)

    @cached_property
    def score(self) -> np.ndarray:
        """(N,) float64: log-odds of the best digit against "not a digit", 0.0 where undecided."""
        odds = np.log(np.maximum(self.probabilities.astype(float), 1e-9))
        return odds[:, :10].max(axis=1) - odds[:, 10]

    @cached_property
    def cut(self) -> np.ndarray:
        """(N,) float64: share of each one's outline where a rule was taken out."""
        return np.array([candidate.cut for candidate in self.candidates])

    @property
    def busy(self) -> bool:
        """Whether there is enough on the page to tell what is usual on it."""
        return len(self.candidates) >= BUSY

    @property
    def lettered(self) -> bool:
        """Whether there are letters: without them, digits that are alike are of a neat hand."""
        return np.count_nonzero(self.score < 0) > LETTERED * len(self.score)

    @cached_property
    def field(self) -> np.ndarray:
        """(N,) int: the row of boxes that each stands in, -1 for none."""
        return fields(self.boxes, self.cells)

    @cached_property
    def comb(self) -> np.ndarray:
        """(N,) bool: which stand in a row of boxes for a digit each."""
        return np.array([box.comb >= 0 for box in self.boxes] + [False])[self.cells]
