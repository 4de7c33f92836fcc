"""One run at a time on one output folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from scanproc.batch.folder import shown
from scanproc.errors import HeldError, OutputError

FILE = "scanproc.db.lock"


@contextmanager
def held(out: Path) -> Iterator[None]:
    """Holds `out`, which is made if need be; the system lets go of it when the holder dies.

    Raises HeldError at once where another run holds it, OutputError where it cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = FileLock(out / FILE, timeout=0)
        lock.acquire()
    except Timeout as error:
        raise HeldError(f"another run works on {shown(out)}; wait until it has ended") from error
    except (OSError, NotImplementedError) as error:
        cause = getattr(error, "strerror", None) or error
        raise OutputError(f"output folder {shown(out)} cannot be written: {cause}; choose "
                          "another --out or change who may write there") from error
    try:
        yield
    finally:
        lock.release()
