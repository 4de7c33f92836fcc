"""How far a training is: on a terminal one line kept up to date, else now and then a line."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import click

LINES = 10      # of each step, where stderr is no terminal


class Steps:
    """The steps of a training, one after the other."""

    def __init__(self, count: int) -> None:
        self.count, self.at = count, 0

    def next(self, name: str, whole: int) -> Callable[..., None]:
        """The function to be called as a step goes on: with how much of `whole` is done.

        What else it is called with is the loss and the share of images answered right.
        """
        self.at += 1
        return _Step(f"step {self.at} of {self.count}, {name}", whole)


class _Step:
    def __init__(self, name: str, whole: int) -> None:
        self.name, self.whole, self.told, self.first = name, whole, 0, 0
        self.started = 0.0

    def __call__(self, done: int, loss: float | None = None, right: float | None = None) -> None:
        now = time.monotonic()
        if not self.started:  # the first part counts as nothing: it may be one kept from before
            self.started, self.first = now, done
        left_s = (now - self.started) / max(1, done - self.first) * (self.whole - done)
        line = f"{self.name}: {done / self.whole:.0%}"
        if right is not None:
            line += f", loss {loss:.4f}, {right:.2%} of the distorted images right"
        if done > self.first:
            line += f", {left_s // 60:.0f} min {left_s % 60:.0f} s left"
        if sys.stderr.isatty():
            click.echo(f"\r{line:<100}", err=True, nl=done == self.whole)
        elif done * LINES // self.whole > self.told or done == self.whole:
            self.told = done * LINES // self.whole
            click.echo(line, err=True)
