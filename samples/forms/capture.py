"""A scanner, a copier, a camera: a flat sheet becomes the picture of it, and its digits boxes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from sheet import Sheet

Colour = tuple[int, int, int]
WHITE: Colour = (246, 246, 246)
BLACK: Colour = (38, 36, 40)


@dataclass(frozen=True)
class Picture:
    """A page as it is stored. pixels: (H, W) bool, or uint8, or (H, W, 3) uint8 RGB.

    boxes: (N, 4) int left, top, width, height of each digit, pixels of the upright picture.
    turn: degrees clockwise that make the stored pixels upright. exif: what the file says of it.
    """

    pixels: np.ndarray
    boxes: np.ndarray
    turn: int = 0
    exif: int = 0
    dpi: int = 0

    def turned(self, turn: int, exif: int = 0) -> Picture:
        """The same picture, stored so that it has to be turned."""
        pixels = np.ascontiguousarray(np.rot90(self.pixels, turn // 90))
        return Picture(pixels, self.boxes, turn, exif, self.dpi)


def scan(sheet: Sheet, tilt: float, pen: Colour, shade: int = 40, noise: float = 3,
         paper: Colour = WHITE) -> Picture:
    """What a flatbed scanner makes of a sheet laid on it `tilt` degrees askew: gray."""
    gray = cv2.cvtColor(_painted(sheet, paper, pen, shade), cv2.COLOR_RGB2GRAY)
    height, width = gray.shape
    matrix = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), -tilt, 1), [0, 0, 1]])
    gray = _warped(gray, matrix, (width, height), int(np.median(gray)))
    gray = cv2.GaussianBlur(gray, (0, 0), 0.6 * sheet.dpi / 200)
    gray = _noisy(gray, noise, sheet.rng)
    return Picture(gray, boxes(sheet, matrix), dpi=sheet.dpi)


def copy(sheet: Sheet, tilt: float) -> Picture:
    """What a copier in black and white makes of it: ragged edges, specks, now and then a border."""
    rng = sheet.rng
    gray = scan(sheet, tilt, BLACK, noise=0)
    coarse = cv2.GaussianBlur(rng.normal(0, 1, gray.pixels.shape).astype(np.float32), (0, 0), 0.8)
    level = rng.uniform(130, 185) + coarse * rng.uniform(15, 60)
    white = gray.pixels > level
    height, width = white.shape
    for _ in range(rng.poisson(rng.choice([3, 30, 150]))):
        spot = int(rng.integers(width)), int(rng.integers(height))
        radius = 0 if rng.random() < 0.8 else 1
        white[max(spot[1] - radius, 0):spot[1] + radius + 1, spot[0]:spot[0] + radius + 1] = False
    if rng.random() < 0.4:
        _border(white, rng)
    return Picture(white, gray.boxes, dpi=sheet.dpi)


def photograph(sheet: Sheet, pen: Colour, margin: float, long_px: int, paper: Colour = WHITE,
               shade: int = 50) -> Picture:
    """What a camera sees of a sheet on a desk.

    margin: how much of the picture is desk, on each side; below 0 the sheet fills the picture.
    """
    rng = sheet.rng
    flat = _painted(sheet, paper, pen, shade)
    height, width = flat.shape[:2]
    size = np.rint(np.array([width, height]) * long_px / max(width, height)).astype(int)
    matrix = _perspective((width, height), size, margin, rng)
    seen = cv2.warpPerspective(flat, matrix, size.tolist(), flags=cv2.INTER_AREA)
    there = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, size.tolist())
    there = cv2.GaussianBlur(there, (0, 0), 1)[..., None] / np.float32(255)
    seen = seen * there + _desk(seen.shape, rng) * (1 - there)
    seen = seen * _light(seen.shape[:2], rng)[..., None]
    seen = cv2.GaussianBlur(seen, (0, 0), rng.uniform(0.5, 1.1) * long_px / 2000)
    return Picture(_noisy(seen, rng.uniform(1.5, 5), rng), boxes(sheet, matrix))


def boxes(sheet: Sheet, matrix: np.ndarray) -> np.ndarray:
    """(N, 4) int: the box of each digit of a sheet in a picture, in the order they were written."""
    digits = [one for line in sheet.lines for number in line for one in number]
    found = [cv2.boundingRect(np.rint(cv2.perspectiveTransform(
        digit.outline[None].astype(np.float64), matrix)).astype(np.int32)) for digit in digits]
    return np.array(found, int).reshape(-1, 4)


def _painted(sheet: Sheet, paper: Colour, pen: Colour, shade: int) -> np.ndarray:
    """(H, W, 3) uint8: paper, print and pen; the pen leaves out some of the paper's grain."""
    rng = sheet.rng
    shape = sheet.pen.shape
    grain = cv2.GaussianBlur(rng.normal(0, 1, shape).astype(np.float32), (0, 0), 1.2)
    pen_ink = sheet.pen / np.float32(255) * np.clip(0.93 - 0.35 * grain, 0.45, 1)
    print_ink = np.asarray(sheet.print) / np.float32(255)
    page = np.empty((*shape, 3), np.uint8)
    for channel in range(3):
        gray = paper[channel] + (shade - paper[channel]) * print_ink
        page[..., channel] = gray + np.minimum(pen[channel] - gray, 0) * pen_ink
    return page


