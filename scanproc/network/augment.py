"""Digits distorted on the fly, as other hands, other pens and a scanner would have made them.

Two roads, mixed at random. `gray`: the MNIST image itself, bent, shifted, blurred and noisy.
`page_like`: the digit is drawn at scan resolution with some pen, binarized, and put through
MNIST's normalization, as a digit cut from a page is.

Bending is a cubic B-spline lattice over the digit (Rueckert et al. 1999), which holds the affine
part and the elastic part (Simard et al. 2003, Best practices for convolutional networks) alike.
All digits of a batch are one tall image, so that OpenCV is called once.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from skimage.morphology import skeletonize

SCAN_PX = 48          # side of the canvas on which a digit is drawn as on a page
PEN_SIDE = 56         # side of the distance fields: MNIST twice as large
PEN_STEP = 16         # grey levels per pixel of distance
CENTRE_PX = 14.5      # where MNIST has the centre of mass: the middle of pixel 14
LATTICE = 7           # control points along each side
MOSAIC = 500          # digits of one tall image; OpenCV's limit is 32,767 rows


@dataclass(frozen=True)
class Distortion:
    """How far digits are distorted: each is drawn evenly between the two ends, or from 0 to one.

    turn, slant: radians, tangent; either way. aspect: logarithm of width over height, either way.
    elastic: standard deviation of the lattice points, in half sides of the image.
    """

    gray_share: float = 0.5                             # of a batch; the rest is page-like
    turn: float = 0.26
    slant: float = 0.35
    aspect: float = 0.2
    elastic: float = 0.13
    gray_zoom: tuple[float, float] = (0.85, 1.15)
    gray_shift_px: float = 2.0
    gray_gain: tuple[float, float] = (0.8, 1.8)
    gray_cut: tuple[float, float] = (-0.1, 0.25)        # ink below it is lost; below 0: none
    gray_pen: tuple[float, float] = (-0.6, 1.1)         # times 2 px that strokes become thicker
    gray_repenned: float = 0.4                          # share of them
    gray_spoilt: float = 0.3                            # share blurred, and share made noisy
    gray_blur_px: float = 0.8
    gray_noise: float = 0.15
    scan_zoom: tuple[float, float] = (0.55, 1.1)
    scan_level: tuple[float, float] = (50, 190)         # where gray becomes ink, of 255
    scan_noise: float = 20.0
    pen_share: float = 0.5                              # of the page-like, written with a new pen
    pen_radius: tuple[float, float] = (1.0, 6.0)        # pixels of PEN_SIDE, evenly in logarithm
    pen_noise: float = 6.0
    clipped: float = 0.1                                # share of the page-like with an edge lost
    clip_px: float = 3.5                                # of SCAN_PX, at most
    box_px: tuple[float, float] = (19.5, 20.5)
    centre_px: float = 0.5


@dataclass(frozen=True)
class Sources:
    """What digits are drawn from.

    gray: (N, 28, 28) uint8, ink = 255.
    pen: (N, 56, 56) uint8, 255 on the middle line of the strokes, PEN_STEP less per pixel away
        from it: cut at a level, it is the digit written with a pen of that width.
    """

    gray: np.ndarray
    pen: np.ndarray


def sources(images: np.ndarray) -> Sources:
    """images: (N, 28, 28) uint8, ink = 255. About 5,000 digits a second; done once."""
    parts = [_pen_fields(images[at:at + MOSAIC]) for at in range(0, len(images), MOSAIC)]
    return Sources(images, np.concatenate(parts))


def batch(source: Sources, picks: np.ndarray, how: Distortion, rng: np.random.Generator
          ) -> np.ndarray:
    """The digits `picks` (n,) distorted: (n, 28, 28) float32 in [0, 1], ink = 1.0."""
    first = round(len(picks) * how.gray_share)
    roads = (gray, picks[:first]), (page_like, picks[first:])
    return np.concatenate([road(source, part, how, rng) for road, part in roads if len(part)])


def gray(source: Sources, picks: np.ndarray, how: Distortion, rng: np.random.Generator
         ) -> np.ndarray:
    """MNIST images bent, moved, of other contrast, some of them blurred or noisy.

    (n, 28, 28) float32 in [0, 1], ink = 1.0.
    """
    each = (len(picks), 1, 1)
    drawn = _bend(source.gray[picks], 28, rng.uniform(*how.gray_zoom, each), how.gray_shift_px,
                  how, rng)
    drawn = _repenned(drawn, how, rng)
    tall = drawn.reshape(-1, 28)
    blurred = cv2.GaussianBlur(tall, (0, 0), how.gray_blur_px).reshape(drawn.shape)
    drawn += (blurred - drawn) * (rng.random(each) * (rng.random(each) < how.gray_spoilt))
    cut, gain = np.maximum(rng.uniform(*how.gray_cut, each), 0), rng.uniform(*how.gray_gain, each)
    noise = rng.uniform(0, how.gray_noise, each) * (rng.random(each) < how.gray_spoilt)
    drawn = (drawn / 255 - cut) * gain + noise * _noise(drawn.shape, rng)
    return np.clip(drawn, 0, 1).astype(np.float32)


def page_like(source: Sources, picks: np.ndarray, how: Distortion, rng: np.random.Generator
              ) -> np.ndarray:
    """Digits as they come from a page: drawn, binarized, normalized as MNIST was made.

    Some keep the strokes of their writer, some are written again with another pen, from a fine
    ballpoint to a marker. (n, 28, 28) float32 in [0, 1], ink = 1.0.
    """
    kept = len(picks) - round(len(picks) * how.pen_share)
    own, pen = picks[:kept], picks[kept:]
    level = rng.uniform(*how.scan_level, (kept, 1, 1))
    own_ink = _scan(source.gray[own], level, how.scan_noise, how, rng)
    radius = np.exp(rng.uniform(*np.log(how.pen_radius), (len(pen), 1, 1)))
    pen_ink = _scan(source.pen[pen], 255 - PEN_STEP * radius, how.pen_noise, how, rng)
    return to_box(_clipped(np.concatenate([own_ink, pen_ink]), how, rng), how, rng)


def to_box(masks: np.ndarray, how: Distortion, rng: np.random.Generator) -> np.ndarray:
    """Each mask fitted into a box of about 20x20, its centre of mass in the middle of 28x28.

    masks: (n, H, H) float32, 0 or 1, ink = 1. Returns (n, 28, 28) float32 in [0, 1]. The size of
    the box and the place of the centre vary by up to half a pixel, as rounding makes them.
    Resizing by area is a product with two matrices; LeCun et al. 1998, Gradient-based learning.
    """
    down, across = masks.sum(2), masks.sum(1)
    mass = np.maximum(masks.sum((1, 2)), 1)
    places = np.arange(masks.shape[1]) + 0.5
    sizes = np.maximum(_extent(down), _extent(across)) / rng.uniform(*how.box_px, len(masks))
    off = rng.uniform(-how.centre_px, how.centre_px, (2, len(masks)))
    rows = _area_matrix((down @ places) / mass / sizes + off[0], sizes, len(places))
    columns = _area_matrix((across @ places) / mass / sizes + off[1], sizes, len(places))
    return np.clip(rows @ masks @ columns.transpose(0, 2, 1), 0, 1)


def _repenned(drawn: np.ndarray, how: Distortion, rng: np.random.Generator) -> np.ndarray:
    """Some of the digits with thicker or thinner strokes: mixed with what a 3x3 filter makes."""
    each = (len(drawn), 1, 1)
    pen = rng.uniform(*how.gray_pen, each) * (rng.random(each) < how.gray_repenned)
    tall, cross = drawn.reshape(-1, 28), cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    thick, thin = cv2.dilate(tall, cross), cv2.erode(tall, cross)
    pen = pen.astype(np.float32)
    return (drawn + np.maximum(pen, 0) * (thick.reshape(drawn.shape) - drawn)
            - np.maximum(-pen, 0) * (drawn - thin.reshape(drawn.shape)))


def _clipped(masks: np.ndarray, how: Distortion, rng: np.random.Generator) -> np.ndarray:
    """Some of the digits without the outermost ink on one side, as where a cut took too much."""
    for at in np.flatnonzero(rng.random(len(masks)) < how.clipped):
        lost, mask = int(rng.uniform(1, how.clip_px + 1)), masks[at]
        axis, back = rng.integers(2), rng.random() < 0.5
        inked = np.flatnonzero(mask.any(axis=axis))
        if len(inked) > 4 * lost:
            edge = inked[-lost:] if back else inked[:lost]
            mask[(slice(None), edge) if axis == 0 else edge] = 0
    return masks


def _scan(images: np.ndarray, level: np.ndarray, noise: float, how: Distortion,
          rng: np.random.Generator) -> np.ndarray:
    """Drawn at scan resolution, about 16 to 40 pixels high, and cut at the level: 0 or 1."""
    each = (len(images), 1, 1)
    drawn = _bend(images, SCAN_PX, rng.uniform(*how.scan_zoom, each), 0.0, how, rng)
    drawn += noise * rng.random(each, np.float32) * _noise(drawn.shape, rng)
    return (drawn > level).astype(np.float32)


def _noise(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Even noise of standard deviation 1: float32. A tenth of the cost of normal noise."""
    steps = np.frombuffer(rng.bytes(int(np.prod(shape))), np.int8).reshape(shape)
    return steps * np.float32(12**0.5 / 256)


