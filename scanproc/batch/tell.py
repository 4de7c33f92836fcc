"""A run that somebody wants to hear of: its end goes to the log and to a command.

The command is started without a shell when the run has let go of DIR, and gets on standard input

    {"run": 12, "dir": "/srv/results", "exit_code": 1, "words": "3 pages read, ...", "pages": ...}

What it prints goes to standard error; how it ends changes nothing.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from scanproc.batch import log
from scanproc.batch.folder import printable, shown
from scanproc.batch.run import run as read_into
from scanproc.batch.summary import Summary
from scanproc.errors import HeldError, UsageError
from scanproc.settings import Settings

LIMIT_S = 60
STDERR = 2


class Teller:
    """Runs, and tells how each ended.

    say: told in a line what of the telling failed. watching: a watch goes on trying, so nothing
    is told where another run holds DIR, and the command hears only of runs that read something, of
    a failure once, and when it is over.
    """

    def __init__(self, say: Callable[[str], None], watching: bool = False):
        self._say = say
        self._watching = watching
        self._failure = ""

    def run(self, inputs: Sequence[Path], out: Path, settings: Settings, **options: Any) -> Summary:
        """As `batch.run.run`, with the log and the command that the settings name.

        Raises what that raises, and UsageError where these settings cannot be used. One that is
        interrupted is told to the log alone: it has to end at once.
        """
        check(inputs, out, settings)
        command = shlex.split(settings.on_finish)
        book = log.Log(settings.log, self._say)
        facts: dict[str, Any] = {"dir": shown(out)}
        try:
            summary = read_into(inputs, out, settings, log=book, **options)
        except KeyboardInterrupt as stop:
            book.ended(facts | {"exit_code": getattr(stop, "exit_code", 130), "words": "stopped"})
            raise
        except Exception as error:  # a fault of this program is told as well
            known = dict(getattr(error, "summary", {}))
            facts |= known | {"exit_code": getattr(error, "exit_code", 1),
                              "words": printable(str(error) or repr(error))}
            if not (self._watching and isinstance(error, HeldError)):
                self._ended(book, command, facts)
            raise
        self._ended(book, command, facts | summary.as_dict() | {"words": summary.line()})
        return summary

    def _ended(self, book: log.Log, command: Sequence[str], facts: Mapping[str, Any]) -> None:
        book.ended(facts)
        failure = "" if "pages" in facts else facts["words"]
        news = facts.get("pages") or failure != self._failure
        self._failure = failure
        if command and (news or not self._watching):
            self._start(command, log.line({"run": book.run, **facts}))

    def _start(self, command: Sequence[str], message: bytes) -> None:
        try:
            ended = _given(command, message)
        except subprocess.TimeoutExpired:
            cause = f"did not end within {LIMIT_S} s and was stopped"
        except (OSError, ValueError) as error:  # ValueError: a NUL in a word
            cause = f"could not be started: {getattr(error, 'strerror', None) or error}"
        else:
            cause = f"failed with exit code {ended}" if ended else ""
        if cause:
            self._say(f"on_finish command '{printable(command[0])}' {cause}")


def check(inputs: Sequence[Path], out: Path, settings: Settings) -> None:
    """Raises UsageError where the settings `log` and `on_finish` cannot be used."""
    log.check(settings.log, inputs, out)
    try:
        shlex.split(settings.on_finish)
    except ValueError as error:
        raise UsageError(f"setting 'on_finish' cannot be parted into words: {error}; close the "
                         f"quotes in {settings.on_finish!r}") from error


def _given(command: Sequence[str], message: bytes) -> int:
    """Exit code of the command that was given the message; it and its children end in time."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=STDERR,
                               start_new_session=True)
    try:
        process.communicate(message, timeout=LIMIT_S)
    except BaseException:
        _kill(process)
        raise
    return process.returncode


def _kill(process: subprocess.Popen) -> None:
    """With all that it has started."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
