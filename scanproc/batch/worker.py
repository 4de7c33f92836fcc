"""What a worker process does: open one file, check it, read some of its pages; and again.

    the file cannot be opened, or is another one    every page asked for is `refused`
    the pictures of a page cannot be written        the run ends
    Python raises on a page                         that page is `crashed`
    the page wants more than `page_memory_mb`       that page is `refused`, `too_large`
    a page takes longer than `page_timeout_s`       the process ends (`cage.end_in`)
    the process dies                                the parent sees to it (`workers`, `runs`)
"""

from __future__ import annotations

import errno
import functools
import hashlib
import os
import signal
import stat
import traceback
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import PurePath

from scanproc.batch import cage, opening
from scanproc.batch.folder import A_LINK_NOW, WRITTEN_TO
from scanproc.batch.runs import Run
from scanproc.errors import OutputError, Refused, ScanprocError
from scanproc.records import PageResult
from scanproc.settings import Settings

MB = 1_000_000
OPENCV_NO_MEMORY = -4  # cv2.Error.StsNoMem

Answer = tuple[int, list[PageResult]]  # rows of the file in pages.csv, results
Read = Callable[..., Answer]  # the file's bytes, first page, how many; hooks of `read_pages`
Load = Callable[[Settings, tuple[str, ...]], Read]
Message = Answer | ScanprocError | None  # of a run: what came of it, or that it is begun


def load_reader(settings: Settings, passwords: tuple[str, ...]) -> Read:
    """The road of a page with its network. Raises ModelError."""
    import cv2

    from scanproc.page import read

    cv2.setNumThreads(1)
    network = read.load(settings.model)
    return functools.partial(read.read_pages, settings=settings, network=network,
                             passwords=passwords)


def serve(pipe: Connection, load: Load, settings: Settings, passwords: tuple[str, ...]) -> None:
    """The life of a worker: runs come through the pipe and messages go back, until it is closed.

    A run that no page can be read of, here or anywhere, is answered with a ScanprocError.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            run = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            read = _reader(load, settings, passwords)
            pipe.send(None)
            message: Message = read_run(run, read, settings)
        except ScanprocError as error:
            message = error
        except MemoryError:
            raise  # what pages before this one left behind: a new process tries it again
        except Exception as error:
            message = _unusable(error)
        pipe.send(message)
        cage.end_in(0)


def read_run(run: Run, read: Read, settings: Settings) -> Answer:
    """The rows of the file and the results of the run's pages; of no page if it is counting.

    The process ends by itself when a page takes too long: until `cage.end_in` is told otherwise.
    Bad input never raises. Raises OutputError where pictures cannot be written.
    """
    def limit(_: int = 0) -> None:
        cage.end_in(settings.page_timeout_s)

    limit()
    read = functools.partial(read, before=limit)
    if run.task.draw:
        read = functools.partial(read, seen=run.task.draw)
    try:
        data = read_file(run.task.path, run.task.sha256, settings.max_file_mb)
    except (Refused, MemoryError) as error:
        return run.total or run.pages[-1], [_fault(page, error, settings) for page in run.pages]
    return _guarded(read, data, run, settings)


def read_file(path: bytes, sha256: str, max_file_mb: float) -> bytes:
    """The bytes of a regular file that hash to `sha256`. Raises Refused.

    Opened once, no link on the way followed, never waiting for a pipe or device to speak.
    """
    try:
        descriptor = opening.descriptor(path)
        try:
            data = _content(descriptor, max_file_mb)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _refusal(error) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Refused("changed", WRITTEN_TO)
    return data


def _content(descriptor: int, max_file_mb: float) -> bytes:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise Refused("changed", "it is not a file any more")
    if status.st_size > max_file_mb * MB:
        raise Refused("too_large", f"the file has {status.st_size / MB:.1f} MB, more than "
                                   f"max_file_mb = {max_file_mb:g} allows")
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        return file.read(status.st_size + 1)  # a byte more, if it grows: then the hash differs


@functools.lru_cache(maxsize=1)
def _reader(load: Load, settings: Settings, passwords: tuple[str, ...]) -> Read:
    """Once in the life of a worker; memory is limited when everything that stays is there."""
    cage.hush()
    cage.obey()
    cage.end_with_parent()
    try:
        read = load(settings, passwords)
    except ScanprocError:
        raise
    except Exception as error:
        raise _unusable(error) from error
    cage.limit_memory(settings.page_memory_mb)
    return read


def _unusable(error: Exception) -> ScanprocError:
    return ScanprocError(f"no page can be read here ({type(error).__name__}: {error}); "
                         "see what 'scanproc doctor' says")


def _guarded(read: Read, data: bytes, run: Run, settings: Settings) -> Answer:
    """As `read`; where Python raises, the pages go one by one and only the guilty one is blamed."""
    try:
        return read(data, run.first, 0 if run.counting else run.count)
    except OutputError:
        raise
    except Exception as error:
        results = [_fault(page, error, settings) for page in run.pages]
    total = run.total or _count(read, data) or run.pages[-1]
    if run.count == 1 or run.counting:
        return total, results
    pages = [replace(run, first=page, count=1, total=total) for page in run.pages if page <= total]
    return total, [result for page in pages for result in _guarded(read, data, page, settings)[1]]


def _count(read: Read, data: bytes) -> int:
    try:
        return read(data, 1, 0)[0]
    except Exception:
        return 0


def _fault(page: int, error: Exception, settings: Settings) -> PageResult:
    if isinstance(error, Refused):
        return PageResult(page, "refused", error.reason, error.words)
    if isinstance(error, MemoryError) or getattr(error, "code", None) == OPENCV_NO_MEMORY:
        words = f"reading it takes more than page_memory_mb = {settings.page_memory_mb} allows"
        return PageResult(page, "refused", "too_large", words)
    place = traceback.extract_tb(error.__traceback__)[-1]
    words = (f"a fault in this program ({type(error).__name__} in "
             f"{PurePath(place.filename).name}, line {place.lineno}); please report it")
    return PageResult(page, "crashed", "crashed", words)


def _refusal(error: OSError) -> Refused:
    if error.errno in opening.A_LINK:
        return Refused("changed", A_LINK_NOW)
    reason = "permission" if error.errno in (errno.EACCES, errno.EPERM) else "io"
    return Refused(reason, f"the file cannot be opened and read: {error.strerror}")