def _bend(images: np.ndarray, side: int, zoom: np.ndarray, shift_px: float, how: Distortion,
          rng: np.random.Generator) -> np.ndarray:
    """Affine and elastic distortion: (n, S, S) uint8 -> (n, side, side) float32 in [0, 255].

    zoom: (n, 1, 1) how much of the side the image takes. shift_px: in pixels of 28 a side.
    """
    count, size = len(images), images.shape[1]
    either_way = rng.uniform(-1, 1, (5, count, 1, 1))
    turn, slant = how.turn * either_way[0], how.slant * either_way[1]
    aspect, shift = np.exp(how.aspect * either_way[2]), shift_px / 14 * either_way[3:]
    line = (np.arange(LATTICE) - (LATTICE - 1) / 2) * 2 / (LATTICE - 3)
    y, x = np.meshgrid(line, line, indexing="ij")
    across = (np.cos(turn) * x - np.sin(turn) * y) / zoom
    down = (np.sin(turn) * x + np.cos(turn) * y) / zoom
    lattice = np.stack([across * aspect + slant * down, down / aspect]) + shift
    strength = rng.uniform(0, how.elastic, (count, 1, 1))
    lattice += strength * rng.standard_normal(lattice.shape)
    basis = _spline_basis(side)
    maps = basis @ lattice.astype(np.float32) @ basis.T
    maps = np.clip((maps + 1) * (size / 2) - 0.5, 0, size - 1)
    parts = [_remapped(images[at:at + MOSAIC], maps[:, at:at + MOSAIC])
             for at in range(0, count, MOSAIC)]
    return np.concatenate(parts or [np.empty((0, side, side), np.float32)])


