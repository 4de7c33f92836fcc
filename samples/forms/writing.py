"""Numbers written on a sheet: free, with their marks and joined digits, or one digit in a box."""

from __future__ import annotations

import cv2
import numpy as np
from sheet import Sheet
from writer import Writer

LEAST_PEN_PX = 1.3
INK = 127


def in_box(sheet: Sheet, writer: Writer, digit: str, left: float, top: float, wide: float,
           high: float) -> None:
    """One digit of the current number in about the middle of a box, mm; some touch it."""
    rng = sheet.rng
    ink = writer.digit(digit, high * rng.uniform(0.55, 0.8) * sheet.scale,
                       sheet.pen_mm * sheet.scale, rng,
                       widest=wide * rng.uniform(0.75, 0.95) * sheet.scale)
    middle = np.array([left + wide / 2, top + high / 2])
    middle = (middle + np.array([wide, high]) * rng.normal(0, 0.06, 2)) * sheet.scale
    x, y = np.rint(middle - np.array(ink.shape[::-1]) / 2).astype(int)
    sheet.digit(ink, digit, x, y)


def write(sheet: Sheet, writer: Writer, text: str, left: float, baseline: float, height: float,
          joined: float = 0.0) -> float:
    """A number with its marks, such as `-1,250.00`; returns where its ink ends, mm.

    joined: how often a digit touches the one before it.
    """
    sheet.number()
    edge = np.full(len(sheet.pen), left * sheet.scale)  # where the ink ends, row by row
    fresh = True
    for sign in text:
        if sign.isdigit():
            touch = not fresh and sheet.rng.random() < joined
            _digit(sheet, writer, sign, edge, (baseline, height), touch)
            fresh = False
        else:
            at = edge.max()
            mark(sheet, sign, at / sheet.scale, baseline, height)
            sheet.sign(sign)
            edge[:] = at + height * (0.5 if sign == "-" else 0.2) * sheet.scale
            fresh = True
    return float(edge.max()) / sheet.scale


def mark(sheet: Sheet, sign: str, left: float, baseline: float, height: float) -> None:
    """A dash, a point or a comma of the pen, beside a digit `height` mm high."""
    rng = sheet.rng
    x, y = left + 0.12 * height, baseline - rng.uniform(-0.02, 0.05) * height
    if sign == "-":
        rise = height * (0.45 + rng.normal(0, 0.05))
        sheet.stroke([(x, y - rise), (x + 0.3 * height, y - rise - rng.normal(0, 0.2))])
    else:
        fall = 0.22 * height if sign == "," else 0.1
        sheet.stroke([(x, y), (x - fall / 3, y + fall)], 1.2)


def _digit(sheet: Sheet, writer: Writer, digit: str, edge: np.ndarray, place: tuple[float, float],
           touch: bool) -> None:
    """One digit as near to the ink before it as this writer sets it; moves `edge` on."""
    rng = sheet.rng
    baseline, height = place
    pen = max(LEAST_PEN_PX, sheet.pen_mm * sheet.scale)
    ink = writer.digit(digit, height * sheet.scale, pen, rng)
    bottom = round((baseline + writer.unevenness * height * rng.normal()) * sheet.scale)
    bottom = min(max(bottom, len(ink)), len(edge))  # on the sheet
    rows = slice(bottom - len(ink), bottom)
    gap = (-rng.uniform(0.1, 0.5) * pen if touch
           else max(0.6 * pen + 1, rng.uniform(0.1, 0.24) * height * sheet.scale))
    reach = max(round(gap), round(pen / 2))
    near = cv2.dilate(edge[:, None], np.ones((2 * reach + 1, 1), np.uint8))[rows, 0]
    dark = ink > INK
    inked = dark.any(axis=1)
    x = round(float((near - dark.argmax(axis=1))[inked].max()) + gap)
    sheet.digit(ink, digit, x, rows.start)
    ends = x + ink.shape[1] - dark[:, ::-1].argmax(axis=1)
    edge[rows][inked] = np.maximum(edge[rows], ends)[inked]
    np.maximum(edge, x + 0.5 * ink.shape[1], out=edge)  # no digit slips under another
