"""Scans that are read in no time: a file says itself how its pages turn out.

    scan(path, "read 12 345", "blank", "refused damaged")      a file of three pages
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from scanproc.batch import ledger, run
from scanproc.batch.summary import Summary
from scanproc.batch.workers import PageOutcome, Task
from scanproc.records import Box, Number, PageResult, Reading
from scanproc.settings import Settings

MAGIC = b"%PDF-1.4\n"


def scan(path: Path, *pages: str) -> Path:
    """Writes a file that `Pool` reads: a line for each page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(MAGIC + "\n".join(pages).encode())
    return path


class Pool:
    """As `workers.Pool`, without processes. `read` lists (file name, page) of all pages read.

    outcomes: what becomes of a page in place of what its file says. stop_after: pages after which
    the run is interrupted.
    """

    read: list[tuple[str, int]] = []
    outcomes: dict[tuple[str, int], str] = {}
    stop_after: int | None = None

    def __init__(self, settings: Settings, passwords: tuple[str, ...] = ()):
        self.settings = settings

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def read_all(self, tasks: Iterable[Task]) -> Iterator[PageOutcome]:
        """Two tasks at a time, the second one first: outcomes come in no order."""
        tasks = iter(tasks)
        while pair := list(islice(tasks, 2)):
            for task in reversed(pair):
                yield from self._read(task)

    def _read(self, task: Task) -> Iterator[PageOutcome]:
        data = Path(task.path.decode("utf-8", "surrogateescape")).read_bytes()
        assert hashlib.sha256(data).hexdigest() == task.sha256
        name = task.path.rpartition(b"/")[2].decode("utf-8", "surrogateescape")
        pages = data.removeprefix(MAGIC).decode().split("\n")
        for page in task.pages or range(1, len(pages) + 1):
            if self.stop_after is not None and len(self.read) >= self.stop_after:
                raise KeyboardInterrupt
            self.read.append((name, page))
            script = self.outcomes.get((name, page), pages[page - 1])
            yield PageOutcome(task.key, len(pages), result(page, *script.split()))


def result(page: int, status: str, *words: str) -> PageResult:
    """`read 12 345`, `blank`, `refused damaged`, `crashed`, `timeout` as a page's result."""
    if status == "read":
        return PageResult(page, "read", width=100, height=50, dpi=(300.0, 300.0), skew=0.25,
                          numbers=tuple(number(text) for text in words))
    reason = words[0] if words else "" if status == "blank" else status
    return PageResult(page, status, reason, reason and "in words")


def number(text: str, confidence: float = 0.875) -> Number:
    """A number whose digits are all alike sure."""
    readings = tuple(
        Reading(at, int(digit), confidence, 7, 0.0625, Box(10 * at, 5, 8, 12))
        for at, digit in enumerate(text, start=1))
    return Number(text, confidence, Box(10, 5, 10 * len(text), 12), readings, ("mark",), "1. 2-")


class Office:
    """A folder of scans, `scans`, and the folder that they are read into, `out`."""

    def __init__(self, folder: Path):
        self.scans = folder / "scans"
        self.out = folder / "out"
        self.scans.mkdir()

    def scan(self, name: str, *pages: str) -> Path:
        """Writes a scan into the folder."""
        return scan(self.scans / name, *pages)

    def run(self, *inputs: Path, knobs: dict | None = None, **options: object) -> Summary:
        """Reads the folder, or other inputs; afterwards `Pool.read` holds what was read."""
        Pool.read.clear()
        return run.run(inputs or (self.scans,), self.out, Settings(**(knobs or {})), **options)

    def rows(self, **selection: float) -> list[tuple]:
        """Every page that the ledger would export: file, page, status, numbers or reason."""
        with ledger.opened(self.out) as book:
            return [(file, result.page, result.status,
                     " ".join(one.text for one in result.numbers) or result.reason)
                    for file, _, result in book.results(**selection)]
