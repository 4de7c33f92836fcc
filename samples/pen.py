"""A pen that leaves ink on a page: smooth curves, stamped as round dots.

Only additions, products and integers are used, so that every machine draws the same pixels.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

FINE = 6  # dots are set on a grid this many times finer than the page


def curve(points: np.ndarray, steps: int = 12) -> np.ndarray:
    """The quadratic B-spline of control points, from the first to the last of them.

    points: (N, 2), N >= 2; a point given twice is a corner. Returns (N * steps + 1, 2).
    Each control point bends the way from the middle before it to the middle behind it (Farin,
    Curves and Surfaces for CAGD, chapter on B-splines).
    """
    points = np.asarray(points, float)
    middles = np.vstack([points[:1], (points[:-1] + points[1:]) / 2, points[-1:]])
    t = np.arange(steps)[:, None] / steps
    arcs = [(1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t ** 2 * end
            for start, bend, end in zip(middles[:-1], points, middles[1:], strict=True)]
    return np.vstack([*arcs, points[-1:]])


def stroke(layer: np.ndarray, path: np.ndarray, widths: np.ndarray, darkness: np.ndarray) -> None:
    """Draws one stroke into a layer of ink, anti-aliased; darker ink wins over lighter.

    layer: (H, W) uint8, 255 = full ink, changed in place. path: (N, 2) x, y in pixels, may leave
    the page. widths: (N,) pixels. darkness: (N,) 0..255.
    """
    dots = _dots(path, widths, darkness)
    reach = int(dots[:, 2].max()) + FINE
    low = (dots[:, :2].min(axis=0) - reach) // FINE
    high = (dots[:, :2].max(axis=0) + reach) // FINE + 1
    tile = np.zeros((high - low)[::-1] * FINE, np.uint8)
    for x, y, radius, dark in dots:
        disk = _disk(int(radius))
        top, left = y - radius - low[1] * FINE, x - radius - low[0] * FINE
        spot = tile[top:top + len(disk), left:left + len(disk)]
        np.maximum(spot, disk * np.uint8(dark), out=spot)
    _lay(layer, _shrink(tile), int(low[0]), int(low[1]))


def _dots(path: np.ndarray, widths: np.ndarray, darkness: np.ndarray) -> np.ndarray:
    """(M, 4) int: x, y, radius on the fine grid and darkness, close enough to make a line."""
    steps = np.abs(np.diff(path, axis=0)).sum(axis=1) * FINE
    way = np.concatenate([[0.0], np.cumsum(steps)])
    spacing = max(1.0, float(np.min(widths)) * FINE / 8)
    at = np.arange(int(way[-1] / spacing) + 2) * spacing
    columns = (path[:, 0] * FINE, path[:, 1] * FINE, widths * FINE / 2, darkness)
    return np.rint(np.stack([np.interp(at, way, column) for column in columns], axis=1)).astype(int)


@lru_cache(maxsize=256)
def _disk(radius: int) -> np.ndarray:
    reach = np.arange(-radius, radius + 1)
    return (reach[:, None] ** 2 + reach ** 2 <= radius * (radius + 1)).astype(np.uint8)


def _shrink(tile: np.ndarray) -> np.ndarray:
    """(h, w) uint8: the mean of each FINE x FINE block."""
    blocks = tile.reshape(tile.shape[0] // FINE, FINE, tile.shape[1] // FINE, FINE)
    return (blocks.sum(axis=(1, 3), dtype=np.int64) // FINE ** 2).astype(np.uint8)


def _lay(layer: np.ndarray, tile: np.ndarray, left: int, top: int) -> None:
    """Puts a tile on the layer, less what lies beyond its edges."""
    bottom, right = (min(start + size, edge) for start, size, edge
                     in zip((top, left), tile.shape, layer.shape, strict=True))
    if bottom <= max(top, 0) or right <= max(left, 0):
        return
    spot = layer[max(top, 0):bottom, max(left, 0):right]
    part = tile[max(-top, 0):bottom - top, max(-left, 0):right - left]
    np.maximum(spot, part, out=spot)
