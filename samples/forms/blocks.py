"""What fills a printed form around its fields: text, choices, figures, bubbles, a line to sign on.

Each block is drawn on a sheet from `top` down, mm, and returns where the next may begin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import printed
from sheet import POINT_MM, Sheet

RIGHT_MARGIN = 17.0


@dataclass(frozen=True)
class Style:
    """How a form is set: left margin in mm, size in points, the fonts of body and heads."""

    left: float
    points: float
    body: str
    bold: str


def paragraph(sheet: Sheet, style: Style, top: float) -> float:
    """A long sentence over several lines; every other one bears a number."""
    rng = sheet.rng
    text = printed.sentence(rng, rng.integers(15, 80))
    if rng.random() < 0.5:
        text = f"{rng.integers(1, 20)}. {text}"
    step, line = style.points * POINT_MM * 1.25, ""
    per_line = (sheet.width - RIGHT_MARGIN - style.left) / (style.points * 0.185)
    for word in text.split():
        if len(line) + len(word) > per_line:
            top += step
            sheet.words(line, style.left, top, style.points, style.body)
            line = ""
        line += word + " "
    sheet.words(line, style.left, top + step, style.points, style.body)
    return top + step + 3


def choices(sheet: Sheet, style: Style, top: float) -> float:
    """A question with boxes beside its answers; some are crossed or ticked by pen."""
    rng = sheet.rng
    sheet.words(f"({'abcdef'[rng.integers(6)]}) {printed.sentence(rng, 8)}", style.left, top + 4,
                style.points, style.bold)
    size, thick, left = rng.uniform(3, 5), rng.uniform(0.15, 0.4), style.left + 4
    for _ in range(rng.integers(2, 6)):
        top += 6
        sheet.box(left, top, size, size, thick)
        sheet.words(printed.sentence(rng, rng.integers(1, 6)), left + 8, top + size - 0.5,
                    style.points, style.body)
        if rng.random() < 0.25:
            _mark(sheet, left, top, size)
    return top + 9


def _mark(sheet: Sheet, left: float, top: float, size: float) -> None:
    """A cross, or a tick that is larger than its box."""
    if sheet.rng.random() < 0.6:
        for rise in (0, 1):
            sheet.stroke([(left, top + size * rise), (left + size, top + size * (1 - rise))])
    else:
        sheet.stroke([(left + 0.5, top + size / 2), (left + 1.6, top + size),
                      (left + size + 1, top - 1)])


def figures(sheet: Sheet, style: Style, top: float) -> float:
    """A ruled table of printed figures."""
    rng = sheet.rng
    rows, high = rng.integers(3, 7), 6.0
    edges = np.linspace(style.left, sheet.width - RIGHT_MARGIN, 6)
    for row in range(rows):
        for column, left in enumerate(edges[:-1]):
            head = row == 0 or column == 0
            sheet.words(printed.some_word(rng) if head else printed.figure(rng), left + 1.5,
                        top + row * high + 4.5, style.points, style.bold if head else style.body)
    for y in top + np.arange(rows + 1) * high:
        sheet.rule((edges[0], y), (edges[-1], y), 0.25)
    for x in edges:
        sheet.rule((x, top), (x, top + rows * high), 0.25)
    return top + rows * high + 5


def bubbles(sheet: Sheet, style: Style, top: float) -> float:
    """Digits in rings, for an optical reader; some are filled by pen."""
    rng = sheet.rng
    for row in range(rng.integers(2, 8)):
        for digit in range(10):
            x, y = style.left + 6 + digit * 5.4, top + 3 + row * 5.2
            sheet.ring(x, y, 2.1, 0.25)
            sheet.words(str(digit), x - 0.7, y + 0.9, 7, style.body)
            if rng.random() < 0.1:
                zigzag = np.arange(12) % 2 * 2.6 - 1.3
                sheet.stroke(np.stack([x + np.linspace(-1.4, 1.4, 12), y + zigzag], 1))
    return top + 3 + (row + 1) * 5.2 + 3


def signature(sheet: Sheet, style: Style, top: float) -> float:
    """A line to sign on, mostly with a scribble."""
    rng = sheet.rng
    sheet.words("Signature:", style.left, top + 10, style.points, style.body)
    sheet.rule((style.left + 25, top + 11), (style.left + 90, top + 11), 0.25)
    if rng.random() < 0.7:
        way = np.linspace(0, 1, 200)
        swing, speed, rise = (np.interp(way, np.linspace(0, 1, 16), rng.uniform(*span, 16))
                              for span in ((0.3, 3.5), (0.1, 0.5), (-2, 2)))
        angle = np.cumsum(speed)
        sheet.stroke(np.stack([style.left + 30 + 40 * way + swing * 0.6 * np.cos(angle),
                               top + 8 + rise + swing * np.sin(angle)], 1))
    return top + 16
