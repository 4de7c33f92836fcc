"""What stands where on a page. Each function writes on a sheet and returns the truth of it:
the lines joined by `|`, the numbers of a line by a space.
"""

from __future__ import annotations

import numpy as np

from hand import Hand, between, width, write
from paper import Sheet

Lengths = list[list[int]]  # for each line, how many digits each of its numbers has

HEIGHT = 6.0  # of a digit, mm


def deal(rng: np.random.Generator, lengths: Lengths) -> list[list[str]]:
    """Numbers of these lengths, in which all ten digits come equally often."""
    rounds = -(-sum(map(sum, lengths)) // 10)
    digits = iter(np.concatenate([np.argsort(rng.random(10)) for _ in range(rounds)]))
    return [["".join(str(next(digits)) for _ in range(length)) for length in line]
            for line in lengths]


def truth(lines: list[list[str]]) -> str:
    """Lines of numbers as truth.csv writes them."""
    return "|".join(" ".join(line) for line in lines)


def lines(sheet: Sheet, hand: Hand, rng: np.random.Generator, lengths: Lengths,
          pitch: float = 17.0) -> str:
    """Plain lines of numbers, as on a sheet without rules; `pitch` is the way between them, mm."""
    numbers = deal(rng, lengths)
    for row, line in enumerate(numbers):
        right = 14 + between(rng, -2, 2)
        baseline = 26 + row * pitch + between(rng, -0.8, 0.8)
        for number in line:
            right = write(sheet, hand, number, right, baseline, HEIGHT, rng)
            right += HEIGHT * between(rng, 1.5, 2.3)
    return truth(numbers)


def column(sheet: Sheet, hand: Hand, rng: np.random.Generator, lengths: list[int]) -> str:
    """One number below the other, the last digits about in line, as for adding up."""
    numbers = deal(rng, [[length] for length in lengths])
    for row, (number,) in enumerate(numbers):
        space = sum(width(hand, digit, HEIGHT) for digit in number)
        space += HEIGHT * hand.gap * (len(number) - 1)
        left = sheet.size[0] - 18 - space + between(rng, -0.7, 0.7)
        write(sheet, hand, number, left, 20 + row * 12.5, HEIGHT, rng)
    return truth(numbers)


def boxes(sheet: Sheet, hand: Hand, rng: np.random.Generator) -> str:
    """A form: combs with a digit in each box, then single boxes with a number in each."""
    sheet.text("Please write one digit in each box", 14, 10, 4.5)
    combs = [("Student number", 9), ("Postal code", 5), ("Telephone", 8), ("Room", 3)]
    wide = [("Points", [2, 3]), ("Meter reading", [6, 4]), ("Pieces", [1, 5])]
    numbers = deal(rng, [[size] for _, size in combs] + [sizes for _, sizes in wide])
    for row, ((label, _), (number,)) in enumerate(zip(combs, numbers, strict=False)):
        sheet.text(label, 14, 26 + row * 19, 4)
        _comb(sheet, hand, rng, number, 52, 23 + row * 19)
    for row, ((label, _), pair) in enumerate(zip(wide, numbers[len(combs):], strict=True)):
        top = 105 + row * 19
        sheet.text(label, 14, top + 3, 4)
        for number, left in zip(pair, (52, 98), strict=True):
            sheet.box(left, top, 40, 11)
            write(sheet, hand, number, left + between(rng, 2.5, 5), top + 8.2, HEIGHT * 0.9, rng)
    return truth(numbers)


def _comb(sheet: Sheet, hand: Hand, rng: np.random.Generator, number: str, left: float,
          top: float) -> None:
    for digit in number:
        sheet.box(left, top, 8, 10)
        height = HEIGHT * 0.9
        middle = left + (8 - width(hand, digit, height)) / 2
        write(sheet, hand, digit, middle + between(rng, -0.5, 0.5), top + 7.8, height, rng)
        left += 8


def table(sheet: Sheet, hand: Hand, rng: np.random.Generator) -> str:
    """A ruled table with printed heads; some cells are left empty."""
    lengths = [[3, 2, 5], [1, 4], [2, 3, 4], [4, 1, 6], [3, 2], [2, 2, 5], [1, 3, 4], [5, 2, 6]]
    items = ["Flour", "Sugar", "Rice", "Beans", "Oil", "Salt", "Tea", "Soap"]
    edges = [14, 40, 70, 97, 134]
    numbers = deal(rng, lengths)
    for head, left in zip(("Item", "In stock", "Sold", "Weight in g"), edges, strict=False):
        sheet.text(head, left + 2, 19, 4)
    for row, (item, line) in enumerate(zip(items, numbers, strict=True)):
        sheet.text(item, 16, 33 + row * 14, 4)
        for number, left in zip(line, edges[1:], strict=False):
            write(sheet, hand, number, left + between(rng, 2.2, 3.4), 37.5 + row * 14,
                  HEIGHT * 0.85, rng)
    for y in [16] + [28 + row * 14 for row in range(len(items) + 1)]:
        sheet.rule((edges[0], y), (edges[-1], y), 0.3)
    for x in edges:
        sheet.rule((x, 16), (x, 28 + 14 * len(items)), 0.3)
    return truth(numbers)


NOTICE = """Notice to all branches

The opening hours change on 1 October 2024.
From that day all 27 branches open at 8.30 and
close at 17.45. On Saturdays the counters 1 to 6
stay open until 13.00.

Forms of the old kind (numbers 1104, 1105 and
2390) are taken until 31 December. After that
they are sent back and cost 15.60 each.

     Branch            Counter         Forms
     North                  3                 1,480
     Harbour              12                   956
     Station                7                 2,031

Questions are answered by the main office,
room 418, telephone 555 0193.

Please hang this notice where it can be seen.
Page 1 of 1"""


def notice(sheet: Sheet) -> str:
    """A page of print, with figures in it but nothing written by hand."""
    for row, line in enumerate(NOTICE.splitlines()):
        sheet.text(line, 16, 20 + row * 7.5, 6.5 if row == 0 else 4.6)
    return ""


def dust(sheet: Sheet, rng: np.random.Generator) -> str:
    """An empty page with a few specks on it."""
    for x, y in rng.random((8, 2)) * (sheet.size - 10) + 5:
        speck = np.array([[x, y], [x + 0.1, y + 0.05]])
        sheet.draw("print", speck, np.full(2, between(rng, 0.12, 0.25)), np.full(2, 90.0))
    return ""
