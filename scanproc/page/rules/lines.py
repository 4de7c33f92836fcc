"""Straight thin lines of ink: what rules are made of, and some strokes of digits and letters."""

from __future__ import annotations

import cv2
import numpy as np

from scanproc.page.rules.components import Components, components

# all in units but where a name says otherwise
SOLID, DASHED = (0.35, 3.0), (1.3, 4.5)  # gaps that are closed, least length
SOLID_FOR_SURE = 6.0
WHOLE = 0.95  # of a solid line's columns are inked; dashes that run into each other are less
THICKEST, THICKEST_PX = 0.6, 7  # the second for what `lines` itself adds
GROWS = 4.5  # so far a rule is followed into ink that touches it
DOT_GAP = 0.7
BESIDE = 0.45
MAX_SLOPE = 0.12
MIN_COVER, MIN_STANDS_OUT, MIN_STANDS_OUT_WORSE = 0.55, 0.35, 0.21  # shares of the length


def lines(rule_ink: np.ndarray, unit: float) -> np.ndarray:
    """The lines that run from left to right, a pixel thicker on either side: (H, W) uint8.

    rule_ink: (H, W) uint8, 1 = ink. unit: pixels, about a seventh of a cell.
    """
    solid = _strokes(rule_ink, SOLID, unit)
    pieces = components(solid, SOLID_FOR_SURE * unit)  # shorter ones may be where dashes meet
    sure = pieces.draw(_inked(pieces, rule_ink) >= WHOLE)
    return solid | _strokes(rule_ink & ~sure, DASHED, unit)


def _inked(pieces: Components, rule_ink: np.ndarray) -> np.ndarray:
    """(N,) share of the columns of pieces that have ink."""
    x, y = (axis[rule_ink[pieces.y, pieces.x] > 0] for axis in (pieces.x, pieces.y))
    wide = rule_ink.shape[1]
    columns = np.unique(pieces.labels[y, x].astype(np.int64) * wide + x)
    return np.bincount(columns // wide, minlength=pieces.count) / np.maximum(1, pieces.width)


def along(length: float) -> np.ndarray:
    """A flat window of about `length` pixels, odd so that it is centred."""
    return np.ones((1, max(1, round(length)) | 1), np.uint8)


def _strokes(rule_ink: np.ndarray, kind: tuple[float, float], unit: float) -> np.ndarray:
    """Lines of a kind, followed into what touches them: (H, W) uint8."""
    gap, length = kind
    thickened = cv2.dilate(rule_ink, np.ones((3, 1), np.uint8))
    closed = cv2.morphologyEx(thickened, cv2.MORPH_CLOSE, along(gap * unit + 1))
    flat = cv2.morphologyEx(closed, cv2.MORPH_OPEN, along(0.6 * length * unit))
    across = np.ones((round(THICKEST * unit) + THICKEST_PX, 1), np.uint8)
    thin = flat & ~cv2.morphologyEx(flat, cv2.MORPH_OPEN, across)
    strokes = components(thin, length * unit)
    sure = strokes.draw(_stand_out(strokes, rule_ink, unit))
    return flat & cv2.dilate(sure, along(2 * GROWS * unit))


def _stand_out(strokes: Components, rule_ink: np.ndarray, unit: float) -> np.ndarray:
    """Which strokes are level, inked all along, and have paper on both sides: (N,) bool.

    Lines of print have ink above or below.
    """
    x, y, owner = strokes.x, strokes.y, strokes.owner
    high = len(rule_ink) - 1

    def share(where: np.ndarray, of: np.ndarray) -> np.ndarray:
        return np.bincount(owner[of], where[of], strokes.count) \
            / np.maximum(1, np.bincount(owner[of], minlength=strokes.count))

    top = strokes.labels[np.maximum(y - 1, 0), x] != owner
    bottom = strokes.labels[np.minimum(y + 1, high), x] != owner
    away = round(BESIDE * unit)
    above = share(rule_ink[np.maximum(y - away, 0), x], top)
    below = share(rule_ink[np.minimum(y + away, high), x], bottom)
    dotted = cv2.morphologyEx(rule_ink, cv2.MORPH_CLOSE, along(DOT_GAP * unit))
    cover = share(dotted[np.minimum(y + 1, high), x], top)
    thick = np.bincount(owner, minlength=strokes.count) / np.maximum(1, strokes.width)
    return (strokes.height - thick <= MAX_SLOPE * strokes.width + 2) & (cover >= MIN_COVER) \
        & (cover - (above + below) / 2 >= MIN_STANDS_OUT) \
        & (cover - np.maximum(above, below) >= MIN_STANDS_OUT_WORSE)
