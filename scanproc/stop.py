"""Being told to stop, by Ctrl-C or SIGTERM: both raise an exception, once.

The first thing the program does is to heed them, so nothing heavy is imported here.
"""

from __future__ import annotations

import _thread
import os
import signal
import time
from contextlib import suppress
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
PATIENCE_S = 2.0  # for the tidying up, of the 3 s that are promised


class Stopped(KeyboardInterrupt):
    """Ctrl-C (130) or SIGTERM (143), by `exit_code`.

    A class of its own also for Ctrl-C: where Python meets the plain one in code that it compiles
    from a string, as for named tuples, it ends by the signal whatever exit code it is told.
    """

    def __init__(self, number: int):
        super().__init__()
        self.exit_code = 128 + number


def heed() -> None:
    """The first signal to stop raises Stopped; later ones do not disturb the tidying up.

    What still works PATIENCE_S later is ended by force, which loses no more than a kill would:
    an exception gets lost where Python cannot raise it, and the tidying up may hang. Ctrl-C
    stays ignored where it was ignored from the start, as in the background of a shell.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)


def ignore() -> None:
    """From now on it is too late to stop: the program ends anyway."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _stop(number: int, frame: FrameType | None) -> None:
    ignore()
    stopped = Stopped(number)
    _thread.start_new_thread(_end, (stopped.exit_code,))
    raise stopped


def _end(exit_code: int) -> None:
    time.sleep(PATIENCE_S)
    with suppress(OSError):
        os.write(2, b"scanproc: stopped\n")
    os._exit(exit_code)