def _warped(gray: np.ndarray, matrix: np.ndarray, size: tuple[int, int], around: int) -> np.ndarray:
    return cv2.warpPerspective(gray, matrix, size, flags=cv2.INTER_LINEAR, borderValue=around)


def _noisy(image: np.ndarray, noise: float, rng: np.random.Generator) -> np.ndarray:
    grain = rng.standard_normal(image.shape[:2], dtype=np.float32) * noise
    if image.ndim == 3:
        grain = grain[..., None]
    return np.clip(image + grain, 0, 255).astype(np.uint8)


def _border(white: np.ndarray, rng: np.random.Generator) -> None:
    """The black beyond the sheet's edge, on one or two sides."""
    for side in rng.choice(4, rng.integers(1, 3), replace=False):
        turned = np.rot90(white, side)  # a view
        depth = rng.uniform(0.003, 0.02, 2) * len(turned)
        edge = np.linspace(*depth, turned.shape[1]) + rng.normal(0, 0.5, turned.shape[1])
        turned[np.arange(len(turned))[:, None] < edge] = False


def _perspective(size: tuple[int, int], frame: np.ndarray, margin: float, rng: np.random.Generator
                 ) -> np.ndarray:
    """The homography from a sheet to a picture, seen from aside and a little turned."""
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
    corners = margin + unit * (1 - 2 * margin) + rng.uniform(-0.035, 0.035, (4, 2))
    middle = np.array(frame) / 2
    angle = np.radians(rng.uniform(-4, 4))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    placed = (corners * frame - middle) @ turn + middle
    return cv2.getPerspectiveTransform((unit * size).astype(np.float32), placed.astype(np.float32))


def _desk(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) float32: wood or cloth, streaked along one side."""
    coarse = rng.normal(0, 1, (shape[0] // 4 + 1, shape[1] // 80 + 2)).astype(np.float32)
    streaks = cv2.resize(coarse, shape[1::-1], interpolation=cv2.INTER_CUBIC)
    colour = rng.uniform(50, 170) * np.array([1, rng.uniform(0.75, 1), rng.uniform(0.5, 1)])
    return np.float32(colour) * (1 + 0.07 * streaks[..., None])


def _light(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """(H, W) float32: light from one side, soft unevenness, now and then a shadow with an edge."""
    down, across = np.mgrid[-1:1:shape[0] * 1j, -1:1:shape[1] * 1j].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    light = 0.85 + rng.uniform(0.03, 0.2) * (down * np.sin(angle) + across * np.cos(angle))
    spots = rng.normal(0, 0.03, (5, 4)).astype(np.float32)
    light += cv2.resize(spots, shape[::-1], interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.4:
        way = down * np.cos(angle) + across * np.sin(angle) - rng.uniform(-0.5, 0.8)
        light *= 1 - rng.uniform(0.15, 0.4) / (1 + np.exp(-np.clip(way * 25, -30, 30)))
    return np.clip(light, 0.25, 1.05)
