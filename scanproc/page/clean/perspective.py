"""The sheet cut out of its photograph, and laid flat where its four sides are seen."""

from __future__ import annotations

import cv2
import numpy as np

from scanproc.page.clean.frame import Frame
from scanproc.page.clean.sheet import edge_px, outside


def straightened(image: np.ndarray, frame: Frame, outline: np.ndarray
                 ) -> tuple[np.ndarray, np.ndarray | None, Frame, float]:
    """The sheet alone.

    image: (H, W) uint8. outline: (N, 2) its corners, clockwise, in continuous pixels of `image`.
    Returns the sheet (h, w) uint8, a mask of it that is 1 where there is none (None where it is
    whole), its frame, and the degrees clockwise by which it lay.
    """
    if len(outline) == 4 and _whole(outline, image.shape):
        return _flat(image, frame, outline)
    left, top = np.maximum(np.floor(outline.min(axis=0)), 0).astype(int)
    right, bottom = np.ceil(outline.max(axis=0)).astype(int)
    part = np.s_[top:bottom, left:right]
    shift = np.array([[1, 0, left], [0, 1, top], [0, 0, 1]], np.float64)
    return image[part], outside(image.shape, outline)[part], frame.beneath(shift), 0.0


def _whole(outline: np.ndarray, shape: tuple[int, int]) -> bool:
    """Whether no side of the outline is a rim of the picture."""
    ends = np.roll(outline, -1, axis=0)
    low, high = (outline < 1) & (ends < 1), np.array(shape[::-1]) - 1
    return not (low | ((outline > high) & (ends > high))).any()


def _flat(image: np.ndarray, frame: Frame, outline: np.ndarray
          ) -> tuple[np.ndarray, None, Frame, float]:
    """Its four corners become a rectangle (a homography: Hartley and Zisserman 2004, 4.1)."""
    sides = np.roll(outline, -1, axis=0) - outline
    first = int(np.argmax((sides - np.roll(sides, 2, axis=0))[:, 0]))  # runs to the right
    corners, sides = np.roll(outline, -first, axis=0), np.roll(sides, -first, axis=0)
    width, height = np.hypot(*sides.T).reshape(2, 2).max(axis=0)
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    to_image = cv2.getPerspectiveTransform(flat, corners.astype(np.float32))
    edge = edge_px(image.shape)
    to_image = to_image @ np.array([[1, 0, edge], [0, 1, edge], [0, 0, 1]], np.float64)
    size = max(1, round(width) - 2 * edge), max(1, round(height) - 2 * edge)
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])  # from pixel centres
    sheet = cv2.warpPerspective(image, np.linalg.inv(half) @ to_image @ half, size,
                                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                                borderMode=cv2.BORDER_REPLICATE)
    across = sides[0] - sides[2]
    tilt = float(np.degrees(np.arctan2(across[1], across[0])))
    return sheet, None, frame.beneath(to_image), tilt
