"""Where the pixels of the cleaned page lie on the page as scanned.

Coordinates are continuous: pixel i covers i to i + 1, its centre is at i + 0.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from scanproc.records import Box

MAX_SIDE_PX = 5000  # a longer page is halved: 600 dpi holds nothing for digits that 300 does not
MAX_STRETCH = 3.0  # a pixel more oblong than this is a wrong tag, not a fax


@dataclass(frozen=True)
class Frame:
    """A map from the cleaned page to the upright page image.

    matrix: float64, (2, 3) affine or (3, 3) projective: continuous cleaned coordinates to
        continuous page coordinates.
    width, height: pixels of the upright page image.
    """

    matrix: np.ndarray
    width: int
    height: int

    def box(self, points: np.ndarray) -> Box:
        """The smallest page box that holds the given pixels.

        points: (N, 2) int, x and y of pixels of the cleaned page.
        """
        return self.boxes([points])[0]

    def boxes(self, shapes: Sequence[np.ndarray]) -> list[Box]:
        """The same of several shapes at once."""
        if not shapes:
            return []
        points = np.concatenate(shapes)
        starts = np.cumsum([0, *map(len, shapes[:-1])])
        ends = np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts) + 1
        slopes = self._slopes((ends[0] + ends[1]) / 2)
        half = np.hypot(slopes[..., 0], slopes[..., 1]) / 2  # a pixel as a disc, however turned
        middles = self._mapped(points + 0.5)
        low = np.floor(np.minimum.reduceat(middles, starts) - half + 1e-6).astype(int)
        high = np.ceil(np.maximum.reduceat(middles, starts) + half - 1e-6).astype(int)
        low = np.clip(low, 0, (self.width - 1, self.height - 1))
        high = np.clip(high, low + 1, (self.width, self.height))
        return [Box(*box) for box in np.hstack([low, high - low]).tolist()]

    def beneath(self, matrix: np.ndarray) -> Frame:
        """The frame of a picture that is made of this one.

        matrix: (3, 3) float64, its continuous coordinates to those of this one.
        """
        return Frame(self._homography @ matrix, self.width, self.height)

    @property
    def _homography(self) -> np.ndarray:
        return self.matrix if len(self.matrix) == 3 else np.vstack([self.matrix, (0, 0, 1)])

    def _mapped(self, points: np.ndarray) -> np.ndarray:
        """(N, 2) continuous coordinates of the cleaned page -> of the page."""
        mapped = points @ self._homography[:, :2].T + self._homography[:, 2]
        return mapped[:, :2] / mapped[:, 2:]

    def _slopes(self, points: np.ndarray) -> np.ndarray:
        """(N, 2, 2): how the page's x and y change with those of the cleaned page."""
        matrix = self._homography
        depth = points @ matrix[2, :2] + matrix[2, 2]
        return ((matrix[:2, :2] - self._mapped(points)[:, :, None] * matrix[2, :2])
                / depth[:, None, None])


def upright(gray: np.ndarray, dpi: tuple[float, float] | None, rotation: int
            ) -> tuple[np.ndarray, Frame]:
    """The page turned upright, with square pixels, at a size worth reading.

    gray: (H, W) uint8 as stored. Returns (h, w) uint8 and its frame.
    """
    turned = np.ascontiguousarray(np.rot90(gray, -rotation // 90))
    height, width = turned.shape
    across, down = _scales(dpi, rotation, max(height, width))
    matrix = np.array([[1 / across, 0, 0], [0, 1 / down, 0]])
    if (across, down) != (1, 1):
        size = max(1, round(width * across)), max(1, round(height * down))
        matrix = np.array([[width / size[0], 0, 0], [0, height / size[1], 0]])
        shrinks = across * down < 1
        turned = cv2.resize(turned, size,
                            interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return turned, Frame(matrix, width, height)


def _scales(dpi: tuple[float, float] | None, rotation: int, side: int) -> tuple[float, float]:
    across = down = 1.0
    if dpi and max(dpi) / min(dpi) < MAX_STRETCH:
        horizontal, vertical = dpi if rotation % 180 == 0 else dpi[::-1]
        across, down = max(dpi) / horizontal, max(dpi) / vertical
        if max(across, down) < 1.02:
            across = down = 1.0
    longest = side * max(across, down)
    while longest > MAX_SIDE_PX:
        across, down, longest = across / 2, down / 2, longest / 2
    return across, down


def shrunk(image: np.ndarray, side_px: int) -> np.ndarray:
    """The image about `side_px` long, if it is longer and does not vanish: (h, w) of its type.

    Made small by a whole factor, which takes a tenth of the time that any other does; less than
    that many of its last rows and columns are left out.
    """
    factor = min(round(max(image.shape) / side_px), *image.shape)
    if factor <= 1:
        return image
    height, width = (side // factor for side in image.shape)
    return cv2.resize(image[:height * factor, :width * factor], (width, height),
                      interpolation=cv2.INTER_AREA)


def deskewed(image: np.ndarray, frame: Frame, skew: float) -> tuple[np.ndarray, Frame]:
    """The page turned by -skew on a canvas that loses no corner; new corners are white.

    image: (h, w) uint8. skew: degrees clockwise.
    """
    height, width = image.shape
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), skew, 1.0)
    cos, sin = np.abs(turn[0, :2])
    size = int(np.ceil(width * cos + height * sin)), int(np.ceil(width * sin + height * cos))
    turn[:, 2] += (np.array(size) - (width, height)) / 2
    turned = cv2.warpAffine(image, turn, size, flags=cv2.INTER_LINEAR, borderValue=255)
    back = cv2.invertAffineTransform(turn)
    back[:, 2] += 0.5 - back[:, :2] @ (0.5, 0.5)  # pixel centres to continuous coordinates
    return turned, frame.beneath(np.vstack([back, [0, 0, 1]]))
