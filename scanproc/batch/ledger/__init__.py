"""The ledger, `DIR/scanproc.db`: runs, files, pages, readings; and the lock on DIR.

The only room that knows SQLite. Every CSV is derived from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scanproc.batch.ledger.book import TRIES, Ledger
from scanproc.batch.ledger.schema import FILE, connected
from scanproc.lock import held

__all__ = ["FILE", "TRIES", "Ledger", "held", "opened"]


@contextmanager
def opened(out: Path, create: bool = False) -> Iterator[Ledger]:
    """The ledger of folder `out`: for writing (hold `out`) with `create`, else for reading.

    Raises UsageError, OutputError, LedgerError or HeldError, also for what fails in the body.
    """
    with connected(out, create) as connection:
        yield Ledger(connection)
