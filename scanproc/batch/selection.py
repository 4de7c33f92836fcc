"""A part of the ledger as one table, in a file or on stdout: what `scanproc export` asks for."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from scanproc.batch import ledger
from scanproc.batch.export import export_table
from scanproc.errors import UsageError
from scanproc.settings import Settings


def export(out: Path, settings: Settings, table: str, format: str, target: Path | None,
           run: str | None = None, since: str | None = None) -> None:
    """Write the pages of `out` that were read in one run or since a date; all without either.

    table: digits, numbers or pages. format: csv, xlsx, parquet or json. target: None is stdout.
    run: `last`, or the number of a run. since: a date (2026-11-20) or a time, of this machine.
    Raises UsageError, OutputError, LedgerError.
    """
    earliest = moment(since, "--since") if since else None
    with ledger.opened(out) as book:
        last = book.last_run()
        number = _number(run, last["id"] if last else 0) if run else None
        export_table(table, lambda: book.results(number, earliest), settings, format, target, out)


def moment(text: str, option: str) -> float:
    """A date or time of this machine in seconds since 1970. Raises UsageError naming the option."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"{option} {text} is no date; give one like 2026-11-20 or "
                         "2026-11-20T18:00") from error


def _number(text: str, last: int) -> int:
    number = last if text == "last" else int(text) if text.isdecimal() else 0
    if not 1 <= number <= last:
        raise UsageError(f"--run {text}: there is no such run; give 'last' or a number from 1 to "
                         f"{last}")
    return number
