"""Where an image lies on a PDF page, and the page's pixels that follow from it.

PDF coordinates: points (1/72 inch), y upwards. A matrix (a, b, c, d, e, f) takes the unit square,
on which an image stands upright, to the page (ISO 32000-1, 8.3.3 and 8.9.5.1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Rect = tuple[float, float, float, float]  # left, bottom, right, top

_STRAIGHT = 1e-3  # sides may lean by this share of their length
_SLACK_PX = 1.0  # an edge of the image nearer than this to the page's edge is the page's edge


@dataclass(frozen=True)
class Placement:
    """An image of width x height pixels, drawn with `matrix` on a page that shows `visible`."""

    width: int
    height: int
    matrix: tuple[float, float, float, float, float, float]
    visible: Rect

    @property
    def is_straight(self) -> bool:
        """Are the image's sides parallel to those of the page?"""
        a, b, c, d, _, _ = self.matrix
        along, across = ((b, c), (a, d)) if self._is_on_side else ((a, d), (b, c))
        return max(map(abs, across)) < _STRAIGHT * min(map(abs, along))

    @property
    def rect(self) -> Rect:
        """Where the image lies on the page."""
        a, b, c, d, e, f = self.matrix
        across, up = (c, b) if self._is_on_side else (a, d)
        return min(e, e + across), min(f, f + up), max(e, e + across), max(f, f + up)

    @property
    def shown(self) -> Rect:
        """The part of the page where the image can be seen."""
        left, bottom, right, top = self.rect
        return (max(left, self.visible[0]), max(bottom, self.visible[1]),
                min(right, self.visible[2]), min(top, self.visible[3]))

    @property
    def density(self) -> tuple[float, float]:
        """Pixels per point across and down the page."""
        left, bottom, right, top = self.rect
        width, height = self._drawn_size
        return width / (right - left), height / (top - bottom)

    @property
    def covered(self) -> float:
        """The share of the page that the image covers; 1.0 where it covers all of it."""
        left, top, right, bottom = self._window
        width, height = self._drawn_size
        shown = ((min(right, width) - max(left, 0)) * (min(bottom, height) - max(top, 0)))
        return shown / ((right - left) * (bottom - top))

    def lay(self, pixels: np.ndarray) -> np.ndarray:
        """The page (H, W) or (H, W, 3) uint8 as it shows the image's pixels, white around them."""
        a, b, c, d, _, _ = self.matrix
        if self._is_on_side:
            pixels, flips = pixels.swapaxes(0, 1), (b > 0, c > 0)
        else:
            flips = (d < 0, a < 0)
        drawn = np.flip(pixels, [axis for axis in (0, 1) if flips[axis]])
        left, top, right, bottom = self._window
        height, width = drawn.shape[:2]
        page = np.full((bottom - top, right - left, *drawn.shape[2:]), 255, np.uint8)
        part = drawn[max(top, 0):bottom, max(left, 0):right]
        y, x = max(-top, 0), max(-left, 0)
        page[y:y + part.shape[0], x:x + part.shape[1]] = part
        return page

    @property
    def _is_on_side(self) -> bool:
        """Do the image's rows run up or down the page?"""
        return abs(self.matrix[1]) > abs(self.matrix[0])

    @property
    def _drawn_size(self) -> tuple[int, int]:
        return (self.height, self.width) if self._is_on_side else (self.width, self.height)

    @property
    def _window(self) -> tuple[int, int, int, int]:
        """What the page shows: left, top, right, bottom in pixels of the image as drawn.

        Where the page is larger than the image they lie outside of it.
        """
        left, _, _, top = self.rect
        across, down = self.density
        width, height = self._drawn_size
        see_left, see_bottom, see_right, see_top = self.visible
        return (_edge((see_left - left) * across, 0), _edge((top - see_top) * down, 0),
                _edge((see_right - left) * across, width),
                _edge((top - see_bottom) * down, height))


def _edge(position: float, of_image: int) -> int:
    return of_image if abs(position - of_image) < _SLACK_PX else round(position)
