"""Rectangular pieces of paper shut in by ink: what a box or the cell of a table looks like."""

from __future__ import annotations

import cv2
import numpy as np

RECTANGULAR = 0.86  # share of its smallest rectangle that the hull of a cell fills
MIN_FILL = 0.3  # of its upright box; digits and print take some of a cell
MANY_RUNS = 50_000  # of ink in rows: texture; contours take the square of its holes
MOST_RUNS = 250_000  # a picture
MAX_HOLES = 2000  # of a size to be cells
LEVEL_DEG = 12.0  # a rectangle that is turned further is none that a form has
BLOCK = 0.2  # of its size to either side of its middle, a block is solid
CORNER = 0.12  # of the shorter side; in an ellipse, less than 0.146 is outside
RULE_PX = 2.0  # from the paper to the middle of its rule, which is drawn a pixel too thick
SAMPLES = 40  # along each side
WAYS = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])


def holes(lines: np.ndarray, least: float, most: float) -> np.ndarray:
    """The rectangular holes between lines: their corners, (N, 4, 2) float32 x and y,
    clockwise from the upper left.

    lines: (H, W) uint8, 1 = line. least, most: limits of the shorter side in pixels.
    """
    runs = np.count_nonzero(lines[:, 1:] > lines[:, :-1])
    if runs > MOST_RUNS:
        return np.zeros((0, 4, 2), np.float32)
    if runs > MANY_RUNS:
        lines = _without_small_holes(lines, least)
    contours, links = cv2.findContours(lines, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    inner = np.flatnonzero(links[0, :, 3] >= 0) if contours else ()
    fits = [at for at in inner if _fits(contours[at], least, most)][:MAX_HOLES]
    found = [_rectangle(contours[at], least, most) for at in fits]
    return np.array([corners for corners in found if corners is not None],
                    np.float32).reshape(-1, 4, 2)


def sizes(corners: np.ndarray) -> np.ndarray:
    """(N, 2) width and height of rectangles given by (N, 4, 2) corners."""
    return np.stack([np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1),
                     np.linalg.norm(corners[:, 3] - corners[:, 0], axis=1)], axis=1)


def middles_in(boxes: np.ndarray, around: np.ndarray) -> np.ndarray:
    """(N, M) bool: which boxes have their middle inside which others.

    boxes: (N, 4), around: (M, 4), left, top, width, height of each.
    """
    x, y = (boxes[:, :2] + boxes[:, 2:] / 2).T[:, :, None]
    left, top, width, height = around.T
    return (left < x) & (x < left + width) & (top < y) & (y < top + height)


def corners_of(boxes: np.ndarray) -> np.ndarray:
    """(N, 4) left, top, width, height -> (N, 4, 2) corners."""
    left, top, width, height = boxes.T
    return np.stack([left, top, left + width, top, left + width, top + height, left, top + height],
                    axis=1).reshape(-1, 4, 2)


def outset(corners: np.ndarray, by: float | np.ndarray) -> np.ndarray:
    """(N, 4, 2) corners moved outwards by so many pixels both ways."""
    return corners + by * np.sign(corners - corners.mean(axis=1, keepdims=True))


def alike(corners: np.ndarray, reach: float) -> np.ndarray:
    """Which of the rectangles have a neighbour of their kind: (N,) bool.

    A neighbour is no further than `reach` times the shorter side, and as narrow, +-20 %.
    """
    middle, size = corners.mean(axis=1), sizes(corners)
    short = size.min(axis=1)
    gap = np.abs(middle[:, None] - middle) - (size[:, None] + size) / 2
    near = (gap.max(axis=2) <= reach * short) & (np.abs(short[:, None] / short - 1) <= 0.2)
    np.fill_diagonal(near, False)
    return near.any(axis=1)


def inked_sides(corners: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Share of each side that ink lies along: (N, 4) in [0, 1].

    corners: (N, 4, 2). ink: (H, W) uint8.
    """
    outside = outset(corners, RULE_PX)[:, :, None]
    part = np.linspace(0, 1, SAMPLES)[:, None]
    return _near(outside * (1 - part) + np.roll(outside, -1, axis=1) * part, ink).mean(axis=2)


def span(first: float, last: float) -> slice:
    """The pixels from one place to another along a side of the page, none before its edge."""
    return slice(max(0, round(first)), max(0, round(last)))


def ink_share(part: np.ndarray) -> float:
    """Share of a part of a page that is ink, 0.0 where it lies beyond an edge."""
    return float(part.mean()) if part.size else 0.0


def blocked(corners: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Which rectangles have a block in their middle, as the squares of QR codes: (N,) bool.

    corners: (N, 4, 2). ink: (H, W) uint8.
    """
    middle = corners.mean(axis=1, keepdims=True)
    grid = np.array([(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)]) * BLOCK
    points = middle + grid * sizes(corners)[:, None]
    return ink[*_pixels(points, ink.shape)].all(axis=1)


def square_corners(corners: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """How many of the four corners have ink outside and paper inside: (N,) int.

    The loop of a 0 and a ring have none. corners: (N, 4, 2). ink: (H, W) uint8.
    """
    inset = np.maximum(2, CORNER * sizes(corners).min(axis=1))[:, None, None]
    inner = _pixels(outset(corners, -inset), ink.shape)
    return ((_near(outset(corners, RULE_PX), ink) > 0) & (ink[*inner] == 0)).sum(axis=1)


def _near(points: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """1 = ink within a pixel of a point. Only the part of the page with points is looked at."""
    y, x = _pixels(points, ink.shape)
    top, left = max(0, y.min(initial=1) - 1), max(0, x.min(initial=1) - 1)
    part = ink[top:y.max(initial=0) + 2, left:x.max(initial=0) + 2]
    return cv2.dilate(part, np.ones((3, 3), np.uint8))[y - top, x - left]


def _pixels(points: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the pixels nearest to points (..., 2)."""
    x, y = np.moveaxis(np.clip(points.round().astype(int), 0, np.array(shape[::-1]) - 1), -1, 0)
    return y, x


def _without_small_holes(lines: np.ndarray, least: float) -> np.ndarray:
    """The lines with every piece of paper filled that is less than so many pixels either way."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(1 - lines, connectivity=4)
    small = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].min(axis=1) < least
    small[0] = True  # the lines themselves
    return small.astype(np.uint8)[labels]


def _fits(contour: np.ndarray, least: float, most: float) -> bool:
    """Whether a hole is about as large as it should be and fills its upright box."""
    _, _, width, height = cv2.boundingRect(contour)
    return least <= min(width, height) - 2 <= 1.3 * most \
        and cv2.contourArea(contour) >= MIN_FILL * width * height


def _rectangle(contour: np.ndarray, least: float, most: float) -> np.ndarray | None:
    """The corners of a hole by the ink around it, or None where it is no rectangle."""
    hull = cv2.convexHull(contour)
    middle, size, angle = cv2.minAreaRect(hull)
    if not least <= min(size) - 2 <= most \
            or cv2.contourArea(hull) < RECTANGULAR * size[0] * size[1] \
            or abs(angle - 90 * round(angle / 90)) > LEVEL_DEG:
        return None
    points = cv2.boxPoints((middle, (size[0] - 2, size[1] - 2), angle))
    return points[[np.argmax((points - middle) @ way) for way in WAYS]]
