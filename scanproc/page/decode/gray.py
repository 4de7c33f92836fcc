"""Every Pillow mode and every array of pixels -> gray, and colour where there is any."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

# A pixel is coloured when its channels differ by more than this; a page has colour when more than
# one in so many of the pixels looked at are coloured.
_SPREAD, _ONE_IN = 16, 5000
_LOOKED_AT = 200_000

# The values that may stand for white where 32 bits do not say which.
_WHITES = (1, 255, 65535, 2 ** 32 - 1)

Pixels = tuple[np.ndarray, np.ndarray | None]


def pixels_of(image: Image.Image) -> Pixels:
    """Gray (H, W) uint8 and colour (H, W, 3) uint8 RGB or None of a loaded image of any mode.

    What is transparent lies over white. Sixteen bits are scaled by 257, not clipped.
    """
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        image = _over_white(image)
    if image.mode == "1":  # handed out as booleans, which are bytes of 0 and 255
        return np.asarray(image).view(np.uint8), None
    if image.mode == "L":
        return np.asarray(image), None
    if image.mode.startswith("I;16"):
        return _from_16_bits(np.asarray(image)), None
    if image.mode in ("I", "F"):
        return _from_32_bits(np.asarray(image)), None
    return gray_and_colour(np.asarray(image if image.mode == "RGB" else image.convert("RGB")))


def gray_and_colour(rgb: np.ndarray) -> Pixels:
    """Gray (H, W) uint8 of an RGB array (H, W, 3) uint8, and the array itself where it has colour.

    Gray is the luma of ITU-R BT.601. Colour is judged by the channels' spread on a subsample.
    """
    step = max(1, int((rgb.shape[0] * rgb.shape[1] / _LOOKED_AT) ** 0.5))
    red, green, blue = np.moveaxis(rgb[::step, ::step], 2, 0)
    spread = (np.maximum(np.maximum(red, green), blue)
              - np.minimum(np.minimum(red, green), blue))
    has_colour = np.count_nonzero(spread > _SPREAD) * _ONE_IN > spread.size
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), rgb if has_colour else None


def _over_white(image: Image.Image) -> Image.Image:
    mode = "L" if image.mode in ("1", "L", "LA", "La") else "RGB"
    if image.mode in ("La", "RGBa"):  # premultiplied; these convert to nothing else
        image = image.convert({"La": "LA", "RGBa": "RGBA"}[image.mode])
    image = image.convert("LA" if mode == "L" else "RGBA")
    page = Image.new(mode, image.size, "white")
    page.paste(image.convert(mode), mask=image.getchannel("A"))
    return page


def _from_16_bits(values: np.ndarray) -> np.ndarray:
    native = values.astype(np.uint16, copy=False)
    return cv2.convertScaleAbs(native, alpha=1 / 257)


def _from_32_bits(values: np.ndarray) -> np.ndarray:
    """White is the smallest usual white that no pixel passes; what is no number is paper."""
    if values.dtype == np.int32:
        values = values.view(np.uint32)  # no scan is darker than black: the sign is a bit
    values = values.astype(np.float32)
    known = np.isfinite(values)
    brightest = float(values[known].max(initial=0))
    white = next((white for white in _WHITES if brightest <= white), brightest)
    values = np.where(known, values.clip(0, white), np.float32(white))
    return np.rint(values * np.float32(255 / white)).astype(np.uint8)
