"""The three standard streams, also where whoever started the program has closed them.

A file opened next would get the number of a closed stream, and what native code prints there
would be written into it: into the ledger, say.
"""

from __future__ import annotations

import os
import sys


def fill_closed() -> None:
    """Opens `os.devnull` in place of each standard stream that is closed: nobody listens there."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
