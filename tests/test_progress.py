"""A bar where a person looks on, nothing where nobody does."""

import io
import sys
from dataclasses import replace

from fakes import result

from scanproc.batch import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_bar_shows_pages_speed_time_and_review(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    bar = progress.for_terminal()
    bar.start(2)
    numbers = result(1, "read", "1", "2").numbers
    page = replace(result(1, "read"), numbers=tuple(
        replace(number, review=True) for number in numbers))
    bar.step(page, 2)
    bar.step(page, 40)  # a file turned out to be long
    bar.finish()
    shown = terminal.getvalue().split("\r")[-1]
    assert "2/40" in shown and "pages/s" in shown and "4 for review" in shown
    assert shown.endswith("\n") or terminal.getvalue().endswith("\n")


def test_a_bar_that_is_told_too_little_never_runs_over(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    bar = progress.for_terminal()
    bar.start(1)
    for page in range(1, 4):
        bar.step(result(page, "blank"), 1)
    bar.finish()
    assert "3/3" in terminal.getvalue()


def test_in_cron_nothing_is_shown(capsys):
    shown = progress.for_terminal()
    shown.start(1)
    shown.step(result(1, "blank"), 1)
    shown.finish()
    assert capsys.readouterr() == ("", "")
