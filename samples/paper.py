"""Paper, print and the scanner: a sheet that is drawn on in mm, and the gray page it becomes."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import pen

MM_PER_INCH = 25.4


class Sheet:
    """A sheet of paper with two layers of ink, (H, W) uint8 with 255 = full: `pen` and `print`.

    width, height: mm. dpi: across and down. tilt: degrees clockwise about the middle.
    bend: (g, h), how much the far right and the far end shrink, as seen by a camera.
    """

    def __init__(self, width: float, height: float, dpi: tuple[float, float] = (200, 200),
                 tilt: float = 0.0, bend: tuple[float, float] = (0.0, 0.0)) -> None:
        self.size = np.array([width, height])
        self.scale = np.array(dpi) / MM_PER_INCH
        # rounded, so that the last bit of a machine's cosine does not matter
        self.cosine, self.sine = (round(f(math.radians(tilt)), 9) for f in (math.cos, math.sin))
        self.bend = np.array(bend)
        shape = tuple(int(side) for side in np.rint(self.size * self.scale)[::-1])
        self.layers = {name: np.zeros(shape, np.uint8) for name in ("pen", "print")}

    def place(self, points: np.ndarray) -> np.ndarray:
        """(N, 2) mm on the paper -> pixels of the scan."""
        x, y = (points - self.size / 2).T
        turned = np.stack([self.cosine * x - self.sine * y, self.sine * x + self.cosine * y], 1)
        depth = 1 + (turned / self.size * self.bend).sum(axis=1, keepdims=True)
        return (turned / depth + self.size / 2) * self.scale

    def draw(self, layer: str, path: np.ndarray, widths: np.ndarray, darkness: np.ndarray) -> None:
        """One stroke along (N, 2) mm, (N,) mm wide, with (N,) 0..255 of ink."""
        pen.stroke(self.layers[layer], self.place(path), widths * self.scale.mean(), darkness)

    def rule(self, start: tuple[float, float], end: tuple[float, float], width: float) -> None:
        """A printed line from start to end, in mm."""
        path = np.linspace(start, end, 20)
        self.draw("print", path, np.full(20, width), np.full(20, 255.0))

    def box(self, left: float, top: float, width: float, height: float, rule: float = 0.3) -> None:
        """A printed box, in mm; `rule` is how thick its lines are."""
        corners = [(left, top), (left + width, top), (left + width, top + height),
                   (left, top + height), (left, top)]
        for start, end in zip(corners[:-1], corners[1:], strict=True):
            self.rule(start, end, rule)

    def text(self, words: str, left: float, top: float, height: float) -> None:
        """Printed words on an upright sheet, in mm; `height` is that of the font."""
        x, y = np.rint(np.array([left, top]) * self.scale).astype(int)
        image = Image.fromarray(self.layers["print"])
        font = ImageFont.load_default(round(height * float(self.scale[1])))
        ImageDraw.Draw(image).text((x, y), words, fill=255, font=font)
        self.layers["print"] = np.array(image)


def scan(sheet: Sheet, rng: np.random.Generator, paper: int = 239, ink: int = 60,
         grain: int = 40, noise: int = 5, light: np.ndarray | None = None) -> np.ndarray:
    """The sheet as a scanner sees it: (H, W) uint8 gray, 0 = black.

    paper, ink: gray of the paper and of full pen ink. grain: how much of the ink the paper's
    surface leaves out, 0..255. noise: of the sensor, in gray levels. light: (H, W) 0..256, how
    much of the light falls there.
    """
    shape = sheet.layers["pen"].shape
    gray = paper + clouds(rng, shape, 7) // 48
    gray = _cover(gray, sheet.layers["print"], 45)
    bare = grain * (128 + _speckle(rng, shape)) // 256
    gray = _cover(gray, sheet.layers["pen"] * (255 - np.clip(bare, 0, 255)) // 255, ink)
    gray = _blur(gray)
    if light is not None:
        gray = gray * light // 256
    gray = gray + _speckle(rng, shape) * noise // 128
    return np.clip((gray + 4) // 8 * 8, 0, 255).astype(np.uint8)


def clouds(rng: np.random.Generator, shape: tuple[int, int], across: int) -> np.ndarray:
    """(H, W) int, -128..127: smooth unevenness with about `across` spots on a side."""
    spots = rng.integers(0, 256, (across, across), dtype=np.uint8)
    return smooth(spots, shape) - 128


def smooth(spots: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """(h, w) uint8 values, evenly spread over (H, W) and smoothed between: int, 0..255."""
    image = Image.fromarray(spots).resize(shape[::-1], Image.Resampling.BICUBIC)
    return np.asarray(image).astype(int)


def black_white(gray: np.ndarray, level: int = 150) -> np.ndarray:
    """(H, W) bool, True = white, as a fax or an office scanner saves a page."""
    return gray > level


def tinted(gray: np.ndarray, dark: tuple[int, int, int], bright: tuple[int, int, int]
           ) -> np.ndarray:
    """(H, W, 3) uint8: gray 0 becomes the colour `dark`, 255 `bright`."""
    steps = np.arange(256)[:, None]
    table = (np.array(dark) * (255 - steps) + np.array(bright) * steps) // 255
    return table.astype(np.uint8)[gray]


def _cover(gray: np.ndarray, layer: np.ndarray, ink: int) -> np.ndarray:
    return gray + (ink - gray) * layer.astype(int) // 255


def _speckle(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """(H, W) int, -128..127, bell-shaped, each pixel by itself."""
    return rng.integers(0, 128, (2, *shape), dtype=np.int16).sum(axis=0).astype(int) - 127


def _blur(gray: np.ndarray) -> np.ndarray:
    """The weights 1 2 1 down and across: the softness of a lens."""
    padded = np.pad(gray, 1, mode="edge")
    down = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    return (down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:] + 8) // 16
