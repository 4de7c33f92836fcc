"""Scans that were forgotten and are met again by a run: counted, neither read nor named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from scanproc.batch import ledger
from scanproc.batch.folder import Scan
from scanproc.batch.ledger.forgetting import hidden


class Forgotten:
    """What the ledger remembers of forgotten scans. counts: gets `forgotten`, how many were met."""

    def __init__(self, book: ledger.Ledger, counts: Counter[str]):
        self._book = book
        self._counts = counts
        known = book.forgotten()
        self._bytes = {sha256 for sha256, _ in known}
        self._places = {place for _, place in known}

    def without(self, scans: Iterable[Scan], known: Callable[[bytes], object]) -> list[Scan]:
        """The scans but those that lie, unchanged, where forgotten ones lay: so none is hashed.

        known: what is known to lie at a path now.
        """
        if not self._bytes:
            return list(scans)
        return [scan for scan in scans if known(scan.path) or not self._counted(
            hidden(scan.path, scan.stamp) in self._places)]

    def has(self, scan: Scan, sha256: str) -> bool:
        """Whether these bytes were forgotten; then the place is known from now on."""
        if not self._counted(sha256 in self._bytes):
            return False
        self._book.note_forgotten(sha256, hidden(scan.path, scan.stamp))
        return True

    def _counted(self, met: bool) -> bool:
        if met:
            self._counts["forgotten"] += 1
        return met
