"""Letters: printed in the fonts that matplotlib brings along, and the same as a pen draws them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
from skimage.morphology import skeletonize

from scanproc.network.negatives.pieces import Source

HEIGHT_PX = 56
# Less those that are digits by shape: O o I i l Q D S s Z z B b g q, most of G; j and brackets
# are 1s.
LETTERS = "ACEFGHJKLMNPRTUVWXYacdefhkmnprtuvwxy"
OTHERS = "?%&@#*+=<>~$£€§"
FAMILIES = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSansMono",
            "DejaVuSansMono-Bold", "DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic",
            "STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "cmr10", "cmb10", "cmss10",
            "cmtt10")
PEN_PX = (2, 8)


def printed(source: Source, rng: np.random.Generator) -> np.ndarray:
    """One printed sign. Mask (h, w) uint8, 1 = ink."""
    signs = LETTERS * 3 + OTHERS
    return _small(lettering(signs[rng.integers(len(signs))], _font(rng)), rng)


def words(source: Source, rng: np.random.Generator) -> np.ndarray:
    """Some printed letters that run together, as in a scan of low resolution."""
    every = LETTERS + "OoIiljQDSsZzBbgq"
    word = "".join(every[at] for at in rng.integers(len(every), size=rng.integers(2, 6)))
    mask = lettering(word, _font(rng))
    reach = rng.integers(3, 9)
    return cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))


def written(source: Source, rng: np.random.Generator) -> np.ndarray:
    """One letter, its middle line drawn again with a pen; bending it is left to the distortion."""
    mask = lettering(LETTERS[rng.integers(len(LETTERS))], _font(rng))
    line = skeletonize(np.pad(mask, PEN_PX[1]) > 0).astype(np.uint8)
    pen = int(rng.integers(*PEN_PX, endpoint=True))
    return cv2.dilate(line, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (pen, pen)))


def _small(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Half of them as small print is scanned: few pixels, broken here and there."""
    height = int(rng.integers(9, 40))
    if height > 24 or min(mask.shape) < 8:
        return mask
    size = max(3, round(mask.shape[1] * height / mask.shape[0])), height
    gray = cv2.resize(mask * np.uint8(255), size, interpolation=cv2.INTER_AREA)
    ragged = gray + rng.normal(0, 25, gray.shape) > rng.uniform(70, 180)
    return ragged.astype(np.uint8)


def _font(rng: np.random.Generator) -> str:
    return FAMILIES[rng.integers(len(FAMILIES))]


@cache
def lettering(text: str, family: str) -> np.ndarray:
    """Printed text in one of FAMILIES: mask (h, w) uint8, 1 = ink; its letters are HEIGHT_PX."""
    import matplotlib
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    file = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{family}.ttf"
    path = TextPath((0, 0), text, size=HEIGHT_PX, prop=FontProperties(fname=file))
    polygons = [np.round(polygon * [1, -1]).astype(np.int32) for polygon in path.to_polygons()]
    if not polygons:
        return np.zeros((1, 1), np.uint8)
    corner = np.concatenate(polygons).min(axis=0)
    width, height = np.concatenate(polygons).max(axis=0) - corner + 1
    canvas = np.zeros((height, width), np.uint8)
    cv2.fillPoly(canvas, [polygon - corner for polygon in polygons], 1)
    return canvas
