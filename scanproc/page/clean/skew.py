"""The tilt of the writing, by the sharpness of its row profile (Postl 1986).

Looked for first in the lower edges of the ink, which stand on the lines (Baird 1987), then more
finely in all of it.
"""

from __future__ import annotations

import numpy as np

from scanproc.page.clean.frame import shrunk

MAX_SKEW_DEG = 15.0
COARSE_DEG, FINE_DEG = 0.5, 0.1
COARSE_PX, FINE_PX = 1000, 2000  # long side of the page on which it is looked for
COARSE_ROW, FINE_ROW = 0.004, 0.001  # of that side: writing wanders by a few rows; rules do not
COARSE_POINTS, FINE_POINTS = 12_000, 40_000
MIN_POINTS = 200
ALONE_DEG = 2.0  # of loose digits some other tilt, farther off than this, ...
ALONE = 1.7  # ... is nearly as sharp: theirs is chance, not lines. Rules in perspective have
CLEAR = 8.0  # several tilts, all of them far sharper than most
MARGIN = 0.02  # of the page's long side
GOLDEN = 0.618034  # its multiples, less their whole part, lie evenly between 0 and 1


def find_skew(ink: np.ndarray) -> float:
    """Degrees clockwise by which the lines of the page are tilted, 0.0 where none can be told.

    ink: (H, W) uint8, 1 = ink. What is mostly ink has no lines.
    """
    if 2 * np.count_nonzero(ink) > ink.size:
        return 0.0
    gray = _inner(shrunk(ink * np.uint8(255), FINE_PX))
    edges = shrunk(gray, COARSE_PX) > 64
    edges[:-1] &= ~edges[1:]
    tilts = np.arange(-MAX_SKEW_DEG, MAX_SKEW_DEG + COARSE_DEG / 2, COARSE_DEG)
    scores = _sharpness(edges, COARSE_POINTS, COARSE_ROW, tilts)
    peak = int(np.argmax(scores))
    others = scores[np.abs(tilts - tilts[peak]) > ALONE_DEG]
    if scores[peak] <= min(ALONE * others.max(), CLEAR * np.median(scores)):
        return 0.0
    tilts = tilts[peak] + FINE_DEG * np.arange(-7, 8)
    scores = _sharpness(gray > 64, FINE_POINTS, FINE_ROW, tilts)
    scores = np.convolve(scores, (0.25, 0.5, 0.25), "valid")
    peak = int(np.argmax(scores[1:-1])) + 1
    return round(float(tilts[peak + 1] + FINE_DEG * _vertex(*scores[peak - 1:peak + 2])), 2)


def _inner(gray: np.ndarray) -> np.ndarray:
    """Without its margins: what is left of a border there is as straight as the picture is."""
    margin = round(MARGIN * max(gray.shape))
    whole = not margin or min(gray.shape) <= 20 * margin
    return gray if whole else gray[margin:-margin, margin:-margin]


def _sharpness(dark: np.ndarray, most: int, row: float, tilts: np.ndarray) -> np.ndarray:
    """Sum of squared steps of the row profile after turning by each -tilt; 0 where little is dark.

    dark: (H, W) bool. most: of its points are used. row: height of a row, of the page's long side.
    """
    y, x = np.divmod(np.flatnonzero(dark), dark.shape[1])
    if x.size < MIN_POINTS:
        return np.zeros(len(tilts))
    steps = np.arange(min(x.size, most))
    part = steps * GOLDEN % 1
    picks = ((steps + part) * (x.size / steps.size)).astype(int)  # not in rows and columns
    x = x[picks].astype(np.float32)
    y = (y[picks] + part).astype(np.float32)  # or no tilt would be sharper than any, by its pixels
    row_px = np.float32(max(1.0, row * max(dark.shape)))
    found = []
    for radians in np.deg2rad(tilts).astype(np.float32):
        rows = (y * np.cos(radians) - x * np.sin(radians)) / row_px
        profile = np.bincount((rows - rows.min()).astype(np.int32))
        found.append(np.square(np.diff(profile, prepend=0, append=0)).sum())
    return np.array(found, float)


def _vertex(before: float, peak: float, after: float) -> float:
    """Where between its neighbours, at -1 and 1, the parabola through a peak has its top."""
    bend = before - 2 * peak + after
    return 0.5 * (before - after) / bend if peak >= max(before, after) and bend < 0 else 0.0
