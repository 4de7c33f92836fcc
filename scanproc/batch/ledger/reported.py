"""Which runs have had their numbers written to a report; noted in the run's summary.

A run that ended has that in its summary anyway; here is what must be known of one that was stopped.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from scanproc.batch.ledger.schema import transaction


class Reported:
    """The part of the ledger that knows of reports."""

    _db: sqlite3.Connection

    def note_report(self, runs: Iterable[int], note: dict[str, Any]) -> None:
        """Notes of these runs what is known of their report; on the disk when it returns."""
        with transaction(self._db):
            for run in runs:
                text, = self._db.execute("SELECT summary FROM runs WHERE id = ?", (run,)).fetchone()
                self._db.execute("UPDATE runs SET summary = ? WHERE id = ?",
                                 (json.dumps(json.loads(text) | {"report": note}), run))

    def stopped(self) -> list[tuple[int, dict[str, Any] | None]]:
        """The runs that did not end, this one too, with what was noted of their report."""
        return [(run, json.loads(summary).get("report")) for run, summary in self._db.execute(
            "SELECT id, summary FROM runs WHERE finished IS NULL ORDER BY id")]
