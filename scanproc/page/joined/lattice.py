"""Pieces of ink -> all segments of them that may be one digit (over-segmentation).

Casey and Lecolinet 1996, A survey of methods and strategies in character segmentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from scanproc.page.joined.cuts import cuts, stroke
from scanproc.records import Box

# In digit heights, unless said otherwise.
CUT = 0.7               # a narrower piece is not cut
WIDEST = (1.5, 1.3)     # segment between pieces; beside a cut
LOWEST = 0.55           # segment
INK = (0.6, 5.5)        # of a segment, in strokes times heights
NEAR = 0.35             # between pieces of one digit
FRAGMENT = 0.4          # a lower and narrower piece is joined to the one it lies at
LONGEST, TALLEST = 14.0, 3.0  # a larger piece is no writing of this size
MOST_PIECES = 40


@dataclass(frozen=True)
class Arc:
    """A segment that may be one digit: the ink between two nodes.

    mask: (h, w) uint8, 1 = ink, cut to its ink. spot: its box on the cleaned page.
    cuts: how many of its sides are cuts through ink, 0 to 2.
    """

    start: int
    end: int
    mask: np.ndarray
    spot: Box
    cuts: int


@dataclass(frozen=True)
class Whole:
    """A piece as it stands between two nodes; ink: pixels."""

    start: int
    end: int
    ink: int


@dataclass(frozen=True)
class Lattice:
    """All readings of a run of pieces: every way from node 0 to the last over arcs.

    nodes: 0 where the run is no writing of this size. height, stroke: of a digit, in pixels.
    ink, cost: (nodes,) float64, pixels of ink left of each node, and in its cut.
    pieces: what a reading may pass over.
    """

    arcs: tuple[Arc, ...]
    nodes: int
    height: float
    stroke: float
    ink: np.ndarray
    cost: np.ndarray
    pieces: tuple[Whole, ...]


@dataclass(frozen=True)
class Unit:
    """A piece and its cuts: `edges` (n + 2, h) are its left side, the cuts and its right side.

    ink, cost: (n + 2,) pixels of ink left of each edge, and in its cut. first: node of the left.
    """

    mask: np.ndarray
    spot: Box
    edges: np.ndarray
    ink: np.ndarray
    cost: np.ndarray
    first: int


def lattice(pieces: Sequence[tuple[np.ndarray, Box]], height: float) -> Lattice:
    """Every segment of a run of digits that may be one digit.

    pieces: (mask, box on the cleaned page) of each piece, masks (h, w) uint8, 1 = ink.
    height: of the usual digit there, in pixels.
    """
    if not _writing(pieces, height):
        return Lattice((), 0, height, 1.0, np.zeros(0), np.zeros(0), ())
    pen = float(np.median([stroke(mask, height) for mask, _ in pieces]))
    units = _units(_with_fragments(pieces, height), height)
    arcs = tuple(_arcs(units, height, pen))
    ends = [unit.first + len(unit.edges) - 1 for unit in units]
    wholes = tuple(Whole(unit.first, end, int(unit.ink[-1]))
                   for unit, end in zip(units, ends, strict=True))
    before = np.cumsum([0] + [whole.ink for whole in wholes])
    ink = [unit.ink[1:] + left for unit, left in zip(units, before, strict=False)]
    return Lattice(arcs, ends[-1] + 1, height, pen, np.concatenate([[0.0], *ink]),
                   np.concatenate([[0.0], *(unit.cost[1:] for unit in units)]), wholes)


def _writing(pieces: Sequence[tuple[np.ndarray, Box]], height: float) -> bool:
    return (0 < len(pieces) <= MOST_PIECES and height >= 1
            and all(box.width <= LONGEST * height and box.height <= TALLEST * height
                    for _, box in pieces))


def _with_fragments(pieces: Sequence[tuple[np.ndarray, Box]], height: float
                    ) -> list[tuple[np.ndarray, Box]]:
    """The pieces by their middle; a fragment above or below one other piece is joined to it."""
    small = [max(box.width, box.height) < FRAGMENT * height for _, box in pieces]
    owner = list(range(len(pieces)))
    for at, (_, box) in enumerate(pieces):
        if small[at]:
            over = [other for other, (_, its) in enumerate(pieces) if not small[other]
                    and min(box.right, its.right) > max(box.left, its.left)]
            owner[at] = over[0] if len(over) == 1 else at
    found = [_together([pieces[other] for other in range(len(pieces)) if owner[other] == at])
             for at in range(len(pieces)) if owner[at] == at]
    return sorted(found, key=lambda piece: piece[1].left + piece[1].right)


def _together(parts: Sequence[tuple[np.ndarray, Box]]) -> tuple[np.ndarray, Box]:
    if len(parts) == 1:
        return parts[0]
    around = parts[0][1]
    for _, box in parts[1:]:
        around = around.union(box)
    mask = np.zeros((around.height, around.width), np.uint8)
    for part, box in parts:
        top, left = box.top - around.top, box.left - around.left
        mask[top:top + box.height, left:left + box.width] |= part
    return mask, around


def _units(pieces: Sequence[tuple[np.ndarray, Box]], height: float) -> list[Unit]:
    found, node = [], 0
    for mask, spot in pieces:
        inner = cuts(mask, height) if spot.width > CUT * height else \
            np.zeros((0, spot.height), int)
        edges = np.pad(inner, ((1, 1), (0, 0)))
        edges[-1] = spot.width
        rows = np.arange(spot.height)
        ink = np.pad(mask.cumsum(axis=1, dtype=int), ((0, 0), (1, 0)))[rows, edges].sum(axis=1)
        cost = np.pad(mask[rows, np.minimum(inner, spot.width - 1)].sum(axis=1), 1)
        found.append(Unit(mask, spot, edges, ink, cost, node))
        node += len(edges) - 1
    return found


def _arcs(units: Sequence[Unit], height: float, pen: float) -> Iterator[Arc]:
    for at, unit in enumerate(units):
        for start in range(len(unit.edges) - 1):
            yield from _arcs_from(units, at, start, height, pen)


def _arcs_from(units: Sequence[Unit], at: int, start: int, height: float, pen: float
               ) -> Iterator[Arc]:
    """The arcs that begin at an edge: parts of its piece, then its rest with pieces behind it."""
    begun: list[tuple[np.ndarray, Box]] = []
    ink = 0
    least, most = (share * height * pen for share in INK)
    for unit in units[at:]:
        low, last = 0 if begun else start, len(unit.edges) - 1
        if begun and unit.spot.left - begun[-1][1].right > NEAR * height:
            return
        for end in range(low + 1, last + 1):
            part = _part(unit, low, end)
            if part is None:
                continue
            mask, spot = _together([*begun, part])
            if spot.width > WIDEST[0] * height:
                return
            area, sides = ink + unit.ink[end] - unit.ink[low], int(start > 0) + int(end < last)
            if (least <= area <= most and spot.height >= LOWEST * height
                    and spot.width <= WIDEST[sides > 0] * height):
                yield Arc(units[at].first + start, unit.first + end, mask, spot, sides)
        if part is None:
            return
        begun.append(part)
        ink += unit.ink[last] - unit.ink[low]


def _part(unit: Unit, start: int, end: int) -> tuple[np.ndarray, Box] | None:
    """The ink between two edges, and its box; None where there is none."""
    low, high = int(unit.edges[start].min()), int(unit.edges[end].max())
    columns = np.arange(low, high)
    inside = (columns >= unit.edges[start][:, None]) & (columns < unit.edges[end][:, None])
    mask = unit.mask[:, low:high] & inside.view(np.uint8)
    left, top, width, height = cv2.boundingRect(mask)
    if not width:
        return None
    spot = Box(unit.spot.left + low + left, unit.spot.top + top, width, height)
    return np.ascontiguousarray(mask[top:top + height, left:left + width]), spot
