"""A digit's ink -> 28x28, as MNIST was made.

Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits": NIST's black and white
images were fitted into a 20x20 box keeping their aspect ratio, which made them gray by
anti-aliasing, and placed in a 28x28 field so that the centre of mass is in its middle.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

FIELD_PX = 28
BOX_PX = 20
THIN = 0.065  # stroke over digit height: 95 % of MNIST is thicker; a thinner pen is thickened ...
PEN = 0.09  # ... to about MNIST's median
RIM = np.ones((3, 3), np.uint8)


def normalize(mask: np.ndarray) -> np.ndarray:
    """One digit as the network knows it.

    mask: (h, w) uint8, 1 = ink, cut to the digit's own ink.
    Returns (28, 28) float32 in [0, 1], ink = 1.0.
    """
    mask = _thickened(mask)
    height, width = mask.shape
    scale = BOX_PX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(mask * np.uint8(255), size, interpolation=method)
    return _centred(small.astype(np.float32) / 255)


def normalize_all(masks: Sequence[np.ndarray]) -> np.ndarray:
    """All digits of a page: (N, 28, 28) float32."""
    images = np.zeros((len(masks), FIELD_PX, FIELD_PX), np.float32)
    for image, mask in zip(images, masks, strict=True):
        image[:] = normalize(mask)
    return images


def _thickened(mask: np.ndarray) -> np.ndarray:
    """The mask, drawn with a thicker pen where its own is thinner than any in MNIST."""
    area = cv2.countNonZero(mask)
    inner = cv2.countNonZero(cv2.erode(mask, RIM, borderType=cv2.BORDER_CONSTANT, borderValue=0))
    stroke = 2 * area / max(1, area - inner)
    side = max(mask.shape)
    grow = round(PEN * side - stroke)
    if stroke >= THIN * side or grow < 1:
        return mask
    padded = cv2.copyMakeBorder(mask, grow, grow, grow, grow, cv2.BORDER_CONSTANT)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (grow + 1, grow + 1))
    thick = cv2.dilate(padded, kernel)
    left, top, width, height = cv2.boundingRect(thick)
    return thick[top:top + height, left:left + width]


def _centred(small: np.ndarray) -> np.ndarray:
    field = np.zeros((FIELD_PX, FIELD_PX), np.float32)
    height, width = small.shape
    moments = cv2.moments(small)
    total = moments["m00"] or 1.0
    left = min(max(round(FIELD_PX / 2 - moments["m10"] / total), 0), FIELD_PX - width)
    top = min(max(round(FIELD_PX / 2 - moments["m01"] / total), 0), FIELD_PX - height)
    field[top:top + height, left:left + width] = small
    return field
