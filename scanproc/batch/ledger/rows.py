"""A page's result as rows of the ledger, and back. Nothing is rounded, no review is stored."""

from __future__ import annotations

import json
import sqlite3
from itertools import groupby
from operator import itemgetter

from scanproc.records import Box, Number, PageResult, Reading

PAGE = "status, reason, words, form, width, height, dpi_across, dpi_down, rotation, skew, ink"
NUMBER = 'number, text, confidence, "left", top, width, height, reasons, marks, field'
DIGIT = ('number, position, digit, confidence, runner_up, runner_up_confidence, '
         '"left", top, width, height')


def insert(connection: sqlite3.Connection, key: dict[str, int | str], result: PageResult) -> None:
    """Writes a page that the ledger does not have. key: the other columns of `pages`."""
    across, down = result.dpi or (None, None)
    words = result.words.encode("utf-8", "backslashreplace").decode()  # may quote the file
    row = (*key.values(), result.status, result.reason, words, result.form,
           int(result.width), int(result.height), across and float(across), down and float(down),
           int(result.rotation), float(result.skew),
           json.dumps({fate: int(count) for fate, count in result.ink}))
    page = connection.execute(f"INSERT INTO pages ({', '.join(key)}, {PAGE}) "
                              f"VALUES ({_marks(len(row))})", row).lastrowid
    numbered = list(enumerate(result.numbers, start=1))
    connection.executemany(
        f"INSERT INTO numbers (page, {NUMBER}) VALUES ({_marks(11)})",
        ((page, at, number.text, float(number.confidence), *map(int, number.box),
          ";".join(number.reasons), number.marks, number.field) for at, number in numbered))
    connection.executemany(
        f"INSERT INTO digits (page, {DIGIT}) VALUES ({_marks(11)})",
        ((page, at, reading.position, int(reading.digit), float(reading.confidence),
          int(reading.runner_up), float(reading.runner_up_confidence), *map(int, reading.box))
         for at, number in numbered for reading in number.readings))


def result(connection: sqlite3.Connection, page_id: int, page: int, row: tuple) -> PageResult:
    """The page as it was recorded. row: the columns PAGE."""
    status, reason, words, form, width, height, across, down, rotation, skew, ink = row
    return PageResult(page, status, reason, words, form, width, height,
                      None if across is None else (across, down), rotation, skew,
                      _numbers(connection, page_id), tuple(json.loads(ink).items()))


def _numbers(connection: sqlite3.Connection, page_id: int) -> tuple[Number, ...]:
    digits = connection.execute(
        f"SELECT {DIGIT} FROM digits WHERE page = ? ORDER BY number, position", (page_id,))
    readings = {number: tuple(_reading(row) for row in rows)
                for number, rows in groupby(digits, itemgetter(0))}
    rows = connection.execute(
        f"SELECT {NUMBER} FROM numbers WHERE page = ? ORDER BY number", (page_id,))
    return tuple(
        Number(text, confidence, Box(*box), readings.get(number, ()),
               tuple(reasons.split(";")) if reasons else (), marks, field)
        for number, text, confidence, *box, reasons, marks, field in rows)


def _reading(row: tuple) -> Reading:
    _, position, digit, confidence, runner_up, runner_up_confidence, *box = row
    return Reading(position, digit, confidence, runner_up, runner_up_confidence, Box(*box))


def _marks(columns: int) -> str:
    return ", ".join("?" * columns)
