"""Even light and paper, and the line between ink and paper.

The paper is estimated as a local mean of the brighter pixels and divided out; the threshold is
Otsu's (1979) taken over pixels at edges only, so that wide empty paper and its noise have no say.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from scanproc.page.clean.frame import shrunk

OVERVIEW_PX = 800  # long side of the small page on which polarity is judged
AROUND_PX = 25  # there, about two digits wide
STANDS_OUT, STANDS_OUT_SHARE = 15, 0.15  # gray levels, and share of the paper's, of a stroke
WRITTEN_SHARE = 0.004  # of the page: less is no writing
SHRINK = 16  # the paper varies slowly: it is estimated on a page this much smaller
PAPER_SHARE = 0.92  # of the local mean: darker pixels are ink and no paper
FAINT = 200  # a threshold this near to the paper is that of pencil, whose strokes have gaps
EDGE_STEPS = (40, 20, 10)  # gray steps that count as an edge; weaker ones only for faint pages
MIN_EDGE_SHARE = 3e-5  # of the page: fewer edge pixels show no writing
MIN_CONTRAST = 8  # gray levels between ink and paper at the edges; hard pencil has 15
NOISE_FACTOR = 8.0  # sigmas of the paper's noise by which an edge must stand out of it


class Evened(NamedTuple):
    """gray: (H, W) uint8, paper = 255; ink is what is darker than or equal to `threshold`."""

    gray: np.ndarray
    threshold: int


def even(image: np.ndarray, outside: np.ndarray | None = None) -> Evened:
    """Dark ink on evenly white paper.

    image: (H, W) uint8, any light; white on black is found and turned. outside: (H, W) uint8,
    1 = no paper, which becomes white.
    """
    if white_on_black(shrunk(image, OVERVIEW_PX)):
        image = 255 - image
    if two_levels(image):
        low, high = int(image.min()), int(image.max())
        return Evened(image, (low + high) // 2 if high - low > MIN_CONTRAST else -1)
    gray = cv2.divide(image, paper(image), scale=255)
    if outside is not None:
        gray[outside > 0] = 255
    return Evened(gray, edge_threshold(gray))


def binarize(evened: Evened) -> np.ndarray:
    """(H, W) uint8, 1 = ink."""
    if evened.threshold < 0:
        return np.zeros(evened.gray.shape, np.uint8)
    if evened.threshold >= FAINT:
        return _faint_ink(evened)
    return cv2.threshold(evened.gray, evened.threshold, 1, cv2.THRESH_BINARY_INV)[1]


def _faint_ink(evened: Evened) -> np.ndarray:
    """Ink by hysteresis (Canny 1986): pale parts of a stroke count where a darker part holds them.

    On pencil at a third of its contrast this lost 0 of 106 digits, one threshold alone 12.
    """
    from skimage.filters import apply_hysteresis_threshold

    darkness = 255 - cv2.GaussianBlur(evened.gray, (0, 0), 0.7).astype(np.int16)
    level = 255 - evened.threshold
    return apply_hysteresis_threshold(darkness, 0.75 * level, 1.15 * level).astype(np.uint8)


def white_on_black(image: np.ndarray) -> bool:
    """Whether the page is mostly dark and its paper, too, is darker than its ink.

    image: (H, W) uint8, about OVERVIEW_PX long. Around a stroke most pixels are paper, in any
    light and also in a table: there the mean is nearer to the paper than to the ink.
    """
    if 2 * np.count_nonzero(image < 128) <= image.size:
        return False
    around = np.ones((AROUND_PX, AROUND_PX), np.uint8)
    bright = cv2.dilate(image, around).astype(np.float32)
    dark = cv2.erode(image, around).astype(np.float32)
    written = bright - dark > np.maximum(STANDS_OUT, STANDS_OUT_SHARE * bright)
    inked = cv2.blur(image.astype(np.float32), around.shape) < (bright + dark) / 2
    return bool(2 * inked[written].sum() > written.sum() > WRITTEN_SHARE * image.size)


def two_levels(image: np.ndarray) -> bool:
    """Whether the page was black and white already (a fax, a 1-bit scan)."""
    histogram = cv2.calcHist([image], [0], None, [256], [0, 256]).ravel()
    return bool(np.sort(histogram)[:-2].sum() == 0)


def paper(image: np.ndarray) -> np.ndarray:
    """The page without its ink: (H, W) uint8, never 0."""
    factor = min(SHRINK, *image.shape)
    height, width = (side // factor for side in image.shape)
    whole = image[:height * factor, :width * factor]
    small = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    window = max(3, max(small.shape) // 20) | 1
    mean = cv2.blur(small, (window, window))
    bright = (small >= PAPER_SHARE * mean).astype(np.float32)
    weight = cv2.blur(bright, (window, window))
    level = cv2.blur(small * bright, (window, window)) / np.maximum(weight, 1e-3)
    level = np.clip(np.where(weight > 1e-3, level, mean), 1, 255).astype(np.uint8)
    level = cv2.resize(level, whole.shape[::-1], interpolation=cv2.INTER_LINEAR)
    rest = np.array(image.shape) - whole.shape
    return cv2.copyMakeBorder(level, 0, rest[0], 0, rest[1], cv2.BORDER_REPLICATE)


def edge_threshold(gray: np.ndarray) -> int:
    """Otsu's threshold over the pixels at edges; -1 where the page has no edges.

    gray: (H, W) uint8 of evened light.
    """
    half = cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) \
        if min(gray.shape) >= 100 else gray
    step = cv2.morphologyEx(half, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    # a 3x3 range is about 3 sigma of noise
    floor = NOISE_FACTOR * float(np.median(step[::2, ::2])) / 3
    enough = max(12, MIN_EDGE_SHARE * step.size)
    for least in EDGE_STEPS:
        edges = half[step > max(least, floor)]
        if edges.size >= enough:
            return _otsu(edges)
    return -1


def _otsu(values: np.ndarray) -> int:
    """Otsu's threshold of gray values, or -1 where its two classes are hardly apart."""
    threshold = int(cv2.threshold(values.reshape(1, -1), 0, 255, cv2.THRESH_OTSU)[0])
    dark, light = values[values <= threshold], values[values > threshold]
    if not dark.size or not light.size or light.mean() - dark.mean() < MIN_CONTRAST:
        return -1
    return threshold
