"""What ink shows of how it was laid on paper: how thick it is, what paper it shuts in."""

from __future__ import annotations

import cv2
import numpy as np


def thickness(mask: np.ndarray) -> float:
    """Of the usual stroke in pixels: the ink over half of its outline.

    mask: (h, w) uint8, 1 = ink, some of it.
    """
    outlines, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    return 2 * cv2.countNonZero(mask) / sum(map(len, outlines))


def holes(mask: np.ndarray, least: float = 0.0) -> int:
    """How many patches of paper the ink shuts in.

    mask: (h, w) uint8, 1 = ink. least: pixels; a smaller one is a flaw of the scan.
    """
    contours, links = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    return sum(link[3] >= 0 and cv2.contourArea(contour) >= least
               for contour, link in zip(contours, links.reshape(-1, 4), strict=True))
