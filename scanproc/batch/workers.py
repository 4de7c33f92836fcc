"""Worker processes: files in, results of pages out, and nothing a page does ends the run.

Each process has one run of pages at a time. When it dies or is overdue, that run is told from all
others, and another process takes its place.
"""

from __future__ import annotations

import errno
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain, islice
from typing import NamedTuple

from scanproc.batch.child import Child
from scanproc.batch.machine import usable_jobs
from scanproc.batch.runs import Fault, Next, Run, Task, after_answer, after_fault, first_runs
from scanproc.batch.worker import Load, load_reader
from scanproc.errors import OutputError, ScanprocError
from scanproc.records import PageResult
from scanproc.settings import Settings

__all__ = ["PageOutcome", "Pool", "Task"]

KILLED = -getattr(signal, "SIGKILL", 9)
ALARM = -getattr(signal, "SIGALRM", 14)
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
STALL_S = 30.0  # beyond a run's own limit, where a worker sees to that itself
NO_ROOM = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.ENOENT)
BREAKS = 3  # of each worker, in a row, before one of them has taken a run


class PageOutcome(NamedTuple):
    """A page's result. key: that of its task. total: rows of the file in pages.csv."""

    key: int
    total: int
    result: PageResult


class Pool:
    """As many worker processes as `usable_jobs` says, started when there is work for them.

    passwords: tried on encrypted PDFs. load: called once in each worker, gives the function that
    reads pages there. Leaving the context kills the workers at once, whatever they are doing.
    """

    def __init__(self, settings: Settings, passwords: tuple[str, ...] = (),
                 load: Load = load_reader):
        self._settings = settings
        self._job = (load, settings, passwords)
        self._jobs = usable_jobs(settings)
        self._children: list[Child] = []
        self._breaks = 0
        self._on_exit = ExitStack()

    def __enter__(self) -> Pool:
        self._on_exit.enter_context(_environment(ONE_THREAD))
        return self

    def __exit__(self, *_: object) -> None:
        while self._children:
            self._children.pop().end()
        self._on_exit.close()

    def read_all(self, tasks: Iterable[Task]) -> Iterator[PageOutcome]:
        """The outcome of every page of the tasks, in the order in which they finish.

        Takes a task when there is room for it: at most 2 runs of pages per worker are taken.
        Raises ScanprocError (ModelError among them) where no worker can read any page.
        """
        waiting: deque[Iterator[Run]] = deque([chain.from_iterable(map(first_runs, tasks))])
        ready: deque[Run] = deque()
        while True:
            ready.extend(islice(_drawn(waiting), 2 * self._jobs - len(self._busy()) - len(ready)))
            self._hand_out(ready)
            if not ready and not self._busy():
                return
            ended = [end for child in Child.speaking(self._busy()) if (end := self._heard(child))]
            for _, after in ended:
                waiting.appendleft(iter(after.runs))
            self._hand_out(ready)  # before anybody waits for the disk
            for run, (total, _, results) in ended:
                for result in results:
                    yield PageOutcome(run.task.key, total, result)

    def _busy(self) -> list[Child]:
        return [child for child in self._children if child.run]

    def _hand_out(self, ready: deque[Run]) -> None:
        """Gives runs to workers that have none, as far as there are any."""
        while ready and self._may_go(ready[0]):
            child = next((child for child in self._children if not child.run), None)
            try:
                if child is None:
                    child = Child(*self._job)
                    self._children.append(child)
                child.give(ready[0])
                ready.popleft()
            except (OSError, EOFError) as error:
                if child:
                    self._dismiss(child)
                elif self._children:
                    return  # go on with fewer
                self._broke(error)

    def _may_go(self, run: Run) -> bool:
        """Whether a run may begin beside those that are under way."""
        busy = self._busy()
        alone = run.alone or any(child.run.alone for child in busy)
        return not busy or (len(busy) < self._jobs and not alone)

    def _heard(self, child: Child) -> tuple[Run, Next] | None:
        """What a worker ends its run with, and what follows; None where it only begins."""
        run = child.run
        try:
            message = child.hear()
        except EOFError:
            return run, self._after_death(child, run)
        if message is None:
            self._breaks = 0
            child.begins(self._limit_s(run))
            return None
        if isinstance(message, ScanprocError):
            raise message
        child.run = None
        return run, after_answer(run, *message)

    def _after_death(self, child: Child, run: Run) -> Next:
        code = self._dismiss(child)
        if not child.taken:  # the page had no part in it
            self._broke(f"exit code {code}")
            return Next(run.total or run.pages[-1], [run], [])
        if code == ALARM or child.overdue:
            return after_fault(run, Fault("timeout", "reading it took longer than page_timeout_s = "
                                          f"{self._settings.page_timeout_s:g} allows"))
        return after_fault(run, Fault("crashed", _cause(code), code == KILLED))

    def _limit_s(self, run: Run) -> float:
        """Seconds that a run may take as seen from here."""
        pages = 1 if run.counting else run.count
        slack = STALL_S if hasattr(signal, "setitimer") else 0
        return self._settings.page_timeout_s * pages + slack

    def _dismiss(self, child: Child) -> int:
        self._children.remove(child)
        return child.end(dying=not child.overdue)

    def _broke(self, cause: Exception | str) -> None:
        self._breaks += 1
        if self._breaks == BREAKS * self._jobs:
            raise _unfit(cause)


def _drawn(waiting: deque[Iterator[Run]]) -> Iterator[Run]:
    """Runs from the front of the queue: files begun are finished before others are opened."""
    while waiting:
        run = next(waiting[0], None)
        if run is None:
            waiting.popleft()
        else:
            yield run


def _cause(exitcode: int) -> str:
    """Why a worker died, for a clerk."""
    if exitcode == KILLED:
        return "the process reading it was killed twice, probably because memory ran out"
    how = signal.strsignal(-exitcode) if exitcode < 0 else f"exit code {exitcode}"
    return f"the process reading it died twice ({how})"


def _unfit(cause: Exception | str) -> ScanprocError:
    """Why no worker can be had, for a clerk."""
    words = f"the processes that read pages end before they have read one ({cause})"
    if isinstance(cause, OSError) and cause.errno in NO_ROOM:
        return OutputError(f"{words}; make room for temporary files, in /tmp or where TMPDIR says, "
                           "then run again")
    return ScanprocError(f"{words}; see what 'scanproc doctor' says, and whether memory is free")


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Variables that processes started meanwhile are born with; NumPy looks at them only then."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    yield
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
