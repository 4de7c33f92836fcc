"""The road of a page as it is, but for the pages that a file names behind its end.

A line `segfault 7 23` there has that fault happen on these pages, where the variable FAULT says
`segfault`. BOOK names a file that is kept of what the workers begin and end.
"""

import importlib
import os
import time
from pathlib import Path

from scanproc.batch.worker import load_reader


def load(settings, passwords):
    fault = os.environ["FAULT"]
    deed = importlib.import_module(f"faults.{fault}").deed
    read = load_reader(settings, passwords)

    def sabotaged(data, first, count, before):
        bad = data.rpartition(f"\n{fault} ".encode())[2].partition(b"\n")[0].split()

        def turn(page):
            before(page)
            if str(page).encode() in bad:
                note("bad", page)
                deed()
        note("begin", first)
        answer = read(data, first, count, before=turn)
        note("end", first)
        return answer
    return sabotaged


def note(what, page):
    """A line in the file that the variable BOOK names: event, page, process, seconds."""
    with Path(os.environ["BOOK"]).open("a", encoding="utf-8") as book:
        book.write(f"{what} {page} {os.getpid()} {time.monotonic()}\n")
