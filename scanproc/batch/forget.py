"""`scanproc forget`: what was read of old scans, out of the ledger and the CSV, for good.

A killed one has removed everything from the ledger or nothing; the next one does the rest.
"""

from __future__ import annotations

import time
from pathlib import Path

from scanproc.batch import ledger
from scanproc.batch.ledger import backup
from scanproc.batch.ledger.forgetting import Old
from scanproc.batch.run import derive
from scanproc.batch.selection import moment
from scanproc.errors import UsageError
from scanproc.settings import Settings


def look(out: Path, before: str) -> Old:
    """What `forget` would remove from `out`; nothing is written.

    before: a date (2026-11-20) or a time, of this machine. Raises UsageError, LedgerError.
    """
    with ledger.opened(out) as book:
        return book.old(_past(before))


def forget(out: Path, before: str, settings: Settings) -> Old:
    """Removes what was last read before a date from ledger and CSV of `out`; returns how much.

    Raises UsageError, HeldError, OutputError, LedgerError.
    """
    limit = _past(before)
    with ledger.opened(out):
        pass  # there is one: nothing is made in a folder given by mistake
    with ledger.held(out), ledger.opened(out, create=True) as book:
        gone = book.forget(limit)
        derive(book, out, settings, always=True)
        book.compact()
        backup.discard(out / ledger.FILE)
    return gone


def words(old: Old) -> str:
    """How much it is, for a clerk."""
    counts = (_plural(count, noun[:-1]) for count, noun in zip(old, old._fields, strict=True))
    return "{} with {} and {}".format(*counts)


def _past(text: str) -> float:
    before = moment(text, "--before")
    if before > time.time():
        raise UsageError(f"--before {text} lies in the future; to forget everything, give the time "
                         "it is now, as 2026-11-20T18:00")
    return before


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
