"""What a person at a terminal sees while a run works. In cron: nothing."""

from __future__ import annotations

import sys
import time
from typing import Protocol

import click

from scanproc.records import PageResult


class Progress(Protocol):
    """Is told of every page."""

    def start(self, expected: int) -> None:
        """Before the first page. expected: how many there will be, as far as can be known."""

    def step(self, result: PageResult, expected: int) -> None:
        """A page is recorded. result: with `review` set. expected: as far as is known now."""

    def finish(self) -> None:
        """After the last page, or when the run is stopped."""


class Silent:
    """Shows nothing."""

    def start(self, expected: int) -> None:
        """Nothing."""

    def step(self, result: PageResult, expected: int) -> None:
        """Nothing."""

    def finish(self) -> None:
        """Nothing."""


class Bar:
    """A bar on stderr: pages, pages per second, time left, how many numbers are for review."""

    def start(self, expected: int) -> None:
        """Shows the empty bar."""
        self._review = 0
        self._began = time.monotonic()
        self._bar = click.progressbar(
            length=expected, show_pos=True, show_percent=False, file=sys.stderr,
            item_show_func=lambda _: self._text(), update_min_steps=1)
        self._bar.render_progress()

    def step(self, result: PageResult, expected: int) -> None:
        """Moves it on by one page."""
        self._review += sum(number.review for number in result.numbers)
        self._bar.length = max(expected, self._bar.pos + 1)
        self._bar.update(1)

    def finish(self) -> None:
        """Leaves the bar as it stands, and the cursor below it."""
        self._bar.render_finish()

    def _text(self) -> str:
        seconds = max(time.monotonic() - self._began, 1e-3)
        return f"{self._bar.pos / seconds:.1f} pages/s, {self._review} for review"


def for_terminal() -> Progress:
    """A bar if stderr is a terminal, else nothing."""
    return Bar() if sys.stderr.isatty() else Silent()
