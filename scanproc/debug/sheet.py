"""The images that the network was shown, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from scanproc.debug.labels import Label

MOST = 2000  # on one sheet; digits come before what was rejected
ZOOM = 2
SIDE_PX = 28 * ZOOM
TILE_PX = 84, 64  # height, width, with two lines of text


def sheet(images: np.ndarray, labels: Sequence[Label]) -> np.ndarray:
    """A square sheet of the images, enlarged twice, each with its label: (h, w, 3) uint8 BGR.

    images: (N, 28, 28) float in [0, 1], in the order of `labels`. In reading order, digits that
    were given first; MOST of them.
    """
    order = sorted(range(len(labels)), key=lambda at: bool(labels[at].fate))[:MOST]
    columns = max(1, int(np.ceil(np.sqrt(len(order)))))
    rows = max(1, -(-len(order) // columns))
    picture = np.full((rows * TILE_PX[0], columns * TILE_PX[1], 3), 255, np.uint8)
    for place, at in enumerate(order):
        row, column = divmod(place, columns)
        top, left = row * TILE_PX[0], column * TILE_PX[1]
        tile = picture[top:top + TILE_PX[0], left:left + TILE_PX[1]]
        _fill(tile, images[at], labels[at])
    return picture


def _fill(tile: np.ndarray, image: np.ndarray, label: Label) -> None:
    pixels = np.clip(255 * image, 0, 255).astype(np.uint8).repeat(ZOOM, 0).repeat(ZOOM, 1)
    tile[:SIDE_PX, :SIDE_PX] = pixels[..., None]
    lines = f"{label.digit}   {label.sure}", label.fate[:8]
    for at, text in enumerate(lines, start=1):
        cv2.putText(tile, text, (0, SIDE_PX + 12 * at), cv2.FONT_HERSHEY_PLAIN, 0.85,
                    label.colour, 1, cv2.LINE_AA)
