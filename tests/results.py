"""Results of pages, made by hand, for tests of what becomes of them."""

from scanproc.records import Box, Number, PageResult, Reading

SHA = "ab" * 32
TRIGGERS = "=+-@\t\r\0\uff1d\uff0b\uff0d\uff20"  # what makes a spreadsheet run a cell


def number(text="020125182", confidence=0.9, marks="", **more):
    readings = tuple(Reading(at, int(digit), 0.99999, 7, 0.00001, Box(at, 2, 3, 4))
                     for at, digit in enumerate(text, start=1) if digit != "_")
    return Number(text, confidence, Box(1, 2, 30, 4), readings, marks=marks, **more)


def page(at=1, *numbers, **more):
    return PageResult(at, "read", width=100, height=200, dpi=(204.0, 98.0), skew=-0.04,
                      numbers=numbers, **more)


# Two files, three pages: a number, a doubtful one with a mark, a page that was refused.
SMALL = (("a.pdf", SHA, page(1, number("07"))),
         ("a.pdf", SHA, page(2, number("1_5", 0.0, "1. 3-", reasons=("mark",)))),
         ('b "x",\ry\n.png', SHA,
          PageResult(1, "refused", "damaged", "the file, it seems, is damaged")))
