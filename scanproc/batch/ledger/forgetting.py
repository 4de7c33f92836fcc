"""Old scans taken out of the ledger, bytes and all; what is kept of them is a hash.

What is forgotten goes by bytes: a scan, the versions and copies of it that have the same sha256.
It was last read when the run began that last recorded a page of it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import Any, NamedTuple

from scanproc.batch.folder import Stamp
from scanproc.batch.ledger.schema import transaction

# Every document with the bytes it stands for, and when it was last read: NULL for a duplicate,
# which has no reading of its own. One that was met and never opened counts from then.
AGES = """
    SELECT d.id AS document, coalesce(nullif(sha256, ''), '#' || d.id) AS scan,
           CASE WHEN first IS NULL THEN coalesce(
               (SELECT max(started) FROM pages p JOIN runs r ON r.id = p.run WHERE document = d.id),
               (SELECT started FROM runs WHERE id = d.run)) END AS read
    FROM documents d"""
OLD = f"""
    SELECT document FROM ({AGES})
    WHERE scan IN (SELECT scan FROM ({AGES}) GROUP BY scan HAVING max(read) < :before)"""


class Old(NamedTuple):
    """How much was last read before a moment: files (names and versions), pages, numbers."""

    files: int
    pages: int
    numbers: int


def hidden(path: bytes, stamp: Stamp) -> str:
    """A hash by which a file that did not change is known where it lay, and nothing is told."""
    return hashlib.sha256(b"%s\0%s" % (path, " ".join(map(str, stamp)).encode())).hexdigest()


class Forgetting:
    """The part of the ledger that knows what is old, and what was forgotten."""

    _db: sqlite3.Connection

    def oldest(self) -> float | None:
        """When what has not been read again for longest was read, in seconds since 1970."""
        return self._db.execute("SELECT min(read) FROM (SELECT max(read) AS read "
                                f"FROM ({AGES}) GROUP BY scan)").fetchone()[0]

    def old(self, before: float) -> Old:
        """What was last read by runs that began before a moment, in seconds since 1970."""
        pages = f"FROM pages WHERE document IN ({OLD})"
        return Old(*self._db.execute(
            f"SELECT (SELECT count(*) FROM ({OLD})), (SELECT count(*) {pages}), "
            f"(SELECT count(*) FROM numbers WHERE page IN (SELECT id {pages}))",
            {"before": before}).fetchone())

    def forget(self, before: float) -> Old:
        """Removes what `old` counts, all of it or nothing; returns that."""
        self._db.execute("PRAGMA secure_delete = ON")  # zeros over it, should `compact` not follow
        with transaction(self._db):
            gone = self.old(before)
            if gone.files:
                self._remember(before)
                self._db.execute(f"DELETE FROM documents WHERE id IN ({OLD})", {"before": before})
                self._db.execute("DELETE FROM roots WHERE id NOT IN (SELECT root FROM documents)")
                self._db.execute("UPDATE exported SET revision = revision + 1")
            self._take_names_from_runs(before)
        return gone

    def compact(self) -> None:
        """Writes the file anew, so that no byte is left of what was ever removed from it."""
        self._db.execute("VACUUM")

    def forgotten(self) -> list[tuple[str, str]]:
        """(sha256, `hidden` place) of scans that were forgotten; a place may be empty."""
        return self._db.execute("SELECT sha256, place FROM forgotten").fetchall()

    def note_forgotten(self, sha256: str, place: str) -> None:
        """Remembers a place at which a forgotten scan lies."""
        with transaction(self._db):
            self._db.execute("INSERT OR IGNORE INTO forgotten VALUES (?, ?)", (sha256, place))

    def _remember(self, before: float) -> None:
        """Keeps hashes of what is to go. Not of what was never read: it is tried again instead."""
        for sha256, root, raw, stamp, state in self._db.execute(
                "SELECT sha256, path, raw, stamp, state FROM documents d JOIN roots r "
                f"ON r.id = d.root WHERE d.id IN ({OLD}) AND sha256 IN (SELECT sha256 "
                "FROM documents x JOIN pages p ON p.document = x.id "
                "WHERE sha256 <> '' AND status IN ('read', 'blank'))",
                {"before": before}).fetchall():
            place = hidden(root + b"/" + raw, Stamp(*map(int, stamp.split())))
            self.note_forgotten(sha256, place if state == "current" else "")

    def _take_names_from_runs(self, before: float) -> None:
        for run, summary in self._db.execute("SELECT id, summary FROM runs WHERE started < ?",
                                             (before,)).fetchall():
            self._db.execute("UPDATE runs SET summary = ? WHERE id = ?",
                             (json.dumps(_counts(json.loads(summary))), run))


def _counts(value: Any) -> Any:
    """A summary without the texts in it, which may name files: `skipped` and such only count."""
    if isinstance(value, dict):
        return {key: _counts(part) for key, part in value.items()}
    return type(value)() if isinstance(value, str | list) else value
