"""Office forms: a page full of print, a QR-like code, and one comb of nine boxes."""

from __future__ import annotations

import blocks
import numpy as np
import printed
from blocks import Style
from capture import Picture, copy
from sheet import Sheet
from writer import Pool, Writer
from writing import in_box

BOXES = 9
DPI = 200
SIZES = ((210.0, 297.0), (215.9, 279.4))  # A4 and US letter, mm
BLOCKS = (blocks.paragraph, blocks.paragraph, blocks.paragraph, blocks.choices, blocks.figures,
          blocks.bubbles, blocks.signature)
LABELS = ("Student number", "Registration", "Customer no.", "Account")


def office(rng: np.random.Generator, pool: Pool | None) -> tuple[str, Sheet, Picture]:
    """A copy in black and white, one of two askew, one of four on its side or its head."""
    sheet = Sheet(*SIZES[rng.integers(2)], DPI, rng)
    sheet.pen_mm = rng.uniform(0.3, 0.75)
    _fill(sheet, Writer.of(rng, pool, european=rng.random() < 0.3))
    tilt = rng.uniform(-3, 3) if rng.random() < 0.5 else rng.normal(0, 0.3)
    turn = int(rng.choice([0, 180, 90, 270], p=[0.75, 0.11, 0.07, 0.07]))
    return "numbers", sheet, copy(sheet, tilt).turned(turn)


def _fill(sheet: Sheet, writer: Writer) -> None:
    """Heading, then blocks down to the foot; one of them is the comb."""
    rng = sheet.rng
    style = Style(rng.uniform(16, 24), rng.uniform(8.5, 11.5), *printed.family(rng))
    side = rng.uniform(14, 22)
    sheet.pattern(printed.code(rng), sheet.width - side - rng.uniform(12, 20), 10, side)
    sheet.words(printed.title(rng), style.left, 20, rng.uniform(14, 20), style.bold)
    sheet.words(f"{printed.title(rng)}, {printed.figure(rng)}", style.left, 28, style.points,
                style.body)
    top, comb = 36.0, rng.uniform(36, sheet.height - 90)
    while top < sheet.height - 58:
        if comb is not None and top >= comb:
            top, comb = _comb(sheet, writer, style, top), None
        else:
            top = BLOCKS[rng.integers(len(BLOCKS))](sheet, style, top)
    if comb is not None:
        _comb(sheet, writer, style, top)
    sheet.words(f"Page {rng.integers(1, 9)} of {rng.integers(9, 30)}", sheet.width / 2,
                sheet.height - 10, 8, style.body)


def _comb(sheet: Sheet, writer: Writer, style: Style, top: float) -> float:
    """Nine boxes with a number of 7 to 9 digits; where it begins is free."""
    rng = sheet.rng
    wide, high, thick = rng.uniform(6, 9), rng.uniform(7.5, 11), rng.uniform(0.15, 0.5)
    gap = rng.choice([0, 0, rng.uniform(0.8, 2)])
    step = wide + gap
    start = style.left if rng.random() < 0.5 else sheet.width - 18 - BOXES * step
    sheet.words(LABELS[rng.integers(4)], start, top + 4, style.points, style.body)
    top += 6.5
    teeth = high if rng.random() < 0.75 else rng.uniform(0.2, 0.5) * high  # an open comb
    for left in start + np.arange(BOXES) * step:
        if teeth == high:
            sheet.box(left, top, wide, high, thick)
        else:
            sheet.rule((left, top + high), (left + wide, top + high), thick)
            for x in (left, left + wide):
                sheet.rule((x, top + high - teeth), (x, top + high), thick)
    number = rng.integers(0, 10, rng.integers(7, 10))
    sheet.line()
    sheet.number()
    for box, digit in enumerate(number, rng.integers(0, BOXES - len(number) + 1)):
        in_box(sheet, writer, str(digit), start + box * step, top, wide, high)
    return top + high + 7
