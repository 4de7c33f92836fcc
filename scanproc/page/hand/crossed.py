"""Numbers that were crossed out: digits that one straight line runs through."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from scanproc.page.stroke import holes, thickness
from scanproc.records import Candidate

HIGH_PX = 60  # higher pieces are looked at so small
LONG = 1.5  # widths over heights: a shorter line may be the bar of a digit
SLOPES = np.linspace(-0.3, 0.3, 13)
MIDDLE = 0.2, 0.8  # of the height, where the line runs
INKED = 0.97  # of its length
# The ends are line alone, for that share of the height and so many strokes of the pen aside; above
# and below it stands that share of the ink.
END, ASIDE, BESIDE = 0.06, 1.0, 0.12


def crossed_out(candidates: Sequence[Candidate]) -> np.ndarray:
    """(N,) bool: of 500 drawn numbers that a line was drawn through 64 %, of 1,500 pairs and
    triples of joined digits one. A tally is crossed as well, but shuts in no paper."""
    return np.array([_is_crossed_out(one.mask) for one in candidates], bool)


def _is_crossed_out(mask: np.ndarray) -> bool:
    height, width = mask.shape
    if width < LONG * height or not holes(mask):
        return False
    if height > HIGH_PX:
        size = round(width * HIGH_PX / height), HIGH_PX
        mask = (cv2.resize(mask * 255, size, interpolation=cv2.INTER_AREA) > 127).astype(np.uint8)
        height, width = mask.shape
    pen = thickness(mask)
    inked, line = _straightest(mask)
    y, x = np.nonzero(mask)
    if not y.size:
        return False
    off = y - line[x]
    ends = np.minimum(x, width - 1 - x) < max(2, round(END * height))
    return bool(inked >= INKED and np.abs(off[ends]).max() <= ASIDE * pen
                and min((off < -pen).mean(), (off > pen).mean()) > BESIDE)


def _straightest(mask: np.ndarray) -> tuple[float, np.ndarray]:
    """(share of it that is inked, y at each x) of the straight line with the most ink on it."""
    height, width = mask.shape
    thick = cv2.dilate(mask, np.ones((3, 1), np.uint8))
    x = np.arange(width)
    starts = np.arange(round(MIDDLE[0] * height), round(MIDDLE[1] * height) + 1)
    lines = (starts[None, :, None] + SLOPES[:, None, None] * (x - width / 2)).reshape(-1, width)
    y = np.rint(lines).astype(int)
    inked = ((y >= 0) & (y < height) & (thick[np.clip(y, 0, height - 1), x] > 0)).mean(axis=1)
    best = int(inked.argmax())
    return float(inked[best]), lines[best]
