"""Rules, boxes, combs and tables: found, used, then taken out of the ink."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from scanproc.page.rules.bands import Bands, bands, joined
from scanproc.page.rules.cells import cells, in_combs
from scanproc.page.rules.columns import Row
from scanproc.page.rules.combs import BOXES, Toothed, is_open, level_edges, papers
from scanproc.page.rules.cut import cut
from scanproc.page.rules.ends import Lines, anchored, measured
from scanproc.page.rules.faint import darkness, hollow, rule_ink, shrink_factor
from scanproc.page.rules.feet import standing_on_feet
from scanproc.page.rules.holes import (
    RULE_PX,
    alike,
    blocked,
    corners_of,
    holes,
    inked_sides,
    outset,
    sizes,
    square_corners,
)
from scanproc.page.rules.kinds import completed
from scanproc.page.rules.lines import along, lines
from scanproc.page.rules.pairs import in_pairs
from scanproc.page.rules.sides import PEN, PEN_BY, side_bands
from scanproc.page.rules.standing import standing, stands_alone
from scanproc.page.rules.teeth import apart, hanging, tooth_bands, toothed
from scanproc.records import Box, Cell

CELL = (0.009, 0.25)  # of the page's long side: the shorter side of a cell
PER_PAGE, PER_CELL = 297, 7  # units: a unit is about a millimetre
FEW = 3
NEAR, FAR = 0.6, 3.0  # in their sizes, how far apart boxes of a kind are
LEAST_PX = 3.5
EXTEND = 1.6
CELL_UNITS = 4.0
CLOSED, CLOSED_SMALL, CLOSED_LONELY, SMALL_UNITS = 0.6, 0.75, 0.85, 6.5
ON_EDGE, EXACTLY = 0.5, 0.8
PART = 0.9  # of the area of a box of a comb: a stroke across it shuts off less


@dataclass(frozen=True)
class Ruling:
    """What is ruled on a page.

    cells: boxes to be written into.
    flat, upright: the rules by columns, and by rows with x and y exchanged.
    """

    cells: tuple[Cell, ...]
    flat: Bands
    upright: Bands


def find(ink: np.ndarray, gray: np.ndarray) -> Ruling:
    """The rules of a page and the cells between them.

    ink: (H, W) uint8, 1 = ink, without skew. gray: (H, W) uint8, evened, paper = 255.
    """
    shrink = shrink_factor(gray.shape)
    dark = darkness(gray, shrink)
    around = cv2.dilate(dark, np.ones((5, 5), np.uint8))
    small = rule_ink(dark)
    unit = _unit(small)
    inked, small = small, hollow(small, unit)
    flat = measured(lines(small, unit), small, dark, unit)
    turned = np.ascontiguousarray(small.T)
    upright = measured(lines(turned, unit), turned, dark.T, unit)
    keep_flat, keep_upright = anchored(flat, upright)
    drawn = flat.found.draw(keep_flat), upright.found.draw(keep_upright).T
    boxes = _boxes(small, *drawn, unit)
    boxes = boxes[~blocked(boxes, inked)]
    rows = standing(cells(completed(_upright(boxes), dark), small), small, unit)
    rows = in_pairs(rows, small)
    alone = [row for row, comb in rows if comb and stands_alone(row, small)]
    combs, rows = _combs(rows, flat, small, unit)
    boxes = boxes[~in_combs(_upright(boxes), rows, PART)]
    found, level = [boxes, *(corners_of(row) for row, _ in rows)], [*map(level_edges, combs)]
    corners = np.concatenate([*found, *map(corners_of, level)])
    sides = np.concatenate([*found, *(corners_of(papers(comb)) for comb in combs)])
    edges = (_edges(corners, small.shape, unit), _edges(sides[..., ::-1], turned.shape, unit))
    rows += [(comb.boxes, True) for comb in combs]
    closed = [papers(comb) for comb in combs if not is_open(comb)]
    on_sides = [row[:, [1, 0, 3, 2]] for row in alone + closed]
    return Ruling(
        tuple(_cells(rows, shrink)),
        joined(bands(flat.found, _rules(flat, keep_flat, edges[0], around), ink, shrink, unit),
               side_bands(alone + level, small, dark, ink, shrink, unit)),
        joined(bands(upright.found, _rules(upright, keep_upright, edges[1], around.T), ink.T,
                     shrink, unit),
               side_bands(on_sides, turned, dark.T, ink.T, shrink, unit),
               tooth_bands(combs, shrink, ink.T.shape)))


def remove(ink: np.ndarray, ruling: Ruling) -> tuple[np.ndarray, np.ndarray]:
    """(ink without rules, where ink was taken out): (H, W) uint8 each.

    ink: (H, W) uint8, 1 = ink.
    """
    left = ink.copy()
    flat, upright = ruling.flat.draw(ink.shape), ruling.upright.draw(ink.T.shape).T
    cut(left, ruling.flat, upright)
    cut(left.T, ruling.upright, flat.T)
    return left, ink & ~left


def _unit(small: np.ndarray) -> float:
    """Scale of the page in pixels, by the cells that anyone can see, else by the page."""
    side = max(small.shape)
    seen = holes(small, CELL[0] * side, CELL[1] * side)
    seen = seen[alike(seen, NEAR)]
    if len(seen) < FEW:
        return max(LEAST_PX, side / PER_PAGE)
    return max(LEAST_PX, float(np.percentile(sizes(seen).min(axis=1), 25)) / PER_CELL)


def _boxes(small: np.ndarray, flat: np.ndarray, upright: np.ndarray, unit: float) -> np.ndarray:
    window = along(EXTEND * unit)
    drawn = cv2.dilate(flat, window) | cv2.dilate(upright, window.T)
    boxes = holes(drawn, CELL_UNITS * unit, CELL[1] * max(small.shape))
    inked = inked_sides(boxes, small)
    short = sizes(boxes).min(axis=1) < SMALL_UNITS * unit
    lonely = ~alike(boxes, FAR) & short
    least = np.where(lonely, CLOSED_LONELY, np.where(short, CLOSED_SMALL, CLOSED))
    return boxes[(inked.min(axis=1) >= least)
                 & (square_corners(boxes, small) >= np.where(lonely, 4, np.where(short, 2, 0)))]


def _combs(rows: list[Row], flat: Lines, small: np.ndarray, unit: float
           ) -> tuple[list[Toothed], list[Row]]:
    """(combs that are known by their teeth, the rows of boxes without those that are of them)."""
    combs = [*toothed(flat.found, small, unit), *hanging(flat.found, small, unit)]
    if not any(comb and len(row) >= BOXES for row, comb in rows):
        combs += standing_on_feet(small, unit)
    return apart(combs, rows)


def _edges(corners: np.ndarray, shape: tuple[int, int], unit: float) -> np.ndarray:
    """Where boxes have their tops and bottoms: (H, W) uint8, 2 = exactly there, 1 = near.

    corners: (N, 4, 2).
    """
    drawn = np.zeros(shape, np.uint8)
    points = outset(corners, RULE_PX).round().astype(np.int32)
    down = np.argsort(points[..., 1], axis=1, kind="stable")
    points = points[np.arange(len(points))[:, None], down]
    sides = points.reshape(-1, 2, 2)  # the two upper corners, then the two lower ones
    cv2.polylines(drawn, list(sides), False, 1, round(unit) + 2)
    cv2.polylines(drawn, list(sides), False, 2, 3)
    return drawn


def _rules(lines: Lines, keep: np.ndarray, edges: np.ndarray, around: np.ndarray) -> np.ndarray:
    """(M,) bool, which pixels of lines are those of rules.

    Rules are long or lie on the edge of a cell, those that end nowhere exactly so. Print hangs on
    some, and where it is much darker than the rest of a rule, a pen crosses it.

    around: (H, W) uint8, the greatest darkness about each pixel.
    """
    found = lines.found
    edge = edges[found.y, found.x]
    near = np.bincount(found.owner, edge > 0, found.count)
    exact = np.bincount(found.owner, edge > 1, found.count)
    area = np.bincount(found.owner, minlength=found.count)
    on_edge = np.where(keep, near > ON_EDGE * area, exact > EXACTLY * area)
    alone = keep & lines.slender & ~on_edge
    pen = around[found.y, found.x] > PEN * lines.dark[found.owner] + PEN_BY
    return (alone[found.owner] | (on_edge[found.owner] & (edge > 0))) & ~pen


def _upright(boxes: np.ndarray) -> np.ndarray:
    size = sizes(boxes)
    return np.concatenate([boxes.mean(axis=1) - size / 2, size], axis=1)


def _cells(rows: list[tuple[np.ndarray, bool]], shrink: int) -> Iterator[Cell]:
    combs = 0
    for row, comb in rows:
        for at, box in enumerate(row, 1):
            spot = Box(*np.round(box * shrink).astype(int).tolist())
            yield Cell(spot, combs, at) if comb else Cell(spot)
        combs += comb
