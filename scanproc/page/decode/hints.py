"""What a file says of itself beside its pixels: dots per inch, and which way is up."""

from __future__ import annotations

import math
from typing import SupportsFloat

import numpy as np

from scanproc.page.decode.gray import Pixels

# Orientation of EXIF and TIFF 6.0: is the picture mirrored left to right, and by how many degrees
# clockwise is it, after mirroring back, to be turned to stand upright.
_ORIENTATIONS = {1: (False, 0), 2: (True, 0), 3: (False, 180), 4: (True, 180),
                 5: (True, 270), 6: (False, 90), 7: (True, 90), 8: (False, 270)}

_LEAST_DPI, _MOST_DPI = 40, 5000
_FILLERS = (72, 96)  # what cameras and editors write where they know nothing
_LARGEST_SHEET_IN = 17  # A3; a filler is believed where the sheet would not be larger


def believed_dpi(across: SupportsFloat, down: SupportsFloat, width: int, height: int
                 ) -> tuple[float, float] | None:
    """The dots per inch that a file gives for width x height pixels, or None where absurd.

    Rounded to 2 decimals: a PNG counts them per metre.
    """
    try:
        dpi = float(across), float(down)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    if not all(math.isfinite(value) and _LEAST_DPI <= value <= _MOST_DPI for value in dpi):
        return None
    if not 1 / 4 <= dpi[0] / dpi[1] <= 4:
        return None
    sheet = max(width / dpi[0], height / dpi[1])
    if round(dpi[0]) in _FILLERS and sheet > _LARGEST_SHEET_IN:
        return None
    return round(dpi[0], 2), round(dpi[1], 2)


def unmirrored(pixels: Pixels, orientation: object) -> tuple[Pixels, int]:
    """The pixels, mirrored back where the flag says so, and the rotation that remains.

    orientation: the value of the EXIF or TIFF tag; what is not 1 to 8 says nothing.
    """
    mirrored, rotation = (_ORIENTATIONS.get(orientation, (False, 0))
                          if isinstance(orientation, int) else (False, 0))
    if not mirrored:
        return pixels, rotation
    gray, colour = pixels
    turned = None if colour is None else np.ascontiguousarray(colour[:, ::-1])
    return (np.ascontiguousarray(gray[:, ::-1]), turned), rotation
