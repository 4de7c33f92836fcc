"""The figures of labelled pages as a table to read and as JSON for scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scanproc.batch.folder import printable
from scanproc.evaluate.metrics import Score, Tally, total

MISSING = "missing"


@dataclass(frozen=True)
class ScoredPage:
    """A page of the truth. status, reason: as in pages.csv, or `missing` where it is not there."""

    file: str
    page: int
    kind: str
    way: str
    status: str
    score: Score
    reason: str = ""


@dataclass(frozen=True)
class Report:
    """All labelled pages, and the pages met that have no row in the truth, as (file, page)."""

    pages: tuple[ScoredPage, ...]
    unscored: tuple[tuple[str, int], ...] = ()

    @property
    def missing(self) -> tuple[ScoredPage, ...]:
        """Pages of the truth that are not in the folder; all their digits count as lost."""
        return tuple(page for page in self.pages if page.status == MISSING)

    @property
    def total(self) -> Score:
        """The figures of all pages together."""
        return total(page.score for page in self.pages)

    @property
    def kinds(self) -> dict[str, tuple[ScoredPage, ...]]:
        """The pages of each kind that the truth names, by kind."""
        named = sorted({page.kind for page in self.pages} - {""})
        return {kind: tuple(page for page in self.pages if page.kind == kind) for kind in named}


def as_json(report: Report) -> dict[str, Any]:
    """What `--json` prints; see `_figures` for the keys of each page, kind and the total.

    pages: `file, page, kind, score, status, reason` and the figures of each page of the truth.
    kinds: by kind, and total: `pages` (how many) and the figures over them.
    missing, unscored: `file, page` of each.
    """
    return {
        "pages": [{"file": page.file, "page": page.page, "kind": page.kind, "score": page.way,
                   "status": page.status, "reason": page.reason, **_figures(page.score)}
                  for page in report.pages],
        "kinds": {kind: {"pages": len(pages), **_figures(total(page.score for page in pages))}
                  for kind, pages in report.kinds.items()},
        "total": {"pages": len(report.pages), **_figures(report.total)},
        "missing": [{"file": page.file, "page": page.page} for page in report.missing],
        "unscored": [{"file": file, "page": page} for file, page in report.unscored],
    }


def _figures(score: Score) -> dict[str, Any]:
    """Rates are 0 to 1, or null where there is nothing to divide by.

    `numbers` is null where no whole numbers are compared.
    """
    return {"edits": score.edits, "error_rate": score.error_rate,
            "digits": _tally(score.digits),
            "numbers": None if score.numbers is None else {
                **_tally(score.numbers), "invented": score.invented,
                "invented_share": score.invented_share}}


def _tally(tally: Tally) -> dict[str, Any]:
    return {"true": tally.true, "reported": tally.reported, "right": tally.right,
            "recall": tally.recall, "precision": tally.precision,
            "accepted": tally.accepted, "accepted_right": tally.accepted_right,
            "accepted_wrong": tally.accepted - tally.accepted_right,
            "accepted_share": tally.accepted_share,
            "accepted_right_share": tally.accepted_right_share,
            "accepted_wrong_share": tally.accepted_wrong_share}


def percent(rate: float | None) -> str:
    """A rate in per cent with two decimals; `-` where there is none."""
    return "-" if rate is None else f"{100 * rate:.2f}"


def _error(score: Score) -> str:
    return percent(score.error_rate) if score.digits.true else f"+{score.edits}"


def _of_numbers(figure: Callable[[Tally], str]) -> Callable[[Score], str]:
    return lambda score: "-" if score.numbers is None else figure(score.numbers)


_COLUMNS: tuple[tuple[str, Callable[[Score], str], str], ...] = (
    ("digits", lambda score: str(score.digits.true), "digits that stand on the page"),
    ("read", lambda score: str(score.digits.reported), "digits reported, sure or not"),
    ("err%", _error, "digits to be changed, left out or put in to make the page right, of the "
                     "true digits; +N: N digits reported where there are none"),
    ("nums", _of_numbers(lambda tally: str(tally.true)),
     "numbers on the page; - where the truth says that numbers are not to be compared"),
    ("found%", _of_numbers(lambda tally: percent(tally.recall)),
     "numbers reported exactly, of the true numbers (recall)"),
    ("prec%", _of_numbers(lambda tally: percent(tally.precision)),
     "reported numbers that stand on the page (precision)"),
    ("extra%", lambda score: percent(score.invented_share),
     "reported numbers that are none on the page, not even one read wrong; told by their text"),
    ("acc%", _of_numbers(lambda tally: percent(tally.accepted_share)),
     "numbers accepted without review, of the reported numbers"),
    ("right%", _of_numbers(lambda tally: percent(tally.accepted_right_share)),
     "numbers accepted and right, of the true numbers"),
    ("wrong%", _of_numbers(lambda tally: percent(tally.accepted_wrong_share)),
     "silent errors: accepted numbers that are not true, of the accepted ones"),
    ("d.acc%", lambda score: percent(score.digits.accepted_share),
     "digits accepted without review, of the digits reported"),
    ("d.wrong%", lambda score: percent(score.digits.accepted_wrong_share),
     "silent errors: accepted digits that are wrong, of the accepted ones"),
)


def text(report: Report) -> str:
    """A table with a row per page, per kind and in all; then what each column means."""
    table = [["file", "page", *(heading for heading, _, _ in _COLUMNS)], *_table(report)]
    notes = [f"{heading.ljust(8)}  {meaning}" for heading, _, meaning in _COLUMNS]
    return "\n".join([*aligned(table), *_named(report), "", *notes])


def aligned(table: Sequence[Sequence[str]]) -> list[str]:
    """The rows of a table as lines: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  ".join([row[0].ljust(widths[0]),
                       *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:],
                                                                  strict=True))])
            for row in table]


def _table(report: Report) -> Iterator[list[str]]:
    for page in report.pages:
        yield [printable(page.file), str(page.page), *_cells(page.score)]
    for kind, pages in report.kinds.items():
        yield [f"all {printable(kind)}", str(len(pages)),
               *_cells(total(page.score for page in pages))]
    yield ["all", str(len(report.pages)), *_cells(report.total)]


def _cells(score: Score) -> list[str]:
    return [cell(score) for _, cell, _ in _COLUMNS]


def _named(report: Report) -> Iterator[str]:
    lost = [page for page in report.pages if page.status not in ("read", "blank")]
    for heading, pages in (
            ("Not read, all digits counted as lost:",
             [f"{printable(page.file)} page {page.page}: {page.status}"
              + f" ({printable(page.reason)})" * bool(page.reason) for page in lost]),
            ("Not scored, no row in the truth:",
             [f"{printable(file)} page {page}" for file, page in report.unscored])):
        if pages:
            yield from ("", heading, *(f"  {page}" for page in pages))
