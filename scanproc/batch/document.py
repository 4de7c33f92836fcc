"""A file that the ledger knows, and what the ledger calls it."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from itertools import count

from scanproc.batch.folder import Stamp

CURRENT, SUPERSEDED, MOVED = "current", "superseded", "moved"


@dataclass(frozen=True)
class Document:
    """A file that the ledger knows, with the bytes it had when it was read.

    sha256: hex digits, empty where its bytes could never be read.
    state: current; superseded (other bytes lie at its place); moved (away, when it was done).
    missing: nothing lay at its place when it was last looked for.
    first: key of the document with the same bytes, of which this one is a duplicate.
    """

    key: int
    file: str
    root: bytes
    raw: bytes
    stamp: Stamp
    sha256: str
    state: str = CURRENT
    missing: bool = False
    first: int | None = None

    @property
    def path(self) -> bytes:
        """Where it lies, absolute."""
        return self.root + b"/" + self.raw

    def is_called(self, name: str) -> bool:
        """Whether `file` is `name`, or `name` with a number behind it, as `NAME#2`."""
        tail = self.file.removeprefix(name + "#")
        return self.file == name or (tail != self.file and tail.isascii() and tail.isdecimal())


def free_name(wanted: str, taken: Container[str]) -> str:
    """`wanted`, or with the first number behind it that is not taken."""
    names = (wanted if number == 1 else f"{wanted}#{number}" for number in count(1))
    return next(name for name in names if name not in taken)


def by_file(document: Document) -> str:
    """To sort by: the name in every CSV."""
    return document.file
