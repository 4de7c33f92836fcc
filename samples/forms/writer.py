"""One person's digits: images of MNIST or strokes of `samples/shapes.py`, redrawn with one pen.

    pool = mnist(Path("MNIST"))
    writer = Writer.of(rng, pool)
    ink = writer.digit("7", height=40, pen=4, rng=rng)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from skimage.morphology import remove_small_objects, skeletonize

from hand import Hand, digit_paths
from hand import writer as stroke_writer
from scanproc.labelled import idx
from shapes import SHAPES

HELD_OUT = slice(55_000, 60_000)  # of the 60,000; the 10,000 test digits are never touched
FINE = 4  # an MNIST image is enlarged so many times before its outline is taken
SPECK_PX = 100  # dirt beside an enlarged digit has no more pixels
STROKE_PX = 80  # height at which strokes are drawn
EUROPEAN = {"1": SHAPES["1"][2], "7": SHAPES["7"][2]}  # with an upstroke; crossed

Pool = dict[str, list[np.ndarray]]  # digit -> images (28, 28) uint8, from leaning left to right


def mnist(folder: Path) -> Pool:
    """The held-out digits of MNIST's train set in `folder` (four IDX files, plain or .gz)."""
    digits, _ = idx.read(folder, "train")
    images, labels = digits.images[HELD_OUT], digits.labels[HELD_OUT]
    return {str(digit): sorted(images[labels == digit], key=_lean) for digit in range(10)}


@dataclass(frozen=True)
class Writer:
    """One writer. own: the digits drawn by strokes in `hand`'s way; the others are of `pool`."""

    hand: Hand
    pool: Pool
    own: str
    lean: float  # 0..1: where in the pool, from leaning left to leaning right
    unevenness: float  # of size and baseline, parts of the height
    written: set[tuple[str, int]] = field(default_factory=set)  # no hand repeats itself

    @classmethod
    def of(cls, rng: np.random.Generator, pool: Pool | None, european: bool = False) -> Writer:
        """A writer by chance. pool: None draws all digits by strokes. european: see EUROPEAN."""
        hand = stroke_writer(int(rng.integers(1 << 30)))
        if european:
            hand = replace(hand, shapes={**hand.shapes, **EUROPEAN})
        own = "".join(EUROPEAN) if european else ""
        return cls(hand, pool or {}, own if pool else "0123456789", rng.uniform(0.15, 0.85),
                   rng.uniform(0.05, 0.12))  # as measured on real pages

    def digit(self, digit: str, height: float, pen: float, rng: np.random.Generator,
              widest: float = math.inf) -> np.ndarray:
        """One digit as written this time: (h, w) uint8, 255 = ink, cut to its ink.

        height, pen, widest: pixels, of the digit, of its stroke, and what room there is.
        """
        shape = self._stroke(digit, rng) if digit in self.own else self._image(digit, rng)
        scale = min(height * (1 + self.unevenness * rng.normal()) / np.ptp(np.nonzero(shape)[0]),
                    widest / np.ptp(np.nonzero(shape)[1]))
        return _trimmed(_resized(_redrawn(shape, pen / scale), scale, rng.normal(0, 0.03)))

    def _image(self, digit: str, rng: np.random.Generator) -> np.ndarray:
        images = self.pool[digit]
        wanted = np.clip(self.lean + rng.normal(0, 0.07), 0, 1) * (len(images) - 1)
        at = min(range(len(images)), key=lambda at: (  # the nearest that is not on the page yet
            (digit, at) in self.written, abs(at - wanted)))
        self.written.add((digit, at))
        fine = cv2.resize(images[at], None, fx=FINE, fy=FINE, interpolation=cv2.INTER_CUBIC)
        return remove_small_objects(fine > 110, max_size=SPECK_PX)

    def _stroke(self, digit: str, rng: np.random.Generator) -> np.ndarray:
        paths = digit_paths(self.hand, digit, STROKE_PX, rng)
        corner = np.vstack(paths).min(axis=0) - STROKE_PX / 10
        size = np.vstack(paths).max(axis=0) - corner + STROKE_PX / 10
        canvas = np.zeros(np.ceil(size[::-1]).astype(int), np.uint8)
        cv2.polylines(canvas, [np.rint(path - corner).astype(np.int32) for path in paths], False,
                      1, STROKE_PX // 12)
        return canvas > 0


def _lean(image: np.ndarray) -> float:
    """How far the ink leans to the left on its way down: the skew of its second moments."""
    moments = cv2.moments(image)
    return -moments["mu11"] / max(moments["mu02"], 1e-9)


def _redrawn(shape: np.ndarray, pen: float) -> np.ndarray:
    """The shape with strokes `pen` thick, as a field: above 0 is ink, in pixels from the edge.

    The outline moves in or out, and along the middle line the pen never leaves the paper.
    """
    shape = np.pad(shape, int(pen) + 4)
    middle = skeletonize(shape)
    inside, outside = (_distance(side) for side in (shape, ~shape))
    was = 2 * inside[middle].mean()
    return np.maximum(inside - outside + (pen - was) / 2, pen / 2 - _distance(~middle))


def _distance(area: np.ndarray) -> np.ndarray:
    return cv2.distanceTransform(area.astype(np.uint8), cv2.DIST_L2, 5)


def _resized(field: np.ndarray, scale: float, shear: float) -> np.ndarray:
    """The ink of a field, (h, w) uint8, anti-aliased at the new scale."""
    height, width = field.shape
    room = abs(shear) * height
    size = int((width + 2 * room) * scale) + 2, int(height * scale) + 2
    matrix = np.array([[scale, -shear * scale, (room + max(shear, 0) * height) * scale],
                       [0, scale, 0]])
    sharp = cv2.warpAffine(field * scale, matrix, size, borderValue=-9)
    return (np.clip(sharp + 0.5, 0, 1) * 255).astype(np.uint8)


def _trimmed(ink: np.ndarray) -> np.ndarray:
    left, top, width, height = cv2.boundingRect((ink > 60).astype(np.uint8))
    return ink[top:top + height, left:left + width]
