"""truth.csv: what stands on each labelled page.

One row per page. Columns that are read; any others may stand beside them:

    file    the page's file, relative to the folder of pages, with `/`
    page    counts from 1
    text    the digits of the upright page: lines joined by `|`, numbers split by a space, `?` for
            a digit that nobody can read; empty for a page without digits
    score   (optional) numbers: digits and whole numbers are compared (where nothing is said);
            digits: how they group into numbers is open; bag: their order is open as well
    kind    (optional) any word; pages of one kind get a row of totals
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from scanproc.errors import UsageError

NEEDED = ("file", "page", "text")
SCORES = ("numbers", "digits", "bag")


@dataclass(frozen=True)
class TruthPage:
    """What stands on one page. numbers: in reading order, each of 0-9 and `?`."""

    file: str
    page: int
    numbers: tuple[str, ...]
    score: str = "numbers"
    kind: str = ""


def load(file: Path) -> list[TruthPage]:
    """The labelled pages of a truth file (UTF-8, with or without a byte order mark), sorted.

    Raises UsageError, naming file and line, for anything in it that cannot be scored.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            return _unique(file, _rows(file, stream))
    except OSError as error:
        raise UsageError(f"truth file {file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"truth file {file} is not UTF-8; save it as 'CSV UTF-8'") from error
    except csv.Error as error:
        raise UsageError(f"truth file {file} is not valid CSV: {error}") from error


def _rows(file: Path, stream: Iterable[str]) -> Iterator[tuple[int, TruthPage]]:
    reader = csv.DictReader(stream, strict=True)
    missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        raise UsageError(f"truth file {file} has no column {', '.join(missing)}; its first line "
                         f"must name {', '.join(NEEDED)}, with commas between")
    for row in reader:
        try:
            yield reader.line_num, _page(row)
        except ValueError as error:
            raise UsageError(f"truth file {file}, line {reader.line_num}: {error}") from error


def _page(row: dict[str | None, str | None]) -> TruthPage:
    if None in row or None in row.values():
        raise ValueError("there are not as many cells as columns; put cells with commas in quotes")
    name, page, text = (row[column] for column in NEEDED)
    score, kind = row.get("score") or "numbers", row.get("kind", "")
    if not name:
        raise ValueError("the file is not named")
    if not re.fullmatch("[1-9][0-9]{0,8}", page):
        raise ValueError(f"page must be a whole number from 1, not '{page}'")
    if not re.fullmatch("[0-9?| ]*", text):
        raise ValueError(f"text may hold 0-9, '?', spaces and '|' only, not '{text}'")
    if score not in SCORES:
        raise ValueError(f"score must be one of {', '.join(SCORES)}, not '{score}'")
    return TruthPage(name, int(page), tuple(text.replace("|", " ").split()), score, kind)


def _unique(file: Path, rows: Iterable[tuple[int, TruthPage]]) -> list[TruthPage]:
    pages: dict[tuple[str, int], TruthPage] = {}
    for line, page in rows:
        key = (page.file, page.page)
        if key in pages:
            raise UsageError(f"truth file {file}, line {line}: page {page.page} of {page.file} "
                             "has a row already; keep one of them")
        pages[key] = page
    if not pages:
        raise UsageError(f"truth file {file} names no page; add a row for each labelled page")
    return [pages[key] for key in sorted(pages)]
