"""Damage in Group 4 data, which libtiff decodes to garbage or white without failing.

Each line is coded as what differs from the one before it, and no mark lets a decoder start again
(ITU-T T.6), so one wrong bit spoils the rest of the page. Two signs of it are left: what libtiff
prints on standard error, and runs of zeros, which no sequence of codes has.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

GROUP_4 = 4  # of the TIFF tag Compression

_COMPLAINT = b"Fax4Decode"
_ZEROS = bytes(3)  # codes end with 3 zero bits at most, and begin with 11 at most
_END = "000000000001" * 2
_PADDING = 16  # so many zero bytes may follow data without its end mark
_HEARD_BYTES = 1 << 16
_ONE_LISTENER = threading.Lock()  # standard error is one for all threads


def is_plausible(strip: bytes) -> bool:
    """May these bytes be Group 4 data, in either order of bits?"""
    data = strip.rstrip(b"\0")
    return _ZEROS not in data and (len(strip) - len(data) <= _PADDING or _has_end(data))


@contextmanager
def listening() -> Iterator[None]:
    """Raises ValueError where libtiff complains, while within it, of Group 4 data."""
    if sys.platform == "win32":  # libraries there have a standard error of their own
        yield
        return
    with _ONE_LISTENER, _overheard() as heard:
        yield
    if _COMPLAINT in b"".join(heard):
        raise ValueError("libtiff met codes that do not exist")


@contextmanager
def _overheard() -> Iterator[list[bytes]]:
    """A list that holds, in the end, what was written to standard error within it."""
    heard: list[bytes] = []
    listener, speaker = os.pipe()
    for end in (listener, speaker):  # what the pipe cannot hold is lost: some words are enough
        os.set_blocking(end, False)
    stderr = os.dup(2)
    os.dup2(speaker, 2)
    os.close(speaker)
    try:
        yield heard
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        with suppress(BlockingIOError):  # a child of this process holds the other end, unused
            heard.append(os.read(listener, _HEARD_BYTES))
        os.close(listener)


def _has_end(data: bytes) -> bool:
    tail = [f"{byte:08b}" for byte in data[-4:]]
    orders = "".join(tail), "".join(bits[::-1] for bits in tail)
    return any(bits.rstrip("0").endswith(_END) for bits in orders)
