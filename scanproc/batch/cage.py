"""What holds a worker process: nothing on the terminal, no life without its parent, no time and
no memory without end. Used inside workers only.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import wait
from pathlib import Path

if sys.platform != "win32":
    import fcntl
    import resource


def hush() -> None:
    """Send stdout and stderr nowhere: native libraries print a line for every bad byte."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def obey() -> None:
    """When told to end, end at once, even in C code: there is nothing to tidy up."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def end_in(seconds: float) -> None:
    """Have this process end by SIGALRM so many seconds from now, even in C code; 0: never.

    The kernel's clock for this is not the one on the wall. Windows has no such thing.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def end_with_parent() -> None:
    """Have this process killed as soon as the parent is gone, however that came about.

    On Linux the kernel does it: the parent holds one end of a pipe, and the signal that says
    "this end changed" is made to kill. That works while C code holds the interpreter's lock; a
    thread, which is what other systems get, has to wait for it.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    if sys.platform == "linux":
        fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(parent.sentinel, fcntl.F_SETSIG, signal.SIGKILL)
        flags = fcntl.fcntl(parent.sentinel, fcntl.F_GETFL)
        fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, flags | os.O_ASYNC)
        if wait([parent.sentinel], timeout=0):  # it was gone before
            os._exit(1)
    else:
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def limit_memory(megabytes: int) -> None:
    """Let this process take that much more address space than it has now (Linux only).

    What goes beyond raises MemoryError. Nor is a dead worker's memory written to disk. Where all
    of the machine's memory is taken, the system is to end a worker: that costs a page.
    """
    if sys.platform == "win32":
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux":
        return
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = taken + megabytes * 1_000_000
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
