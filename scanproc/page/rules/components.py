"""Connected lines of a drawing, with their pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

MAX_LINES = 20_000


@dataclass(frozen=True)
class Components:
    """Connected pieces of a drawing; label 0 is none.

    labels: (H, W) int32. x, y, owner: (M,) int, the pixels of the pieces, row by row, and their
    labels.
    left, width, height: (N,) int, of label 0 as well, which has no pixels.
    """

    labels: np.ndarray
    x: np.ndarray
    y: np.ndarray
    owner: np.ndarray
    left: np.ndarray
    width: np.ndarray
    height: np.ndarray

    @property
    def count(self) -> int:
        """Of the labels, with 0."""
        return len(self.width)

    def draw(self, keep: np.ndarray) -> np.ndarray:
        """(H, W) uint8, 1 = piece whose label is true in `keep`, (N,) bool."""
        drawn = np.zeros(self.labels.shape, np.uint8)
        kept = keep[self.owner]
        drawn[self.y[kept], self.x[kept]] = 1
        return drawn


def components(drawn: np.ndarray, least_px: float) -> Components:
    """The pieces of a drawing that are at least so wide.

    drawn: (H, W) uint8, 1 = line. Contours cost a tenth of labelling on so sparse a drawing.
    """
    contours, _ = cv2.findContours(drawn, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    labels = np.zeros(drawn.shape, np.int32)
    boxes = [(0, 0, 0, 0)]
    for contour in contours:
        box = cv2.boundingRect(contour)
        if box[2] >= least_px and len(boxes) <= MAX_LINES:
            cv2.drawContours(labels, [contour], 0, len(boxes), cv2.FILLED)
            boxes.append(box)
    at = np.flatnonzero(drawn.view(bool))
    owner = labels.ravel()[at]
    y, x = np.divmod(at[owner > 0], drawn.shape[1])
    left, _, width, height = np.array(boxes).T
    return Components(labels, x, y, owner[owner > 0], left, width, height)


def quantiles(owner: np.ndarray, values: np.ndarray, count: int, part: float) -> np.ndarray:
    """A quantile of the values of each owner: (count,), 0 where it has none.

    owner: (M,) int from 0 to count - 1. values: (M,). part: in [0, 1).
    """
    if not len(values):
        return np.zeros(count)
    ranked = values[np.lexsort((values, owner))]
    many = np.bincount(owner, minlength=count)
    at = np.cumsum(many) - many + (part * many).astype(int)
    return np.where(many > 0, ranked[np.minimum(at, len(ranked) - 1)], 0).astype(float)
