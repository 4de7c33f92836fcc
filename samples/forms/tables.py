"""Tables: ruled forms and ledgers, printed headings, written amounts; scanned or photographed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import printed
from capture import Picture, copy, photograph, scan
from sheet import Sheet
from writer import Pool, Writer
from writing import mark, write

PENS = ((36, 36, 42), (30, 44, 130))
WAYS = {"scan": 300, "copy": 200, "photograph": 250}  # and the dpi of the sheet
FAINTEST = {"scan": 60, "copy": 150, "photograph": 60}  # a copier loses what is fainter


@dataclass(frozen=True)
class Rules:
    """How a table is ruled. dash: mm of ink and of gap. shade: 255 is black."""

    thick: float
    dash: tuple[float, float]
    shade: int
    upright: bool

    @classmethod
    def of(cls, rng: np.random.Generator, faintest: int) -> Rules:
        """Two of three solid, the others dashed or dotted; some faint; some rows only."""
        dash = ((1, 0), (1, 0), (1, 0), (1, 0), (2, 1), (0.3, 0.6))[rng.integers(6)]
        shade = max(faintest, int(rng.choice([60, 120, 200, 255])))
        return cls(rng.uniform(0.15, 0.45), dash, shade, rng.random() < 0.8)

    def draw(self, sheet: Sheet, columns: np.ndarray, rows: np.ndarray) -> None:
        """The rules at these x and y, mm."""
        for y in rows:
            sheet.rule((columns[0], y), (columns[-1], y), self.thick, self.dash, self.shade)
        for x in columns if self.upright else ():
            sheet.rule((x, rows[0]), (x, rows[-1]), self.thick, self.dash, self.shade)


def tables(rng: np.random.Generator, pool: Pool | None) -> tuple[str, Sheet, Picture]:
    """A ledger, as a scan in gray or in black and white, or as a photograph."""
    way = str(rng.choice(list(WAYS), p=[0.3, 0.2, 0.5]))
    sheet = Sheet(210, 297, WAYS[way], rng, pen_mm=rng.uniform(0.35, 0.7))
    _ledger(sheet, Writer.of(rng, pool, european=rng.random() < 0.3),
            Rules.of(rng, faintest=FAINTEST[way]))
    pen = PENS[rng.integers(2)]
    if way == "scan":
        return "numbers", sheet, scan(sheet, rng.normal(0, 1), pen)
    if way == "copy":
        return "numbers", sheet, copy(sheet, rng.normal(0, 1))
    turn = int(rng.choice([0, 90, 270], p=[0.7, 0.15, 0.15]))
    picture = photograph(sheet, pen, rng.uniform(0, 0.08), int(rng.integers(2200, 3600)))
    return "numbers", sheet, picture.turned(turn, turn if rng.random() < 0.5 else 0)


def _ledger(sheet: Sheet, writer: Writer, rules: Rules) -> None:
    """Headings, a row number and a word before each row, then its amounts, some cells empty."""
    rng = sheet.rng
    body, bold = printed.family(rng)
    rows, high = int(rng.integers(10, 23)), rng.uniform(9, 11)
    edges = np.array([15, 24, *np.linspace(58, 196, rng.integers(3, 6))])
    top = rng.uniform(38, 46)
    sheet.words(printed.title(rng), 15, top - 16, 16, bold)
    sheet.words(printed.sentence(rng, 8), 15, top - 9, 9, body)
    for left in edges[2:-1]:
        sheet.words(printed.some_word(rng).title(), left + 2, top - 2, 9, bold)
    height, joined = high * rng.uniform(0.48, 0.62), rng.choice([0, 0.1, 0.25])
    for row in range(rows):
        baseline = top + (row + rng.uniform(0.74, 0.82)) * high
        sheet.words(f"{row + 1}", 17, baseline, 9, body)
        sheet.words(printed.some_word(rng), 26, baseline, 9, body)
        sheet.line()
        for left, right in zip(edges[2:-1], edges[3:], strict=True):
            _cell(sheet, writer, left, right, (baseline, height, joined))
    rules.draw(sheet, edges, top + np.arange(rows + 1) * high)


def _cell(sheet: Sheet, writer: Writer, left: float, right: float,
          look: tuple[float, float, float]) -> None:
    """An amount about as long as fits; a dash alone; or nothing."""
    rng = sheet.rng
    baseline, height, _ = look
    chance = rng.random()
    if chance < 0.08:
        mark(sheet, "-", (left + right) / 2, baseline, height * 1.3)
    elif chance > 0.2:
        most = int(np.clip((right - left - 6) / height - 1, 1, 6))
        digits = "".join(map(str, rng.integers(0, 10, rng.integers(1, most + 1))))
        room = right - left - (len(digits) + 1.5) * height
        start = left + 2 + max(0, room) * rng.uniform(0.4, 1)
        write(sheet, writer, amount(digits, rng), start, *look)


def amount(digits: str, rng: np.random.Generator) -> str:
    """The digits with a dash before, a point or a comma; half of them bare."""
    form = rng.random()
    if form < 0.2:
        return "-" + digits
    if form < 0.35 and len(digits) > 2:
        return f"{digits[:-2]}{'.,'[rng.integers(2)]}{digits[-2:]}"
    if form < 0.45 and len(digits) > 3:
        return f"{digits[:-3]}{'.,'[rng.integers(2)]}{digits[-3:]}"
    return digits
