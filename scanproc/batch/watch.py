"""Folders that scanners drop into: looked at again and again, a run begun where something is new.

A network share tells nobody of a new file, so the folders are listed, every so many seconds. A
file is read when two listings in a row show it with the same size and times. Where nothing is
new, nothing is written and no run begins.

    a scan that the ledger does not know so       a run
    a page whose failure may pass                 a run RETRY_POLLS later, TRIES in all
    the CSV is behind (a run was killed)          a run
    an input is not there, or DIR any more        said once, and waited for
    another run holds DIR, or it takes no more    said once, and tried again at the next listing
    anything else that ends a run                 ends the watch
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scanproc.batch import folder, ledger, run
from scanproc.batch.folder import Stamp, shown
from scanproc.errors import HeldError, OutputError, TooManyFailures, UsageError
from scanproc.settings import Settings

RETRY_POLLS = 20


@dataclass(frozen=True)
class Tried:
    """A file that was given to a run and is not settled. since: polls."""

    stamp: Stamp
    times: int
    since: int


class Watch:
    """What was seen of the folders, from one poll to the next.

    settings: asked for whenever the ledger is. begin: runs over those scans for which the function
    given to it says so. say: tells a person. at_once: a run begins at the second poll, whether
    there is something new or not.
    """

    def __init__(self, inputs: Sequence[Path], out: Path, settings: Callable[[], Settings],
                 begin: Callable[[run.Still], object], say: Callable[[str], None],
                 at_once: bool = False):
        self._inputs, self._out = inputs, out
        self._settings, self._begin, self._say = settings, begin, say
        self._due = at_once
        self._said = ""
        self._polls = 0
        self._seen: dict[bytes, Stamp] = {}
        self._settled: dict[bytes, Stamp] | None = None  # what the ledger said, once it was asked
        self._tried: dict[bytes, Tried] = {}
        self._ledger_seen = False

    def forever(self, every_s: float) -> None:
        """Polls until an exception ends it: an error that does not pass, or a signal."""
        while True:
            self.poll()
            time.sleep(every_s)

    def poll(self) -> None:
        """Looks at the folders once, and runs where there is something to do.

        Raises UsageError, ModelError, LedgerError, and whatever else of `begin` does not pass.
        """
        problem = self._look()
        if problem and problem != self._said:
            self._say(problem)
        self._said = problem

    def _look(self) -> str:
        """What stands in the way, in words; empty for nothing."""
        try:
            listed = self._listed()
            if self._ledger_seen and not self._ledger_there():
                raise _Away(f"{shown(self._out)} holds no {ledger.FILE} any more; waiting for it "
                            "(where it was removed on purpose, start the watch again)")
            still = {path: stamp for path, stamp in listed.items()
                     if self._seen.get(path) == stamp}
            self._seen = listed
            self._polls += 1
            if self._polls > 1 and self._wanted(still):
                self._run(still)
        except (_Away, HeldError, OutputError) as error:
            return str(error)
        return ""

    def _listed(self) -> dict[bytes, Stamp]:
        """Every scan in the inputs. Raises _Away, UsageError."""
        try:
            folder.check(self._inputs, self._out)
            return {scan.path: scan.stamp for scan in folder.scans(self._inputs).scans}
        except (UsageError, OSError):
            self._raise_if_away()
            raise

    def _raise_if_away(self) -> None:
        for path in self._inputs:
            if not os.path.exists(path):  # noqa: PTH110 (a Path raises where a share hangs)
                raise _Away(f"input {shown(path)} is not there; waiting for it")

    def _wanted(self, still: dict[bytes, Stamp]) -> bool:
        """Whether a run has something to do."""
        if not self._due and (self._settled is None or self._new(still)):
            self._ask()  # another run may have read it in the meantime
        return self._due or self._new(still)

    def _new(self, still: dict[bytes, Stamp]) -> bool:
        return any(self._settled.get(path) != stamp and self._may_try(path, stamp)
                   for path, stamp in still.items())

    def _may_try(self, path: bytes, stamp: Stamp) -> bool:
        tried = self._tried.get(path)
        return (tried is None or tried.stamp != stamp
                or tried.times < ledger.TRIES and self._polls - tried.since >= RETRY_POLLS)

    def _ask(self) -> None:
        """What the ledger says now."""
        self._ledger_seen = self._ledger_there()
        settled = run.settled(self._out, self._settings()) if self._ledger_seen else {}
        self._due = settled is None
        self._settled = settled or {}

    def _ledger_there(self) -> bool:
        """Whether there is one; where a disk was full when it was made, it has no bytes."""
        try:
            return (self._out / ledger.FILE).stat().st_size > 0
        except OSError:
            return False

    def _run(self, still: dict[bytes, Stamp]) -> None:
        """A run over what stands still. Raises _Away, and what `begin` raises."""
        try:
            self._begin(lambda scan: still.get(scan.path) == scan.stamp)
        except TooManyFailures as failures:  # all is recorded
            self._say(str(failures))
        except UsageError:
            self._raise_if_away()
            raise
        self._ask()
        self._tried = {path: Tried(stamp, self._times(path, stamp) + 1, self._polls)
                       for path, stamp in still.items() if self._settled.get(path) != stamp}

    def _times(self, path: bytes, stamp: Stamp) -> int:
        tried = self._tried.get(path)
        return tried.times if tried and tried.stamp == stamp else 0


class _Away(Exception):
    """Something that may come back is not there."""
