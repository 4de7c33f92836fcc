"""Which pages go out together, and what follows from how that ended. No processes here.

    a file      page 1 alone: its answer says how many rows the file has
                then the rest in runs of RUN pages, so that opening it is not paid per page
    a fault     (the process died, or its time was up) the pages of the run go out one by one;
                where the number of rows is unknown, it is asked for first
    a page that crashes alone is tried once more and then blamed; one whose time is up is blamed
    where the process was killed, that try has the machine to itself: memory may have run out
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from scanproc.records import PageResult

if TYPE_CHECKING:
    from scanproc.page.read import Seen

RUN = 8


@dataclass(frozen=True)
class Task:
    """A file to be read. Its bytes must hash to `sha256` (hex digits).

    key: the caller's name for it. pages: only these, in ascending order; None is all.
    draw: told what was seen on each page, by its number; it can be sent to another process.
    """

    key: int
    path: bytes
    sha256: str
    pages: tuple[int, ...] | None = None
    draw: Callable[[int, Seen], None] | None = None


class Fault(NamedTuple):
    """How a run failed: `crashed` or `timeout`, and the words for a clerk.

    killed: by the system or somebody, not by what the page did to the process.
    """

    status: str
    words: str
    killed: bool = False


@dataclass(frozen=True)
class Run:
    """Pages `first` .. `first + count - 1` of a file, read by one worker in one go.

    total: rows of the file in pages.csv, None while unknown.
    fault: how the last try of these very pages ended.
    """

    task: Task
    first: int
    count: int
    total: int | None = None
    fault: Fault | None = None

    @property
    def pages(self) -> range:
        """The pages asked for."""
        return range(self.first, self.first + self.count)

    @property
    def counting(self) -> bool:
        """Whether the run reads no page and only asks for `total`."""
        return self.total is None and self.fault is not None

    @property
    def alone(self) -> bool:
        """Whether nothing else is to be under way at the same time."""
        return self.fault is not None and self.fault.killed


class Next(NamedTuple):
    """What follows: more runs, and results that are final. total: rows of the file."""

    total: int
    runs: list[Run]
    results: list[PageResult]


def first_runs(task: Task) -> Iterator[Run]:
    """The runs that a file starts with: page 1, or the pages asked for in unbroken stretches."""
    pages = task.pages if task.pages is not None else (1,)
    start = 0
    for end in range(1, len(pages) + 1):
        unbroken = end < len(pages) and pages[end] == pages[end - 1] + 1
        if not unbroken or end - start == RUN:
            yield Run(task, pages[start], end - start)
            start = end


def after_answer(run: Run, total: int, results: list[PageResult]) -> Next:
    """What follows when a worker has answered with `total` rows and these results."""
    runs = list(_rest(run, total))
    count = min(run.count, total + 1 - run.first)
    if run.counting and not results and count > 0:
        known = replace(run, count=count, total=total, fault=None)
        failed = after_fault(known, run.fault)
        return Next(total, [*failed.runs, *runs], failed.results)
    return Next(total, runs, results)


def after_fault(run: Run, fault: Fault) -> Next:
    """What follows when a worker died over the run or its time was up."""
    again = Next(run.total or run.pages[-1], [replace(run, fault=fault)], [])
    if run.counting:
        return _blamed(run, fault)
    if run.total is None:
        return again
    if run.count > 1:
        return again._replace(runs=[replace(run, first=page, count=1) for page in run.pages])
    if fault.status == "crashed" and run.fault is None:
        return again
    return _blamed(run, fault)


def _blamed(run: Run, fault: Fault) -> Next:
    return Next(run.total or run.pages[-1], [],
                [PageResult(page, fault.status, fault.status, fault.words) for page in run.pages])


def _rest(run: Run, total: int) -> Iterator[Run]:
    """The pages behind a file's first run, once it is known how many there are."""
    if run.total is None and run.task.pages is None:
        for first in range(2, total + 1, RUN):
            yield Run(run.task, first, min(RUN, total + 1 - first), total)
