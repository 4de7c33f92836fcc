"""The sheet of paper in a photograph; what is around it is a desk, feet, cables, other paper.

A sheet is believed only where it is sure: a digit lost to a shadow that was taken for a desk is
worse than a desk that is kept. A shadow has the hue of the paper, is not black, and there is
writing in it; a tinted form with a white field is nearly as bright as the field.
"""

from __future__ import annotations

import cv2
import numpy as np

from scanproc.page.clean.light import two_levels
from scanproc.page.clean.sides import MIN_COVERED, covered, cut_out, sides

OVERVIEW_PX = 400  # long side of the small picture on which the sheet is looked for
MIN_SHORT_PX = 64  # there: a strip this narrow is cut out of a page, and is no photograph of one
WRITING_PX = 13  # there: a closing this wide takes writing away
MIN_SHARE = 0.2  # of the picture
DIMMER = 0.92  # nothing around a sheet is as bright as it
PALE, BLACK = 0.75, 0.12  # brightness of a desk: what is paler could be a form's tint, a shadow
STROKE, WRITTEN = 0.25, 0.4  # darkness of a stroke; share of strokes against that of the sheet
HUE_APART = 9.0  # in a, b of 8-bit Lab: wood from white paper, and more than a shadow does


def sheet(image: np.ndarray, colour: np.ndarray | None = None) -> np.ndarray | None:
    """The outline of the sheet, where it surely is one and does not fill the picture.

    image: (H, W) uint8, 0 = black. colour: (H', W', 3) uint8 RGB of the same view, at any size.
    Returns (N, 2) float64 corners, x and y, in continuous pixels of `image`, clockwise.
    """
    height, width = image.shape
    scale = OVERVIEW_PX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    if min(size) < MIN_SHORT_PX or two_levels(image[::4, ::4]):
        return None
    view = np.ascontiguousarray(overview(image if colour is None else colour))
    view = cv2.resize(view, size, interpolation=cv2.INTER_AREA)
    raw = view if view.ndim == 2 else view.min(axis=2)  # what is tinted is dark in one colour
    window = np.ones((WRITING_PX, WRITING_PX), np.uint8)
    bright = cv2.medianBlur(cv2.morphologyEx(raw, cv2.MORPH_CLOSE, window), 5)
    outline, seen = _outline(bright)
    if not seen or not _believed(view, raw, bright, outline, seen):
        return None
    return (outline + 0.5) * (width / size[0], height / size[1])


def outside(shape: tuple[int, int], outline: np.ndarray) -> np.ndarray:
    """(H, W) uint8, 1 = no sheet, with a narrow band of its edge.

    outline: (N, 2) corners in continuous pixels.
    """
    mask = np.ones(shape, np.uint8)
    corners = np.round(outline).astype(np.int32)
    cv2.fillPoly(mask, [corners], 0)
    cv2.polylines(mask, [corners], True, 1, 1 + 2 * edge_px(shape))
    return mask


def edge_px(shape: tuple[int, int]) -> int:
    """How far from the true edge of the sheet its outline may lie."""
    return max(1, round(max(shape) / OVERVIEW_PX))


def overview(picture: np.ndarray) -> np.ndarray:
    """Every n-th pixel, of about twice OVERVIEW_PX a side: much is lost that a sheet is not.

    picture: (H, W) or (H, W, 3) uint8. Returns a view of it.
    """
    stride = max(1, max(picture.shape) // (2 * OVERVIEW_PX))
    return picture[::stride, ::stride]


def _outline(bright: np.ndarray) -> tuple[np.ndarray, int]:
    """Corners of the part of the picture that is on the inner side of all sides found, and the
    number of these. A side along which the paper does not end everywhere is none, and is left out.
    """
    lines = sides(bright)
    while lines:
        corners, edges = cut_out(bright.shape, lines)
        sure = _sureness(bright, corners, edges, len(lines))
        if min(sure) >= MIN_COVERED:
            return corners, len(lines)
        del lines[int(np.argmin(sure))]
    return np.zeros((0, 2)), 0


def _sureness(bright: np.ndarray, corners: np.ndarray, edges: list[int], count: int
              ) -> list[float]:
    """For each line what share of its part of the outline is the edge of paper."""
    sure = [0.0] * count
    ends = np.roll(corners, -1, axis=0)
    for start, end, edge in zip(corners, ends, edges, strict=True):
        if edge >= 0:
            sure[edge] = covered(bright, start, end, corners.mean(axis=0))
    return sure


def _believed(view: np.ndarray, raw: np.ndarray, bright: np.ndarray, outline: np.ndarray,
              seen: int) -> bool:
    on = cv2.fillPoly(np.zeros(bright.shape, np.uint8), [np.round(outline).astype(np.int32)], 1)
    apart = np.ones((WRITING_PX, WRITING_PX), np.uint8)
    desk, paper = cv2.erode(1 - on, apart) > 0, cv2.erode(on, apart) > 0
    if paper.sum() < MIN_SHARE * paper.size or not desk.any():
        return False
    level = float(np.median(bright[paper]))
    if not level or np.percentile(bright[desk], 95) > DIMMER * level:
        return False
    dark = float(np.median(bright[desk])) / level
    if dark < BLACK or (dark < PALE and _other_hue(view, desk, paper)):
        return True
    strokes = cv2.morphologyEx(raw, cv2.MORPH_BLACKHAT, np.ones((7, 7), np.uint8)) \
        > STROKE * bright
    return seen >= 3 and bool(strokes[desk].mean() < WRITTEN * strokes[paper].mean())


def _other_hue(view: np.ndarray, desk: np.ndarray, paper: np.ndarray) -> bool:
    if view.ndim == 2:
        return False
    hues = cv2.cvtColor(view, cv2.COLOR_RGB2LAB)[..., 1:]
    apart = np.median(hues[desk], axis=0) - np.median(hues[paper], axis=0)
    return bool(np.hypot(*apart) > HUE_APART)
