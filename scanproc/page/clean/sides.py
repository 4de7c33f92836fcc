"""Straight sides of a sheet of paper: lines along which bright crisply turns dark.

A side is proposed by the outline of the bright part of the picture at one of several thresholds,
since light is uneven (as in maximally stable regions, Matas et al. 2002), and is measured on the
picture itself. A slow fall of the light is no step, a bent edge is no line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np

LEVELS = 14  # thresholds between the darkest and the brightest
REACH_PX = 6  # a step is looked for so far on either side of a line
CRISP_PX, CRISP_SHARE = 3, 0.6  # within so few pixels lies so much of the step
MIN_STEP = 14  # gray levels
MIN_PROPOSED, MIN_COVERED = 0.85, 0.8  # share of a side that is crisp: of a proposal, in the end
STRAIGHT_PX, STRAIGHT_SHARE = 1.5, 0.8
MIN_LENGTH = 0.2  # of the short side of the picture
BEND_PX = 3.0  # an outline that leaves its chord by this has a corner there
MIN_AREA = 0.15  # of the picture


class Side(NamedTuple):
    """Points p of the sheet have normal @ p <= offset.

    normal: (2,) float64, of length 1, out of the sheet. offset, length: pixels.
    """

    normal: np.ndarray
    offset: float
    length: float


def sides(bright: np.ndarray) -> list[Side]:
    """The sides of the brightest sheet, at most one for each direction; the longest first.

    bright: (H, W) uint8, the sheet brighter than what is around it, without its writing.
    """
    found: list[Side] = []
    for start, end, middle in _proposals(bright):
        side = _fitted(bright, start, end, middle)
        if side:
            found.append(side)
    chosen: list[Side] = []
    for side in sorted(found, key=lambda side: -side.length):
        if all(side.normal @ other.normal < 0.8 for other in chosen):
            chosen.append(side)
    return chosen


def covered(bright: np.ndarray, start: np.ndarray, end: np.ndarray, inside: np.ndarray) -> float:
    """On what share of the line from start to end bright turns dark, seen from `inside`."""
    crisp = _crisp(_profiles(bright, start, end, _outward(start, end, inside))[1])
    return float(crisp.mean()) if crisp.size else 0.0


def _proposals(bright: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """(start, end, a point inside) of the long sides of the bright part's hull, level by level."""
    low, high = np.percentile(bright, (2, 98))
    if high - low < MIN_STEP:
        return
    for level in np.linspace(high, low, LEVELS + 2)[1:-1]:
        above = (bright > level).astype(np.uint8)
        contours = cv2.findContours(above, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
        hull = cv2.convexHull(max(contours, key=cv2.contourArea))
        if cv2.contourArea(hull) < MIN_AREA * bright.size:
            continue
        corners = cv2.approxPolyDP(hull, BEND_PX, True)[:, 0].astype(np.float64)
        ends = np.roll(corners, -1, axis=0)
        long = np.hypot(*(ends - corners).T) >= MIN_LENGTH * min(bright.shape)
        for start, end in zip(corners[long], ends[long], strict=True):
            yield start, end, corners.mean(axis=0)


def _fitted(bright: np.ndarray, start: np.ndarray, end: np.ndarray, middle: np.ndarray
            ) -> Side | None:
    """The line through the steepest points along a proposal, where it is crisp and straight."""
    normal = _outward(start, end, middle)
    at, profiles = _profiles(bright, start, end, normal)
    crisp = _crisp(profiles)
    if not crisp.size or crisp.mean() < MIN_PROPOSED:
        return None
    fall = profiles[:, :-CRISP_PX] - profiles[:, CRISP_PX:]
    steepest = fall.argmax(axis=1)[:, None] + CRISP_PX / 2 - REACH_PX
    points = (at + steepest * normal)[crisp]
    along, across, x, y = cv2.fitLine(points.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01
                                      ).ravel().astype(np.float64)
    line = np.array([across, -along])
    line *= np.sign(line @ normal)
    straight = np.abs((points - (x, y)) @ line) < STRAIGHT_PX
    if straight.mean() < STRAIGHT_SHARE:
        return None
    return Side(line, float(line @ (x, y)), float(np.hypot(*(end - start))))


def _outward(start: np.ndarray, end: np.ndarray, inside: np.ndarray) -> np.ndarray:
    along = (end - start) / max(1e-6, np.hypot(*(end - start)))
    normal = np.array([along[1], -along[0]])
    return normal if normal @ (start - inside) > 0 else -normal


def _profiles(bright: np.ndarray, start: np.ndarray, end: np.ndarray, normal: np.ndarray
              ) -> tuple[np.ndarray, np.ndarray]:
    """Points along a line, (N, 2) float64, and the gray levels across it there, (N, 13) float32,
    from inside to outside. None where the outside is no longer in the picture: N may be 0.
    """
    count = max(8, int(np.hypot(*(end - start)) / 4))
    at = start + np.linspace(0.04, 0.96, count)[:, None] * (end - start)
    far = at + REACH_PX * normal
    size = bright.shape[::-1]
    seen = ((far >= 1) & (far <= np.array(size) - 2)).all(axis=1)
    if 2 * seen.sum() < count:
        seen[:] = False
    at = at[seen]
    reach = np.arange(-REACH_PX, REACH_PX + 1)[None, :, None]
    where = (at[:, None] + reach * normal).astype(np.float32)
    if not len(at):
        return at, np.zeros((0, reach.size), np.float32)
    return at, cv2.remap(bright, where, None, cv2.INTER_LINEAR).astype(np.float32)


def _crisp(profiles: np.ndarray) -> np.ndarray:
    """(N,) bool: whether a profile falls by a step, most of it within a few pixels."""
    step = profiles[:, :3].mean(axis=1) - profiles[:, -3:].mean(axis=1)
    fall = (profiles[:, :-CRISP_PX] - profiles[:, CRISP_PX:]).max(axis=1)
    return (step > MIN_STEP) & (fall > CRISP_SHARE * step)


def cut_out(shape: tuple[int, int], cuts: Sequence[Side]) -> tuple[np.ndarray, list[int]]:
    """What is left of the picture on the inner side of every line (Sutherland, Hodgman 1974).

    Returns its corners (N, 2) float64, and for the edge that starts at each corner the index of
    its line, -1 on the rim of the picture.
    """
    height, width = shape
    corners = [np.array(corner, float) for corner in
               ((-0.5, -0.5), (width - 0.5, -0.5), (width - 0.5, height - 0.5),
                (-0.5, height - 0.5))]
    edges = [-1] * 4
    for index, cut in enumerate(cuts):
        corners, edges = _clipped(corners, edges, cut, index)
    return np.array(corners).reshape(-1, 2), edges


def _clipped(corners: list[np.ndarray], edges: list[int], cut: Side, index: int
             ) -> tuple[list[np.ndarray], list[int]]:
    kept: list[np.ndarray] = []
    names: list[int] = []
    for at, (corner, edge) in enumerate(zip(corners, edges, strict=True)):
        following = corners[(at + 1) % len(corners)]
        here, there = (cut.normal @ point - cut.offset for point in (corner, following))
        if here <= 0:
            kept.append(corner)
            names.append(edge)
        if (here <= 0) != (there <= 0):
            kept.append(corner + (following - corner) * here / (here - there))
            names.append(index if here <= 0 else edge)
    return kept, names
