"""Digits that came apart: a fragment above or below the piece it belongs to is joined to it.

Parts stacked on each other are nearly always of one digit (a 5 with a loose bar), while parts side
by side are mostly neighbours: those are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scanproc.page.segment.pieces import MIN_DIGIT_PX, Piece
from scanproc.records import Box

FRAGMENT = 0.55  # of the usual digit height: a higher piece is no fragment
OVERLAP = 0.5  # of the narrower one's width that must lie above or below the other
GAP = 0.2  # of the usual digit height between the two
INSIDE = 0.3  # of the fragment's height that may lie beside the piece, not above or below it
JOINED_HEIGHT, JOINED_WIDTH = 1.35, 1.2  # of the usual height: no larger digit is made


def join_broken(found: Sequence[Piece], height: float) -> list[Piece]:
    """The pieces, each stacked fragment joined to the digit that it came off.

    height: of the page's usual digit in pixels.
    """
    whole = sorted((piece for piece in found if piece.spot.height >= FRAGMENT * height),
                   key=lambda piece: piece.spot.left)
    loose = [piece for piece in found if piece.spot.height < FRAGMENT * height]
    if not whole or not loose:
        return list(found)
    edges = np.array([_edges(piece.spot) for piece in whole], float)
    lefts, reach = edges[:, 0].copy(), JOINED_WIDTH * height
    kept = []
    for fragment in loose:
        spot = fragment.spot
        start, end = np.searchsorted(lefts, (spot.right - reach, spot.left + reach))
        at = _owner(spot, edges[start:end], height)
        if at is None:
            kept.append(fragment)
        else:
            at += start
            whole[at] = Piece(whole[at].contours + fragment.contours,
                              whole[at].spot.union(fragment.spot),
                              whole[at].parts + fragment.parts)
            edges[at] = _edges(whole[at].spot)
    return whole + kept


def _edges(spot: Box) -> tuple[int, int, int, int]:
    return spot.left, spot.top, spot.right, spot.bottom


def _owner(part: Box, edges: np.ndarray, height: float) -> int | None:
    """Index of the piece that the fragment came off, or None.

    edges: (N, 4) left, top, right, bottom of the pieces.
    """
    if not len(edges) or max(part.width, part.height) < MIN_DIGIT_PX / 2 or part.width > height:
        return None
    left, top, right, bottom = edges.T
    shared = np.minimum(right, part.right) - np.maximum(left, part.left)
    gap = np.maximum(top - part.bottom, part.top - bottom)
    joined_height = np.maximum(bottom, part.bottom) - np.minimum(top, part.top)
    joined_width = np.maximum(right, part.right) - np.minimum(left, part.left)
    fits = ((shared >= OVERLAP * np.minimum(right - left, part.width))
            & (gap <= GAP * height) & (gap >= -INSIDE * part.height)
            & (joined_height <= JOINED_HEIGHT * height) & (joined_width <= JOINED_WIDTH * height))
    return int(np.argmax(np.where(fits, shared - gap, -np.inf))) if fits.any() else None