def _remapped(images: np.ndarray, maps: np.ndarray) -> np.ndarray:
    count, size = images.shape[:2]
    maps[1] += (np.arange(count) * size)[:, None, None]
    side = maps.shape[2]
    across, down = maps.reshape(2, count * side, side)
    drawn = cv2.remap(images.reshape(count * size, size), across, down, cv2.INTER_LINEAR)
    return drawn.reshape(count, side, side).astype(np.float32)


def _spline_basis(side: int) -> np.ndarray:
    """Uniform cubic B-splines at the pixel centres: (side, LATTICE) float32, rows sum to 1."""
    at = (np.arange(side) + 0.5) / side * (LATTICE - 3)
    distance = np.abs(at[:, None] + 1 - np.arange(LATTICE))
    near = 2 / 3 - distance**2 + distance**3 / 2
    return np.where(distance < 1, near, np.maximum(2 - distance, 0)**3 / 6).astype(np.float32)


def _extent(profile: np.ndarray) -> np.ndarray:
    """From the first to the last place with ink, at least 1: (n, H) -> (n,)."""
    inked = profile > 0
    return np.maximum(profile.shape[1] - inked.argmax(1) - inked[:, ::-1].argmax(1), 1)


def _area_matrix(middles: np.ndarray, sizes: np.ndarray, side: int) -> np.ndarray:
    """How much each of 28 output pixels takes from each of `side` input pixels: (n, 28, side).

    sizes: (n,) input pixels per output pixel. middles: (n,) what comes to CENTRE_PX, in output
    pixels.
    """
    low = (np.arange(28) - CENTRE_PX + middles[:, None]) * sizes[:, None]
    low, size = low[:, :, None].astype(np.float32), sizes[:, None, None].astype(np.float32)
    pixel = np.arange(side, dtype=np.float32)
    return np.maximum(np.minimum(low + size, pixel + 1) - np.maximum(low, pixel), 0) / size


def _pen_fields(images: np.ndarray) -> np.ndarray:
    large = np.stack([cv2.resize(image, (PEN_SIDE, PEN_SIDE), interpolation=cv2.INTER_CUBIC)
                      for image in images])
    lines = skeletonize(large.reshape(-1, PEN_SIDE) > 127)
    away = cv2.distanceTransform((~lines).astype(np.uint8), cv2.DIST_L2, 5)
    return (255 - np.minimum(away * PEN_STEP, 255)).astype(np.uint8).reshape(large.shape)
