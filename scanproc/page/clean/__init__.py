"""Gray page -> upright, deskewed ink, and the way back to the pixels of the page.

The order is: turn, make pixels square, cut out the sheet and lay it flat, even the light,
binarize, take borders out, find the skew, turn it out.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from scanproc.page.clean.border import borders
from scanproc.page.clean.frame import Frame, deskewed, upright
from scanproc.page.clean.light import Evened, binarize, even
from scanproc.page.clean.perspective import straightened
from scanproc.page.clean.sheet import overview, sheet
from scanproc.page.clean.skew import find_skew

MIN_SKEW_DEG = 0.1  # below this, turning costs more in sharpness than it gains


@dataclass(frozen=True)
class Clean:
    """A page ready to be segmented.

    ink: (h, w) uint8, 1 = ink, 0 = paper; upright, square pixels, without skew.
    gray: (h, w) uint8, the same pixels with their light evened: paper is 255.
    frame: how a pixel of `ink` lies on the upright page.
    skew: degrees clockwise that were taken out.
    """

    ink: np.ndarray
    gray: np.ndarray
    frame: Frame
    skew: float


def clean(gray: np.ndarray, dpi: tuple[float, float] | None, rotation: int,
          colour: np.ndarray | None = None) -> Clean:
    """The ink of a page.

    gray: (H, W) uint8, 0 = black, 255 = white, as stored. dpi: (horizontal, vertical) as stored.
    rotation: degrees clockwise that make the page upright, one of 0, 90, 180, 270.
    colour: (H, W, 3) uint8 RGB as stored; it helps to tell a sheet from what it lies on.
    """
    image, frame = upright(gray, dpi, rotation)
    image, outside, frame, tilt = _sheet_alone(image, frame, colour, rotation)
    evened, ink = _without_borders(even(image, outside))
    skew = find_skew(ink)
    if abs(skew) >= MIN_SKEW_DEG:
        turned, frame = deskewed(evened.gray, frame, skew)
        evened = Evened(turned, evened.threshold)
        ink = binarize(evened)
    return Clean(ink, evened.gray, frame, round(tilt + skew, 1))


def _sheet_alone(image: np.ndarray, frame: Frame, colour: np.ndarray | None, rotation: int
                 ) -> tuple[np.ndarray, np.ndarray | None, Frame, float]:
    """What `straightened` returns; the image as it is where no sheet is surely seen in it."""
    if colour is not None:
        colour = np.rot90(overview(colour), -rotation // 90)
    outline = sheet(image, colour)
    return (image, None, frame, 0.0) if outline is None else straightened(image, frame, outline)


def _without_borders(evened: Evened) -> tuple[Evened, np.ndarray]:
    """The page with paper where its borders were, and its ink."""
    ink = binarize(evened)
    found = borders(ink)
    if found.any():
        ink &= 1 - found
        white = cv2.dilate(found, np.ones((5, 5), np.uint8)) * np.uint8(255)
        evened = Evened(np.maximum(evened.gray, white), evened.threshold)
    return evened, ink
