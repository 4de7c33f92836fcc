"""The log of the runs: a file that grows by one line of JSON for each event.

    {"time": "2026-11-21T02:30:07.113+01:00", "run": 12, "event": "refused", "file": "a.pdf", ...}

A line goes out in one write to the end of the file, which is opened anew for it: so lines of two
programs never mix, and a file that logrotate has moved away is followed by a new one.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from scanproc.batch.folder import Found, printable, shown
from scanproc.errors import UsageError
from scanproc.records import PageResult

# never waits for the reader of a pipe; what the other flags say is not on every system
FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0) | getattr(
    os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


class Log:
    """Writes what happens in one run. No method raises for a log that cannot be written.

    path: the file, empty for none. say: told once of a log that cannot be written.
    `run` is the number of the run, None before it has begun.
    """

    def __init__(self, path: str = "", say: Callable[[str], None] = print):
        self.run: int | None = None
        self._path = path
        self._say = say
        self._failed = False

    def began(self, run: int, inputs: Sequence[Path], found: Found) -> None:
        """A run began; what it will not read is told at once."""
        self.run = run
        self.write("began", inputs=[shown(path) for path in inputs], found=len(found.scans))
        for kind, count in found.skipped.items():
            self.write("skipped", kind=kind, files=count)
        for folder in found.unlisted:
            self.write("unlisted", folder=folder)

    def page(self, file: str, result: PageResult) -> None:
        """A page is recorded; its status is the event. result: with `review` set."""
        if result.reason:
            facts = {"reason": result.reason, "words": printable(result.words)}
        else:
            facts = {"numbers": len(result.numbers),
                     "review": sum(number.review for number in result.numbers)}
        self.write(result.status, file=file, page=result.page, **facts)

    def ended(self, facts: Mapping[str, Any]) -> None:
        """A run ended, or could not begin. facts: what is known of it, for JSON."""
        self.write("ended", **facts)

    def write(self, event: str, **facts: Any) -> None:
        """Adds a line."""
        if not self._path:
            return
        time = datetime.now().astimezone().isoformat(timespec="milliseconds")
        try:
            _append(self._path, line({"time": time, "run": self.run, "event": event, **facts}))
        except OSError as error:
            if not self._failed:
                self._say(f"log {shown(Path(self._path))} cannot be written: {error.strerror}; "
                          "the run goes on without it")
            self._failed = True


def check(path: str, inputs: Sequence[Path], out: Path) -> None:
    """Raises UsageError where the log would be a scan, or a file that `out` lives by."""
    if not path:
        return
    if "\0" in path:
        raise UsageError(f"setting 'log': {path!r} names no file")
    place = Path(os.path.realpath(path))
    for given in inputs:
        if place.is_relative_to(os.path.realpath(given)):
            raise UsageError(f"log {shown(Path(path))} lies in the input {shown(given)}; choose "
                             "a file outside the scans")
    from scanproc.batch.export import refuse_own  # heavy, and seldom needed
    refuse_own(Path(path), out)


def line(facts: Mapping[str, Any]) -> bytes:
    """The facts as one line of JSON, in ASCII: no sign in a name can break it."""
    return json.dumps(facts).encode("ascii") + b"\n"


def _append(path: str, data: bytes) -> None:
    """Adds the bytes at the end of a file, all or none of them."""
    descriptor = os.open(path, FLAGS, 0o666)
    try:
        written = os.write(descriptor, data)
        if written < len(data):  # the disk is full; a piece would run together with the next line
            end = os.lseek(descriptor, 0, os.SEEK_CUR)
            if end == os.fstat(descriptor).st_size:
                os.ftruncate(descriptor, end - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    finally:
        os.close(descriptor)
