"""Images of any size -> 28x28, as MNIST's."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from scanproc.errors import UsageError
from scanproc.labelled import aspect
from scanproc.page.read import normalize_all

MNIST = (28, 28)
MAX_PX = 1000  # the longer side of the image of one digit
MAX_BYTES = 2**30  # of all images of a set


def fit(images: Sequence[np.ndarray], name: str) -> np.ndarray:
    """Labelled images as MNIST has them: (N, 28, 28) uint8, ink = 255.

    images: (h, w) uint8 each, 1 to MAX_PX a side, ink bright. Those of 28x28 are always taken as
    they are; others are binarized (Otsu 1979), cut to their ink and normalized as crops of pages
    are; where all these were stretched to squares, they get their aspect ratios back.
    name: of the set, for errors. Raises UsageError where ink is dark on light, or there is none.
    """
    _check_polarity(images, name)
    # One at a time: restored images are 16 times as large as those that were read.
    stretched = aspect.stretched(_binarized(image) for image in images if image.shape != MNIST)
    fitted = np.zeros((len(images), *MNIST), np.uint8)
    for field, image in zip(fitted, images, strict=True):
        field[:] = image if image.shape == MNIST else _normalized(image, stretched)
    return fitted


def _check_polarity(images: Sequence[np.ndarray], name: str) -> None:
    """The corners tell paper: a digit that fills its image still leaves most of them free."""
    if np.mean([image[[0, 0, -1, -1], [0, -1, 0, -1]] for image in images]) > 127:
        raise UsageError(f"{name} holds dark digits on white; as in MNIST, ink must be bright and "
                         "paper dark: invert the images")
    if max(int(image.max()) for image in images) < 2:
        raise UsageError(f"{name} holds no ink: no pixel is brighter than 1 of 255; images of 0 "
                         "and 1 must be of type bool or float")


def _binarized(image: np.ndarray) -> np.ndarray:
    return cv2.threshold(image, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1]


def _normalized(image: np.ndarray, stretched: bool) -> np.ndarray:
    """(28, 28) in [0, 255]; an image without ink stays without."""
    mask = _binarized(image)
    if stretched:
        mask = aspect.restored(mask)
    return np.rint(255 * normalize_all([_cut(mask)])[0]) if mask.any() else np.zeros(MNIST)


def _cut(mask: np.ndarray) -> np.ndarray:
    left, top, width, height = cv2.boundingRect(mask)
    return mask[top:top + height, left:left + width]
