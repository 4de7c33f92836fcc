"""Connected pieces of ink by their contours; which of them may be digits, which are marks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import cv2
import numpy as np

from scanproc.page.clean.frame import Frame
from scanproc.records import Box, Candidate

MIN_DIGIT_PX = 8  # a lower piece has too few pixels to be read
MANY_RUNS = 50_000  # of ink in rows: no digit fills a page with so many
SPECK_PX = 2  # a piece that is not larger both ways is dirt of the scanner
FEW_PIECES = 60  # with fewer pieces the page may be a crop that one digit fills
STRIP = 3.0  # widths over heights of a crop that one line fills from top to bottom
LARGEST = 0.1  # of the page's longer side, where the page has many pieces
LINE_LIKE = 2.5  # wider than this many heights: a rule or a dash
STROKE_LIKE = 12.0  # higher than this many widths ...
TALL = 2.5  # ... and than this many digits: a rule, not a 1
SMALL, LARGE = 0.4, 8.0  # of the page's usual digit height
MOST_JOINED = 6.0  # widths over heights of digits that run together
JOINED = 0.7  # of it: a piece so high is no dash, it may be digits that run together
SOLID = 0.8  # share of its box that a blot fills; a 1 is narrower than SOLID_WIDTH heights
SOLID_WIDTH = 0.45


@dataclass(frozen=True)
class Piece:
    """Connected ink, or several pieces joined.

    contours: outer borders and borders of holes, each (N, 1, 2) int32 pixels of the cleaned page.
    spot: the box of the ink on the cleaned page.
    parts: how many connected pieces it is.
    """

    contours: tuple[np.ndarray, ...]
    spot: Box
    parts: int = 1

    def mask(self) -> np.ndarray:
        """(h, w) uint8, 1 = the piece's own ink, without what else stands in its box."""
        mask = np.zeros((self.spot.height, self.spot.width), np.uint8)
        cv2.fillPoly(mask, self.contours, 1, offset=(-self.spot.left, -self.spot.top))
        return mask


def pieces(ink: np.ndarray) -> list[Piece]:
    """Every connected piece of ink larger than a speck.

    ink: (H, W) uint8, 1 = ink.
    """
    found = []
    if np.count_nonzero(ink[:, 1:] > ink[:, :-1]) > MANY_RUNS:
        large = _large(ink)
        outer, _ = cv2.findContours(large, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        found = [Piece((contour,), Box(*cv2.boundingRect(contour))) for contour in outer]
        ink = ink & ~large
    contours, links = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    for at, contour in enumerate(contours):
        parent, first_hole = links[0][at][3], links[0][at][2]
        spot = Box(*cv2.boundingRect(contour))
        if parent < 0 and max(spot.width, spot.height) > SPECK_PX:
            found.append(Piece((contour, *_holes(contours, links[0], first_hole)), spot))
    return found


def _large(ink: np.ndarray) -> np.ndarray:
    """The ink of pictures and patterns: pieces too large for a page of so much ink.

    Their holes are not wanted, and `findContours` takes the square of how many there are. Outlines
    say whether there are any in a tenth of the time that it takes to tell which.
    """
    limit = LARGEST * max(ink.shape)
    outer, _ = cv2.findContours(ink, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not any(_too_large(*cv2.boundingRect(contour)[2:], limit) for contour in outer):
        return np.zeros_like(ink)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink)
    large = _too_large(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT], limit)
    large[0] = False  # the paper
    return large.astype(np.uint8)[labels]


def _too_large(width: np.ndarray, height: np.ndarray, limit: float) -> np.ndarray:
    return (height > limit) | (width > 1.5 * limit)


def _holes(contours: Sequence[np.ndarray], links: np.ndarray, at: int) -> list[np.ndarray]:
    holes = []
    while at >= 0:
        holes.append(contours[at])
        at = links[at][0]
    return holes


def candidates(found: Sequence[Piece], cut: np.ndarray, frame: Frame) -> tuple[Candidate, ...]:
    """The pieces as they are handed on, with their boxes on the page.

    cut: (H, W) uint8, 1 = where a rule was taken out of the ink.
    """
    boxes = frame.boxes([np.concatenate(piece.contours).reshape(-1, 2) for piece in found])
    masks = [piece.mask() for piece in found]
    return tuple(Candidate(mask, piece.spot, box, _cut_share(mask, piece.spot, cut), piece.parts)
                 for piece, mask, box in zip(found, masks, boxes, strict=True))


def candidate(mask: np.ndarray, spot: Box, frame: Frame, cut: float, parts: int) -> Candidate:
    """One that is made of pieces, or of a part of one, see `Candidate`."""
    points = cv2.findNonZero(mask).reshape(-1, 2) + (spot.left, spot.top)
    return Candidate(mask, spot, frame.box(points), cut, parts)


