"""MNIST's images disturbed, to see what a network bears. All strengths stand here.

Every disturbance takes one image, (28, 28) float32 in [0, 1], ink = 1.0, and gives such a one. What
leaves the image is lost; what comes in is paper. Angles and slants about the image's centre.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import cv2
import numpy as np

SEED = 1
FINER = 4  # sub-pixels along a pixel's side, for thickness

Disturbance = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def _thickness(image: np.ndarray, rng: np.random.Generator, change_px: int) -> np.ndarray:
    """Grey morphology (Serra 1982): every edge of a stroke moves by half of the change."""
    fine = cv2.resize(image, None, fx=FINER, fy=FINER, interpolation=cv2.INTER_LINEAR)
    method = cv2.dilate if change_px > 0 else cv2.erode
    radius = abs(change_px) * FINER // 2
    rows, columns = np.ogrid[-radius:radius + 1, -radius:radius + 1]
    disc = rows**2 + columns**2 <= (radius + 0.5)**2
    return cv2.resize(method(fine, disc.astype(np.uint8)), image.shape[::-1],
                      interpolation=cv2.INTER_AREA)


def _rotation(image: np.ndarray, rng: np.random.Generator, degrees: float) -> np.ndarray:
    """Positive is anticlockwise."""
    angle = np.deg2rad(degrees)
    return _affine(image, np.cos(angle), np.sin(angle), -np.sin(angle), np.cos(angle))


def _shear(image: np.ndarray, rng: np.random.Generator, slope: float) -> np.ndarray:
    """Columns per row; positive leans to the right."""
    return _affine(image, 1, -slope, 0, 1)


def _scale(image: np.ndarray, rng: np.random.Generator, factor: float) -> np.ndarray:
    return _affine(image, factor, 0, 0, factor)


def _affine(image: np.ndarray, xx: float, xy: float, yx: float, yy: float) -> np.ndarray:
    """About the image's centre: x -> xx x + xy y, y -> yx x + yy y; y runs down."""
    matrix = np.array([[xx, xy], [yx, yy]])
    centre = (np.array(image.shape[::-1]) - 1) / 2
    return cv2.warpAffine(image, np.column_stack([matrix, centre - matrix @ centre]),
                          image.shape[::-1])


def _shift(image: np.ndarray, rng: np.random.Generator, right_px: int, down_px: int) -> np.ndarray:
    moves = np.array([[1, 0, right_px], [0, 1, down_px]], np.float64)
    return cv2.warpAffine(image, moves, image.shape[::-1])


def _blur(image: np.ndarray, rng: np.random.Generator, sigma_px: float) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), sigma_px)


def _noise(image: np.ndarray, rng: np.random.Generator, sigma: float) -> np.ndarray:
    noisy = image + sigma * rng.standard_normal(image.shape, np.float32)
    return np.clip(noisy, 0, 1)


def _binarized(image: np.ndarray, rng: np.random.Generator, level: float) -> np.ndarray:
    return (image >= level).astype(np.float32)


DISTURBANCES: dict[str, Disturbance] = {
    "thickness-1": partial(_thickness, change_px=-1),
    "thickness+1": partial(_thickness, change_px=1),
    "thickness+2": partial(_thickness, change_px=2),
    "rotation-15": partial(_rotation, degrees=-15),
    "rotation+15": partial(_rotation, degrees=15),
    "shear-0.3": partial(_shear, slope=-0.3),
    "shear+0.3": partial(_shear, slope=0.3),
    "scale-0.8": partial(_scale, factor=0.8),
    "scale-1.15": partial(_scale, factor=1.15),
    "shift-left": partial(_shift, right_px=-2, down_px=0),
    "shift-right": partial(_shift, right_px=2, down_px=0),
    "shift-up": partial(_shift, right_px=0, down_px=-2),
    "shift-down": partial(_shift, right_px=0, down_px=2),
    "blur": partial(_blur, sigma_px=1.0),
    "noise": partial(_noise, sigma=0.2),
    "binarized": partial(_binarized, level=0.5),
}


def disturbed(images: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """The images under each disturbance, by its name; the same images give the same ones.

    images: (N, 28, 28) float32 in [0, 1], ink = 1.0; and so are those that come back.
    """
    for name, disturb in DISTURBANCES.items():
        rng = np.random.default_rng(SEED)
        yield name, np.stack([disturb(image, rng) for image in images])
