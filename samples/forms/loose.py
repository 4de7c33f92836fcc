"""Photographs of loose digits on paper, with pen or pencil."""

from __future__ import annotations

import numpy as np
from capture import Colour, Picture, photograph
from sheet import Sheet
from writer import Pool, Writer
from writing import write

PENS: tuple[Colour, ...] = ((30, 30, 36), (28, 40, 130), (40, 36, 90), (120, 120, 122))
SIZES = ((148.0, 210.0), (210.0, 148.0), (210.0, 297.0))  # mm
PAPERS: tuple[Colour, ...] = ((240, 240, 240), (225, 222, 214), (244, 238, 220))


def photographs(rng: np.random.Generator, pool: Pool | None) -> tuple[str, Sheet, Picture]:
    """Lines of numbers, or scattered digits; one of four pictures on its side, with or without
    a flag in the file that says so.
    """
    sheet = Sheet(*SIZES[rng.integers(3)], 250, rng)
    sheet.pen_mm = rng.uniform(0.45, 1.1)
    writer = Writer.of(rng, pool, european=rng.random() < 0.3)
    if rng.random() < 0.25:
        _feint(sheet)
    scattered = rng.random() < 0.35
    (_scattered if scattered else _lines)(sheet, writer)
    picture = photograph(sheet, PENS[rng.integers(4)], rng.uniform(-0.02, 0.1),
                         int(rng.integers(1400, 3200)), PAPERS[rng.integers(3)])
    turn = int(rng.choice([0, 90, 270, 180], p=[0.75, 0.11, 0.11, 0.03]))
    flag = turn if rng.random() < 0.5 else 0
    return "bag" if scattered else "numbers", sheet, picture.turned(turn, flag)


def _lines(sheet: Sheet, writer: Writer) -> None:
    rng = sheet.rng
    height = rng.uniform(7, 16)
    baseline = 25 + height
    while baseline < sheet.height - 22:
        sheet.line()
        right = rng.uniform(16, 30)
        while right + height < sheet.width - 22:
            room = int((sheet.width - 20 - right) / (height * 1.05))
            count = min(room, int(rng.integers(1, 6)))
            if count < 1:
                break
            digits = "".join(map(str, rng.integers(0, 10, count)))
            right = write(sheet, writer, digits, right, baseline, height)
            right += height * rng.uniform(1.6, 2.6)
        baseline += height * rng.uniform(1.8, 2.6)


def _scattered(sheet: Sheet, writer: Writer) -> None:
    """Digits here and there, in cells of which some stay empty."""
    rng = sheet.rng
    columns, rows = int((sheet.width - 36) // 22), int((sheet.height - 40) // 24)
    cells = rng.permutation(columns * rows)[:rng.integers(8, columns * rows + 1)]
    for cell in np.sort(cells):
        left, top = 18 + cell % columns * 22, 20 + cell // columns * 24
        sheet.line()
        write(sheet, writer, str(rng.integers(10)), left + rng.uniform(1, 8),
                    top + rng.uniform(17, 21), rng.uniform(5, 14))


def _feint(sheet: Sheet) -> None:
    step = sheet.rng.uniform(6, 10)
    for y in np.arange(20, sheet.height - 5, step):
        sheet.rule((0, y), (sheet.width, y), 0.2, shade=int(sheet.rng.integers(40, 90)))
