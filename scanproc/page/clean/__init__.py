"""Gray page -> upright, deskewed ink, and the way back to the pixels of the page.

The order is: turn, make pixels square, even the light, binarize, find the skew, turn it out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scanproc.page.clean.frame import Frame, deskewed, upright
from scanproc.page.clean.light import Evened, binarize, even
from scanproc.page.clean.skew import find_skew

MIN_SKEW_DEG = 0.1  # below this, turning costs more in sharpness than it gains


@dataclass(frozen=True)
class Clean:
    """A page ready to be segmented.

    ink: (h, w) uint8, 1 = ink, 0 = paper; upright, square pixels, without skew.
    frame: how a pixel of `ink` lies on the upright page.
    skew: degrees clockwise that were taken out.
    """

    ink: np.ndarray
    frame: Frame
    skew: float


def clean(gray: np.ndarray, dpi: tuple[float, float] | None, rotation: int) -> Clean:
    """The ink of a page.

    gray: (H, W) uint8, 0 = black, 255 = white, as stored. dpi: (horizontal, vertical) as stored.
    rotation: degrees clockwise that make the page upright, one of 0, 90, 180, 270.
    """
    image, frame = upright(gray, dpi, rotation)
    evened = even(image)
    ink = binarize(evened)
    skew = find_skew(ink)
    if abs(skew) >= MIN_SKEW_DEG:
        turned, frame = deskewed(evened.gray, frame, skew)
        ink = binarize(Evened(turned, evened.threshold))
    return Clean(ink, frame, skew)
