"""The three tables: their columns, and how a page becomes rows of them.

Used alike by the CSV files, the other export formats and the pandas view of one page.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanproc.records import PageResult

DIGIT_COLUMNS = ("file", "page", "field", "number", "position", "digit", "confidence", "runner_up",
                 "runner_up_confidence", "review", "left", "top", "width", "height")
NUMBER_COLUMNS = ("file", "page", "field", "number", "text", "confidence", "review", "reason",
                  "left", "top", "width", "height", "marks")
PAGE_COLUMNS = ("file", "page", "status", "reason", "form", "width", "height", "dpi", "rotation",
                "skew", "numbers", "digits", "review", "sha256")

COLUMNS = {"digits": DIGIT_COLUMNS, "numbers": NUMBER_COLUMNS, "pages": PAGE_COLUMNS}

Row = tuple[Any, ...]


def rows(table: str, file: str, sha256: str, result: PageResult) -> Iterator[Row]:
    """The rows that a page has in `table` (digits, numbers or pages), in the order of COLUMNS.

    Confidences are floats with 4 decimals, `review` is an int, `digit` an int, `text` a str.
    """
    if table == "pages":
        yield _page_row(file, sha256, result)
        return
    for at, number in enumerate(result.numbers, start=1):
        if table == "numbers":
            yield (file, result.page, number.field, at, number.text, round(number.confidence, 4),
                   int(number.review), ";".join(number.reasons), *number.box, number.marks)
        else:
            for reading in number.readings:
                yield (file, result.page, number.field, at, reading.position, reading.digit,
                       round(reading.confidence, 4), reading.runner_up,
                       round(reading.runner_up_confidence, 4), int(reading.review), *reading.box)


def _page_row(file: str, sha256: str, result: PageResult) -> Row:
    reason = f"{result.reason}: {result.words}" if result.reason else ""
    digits = sum(len(number.readings) for number in result.numbers)
    review = sum(number.review for number in result.numbers)
    return (file, result.page, result.status, reason, result.form, result.width, result.height,
            dpi_text(result.dpi), result.rotation, round(result.skew, 1) + 0.0, len(result.numbers),
            digits, review, sha256)


def dpi_text(dpi: tuple[float, float] | None) -> str:
    """`300`, or `204x98` where pixels are not square; empty where unknown."""
    if dpi is None:
        return ""
    across, down = (round(value) for value in dpi)
    return str(across) if across == down else f"{across}x{down}"
