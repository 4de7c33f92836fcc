"""What the ledger can be asked and told. What a method writes is on the disk when it returns."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from scanproc.batch.document import CURRENT, Document
from scanproc.batch.folder import Stamp
from scanproc.batch.ledger import rows
from scanproc.batch.ledger.forgetting import Forgetting
from scanproc.batch.ledger.reported import Reported
from scanproc.batch.ledger.schema import transaction
from scanproc.records import PageResult

TRIES = 3  # of a failure that may pass, in all
PASSING = frozenset(("permission", "io", "changed", "crashed", "timeout"))

REMEMBERED = 1000  # runs, most of which may have read nothing

# Whether a page needs no more work, under the settings in force.
DONE = f"""(reading = :reading AND NOT (retry AND tries < {TRIES})
            AND NOT (status = 'refused' AND NOT retry AND limits <> :limits))"""


class Ledger(Forgetting, Reported):
    """The open ledger of one output folder."""

    def __init__(self, connection: sqlite3.Connection):
        self._db = connection
        self._recipe: dict[str, Any] = {}

    def at_once(self) -> AbstractContextManager[None]:
        """What is written in the body goes to the disk in one go: all of it or nothing."""
        return transaction(self._db)

    def begin(self, started: float, program: str, reading: str, limits: str) -> int:
        """Opens a run; pages recorded from now on carry its number and these fingerprints."""
        with transaction(self._db):
            run = self._db.execute(
                "INSERT INTO runs (started, program, reading) VALUES (?, ?, ?)",
                (started, program, reading)).lastrowid
        self._recipe = {"run": run, "reading": reading, "limits": limits}
        return run

    def finish(self, finished: float, exit_code: int, summary: str) -> None:
        """Closes the run. summary: JSON."""
        with transaction(self._db):
            self._db.execute(
                "UPDATE runs SET finished = ?, exit_code = ?, summary = ? WHERE id = ?",
                (finished, exit_code, summary, self._recipe["run"]))

    def documents(self) -> list[Document]:
        """Every file that is known, also those that other bytes have replaced."""
        return [Document(key, file, root, raw, Stamp(*map(int, stamp.split())), sha256, state,
                         bool(missing), first)
                for key, file, root, raw, stamp, sha256, state, missing, first in self._db.execute(
                    "SELECT d.id, file, path, raw, stamp, sha256, state, missing, first "
                    "FROM documents d JOIN roots r ON r.id = d.root")]

    def store(self, documents: Iterable[Document], dropped: Iterable[int]) -> None:
        """Writes documents as they are now, and removes others with their pages."""
        documents, dropped = list(documents), list(dropped)
        if not documents and not dropped:
            return
        with transaction(self._db):
            before = {document.key: self._shown(document.key) for document in documents}
            self._db.executemany("DELETE FROM documents WHERE id = ?", ((key,) for key in dropped))
            # no name begins with a slash: two documents can take each other's names
            self._db.executemany("UPDATE documents SET file = '/' || id WHERE id = ?",
                                 ((key,) for key in before))
            for document in documents:
                self._store(document)
            if dropped or any(before[key] != self._shown(key) for key in before):
                self._changed()

    def unfinished(self) -> set[int]:
        """Keys of the documents of which a page is still to be read, or read again."""
        return {key for key, in self._db.execute(
            "SELECT id FROM documents d WHERE state <> 'superseded' AND first IS NULL AND total "
            f"IS NOT (SELECT count(*) FROM pages WHERE document = d.id AND {DONE})", self._recipe)}

    def settled(self, reading: str, limits: str, skip_duplicates: bool) -> dict[bytes, Stamp]:
        """Path and stamp of each file that a run under these settings would leave as it is."""
        self._recipe = {"reading": reading, "limits": limits}
        unfinished = self.unfinished()
        return {known.path: known.stamp for known in self.documents()
                if known.state == CURRENT and not known.missing and known.key not in unfinished
                and (skip_duplicates or known.first is None)}

    def to_read(self, key: int) -> tuple[int, tuple[int, ...] | None]:
        """How many pages of a document are to be read, and which ones; None is all of the file.

        It is all where the file may turn out to have other rows than it had.
        """
        total = self.total(key)
        pages = {page: (done, rest) for page, done, rest in self._db.execute(
            f"SELECT page, {DONE}, status = 'refused' AND NOT retry FROM pages "
            "WHERE document = :key", self._recipe | {"key": key})}
        missing = tuple(page for page in range(1, total + 1)
                        if not pages.get(page, (False, False))[0])
        if total and not missing:
            return 0, ()
        if total <= 1 or any(rest and not done for done, rest in pages.values()):
            return max(total, 1), None
        return len(missing), missing

    def total(self, key: int) -> int:
        """How many rows of pages.csv a document has; 0 before it was opened or stored."""
        row = self._db.execute("SELECT total FROM documents WHERE id = ?", (key,)).fetchone()
        return row[0] or 0 if row else 0

    def record(self, key: int, total: int, result: PageResult) -> None:
        """Writes one page of a document, over what was known of it. total: rows of the file."""
        retry = result.reason in PASSING
        with transaction(self._db):
            if retry:  # a failure knows of no page behind it
                total = max(total, self.total(key))
            self._db.execute("UPDATE documents SET total = ? WHERE id = ?", (total, key))
            self._db.execute("DELETE FROM pages WHERE document = ? AND page > ?", (key, total))
            tries = 1 + (self._tries(key, result.page) if retry else 0)
            self._db.execute("DELETE FROM pages WHERE document = ? AND page = ?",
                             (key, result.page))
            rows.insert(self._db, {"document": key, "page": result.page, **self._recipe,
                                   "retry": retry, "tries": tries}, result)
            self._changed()

    def failures(self) -> Iterator[tuple[int, str]]:
        """The document and the reason of every page that could not be read."""
        return self._db.execute("SELECT document, reason FROM pages "
                                "WHERE status IN ('refused', 'crashed', 'timeout')")

    def unread(self, key: int) -> list[PageResult]:
        """The pages of a document that could not be read, in order."""
        return [PageResult(*row) for row in self._db.execute(
            "SELECT page, status, reason, words FROM pages WHERE document = ? AND status IN "
            "('refused', 'crashed', 'timeout') ORDER BY page", (key,))]

    def results(self, run: int | Collection[int] | None = None, since: float | None = None
                ) -> Iterator[tuple[str, str, PageResult]]:
        """(file, sha256, page) of every page, sorted by file (code points) and page.

        run: only pages recorded by this run, or by one of these. since: only by runs that began
        then or later, in seconds since 1970. A duplicate has a page for each page of the first one.
        """
        runs = [run] if isinstance(run, int) else run
        choice = {"runs": None if runs is None else json.dumps(sorted(runs)), "since": since}
        # nothing stays open between pages: a reader must not keep a run from writing
        documents = self._db.execute(
            f"SELECT d.id, d.file, d.sha256, f.id, f.file, {_chosen('d.run')} "
            "FROM documents d LEFT JOIN documents f ON f.id = d.first "
            "WHERE d.state <> 'superseded' ORDER BY d.file", choice).fetchall()
        for key, file, sha256, first, first_file, chosen in documents:
            if first is None:
                pages = self._pages(key, choice)
            else:
                pages = self._duplicates(first, first_file) if chosen else ()
            for result in pages:
                yield file, sha256, result

    def last_run(self, finished: bool = False) -> dict[str, Any] | None:
        """The columns of `runs` for the run that began last, or of those that came to an end."""
        cursor = self._db.execute("SELECT * FROM runs WHERE (finished IS NOT NULL) >= ? "
                                  "ORDER BY id DESC LIMIT 1", (finished,))
        row = cursor.fetchone()
        return row and dict(zip((column[0] for column in cursor.description), row, strict=True))

    def summaries(self) -> list[str]:
        """What earlier runs under the reading settings of this one said, the last one first."""
        return [summary for summary, in self._db.execute(
            "SELECT summary FROM runs WHERE finished IS NOT NULL AND reading = :reading "
            f"ORDER BY id DESC LIMIT {REMEMBERED}", self._recipe)]

    def stale(self, reading: str) -> int:
        """How many pages were read under other settings than those of this fingerprint."""
        return self._db.execute(
            "SELECT count(*) FROM pages p JOIN documents d ON d.id = p.document "
            "WHERE d.state <> 'superseded' AND reading <> ?", (reading,)).fetchone()[0]

    def csv_written(self, deciding: str) -> dict[str, str] | None:
        """Name and sha256 of the CSV files, if they show all that is recorded; else None."""
        revision, written, derived = self._db.execute("SELECT * FROM exported").fetchone()
        if (revision, deciding) != (written, derived):
            return None
        return dict(self._db.execute("SELECT name, sha256 FROM csv"))

    def remember_csv(self, files: dict[str, str], deciding: str) -> None:
        """Notes which CSV files show all that is recorded now, and how they were derived."""
        with transaction(self._db):
            self._db.execute("DELETE FROM csv")
            self._db.executemany("INSERT INTO csv VALUES (?, ?)", files.items())
            self._db.execute("UPDATE exported SET written = revision, deciding = ?", (deciding,))

    def _store(self, document: Document) -> None:
        self._db.execute("INSERT OR IGNORE INTO roots (path) VALUES (?)", (document.root,))
        values = {"id": document.key, "file": document.file, "path": document.root,
                  "raw": document.raw, "stamp": " ".join(map(str, document.stamp)),
                  "sha256": document.sha256, "state": document.state,
                  "missing": document.missing, "first": document.first, **self._recipe}
        self._db.execute(
            "INSERT INTO documents (id, file, root, raw, stamp, sha256, state, missing, first, run)"
            " VALUES (:id, :file, (SELECT id FROM roots WHERE path = :path), :raw, :stamp, :sha256,"
            " :state, :missing, :first, :run) ON CONFLICT (id) DO UPDATE SET file = excluded.file,"
            " root = excluded.root, raw = excluded.raw, stamp = excluded.stamp,"
            " state = excluded.state, missing = excluded.missing, first = excluded.first", values)
        if document.first is not None:
            self._db.execute("DELETE FROM pages WHERE document = ?", (document.key,))
            self._db.execute("UPDATE documents SET total = NULL WHERE id = ?", (document.key,))

    def _pages(self, key: int, choice: dict[str, Any]) -> Iterator[PageResult]:
        for page_id, page, *row in self._db.execute(
                f"SELECT id, page, {rows.PAGE} FROM pages WHERE document = :key "
                f"AND {_chosen('run')} ORDER BY page", choice | {"key": key}).fetchall():
            yield rows.result(self._db, page_id, page, row)

    def _duplicates(self, first: int, file: str) -> Iterator[PageResult]:
        words = f"the same bytes as {file}; see there"
        for page, in self._db.execute("SELECT page FROM pages WHERE document = ? ORDER BY page",
                                      (first,)).fetchall():
            yield PageResult(page, "duplicate", "duplicate", words)

    def _shown(self, key: int) -> tuple | None:
        """What of a document can be seen in the CSV files."""
        return self._db.execute("SELECT file, state, first FROM documents WHERE id = ?",
                                (key,)).fetchone()

    def _changed(self) -> None:
        self._db.execute("UPDATE exported SET revision = revision + 1")

    def _tries(self, key: int, page: int) -> int:
        row = self._db.execute(
            "SELECT tries FROM pages WHERE document = :key AND page = :page AND retry "
            "AND reading = :reading", self._recipe | {"key": key, "page": page}).fetchone()
        return row[0] if row else 0


def _chosen(column: str) -> str:
    """Whether a run is one of those asked for."""
    return (f"(:runs IS NULL OR {column} IN (SELECT value FROM json_each(:runs))) AND "
            f"(:since IS NULL OR {column} IN (SELECT id FROM runs WHERE started >= :since))")
