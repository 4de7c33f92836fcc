"""A worker process as its parent sees it: with a pipe of its own.

What a worker had under way when it died is therefore known for sure, and nothing that it held is
held by another. Processes are started by a fork server (never forked from this process: OpenCV
hangs after it), or anew where there can be none.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from typing import Any

from scanproc.batch.runs import Run
from scanproc.batch.worker import Message, serve

START_S = 120.0  # to start, to load the network, and to take what was given
GONE_S = 5.0  # for the system to clear a process away
SOCKET_PATH = 104 - len("/pymp-12345678/listener-12345678")  # bytes; Linux takes four more


class Child:
    """A worker process. run: what it was given and has not answered, else None.

    job: what `serve` takes beside the pipe. Raises OSError or EOFError if none can be started.
    """

    def __init__(self, *job: Any):
        self.run: Run | None = None
        self.taken = False  # whether it has said that it begins with the run
        self.overdue = False
        self._due = 0.0
        context = _context()
        self._pipe, far = context.Pipe()
        with far:
            self._process = context.Process(target=serve, args=(far, *job), daemon=True)
            with _unheard_ctrl_c():
                self._process.start()

    def give(self, run: Run) -> None:
        """Hands over a run. Raises OSError if the process is dead."""
        self._pipe.send(run)
        self.run, self.taken = run, False
        self._due = time.monotonic() + START_S

    def begins(self, seconds: float) -> None:
        """It has taken the run, and is overdue in so many seconds."""
        self.taken = True
        self._due = time.monotonic() + seconds

    def hear(self) -> Message:
        """What it says. Raises EOFError if it died, or is overdue: nothing more is to come."""
        if self.overdue:
            raise EOFError
        try:
            return self._pipe.recv()
        except Exception as error:
            raise EOFError from error

    def end(self, dying: bool = False) -> int:
        """Kills the process, unless it is dying anyway, and gives its exit code.

        255 where nobody knows, since the fork server died as well.
        """
        if dying:
            self._process.join(GONE_S)
        self._process.kill()
        self._process.join(GONE_S)
        code = self._process.exitcode
        self._pipe.close()
        if code is not None:
            self._process.close()  # should it live on, this ends it: see `cage.end_with_parent`
        return 255 if code is None else code

    @staticmethod
    def speaking(children: list[Child]) -> list[Child]:
        """Of children that have a run, those that say something, died, or are overdue now.

        Waits until there is one.
        """
        while True:
            earliest = min(child._due for child in children)
            pipes = wait([child._pipe for child in children], max(0, earliest - time.monotonic()))
            if pipes:
                return [child for child in children if child._pipe in pipes]
            now = time.monotonic()
            for child in children:
                child.overdue = child._due <= now
            if overdue := [child for child in children if child.overdue]:
                return overdue


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
