"""How thick a pen, or a press, wrote."""

from __future__ import annotations

import cv2
import numpy as np


def thickness(mask: np.ndarray) -> float:
    """Of the usual stroke in pixels: the ink over half of its outline.

    mask: (h, w) uint8, 1 = ink, some of it.
    """
    outlines, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    return 2 * cv2.countNonZero(mask) / sum(map(len, outlines))
