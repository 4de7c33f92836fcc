"""Worker processes: files in, results of pages out, and nothing a page does ends the run.

The processes come from pebble: when one dies or runs out of time, the run it worked on is told
from all others. They are started by a fork server (never forked from this process: OpenCV hangs
after it), or anew where there is none.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures import TimeoutError as TimeIsUp
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from itertools import chain, islice
from multiprocessing import resource_tracker
from typing import NamedTuple

from pebble import ProcessExpired, ProcessPool

from scanproc.batch.machine import usable_jobs
from scanproc.batch.runs import Fault, Next, Run, Task, after_answer, after_fault, first_runs
from scanproc.batch.worker import Load, load_reader, read_run
from scanproc.errors import ScanprocError
from scanproc.records import PageResult
from scanproc.settings import Settings

__all__ = ["PageOutcome", "Pool", "Task"]

KILLED = -getattr(signal, "SIGKILL", 9)
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
STALL_S = 30.0  # beyond a run's own limit: then the pool itself hangs
BREAKS = 3  # in a row, without a single answer
SOCKET_PATH = 104 - len("/pymp-12345678/listener-12345678")  # bytes; Linux takes four more


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
                while ready and _may_go(ready[0], flying):
                    future = self._submit(ready[0])
                    flying[future] = ready.pop(0)
                done = self._wait(flying)
            except RuntimeError as broken:  # so say pebble and the standard library of a pool
                ready += flying.values()
                flying.clear()
                self._restart(broken)
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
            timeout = None if hasattr(signal, "setitimer") else self._limit_s(run)
            try:
                return self._pool.schedule(read_run, (run, *self._job), timeout=timeout)
            except OSError as error:
                raise ScanprocError(
                    f"no process that reads pages can be started: {error.strerror}; this account "
                    "must be able to write to /dev/shm and to open files") from error

    def _limit_s(self, run: Run) -> float:
        """Seconds that a run may take; a worker itself sees to those of each page."""
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
        if any(isinstance(future.exception(), BrokenProcessPool) for future in done):
            raise BrokenProcessPool
        self._breaks = 0
        return done

    def _next(self, run: Run, future: Future) -> Next:
        error = future.exception()
        exitcode = error.exitcode if isinstance(error, ProcessExpired) else 0
        if isinstance(error, TimeIsUp) or exitcode == -getattr(signal, "SIGALRM", 14):
            return after_fault(run, Fault("timeout", "reading it took longer than page_timeout_s = "
                                          f"{self._settings.page_timeout_s:g} allows"))
        if exitcode:
            return after_fault(run, Fault("crashed", _cause(exitcode), exitcode == KILLED))
        if error is not None:
            raise error
        return after_answer(run, *future.result())

    def _restart(self, broken: RuntimeError) -> None:
        self._breaks += 1
        self._stop()
        if self._breaks == BREAKS:
            cause = f" ({broken.__cause__})" if broken.__cause__ else ""
            raise ScanprocError("the processes that read pages end before they have read one"
                                f"{cause}; see what 'scanproc doctor' says, and whether memory is "
                                "free")

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None


def _context() -> multiprocessing.context.BaseContext:
    if os.name == "nt" or not _has_room_for_a_socket():
        return multiprocessing.get_context("spawn")
    multiprocessing.set_forkserver_preload(["__main__", "scanproc.batch.nursery"])
    return multiprocessing.get_context("forkserver")


def _has_room_for_a_socket() -> bool:
    """Whether a fork server can be spoken to: through a socket in the temporary folder."""
    try:
        return len(os.fsencode(tempfile.gettempdir())) <= SOCKET_PATH
    except FileNotFoundError:  # no folder may be written to
        return False


def _may_go(run: Run, flying: dict[Future, Run]) -> bool:
    """Whether a run may start beside those that are under way."""
    return not flying or not (run.alone or any(other.alone for other in flying.values()))


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
