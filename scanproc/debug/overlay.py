"""Rules, boxes and candidates drawn over the cleaned page."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from scanproc.debug.labels import Label
from scanproc.records import Box, Candidate, Cell

LONG_PX, SHORT_PX = 3000, 1000  # longer pages are shrunk, shorter ones enlarged
TEXT_PX = 10, 28  # height of what is written
FADED = 0.5  # how much of the page is left below what is drawn over it
RULE, COMB, CELL = (230, 120, 0), (0, 140, 0), (200, 0, 200)  # BGR: blue, green, violet
FONT, FONT_PX = cv2.FONT_HERSHEY_SIMPLEX, 22  # height of its digits at scale 1


def scale_of(shape: tuple[int, ...]) -> float:
    """How much larger a picture is than a page of this shape."""
    side = max(shape)
    return min(LONG_PX / side, -(-SHORT_PX // side))


def scaled(image: np.ndarray, scale: float) -> np.ndarray:
    """A picture of the page: (h, w) uint8 as `image`."""
    size = [max(1, round(side * scale)) for side in image.shape[::-1]]
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST)


def rules(page: np.ndarray, mask: np.ndarray, cells: Sequence[Cell], scale: float) -> np.ndarray:
    """Rules blue; boxes of a comb green, with their positions; other boxes violet.

    page: (h, w) uint8, scaled. mask: (h, w) uint8, 1 = rule, not scaled. Returns (h, w, 3) BGR.
    """
    picture = _faded(page)
    picture[scaled(255 * mask, scale) > 63] = RULE
    height = _text_px([cell.spot for cell in cells], scale)
    for cell in cells:
        in_comb = cell.comb >= 0
        left, top, _, _ = _frame(picture, cell.spot, scale, COMB if in_comb else CELL)
        if in_comb:
            _write(picture, str(cell.position), left + 3, top + 3 + height, height, COMB)
    return picture


def candidates(page: np.ndarray, found: Sequence[Candidate], labels: Sequence[Label], scale: float
               ) -> np.ndarray:
    """Every candidate with its label: above it the digit or why it is none, below it how sure.

    page: (h, w) uint8, scaled. Returns (h, w, 3) BGR.
    """
    picture = _faded(page)
    height = _text_px([candidate.spot for candidate in found], scale)
    rejected_first = sorted(zip(found, labels, strict=True), key=lambda pair: not pair[1].fate)
    for candidate, label in rejected_first:  # digits are drawn over them
        left, top, _, bottom = _frame(picture, candidate.spot, scale, label.colour)
        _write(picture, label.fate[:3] or label.digit, left, top - 3, height, label.colour)
        below = f"{label.digit} {label.sure}" if label.fate else label.sure
        _write(picture, below, left, bottom + 3 + height, height, label.colour)
    return picture


def _faded(page: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(255 - cv2.convertScaleAbs(255 - page, alpha=FADED), cv2.COLOR_GRAY2BGR)


def _frame(picture: np.ndarray, spot: Box, scale: float, colour: tuple[int, int, int]
           ) -> tuple[int, int, int, int]:
    """Draws a rectangle around a spot. Returns its left, top, right and bottom pixels."""
    left, top = int(spot.left * scale) - 1, int(spot.top * scale) - 1
    right, bottom = round(spot.right * scale), round(spot.bottom * scale)
    cv2.rectangle(picture, (left, top), (right, bottom), colour, 1 + max(picture.shape) // 1500)
    return left, top, right, bottom


def _text_px(spots: Sequence[Box], scale: float) -> int:
    usual = np.median([spot.height for spot in spots] or [0]) * scale
    return int(np.clip(0.3 * usual, *TEXT_PX))


def _write(picture: np.ndarray, text: str, left: int, base: int, height: int,
           colour: tuple[int, int, int]) -> None:
    """Text of this height above the line `base`, moved where the picture would cut it off."""
    base = min(max(base, height), picture.shape[0] - 2)
    cv2.putText(picture, text, (max(left, 0), base), FONT, height / FONT_PX, colour,
                max(1, height // 10), cv2.LINE_AA)
