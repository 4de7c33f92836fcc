"""The tilt of the writing, by the sharpness of its row profile (Postl 1986)."""

from __future__ import annotations

import numpy as np

from scanproc.page.clean.frame import shrunk

MAX_SKEW_DEG = 10.0
LONG_SIDE_PX = 1000
MAX_POINTS = 60_000
MIN_POINTS = 200
ROW_PX, FINE_ROW_PX = 4, 1  # writing wanders by a few rows; rules do not
MIN_PEAK = 3.0  # over the median of all tilts: loose digits have no lines, their peaks are chance
MIN_GAIN = 1.1  # a tilt must sharpen the profile by this much over no tilt


def find_skew(ink: np.ndarray) -> float:
    """Degrees clockwise by which the lines of the page are tilted, 0.0 where none can be told.

    ink: (H, W) uint8, 1 = ink.
    """
    x, y = _points(ink)
    if x.size < MIN_POINTS:
        return 0.0
    coarse = np.arange(-MAX_SKEW_DEG, MAX_SKEW_DEG + 0.25, 0.5)
    scores = np.array([_sharpness(x, y, angle, ROW_PX) for angle in coarse])
    peak = int(np.argmax(scores))
    if scores[peak] < MIN_PEAK * np.median(scores):
        return 0.0
    fine = coarse[peak] + np.arange(-0.5, 0.51, 0.1)
    scores = np.array([_sharpness(x, y, angle, FINE_ROW_PX) for angle in fine])
    peak = int(np.argmax(scores))
    gained = scores[peak] > MIN_GAIN * _sharpness(x, y, 0.0, FINE_ROW_PX)
    return round(float(fine[peak]), 1) if gained and abs(fine[peak]) < MAX_SKEW_DEG else 0.0


def _points(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.nonzero(shrunk(ink * np.uint8(255), LONG_SIDE_PX) > 64)
    stride = -(-x.size // MAX_POINTS) or 1
    return x[::stride].astype(np.float32), y[::stride].astype(np.float32)


def _sharpness(x: np.ndarray, y: np.ndarray, angle: float, row_px: int) -> float:
    """Sum of squared steps of the row profile after turning by -angle degrees."""
    radians = np.deg2rad(angle)
    rows = y * np.float32(np.cos(radians)) - x * np.float32(np.sin(radians))
    profile = np.bincount(((rows - rows.min()) / row_px).astype(np.int32))
    return float(np.square(np.diff(profile.astype(np.float64))).sum())
