"""The tables of `DIR/scanproc.db`, how it is opened, and what is said when it cannot be used.

A rollback journal, because DIR may lie on a share; every commit is on the disk when it returns.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scanproc.batch.folder import shown
from scanproc.batch.ledger import backup
from scanproc.errors import HeldError, LedgerError, OutputError, ScanprocError, UsageError

FILE = "scanproc.db"
APPLICATION_ID = 0x5363616E  # "Scan": tells a ledger from other SQLite files
VERSION = 3
WAIT_S = 30  # a reader or a backup may hold the file this long

TABLES = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    started REAL NOT NULL,             -- seconds since 1970, UTC
    finished REAL,
    program TEXT NOT NULL,             -- version
    reading TEXT NOT NULL,             -- fingerprint of the reading settings
    exit_code INTEGER,
    summary TEXT NOT NULL DEFAULT '{}' -- JSON
);
CREATE TABLE roots (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE);
CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    file TEXT NOT NULL,                -- its name in every CSV
    root INTEGER NOT NULL REFERENCES roots,
    raw BLOB NOT NULL,                 -- its place below root, as the file system spells it
    stamp TEXT NOT NULL,               -- size, mtime_ns, ctime_ns, inode
    sha256 TEXT NOT NULL,              -- empty where its bytes could never be read
    state TEXT NOT NULL CHECK (state IN ('current', 'superseded', 'moved')),
    missing INTEGER NOT NULL,
    first INTEGER REFERENCES documents DEFERRABLE INITIALLY DEFERRED,
    run INTEGER NOT NULL REFERENCES runs,  -- in which it was first met
    total INTEGER                      -- rows it has in pages.csv, NULL before it was opened
);
CREATE UNIQUE INDEX names ON documents (file) WHERE state <> 'superseded';
CREATE INDEX firsts ON documents (first);
CREATE TABLE pages (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    page INTEGER NOT NULL,
    run INTEGER NOT NULL REFERENCES runs,
    reading TEXT NOT NULL,             -- fingerprints of the settings it was read under
    limits TEXT NOT NULL,
    retry INTEGER NOT NULL,            -- the failure may pass: later runs try again
    tries INTEGER NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    words TEXT NOT NULL,
    form TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    dpi_across REAL,
    dpi_down REAL,
    rotation INTEGER NOT NULL,
    skew REAL NOT NULL,
    UNIQUE (document, page)
);
CREATE TABLE numbers (
    page INTEGER NOT NULL REFERENCES pages ON DELETE CASCADE,
    number INTEGER NOT NULL,
    text TEXT NOT NULL,
    confidence REAL NOT NULL,
    "left" INTEGER NOT NULL, top INTEGER NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL,
    reasons TEXT NOT NULL,             -- joined by ;
    marks TEXT NOT NULL,
    field TEXT NOT NULL,
    PRIMARY KEY (page, number)
) WITHOUT ROWID;
CREATE TABLE digits (
    page INTEGER NOT NULL REFERENCES pages ON DELETE CASCADE,
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    digit INTEGER NOT NULL,
    confidence REAL NOT NULL,
    runner_up INTEGER NOT NULL,
    runner_up_confidence REAL NOT NULL,
    "left" INTEGER NOT NULL, top INTEGER NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL,
    PRIMARY KEY (page, number, position)
) WITHOUT ROWID;
CREATE TABLE csv (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL);
CREATE TABLE exported (
    revision INTEGER NOT NULL,         -- counts the changes of what is exported
    written INTEGER NOT NULL,          -- the revision that the CSV files show
    deciding TEXT NOT NULL             -- and how they were derived
);
INSERT INTO exported VALUES (0, -1, '');
"""
# what came later, by the version that brought it
SINCE = {
    # JSON: fate -> how many pieces of ink
    2: "ALTER TABLE pages ADD COLUMN ink TEXT NOT NULL DEFAULT '{}';",
    # bytes that are not to be read again; place: a hash of where they lay and their stamp, or empty
    3: "CREATE TABLE IF NOT EXISTS forgotten (sha256 TEXT NOT NULL, place TEXT NOT NULL, "
       "PRIMARY KEY (sha256, place)) WITHOUT ROWID;",
}


@contextmanager
def connected(out: Path, create: bool) -> Iterator[sqlite3.Connection]:
    """The ledger of folder `out`, opened and checked; without `create` for reading only.

    SQLite errors in the body of `with` come out as errors that a clerk understands:
    OutputError (disk full, read-only), LedgerError (damaged, newer), HeldError (locked by
    another program). UsageError where there is no ledger and none is to be created.
    """
    path = out / FILE
    if not (create or _has_bytes(path)):
        raise UsageError(f"{shown(out)} holds no {FILE}: it is not a folder that 'scanproc run' "
                         "wrote; give the folder that was its --out")
    connection = None
    try:
        # mode=rw also for reading: what a killed run left in the journal is to be rolled back
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}",
                                     uri=True, timeout=WAIT_S, isolation_level=None)
        _prepare(connection, path, create)
        yield connection
    except sqlite3.Error as error:
        raise _explained(error, path) from error
    finally:
        if connection:
            connection.close()


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of the body is written, or nothing of it; one within another is part of it."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _has_bytes(path: Path) -> bool:
    try:
        return path.is_file() and path.stat().st_size > 0
    except PermissionError as error:
        raise LedgerError(f"{shown(path)} cannot be opened: {error.strerror}; have this account "
                          "allowed to read the folder") from error


def _prepare(connection: sqlite3.Connection, path: Path, create: bool) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    if create and not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        connection.executescript(
            f"BEGIN IMMEDIATE; {TABLES} {' '.join(SINCE.values())} "
            f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; COMMIT")
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise LedgerError(f"{shown(path)} is not a ledger of this program; move it away or "
                          "choose another --out")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise LedgerError(f"{shown(path)} was written by a newer scanproc (schema {version}, this "
                          f"one knows {VERSION}); install the newer version")
    if version < VERSION:
        _bring_up_to_date(connection, path)
    connection.execute(f"PRAGMA query_only = {'OFF' if create else 'ON'}")


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    """Adds what an older program did not know of, unless somebody else has just done so.

    A copy of the ledger as it was is kept beside it.
    """
    with transaction(connection):
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version < VERSION:
            backup.tell(path, backup.keep(path, version))
            for since, statement in SINCE.items():
                if version < since:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {VERSION}")


def _explained(error: sqlite3.Error, path: Path) -> ScanprocError:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return HeldError(f"{shown(path)} is locked by another program; close it and run again")
    if name.startswith("SQLITE_FULL"):
        return OutputError(f"{shown(path)} cannot be written: no space left on the disk; what was "
                           "read is kept, make room and run again")
    if name.startswith(("SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return OutputError(f"{shown(path)} cannot be opened or written: {error}; check the folder "
                           "and the disk, then run again")
    return LedgerError(f"{shown(path)} is damaged ({error}); restore it from a backup, or choose "
                       "another --out to read everything again")
