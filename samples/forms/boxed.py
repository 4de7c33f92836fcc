"""Boxed sheets: 15 x 10 cells with a digit in each, faint rules, one writer a sheet."""

from __future__ import annotations

import numpy as np
import printed
from capture import Picture, scan
from sheet import Sheet
from writer import Pool, Writer
from writing import in_box

PENS = ((40, 40, 46), (30, 44, 130), (95, 95, 98))  # black, blue, pencil


def boxed(rng: np.random.Generator, pool: Pool | None) -> tuple[str, Sheet, Picture]:
    """A gray scan at 300 dpi; the writer's 1 has an upstroke and the 7 a bar, mostly."""
    sheet = Sheet(210, 297, 300, rng)
    sheet.pen_mm = rng.uniform(0.35, 0.8)
    writer = Writer.of(rng, pool, european=rng.random() < 0.7)
    columns, rows = ((15, 10), (10, 15))[rng.integers(2)]
    wide, top = rng.uniform(10, 170 / columns), rng.uniform(35, 60)
    high = min(wide * rng.uniform(1, 1.3), (285 - top) / rows)
    left = (210 - wide * columns) / 2
    body, bold = printed.family(rng)
    sheet.words(printed.title(rng), left, top - 14, 14, bold)
    sheet.words(printed.sentence(rng, 9), left, top - 6, 9, body)
    _grid(sheet, left, top, wide, high, columns, rows)
    for row in range(rows):
        sheet.line()
        sheet.number()
        for column, digit in enumerate(rng.permutation(max(columns, 10))[:columns] % 10):
            in_box(sheet, writer, str(digit), left + column * wide, top + row * high, wide, high)
    pen = PENS[rng.choice(3, p=[0.4, 0.4, 0.2])]
    return "digits", sheet, scan(sheet, rng.normal(0, 0.6), pen, noise=rng.uniform(1, 4))


def _grid(sheet: Sheet, left: float, top: float, wide: float, high: float, columns: int, rows: int
          ) -> None:
    thick, shade = sheet.rng.uniform(0.12, 0.35), int(sheet.rng.integers(30, 130))
    for column in range(columns + 1):
        x = left + column * wide
        sheet.rule((x, top), (x, top + rows * high), thick, shade=shade)
    for row in range(rows + 1):
        y = top + row * high
        sheet.rule((left, y), (left + columns * wide, y), thick, shade=shade)