def together(parts: Sequence[tuple[np.ndarray, Box]]) -> tuple[np.ndarray, Box]:
    """(mask, box) of what is one, from the masks and boxes of its parts."""
    spot = reduce(Box.union, (box for _, box in parts))
    mask = np.zeros((spot.height, spot.width), np.uint8)
    for own, (left, top, width, height) in parts:
        mask[top - spot.top:, left - spot.left:][:height, :width] |= own
    return mask, spot


def _cut_share(mask: np.ndarray, spot: Box, cut: np.ndarray) -> float:
    """How much of the rim round a mask was taken out, in [0, 1]."""
    left, top = max(0, spot.left - 1), max(0, spot.top - 1)
    around = cut[top:spot.bottom + 1, left:spot.right + 1]
    if not around.any():
        return 0.0
    rim = np.zeros_like(around)
    rim[spot.top - top:, spot.left - left:][:spot.height, :spot.width] = mask
    rim = cv2.dilate(rim, np.ones((3, 3), np.uint8)) - rim
    return float((rim & around).sum() / max(1, rim.sum()))


def usual_height(found: Sequence[Piece]) -> float:
    """Height of the page's usual digit in pixels: the median weighted by height, so that dirt,
    which is many but small, does not pull it down. Long thin strokes, which may be the edge of
    the scan, count only where there is nothing else. 0.0 where there is none."""
    spots = [piece.spot for piece in found
             if piece.spot.height >= MIN_DIGIT_PX and not _line_like(piece.spot)]
    wide = [spot for spot in spots if spot.height <= STROKE_LIKE * spot.width]
    return usual(np.array([spot.height for spot in wide or spots]))


def usual(heights: np.ndarray) -> float:
    """The median weighted by itself, 0.0 of none."""
    if not heights.size:
        return 0.0
    heights = np.sort(heights)
    weight = np.cumsum(heights)
    return float(heights[np.searchsorted(weight, weight[-1] / 2)])


def not_too_large(found: Sequence[Piece], shape: tuple[int, int]) -> list[Piece]:
    """The pieces that are not frames, pictures or the edge of the scan."""
    tall = sum(piece.spot.height > 0.01 * max(shape) for piece in found)
    limit = LARGEST * max(shape)
    if tall < FEW_PIECES:
        limit = (0.8 if shape[1] < STRIP * shape[0] else 1.0) * shape[0]
    return [piece for piece in found if piece.spot.height <= limit
            and piece.spot.width <= max(1.5 * limit, MOST_JOINED * piece.spot.height)]


def sorted_by_size(found: Sequence[Piece], height: float) -> dict[str, list[Piece]]:
    """The pieces by what they may be: `digit`, `mark`, or a key of `reasons.INK_FATES`.

    height: of the page's usual digit.
    """
    sorts = defaultdict(list)
    for piece in found:
        sorts[_sort(piece, height)].append(piece)
    return sorts


def _sort(piece: Piece, height: float) -> str:
    spot = piece.spot
    dash = _line_like(spot) and spot.height < JOINED * height
    if dash or spot.height < max(MIN_DIGIT_PX, SMALL * height):
        return "mark" if spot.width <= 1.5 * height and spot.height <= height else "rule"
    if spot.height > LARGE * height or spot.width > LARGE * max(height, spot.height):
        return "large"
    if _rule_like(spot, height):
        return "rule"
    return "solid" if _solid(piece) else "digit"


def without_frames(digits: Sequence[Piece], height: float) -> list[Piece]:
    """The pieces that hold no other in one of their holes: a box round a number is no 0.

    digits: pieces that may be digits. height: of the page's usual digit.
    """
    edges = np.array([(piece.spot.left, piece.spot.top, -piece.spot.right, -piece.spot.bottom)
                      for piece in digits]).reshape(-1, 4)
    return [piece for piece in digits if not any(
        _holds(Box(*cv2.boundingRect(hole)), edges, height) for hole in piece.contours[1:])]


def _holds(hole: Box, edges: np.ndarray, height: float) -> bool:
    if hole.height < SMALL * height:
        return False
    inside = edges > (hole.left, hole.top, -hole.right, -hole.bottom)
    return bool(inside.all(axis=1).any())


def _line_like(spot: Box) -> bool:
    return spot.width > LINE_LIKE * spot.height


def _rule_like(spot: Box, height: float) -> bool:
    return spot.height > max(STROKE_LIKE * spot.width, TALL * height)


def _solid(piece: Piece) -> bool:
    spot = piece.spot
    area = sum(cv2.contourArea(contour) for contour in piece.contours[:1])
    filled = len(piece.contours) == 1 and area > SOLID * spot.width * spot.height
    return filled and spot.width > SOLID_WIDTH * spot.height
