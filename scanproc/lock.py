"""One run, or one training, at a time on one output folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from scanproc.batch.folder import shown
from scanproc.errors import HeldError, OutputError

FILE = "scanproc.db.lock"


@contextmanager
def held(out: Path, file: str = FILE, work: str = "run") -> Iterator[None]:
    """Holds `out`, which is made if need be; the system lets go of it when the holder dies.

    file: what is locked there; it stays, since to remove a lock file is to give it to two.
    work: what the holder does, in a word. Raises HeldError at once where another holds it,
    OutputError where it cannot be written or locked.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = FileLock(out / file, timeout=0)
        lock.acquire()
    except Timeout as error:
        raise HeldError(f"another {work} works on {shown(out)}; wait until it has ended") from error
    except (OSError, NotImplementedError) as error:  # the second: a file system without locks
        cause = getattr(error, "strerror", None) or error
        raise OutputError(f"output folder {shown(out)} cannot be written: {cause}; choose "
                          "another --out or change who may write there") from error
    try:
        yield
    finally:
        lock.release()
