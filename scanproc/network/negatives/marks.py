"""Marks of a pen and of a form: crosses, ticks, dashes, corners, dots, stains."""

from __future__ import annotations

import cv2
import numpy as np

from scanproc.network.negatives.pieces import Source, slim

SIDE = 64
FLAT = 0.4              # height over width of a stroke that lies
# Corners of strokes on a field from -1 to 1, x to the right, y down. Left out are digits by shape:
# upright strokes, wedges and a stroke with a foot (1), a corner at the upper right (7), a box (0).
SHAPES = (
    [[(-1, -1), (1, 1)], [(1, -1), (-1, 1)]],                                   # cross
    [[(-1, 0.2), (-0.4, 1), (1, -1)]],                                          # tick
    [[(-1, 0), (1, 0)]],                                                        # dash
    [[(-1, 0), (1, 0)], [(0, -1), (0, 1)]],                                     # plus
    [[(-1, -0.4), (1, -0.4)], [(-1, 0.4), (1, 0.4)]],                           # equals
    [[(-0.8, -1), (-0.8, 1)], [(0, -1), (0, 1)], [(0.8, -1), (0.8, 1)]],        # tally
    [[(-0.5, -1), (-0.5, 1)], [(0.5, -1), (0.5, 1)]],
    [[(-1, -1), (-1, 1), (1, 1)]],                                              # corners of boxes
    [[(1, -1), (1, 1), (-1, 1)]],
    [[(-1, 1), (-1, -1), (1, -1)]],
    [[(-1, -1), (-1, 1), (1, 1), (1, -1)]], [[(-1, 1), (-1, -1), (1, -1), (1, 1)]],
    [[(-1, -1), (1, -1)], [(0, -1), (0, 1)]],                                   # where rules meet
    [[(-1, -1), (-1, 1)], [(-1, 0), (1, 0)]],
    [[(1, -1), (1, 1)], [(-1, 0), (1, 0)]],
    [[(-0.5, -1), (-0.5, 1)], [(0.5, -1), (0.5, 1)], [(-1, -0.5), (1, -0.5)],
     [(-1, 0.5), (1, 0.5)]],                                                    # hash
    [[(-1, -1), (0, 0), (1, -1)], [(0, 0), (0, 1)]],
    [[(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)], [(-1, -1), (1, 1)], [(1, -1), (-1, 1)]],
    [[(-0.9, -1), (-0.9, 1)], [(-0.3, -1), (-0.3, 1)], [(0.3, -1), (0.3, 1)],
     [(0.9, -1), (0.9, 1)], [(-1, 0.7), (1, -0.7)]],                            # tally of five
    [[(-1, -1), (0, 1), (1, -1)]], [[(1, -1), (-1, 0), (1, 1)]],                # wedges
)


def mark(source: Source, rng: np.random.Generator) -> np.ndarray | None:
    """A mark, a scribble or a dot. Mask (64, 64) uint8, 1 = ink."""
    canvas = np.zeros((SIDE, SIDE), np.uint8)
    pen = int(rng.integers(2, 9))
    kind = rng.random()
    if kind < 0.12:
        _curve(canvas, rng.uniform(-1, 1, (rng.integers(7, 14), 2)), pen)
    elif kind < 0.17:
        corners = rng.uniform(4, SIDE - 4, (3, 2))
        cv2.fillPoly(canvas, [np.int32(corners)], 1)
    elif kind < 0.23:
        reach = rng.uniform(0.35, 1, 2) * SIDE * 0.4
        cv2.ellipse(canvas, (SIDE // 2, SIDE // 2), np.int32(reach).tolist(),
                    rng.uniform(0, 180), 0, 360, 1, -1)
    else:
        size = rng.uniform(0.5, 1, 2)
        for stroke in SHAPES[rng.integers(len(SHAPES))]:
            points = np.array(stroke, float) * size
            _curve(canvas, points + rng.normal(0, 0.08, points.shape), pen)
    return None if _stands(canvas) else canvas


def texture(source: Source, rng: np.random.Generator) -> np.ndarray | None:
    """A stain, a shadow's edge, wood; or some squares of a code."""
    if rng.random() < 0.4:
        grid = (rng.random(rng.integers(2, 7, 2)) < 0.55).astype(np.uint8)
        return cv2.resize(grid, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)
    noise = rng.standard_normal((SIDE, SIDE)).astype(np.float32)
    rough = cv2.GaussianBlur(noise, (0, 0), rng.uniform(2, 7), sigmaY=rng.uniform(2, 7))
    mask = (rough > np.quantile(rough, rng.uniform(0.6, 0.9))).astype(np.uint8)
    count, names, stats, _ = cv2.connectedComponentsWithStats(mask)
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    stain = (names == largest).astype(np.uint8)
    return None if _stands(stain) else stain


def _stands(mask: np.ndarray) -> bool:
    """Whether it is one stroke that does not lie flat: a 1 by shape, however it leans."""
    _, _, width, height = cv2.boundingRect(mask)
    return height > FLAT * width and slim(mask)


def _curve(canvas: np.ndarray, points: np.ndarray, pen: int) -> None:
    """points: (n, 2) on a field from -1 to 1."""
    pixels = np.round((points + 1) * (SIDE / 2 - 6) + 6).astype(np.int32)
    cv2.polylines(canvas, [pixels], False, 1, pen)
