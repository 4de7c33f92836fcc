"""Labelled digits, as every reader of this room gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from scanproc.errors import UsageError

FAINT = 127  # as binarizing at half of 255 sees it, there is no ink in an image without more


@dataclass(frozen=True, eq=False)
class Digits:
    """images: (N, 28, 28) uint8, ink = 255. labels: (N,) uint8, 0-9, and 10 for no digit.

    idx: whether they came in the files of MNIST.
    """

    images: np.ndarray
    labels: np.ndarray
    idx: bool = False

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, part: slice) -> Digits:
        return Digits(self.images[part], self.labels[part], self.idx)

    def __add__(self, other: Digits) -> Digits:
        return Digits(np.concatenate([self.images, other.images]),
                      np.concatenate([self.labels, other.labels]))


def check_ink(images: Iterable[np.ndarray], labels: np.ndarray, named: Callable[[int], str]
              ) -> None:
    """Raises UsageError for an image with a label 0-9 and no pixel brighter than FAINT.

    images: (h, w) uint8 each, ink bright. named: what the image at a place is called.
    """
    for at, (image, label) in enumerate(zip(images, labels, strict=True)):
        if label <= 9 and image.max() <= FAINT:
            raise UsageError(f"{named(at)} has the label {label} and no ink: no pixel is brighter "
                             f"than {FAINT} of 255; draw it brighter, leave it out, or label it as "
                             "no digit")
