"""Digit strings: amounts cut out of cheques, on textured paper, small and often joined."""

from __future__ import annotations

import cv2
import numpy as np
from capture import Colour, Picture, scan
from PIL import Image, ImageChops
from sheet import Sheet
from writer import Pool, Writer
from writing import write

DPI = 100
PAPERS: tuple[Colour, ...] = ((225, 225, 225), (205, 210, 200), (236, 232, 226))


def strings(rng: np.random.Generator, pool: Pool | None) -> tuple[str, Sheet, Picture]:
    """One amount of 2 to 8 digits, about 170 x 55 pixels of gray."""
    writer = Writer.of(rng, pool, european=rng.random() < 0.2)
    height = rng.uniform(7, 10.5)
    sheet = Sheet(120, rng.uniform(1.4, 1.9) * height + 2, DPI, rng)
    sheet.pen_mm = rng.uniform(0.5, 0.9)
    digits = "".join(map(str, rng.integers(0, 10, rng.integers(2, 9))))
    sheet.line()
    right = write(sheet, writer, _amount(digits, rng), 3, sheet.height / 2 + height * 0.48, height,
                        joined=rng.choice([0.05, 0.2, 0.4]))
    _crop(sheet, right + rng.uniform(1, 6))
    _texture(sheet)
    picture = scan(sheet, rng.normal(0, 0.5), (50, 48, 60), noise=rng.uniform(2, 6),
                   paper=PAPERS[rng.integers(3)])
    return "numbers", sheet, picture


def _amount(digits: str, rng: np.random.Generator) -> str:
    """The digits as an amount: most bare, some with a point, a comma or a dash behind."""
    form = rng.random()
    if form < 0.12 and len(digits) > 3:
        return f"{digits[:-3]}.{digits[-3:]}"
    if form < 0.2 and len(digits) > 2:
        return f"{digits[:-2]},{digits[-2:]}"
    return digits + "-" * (form > 0.9)


def _crop(sheet: Sheet, width: float) -> None:
    """Cuts the sheet off on the right."""
    sheet.width = width
    sheet.print = sheet.print.crop((0, 0, sheet.px(width), sheet.print.height))
    sheet.pen = np.ascontiguousarray(sheet.pen[:, :sheet.px(width)])


def _texture(sheet: Sheet) -> None:
    """Waves of a security print, and clouds; fainter than the pen."""
    rng = sheet.rng
    down, across = np.mgrid[:sheet.pen.shape[0], :sheet.pen.shape[1]]
    waves = np.sin(across / rng.uniform(2, 6) + 3 * np.sin(down / rng.uniform(4, 12)))
    clouds = cv2.GaussianBlur(rng.normal(0, 1, down.shape), (0, 0), 4)
    tint = rng.uniform(0, 30) * (waves > 0.6) + rng.uniform(0, 40) * clouds + 15
    layer = Image.fromarray(np.clip(tint, 0, 90).astype(np.uint8))
    sheet.print = ImageChops.lighter(sheet.print, layer)
