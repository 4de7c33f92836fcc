"""A flat sheet of paper, drawn on in mm, that remembers which digits were written and where."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

POINT_MM = 25.4 / 72
SUBPIXEL_BITS = 4
Spot = tuple[float, float]  # x, y in mm, y down


@dataclass(frozen=True)
class Written:
    """A digit on a sheet. outline: (N, 2) int32 pixels of the sheet, the hull of its ink."""

    digit: str
    outline: np.ndarray


@dataclass
class Sheet:
    """width, height: mm. lines: what was written, each line a list of numbers of digits.
    signs: of each number that has any, by its place in the truth from 0: (digits before, sign).

    print: L image, pen: (H, W) uint8; 255 = ink in both. pen_mm: how thick the pen writes.
    """

    width: float
    height: float
    dpi: int
    rng: np.random.Generator
    pen_mm: float = 0.5
    lines: list[list[list[Written]]] = field(default_factory=list)
    signs: dict[int, list[tuple[int, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.scale = self.dpi / 25.4
        self.print = Image.new("L", (self.px(self.width), self.px(self.height)))
        self.pen = np.zeros(self.print.size[::-1], np.uint8)

    def px(self, mm: float) -> int:
        """Millimetres in whole pixels."""
        return round(mm * self.scale)

    @property
    def text(self) -> str:
        """The truth as truth.csv has it: lines joined by `|`, numbers by a space."""
        return "|".join(" ".join("".join(one.digit for one in number) for number in line)
                        for line in self.lines if line)

    # print

    def rule(self, start: Spot, end: Spot, thick: float, dash: tuple[float, float] = (1, 0),
             shade: int = 255) -> None:
        """An upright or level rule. dash: mm of ink and of gap. shade: 255 is black."""
        start, way = np.array(start), np.array(end) - start
        ink, gap = np.array(dash) / np.abs(way).sum()
        begins = np.arange(0, 1, ink + gap) if gap else np.zeros(1)
        ends = np.minimum(begins + ink, 1) if gap else np.ones(1)
        for first, last in zip(begins, ends, strict=True):
            low = np.rint((start + way * first - thick / 2) * self.scale)
            high = np.rint((start + way * last + thick / 2) * self.scale) - 1
            self._drawing.rectangle([*low, *np.maximum(low, high)], fill=shade)

    def box(self, left: float, top: float, width: float, height: float, thick: float) -> None:
        """A box of four rules."""
        for y in (top, top + height):
            self.rule((left, y), (left + width, y), thick)
        for x in (left, left + width):
            self.rule((x, top), (x, top + height), thick)

    def ring(self, x: float, y: float, radius: float, thick: float) -> None:
        """A ring about x, y."""
        ends = [self.px(at) for at in (x - radius, y - radius, x + radius, y + radius)]
        self._drawing.ellipse(ends, outline=255, width=max(1, self.px(thick)))

    def words(self, text: str, left: float, baseline: float, points: float, family: str) -> None:
        """Words in one of matplotlib's fonts, such as DejaVuSans."""
        face = _font(family, max(6, round(points * POINT_MM * self.scale)))
        self._drawing.text((self.px(left), self.px(baseline)), text, fill=255, font=face,
                           anchor="ls")

    def pattern(self, dark: np.ndarray, left: float, top: float, side: float) -> None:
        """Black squares, such as a QR code's: (n, n) bool, `side` mm wide."""
        mask = Image.fromarray(dark).resize((self.px(side),) * 2, Image.Resampling.NEAREST)
        self.print.paste(255, (self.px(left), self.px(top)), mask)

    # handwriting

    def line(self) -> None:
        """What is written next stands on a new line of the truth."""
        self.lines.append([])

    def number(self) -> None:
        """The digits written next are a new number."""
        self.lines[-1].append([])

    def digit(self, ink: np.ndarray, digit: str, left: int, top: int) -> None:
        """Lays the ink of a digit, (h, w) uint8, on the sheet, at pixels, and notes it."""
        spot = self.pen[top:top + ink.shape[0], left:left + ink.shape[1]]
        assert spot.shape == ink.shape, "a digit must lie on the sheet"
        np.maximum(spot, ink, out=spot)
        points = np.argwhere(ink > 127)[:, ::-1] + (left, top)
        hull = cv2.convexHull(points.astype(np.int32))[:, 0]
        self.lines[-1][-1].append(Written(digit, hull))

    def sign(self, sign: str) -> None:
        """Notes that a sign was written into the current number."""
        number = sum(map(len, self.lines)) - 1
        self.signs.setdefault(number, []).append((len(self.lines[-1][-1]), sign))

    def stroke(self, points: list[Spot] | np.ndarray, broader: float = 1.0) -> None:
        """A stroke of the pen that is no digit, through points in mm."""
        path = np.rint(np.array(points) * self.scale * 2 ** SUBPIXEL_BITS).astype(np.int32)
        cv2.polylines(self.pen, [path], False, 255, max(1, self.px(self.pen_mm * broader)),
                      cv2.LINE_AA, shift=SUBPIXEL_BITS)

    @property
    def _drawing(self) -> ImageDraw.ImageDraw:
        return ImageDraw.Draw(self.print)


@cache
def _font(family: str, size_px: int) -> ImageFont.FreeTypeFont:
    file = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{family}.ttf"
    return ImageFont.truetype(file, size_px)
