"""Worker processes: files in, results of pages out, and nothing a page does ends the run.

The processes come from pebble: when one dies or runs out of time, the run it worked on is told
from all others. They are started by a fork server (never forked from this process: OpenCV hangs
after it), or anew where there is none.
"""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures import TimeoutError as TimeIsUp
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from itertools import chain, islice
from multiprocessing import resource_tracker
from types import SimpleNamespace
from typing import NamedTuple

import pebble.pool.process
from pebble import ProcessExpired, ProcessPool

from scanproc.batch.machine import usable_jobs
from scanproc.batch.runs import Fault, Next, Run, Task, after_answer, after_fault, first_runs
from scanproc.batch.worker import Load, load_reader, read_run
from scanproc.errors import OutputError, ScanprocError
from scanproc.records import PageResult
from scanproc.settings import Settings

__all__ = ["PageOutcome", "Pool", "Task"]

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
STALL_S = 30.0  # beyond a run's own limit: then the pool itself hangs
BREAKS = 3  # in a row, without a single answer
NO_ROOM = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.ENOENT)

# pebble looks at the wall clock: were it set forward, every page under way would be given up.
pebble.pool.process.time = SimpleNamespace(time=time.monotonic, sleep=time.sleep)


class PageOutcome(NamedTuple):
    """A page's result. key: that of its task. total: rows of the file in pages.csv."""

    key: int
    total: int
    result: PageResult


class Pool:
    """As many worker processes as `usable_jobs` says, started with the first task.

    passwords: tried on encrypted PDFs. load: called once in each worker, gives the function that
    reads pages there. Leaving the context kills the workers at once, whatever they are doing.
    """

    def __init__(self, settings: Settings, passwords: tuple[str, ...] = (),
                 load: Load = load_reader):
        self._settings = settings
        self._job = (load, settings, passwords)
        self._jobs = usable_jobs(settings)
        self._pool: ProcessPool | None = None
        self._breaks = 0
        self._on_exit = ExitStack()

    def __enter__(self) -> Pool:
        self._on_exit.enter_context(_environment(ONE_THREAD))
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        self._on_exit.close()

    def read_all(self, tasks: Iterable[Task]) -> Iterator[PageOutcome]:
        """The outcome of every page of the tasks, in the order in which they finish.

        Takes a task when there is room for it: at most 2 runs of pages per worker are under way.
        Raises ScanprocError (ModelError among them) where no worker can read any page.
        """
        waiting: deque[Iterator[Run]] = deque([chain.from_iterable(map(first_runs, tasks))])
        ready: list[Run] = []
        flying: dict[Future, Run] = {}
        while True:
            ready += islice(_drawn(waiting), 2 * self._jobs - len(flying) - len(ready))
            if not ready and not flying:
                return
            try:
                while ready:
                    future = self._submit(ready[0])
                    flying[future] = ready.pop(0)
                done = self._wait(flying)
            except (RuntimeError, OSError) as error:  # the first is pebble's for a broken pool
                ready += flying.values()
                flying.clear()
                self._restart(error)
                continue
            for future in done:
                run = flying.pop(future)
                total, runs, results = self._next(run, future)
                waiting.appendleft(iter(runs))
                for result in results:
                    yield PageOutcome(run.task.key, total, result)

    def _submit(self, run: Run) -> Future:
        with _unheard_ctrl_c():  # the first run starts the processes
            if self._pool is None:
                self._pool = ProcessPool(self._jobs, context=_context())
            return self._pool.schedule(read_run, (run, *self._job), timeout=self._limit_s(run))

    def _limit_s(self, run: Run) -> float:
        return self._settings.page_timeout_s * (1 if run.counting else run.count)

    def _wait(self, flying: dict[Future, Run]) -> set[Future]:
        """The runs that have ended, at least one. Raises RuntimeError if the pool is broken.

        A worker killed at the wrong moment leaves pebble's locks held: hence the clock.
        """
        patience = time.monotonic() + max(map(self._limit_s, flying.values())) + STALL_S
        done: set[Future] = set()
        while not done:
            done, _ = wait(flying, timeout=1, return_when=FIRST_COMPLETED)
            if not done and (not self._pool.active or time.monotonic() > patience):
                raise BrokenProcessPool
        for future in done:
            if isinstance(future.exception(), BrokenProcessPool):
                raise future.exception()
        self._breaks = 0
        return done

    def _next(self, run: Run, future: Future) -> Next:
        error = future.exception()
        if isinstance(error, TimeIsUp):
            return after_fault(run, Fault("timeout", "reading it took longer than page_timeout_s = "
                                          f"{self._settings.page_timeout_s:g} allows"))
        if isinstance(error, ProcessExpired):
            return after_fault(run, Fault("crashed", _cause(error.exitcode)))
        if error is not None:
            raise error
        return after_answer(run, *future.result())

    def _restart(self, error: Exception) -> None:
        self._breaks += 1
        self._stop()
        if self._breaks == BREAKS:
            raise _unfit(error) from error

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None


def _context() -> multiprocessing.context.BaseContext:
    if os.name == "nt":
        return multiprocessing.get_context("spawn")
    multiprocessing.set_forkserver_preload(["__main__", "scanproc.batch.nursery"])
    return multiprocessing.get_context("forkserver")


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
    if exitcode == -getattr(signal, "SIGKILL", 9):
        return "the process reading it was killed twice, probably because memory ran out"
    how = signal.strsignal(-exitcode) if exitcode < 0 else f"exit code {exitcode}"
    return f"the process reading it died twice ({how})"


def _unfit(error: Exception) -> ScanprocError:
    """Why no worker can be had, for a clerk."""
    cause = error if isinstance(error, OSError) else error.__cause__
    if not isinstance(cause, OSError):
        return ScanprocError("the processes that read pages end before they have read one; see "
                             "what 'scanproc doctor' says, and whether memory is free")
    words = f"the processes that read pages cannot be started: {cause.strerror or cause}"
    if cause.errno in NO_ROOM:
        return OutputError(f"{words}; make room for temporary files, in /tmp or where TMPDIR says, "
                           "and in /dev/shm, then run again")
    return ScanprocError(f"{words}; see what 'scanproc doctor' says, then run again")


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


@contextmanager
def _unheard_ctrl_c() -> Iterator[None]:
    """Processes started here never hear Ctrl-C: it is this process that decides what it means."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # on its start it would let Ctrl-C in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
