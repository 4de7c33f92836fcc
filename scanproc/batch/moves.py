"""Files that are done with go to `--move-done`, those that could not be read to `--move-refused`.

    recorded ─▶ marked as moved ─▶ second name in the target, reason beside it ─▶ old name removed

A kill at any arrow leaves the file where it was, or at both places. A file that the ledger calls
moved and that lies at its old place is back, and goes again with the next run; other bytes that
came there since are another document. What is still to be read, or tried again, stays.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from scanproc.batch.document import CURRENT, MOVED, Document
from scanproc.batch.files import ADVICE, sync_folder
from scanproc.batch.folder import name_of, printable, shown
from scanproc.batch.identity import Catalog
from scanproc.batch.ledger import Ledger
from scanproc.batch.shelf import Changed, Shelf, let_go
from scanproc.errors import OutputError, UsageError
from scanproc.records import PageResult
from scanproc.settings import Settings

BATCH = 100  # files that are brought to the disk and marked in one go
STAYING = frozenset(("permission", "io", "changed"))  # not the file's fault: it is read when mended
FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EROFS)


class _Move(NamedTuple):
    """A file that is to go. text: why it was refused, empty where it was read."""

    document: Document
    shelf: Shelf
    text: str


class Moves:
    """The folders that files go to, checked and made.

    Raises UsageError where one overlaps with the input or with `out`, OutputError where it
    cannot be made.
    """

    def __init__(self, settings: Settings, inputs: Sequence[Path], out: Path):
        owner = hashlib.sha256(os.fsencode(os.path.realpath(out))).hexdigest()[:16]
        given = {"--move-done": settings.move_done, "--move-refused": settings.move_refused}
        folders = {flag: _checked(flag, path, inputs, out) for flag, path in given.items() if path}
        for flag, folder in folders.items():
            _make(flag, folder)
        self._done, self._refused = (
            Shelf(folders[flag], owner) if flag in folders else None for flag in given)

    def move(self, book: Ledger, catalog: Catalog, unseen: Collection[int]) -> tuple[str, ...]:
        """Moves what was met and is done with; returns the files that could not go, and why.

        unseen: keys of documents whose bytes could not be looked at in this run; they stay.
        """
        failed: dict[str, OSError] = {}
        leaving = iter(list(self._leaving(book, catalog, unseen)))
        while batch := list(islice(leaving, BATCH)):
            catalog.mark([move.document for move in batch], MOVED)
            book.store(*catalog.drain())
            stayed = [move.document for move in batch if not _gone(move, failed)]
            catalog.mark(stayed, CURRENT)
            book.store(*catalog.drain())
            if any(error.errno in FULL for error in failed.values()):
                break  # a later run moves the rest
        return tuple(f"{printable(file)} ({error.strerror or error})"
                     for file, error in failed.items())

    def _leaving(self, book: Ledger, catalog: Catalog, unseen: Collection[int]) -> Iterator[_Move]:
        """A duplicate goes where the first one went, or would go."""
        waiting = book.unfinished() if self._done or self._refused else ()
        for document in catalog.here():
            owner = catalog.owner(document)
            if owner.key in unseen or (owner.state == CURRENT and owner.key in waiting):
                continue
            unread = book.unread(owner.key)
            shelf = self._refused if unread else self._done
            if shelf and not any(page.reason in STAYING for page in unread):
                yield _Move(document, shelf, _text(document, unread, book.total(owner.key)))


def _gone(move: _Move, failed: dict[str, OSError]) -> bool:
    """Whether the file has gone; else all is as it was."""
    made: list[Path] = []
    try:
        target, new = move.shelf.take(move.document, _below(move.document))
        made += [target] * new
        if move.text:
            text, new = move.shelf.note(target, move.text)
            made += [text] * new
        sync_folder(target.parent)
        let_go(move.document)
    except (Changed, OSError) as error:
        if isinstance(error, OSError):
            failed[move.document.file] = error
        for path in made:
            with suppress(OSError):
                path.unlink()
        return False
    return True


def _below(document: Document) -> bytes:
    """Its path below the target: as in the CSV, but `SCAN#2.pdf` for the document `SCAN.pdf#2`."""
    paths = (document.raw, document.root.rpartition(b"/")[2] + b"/" + document.raw)
    path = next(path for path in paths if document.is_called(name_of(path)))
    number = document.file.removeprefix(name_of(path))
    stem, suffix = os.path.splitext(path)  # noqa: PTH122 (bytes)
    return stem + number.encode() + suffix


def _text(document: Document, unread: list[PageResult], pages: int) -> str:
    """What a clerk is told of a file that was refused; empty where it was read."""
    if not unread:
        return ""
    count = f"{len(unread)} of {pages} pages" if pages > 1 else "it"
    lines = [f"{printable(document.file)}: {count} could not be read.", ""]
    lines += [f"page {page.page}: {page.reason}: {printable(page.words)}" for page in unread]
    if len(unread) < pages:
        lines += ["", "The numbers on the other pages are in the CSV files."]
    lines += ["", "If the file is damaged, scan the sheet again. If a setting or a password keeps "
              "it out,", f"change that and put the file back into {shown(document.root)}.", ""]
    return "\n".join(lines)


def _checked(flag: str, path: str, inputs: Sequence[Path], out: Path) -> Path:
    """The folder, absolute and without symlinks. Raises UsageError where it overlaps."""
    try:
        folder = Path(os.path.realpath(path))
    except ValueError as error:  # a NUL in the path
        raise UsageError(f"{flag} {printable(path)} is no path: {error}") from error
    for given in (*inputs, out):
        other = Path(os.path.realpath(given))
        if given is not out and not other.is_dir():
            if _lies_in(folder, other.parent) and _lies_in(other.parent, folder):
                raise UsageError(f"{flag} {printable(path)} is the folder that the input "
                                 f"{shown(given)} lies in; choose another")
        elif _lies_in(folder, other) or _lies_in(other, folder):
            raise UsageError(f"{flag} {printable(path)} and {shown(given)} lie inside each other; "
                             "choose a folder outside the input and --out")
    return folder


def _lies_in(inner: Path, outer: Path) -> bool:
    """Whether a folder is another or lies in it, under whatever name it is mounted."""
    if inner.is_relative_to(outer):
        return True
    with suppress(OSError):  # one of them is yet to be made
        return any(above.samefile(outer) for above in (inner, *inner.parents) if above.exists())
    return False


def _make(flag: str, folder: Path) -> None:
    missing = [path for path in (folder, *folder.parents) if not os.path.lexists(path)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        advice = ADVICE.get(error.errno or 0, "see to that")
        raise OutputError(f"{flag} {shown(folder)} cannot be made: {error.strerror}; {advice}, "
                          "then run again") from error
    for path in missing:
        sync_folder(path.parent)
