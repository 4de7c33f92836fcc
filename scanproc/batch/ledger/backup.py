"""A copy of the ledger beside it, before a newer program changes it."""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import click

from scanproc.batch.files import PREFIX, SUFFIX, sync_folder, writing
from scanproc.batch.folder import shown


def keep(ledger: Path, version: int) -> Path:
    """Copies a ledger of this version to `scanproc.db.vVERSION.bak`, whole or not at all.

    To be called within a write transaction that has not written yet: nobody else changes the
    ledger then. It is SQLite that reads it: to open and close the file here would free its locks.
    Raises OutputError and sqlite3.Error; a copy that was there is then as it was.
    """
    target = ledger.with_name(f"{ledger.name}.v{version}.bak")
    draft = ledger.with_name(f"{PREFIX}{secrets.token_hex(8)}{SUFFIX}")
    try:
        uri = f"{ledger.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as source, \
                closing(sqlite3.connect(draft, isolation_level=None)) as copy:
            copy.execute("PRAGMA journal_mode = OFF")  # it is thrown away unless it is whole
            source.backup(copy)
        with writing(target):
            with draft.open("r+b") as file:
                os.fsync(file.fileno())
            draft.replace(target)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    sync_folder(target.parent)
    return target


def discard(ledger: Path) -> None:
    """Removes the copies: what is forgotten stands in them too. Raises OutputError."""
    for copy in ledger.parent.glob(f"{ledger.name}.v*.bak"):
        with writing(copy):
            copy.unlink()


def tell(ledger: Path, copy: Path) -> None:
    """One line on stderr, once in the life of a ledger's version."""
    with suppress(OSError):
        click.echo(f"{shown(ledger)} was written by an older scanproc and is brought up to date; "
                   f"as it was, it is kept in {shown(Path(copy.name))}", err=True)
