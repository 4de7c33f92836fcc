"""Being told to stop, by Ctrl-C or SIGTERM: both raise an exception, once.

The first thing the program does is to heed them, so nothing heavy is imported here.
"""

from __future__ import annotations

import signal
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Terminated(KeyboardInterrupt):
    """SIGTERM, raised as an exception so that a run stops as cleanly as on Ctrl-C."""


def heed() -> None:
    """The first signal to stop raises KeyboardInterrupt; later ones do not disturb the tidying up.

    Ctrl-C stays ignored where it was ignored from the start, as in the background of a shell.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)


def ignore() -> None:
    """From now on it is too late to stop: the program ends anyway."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def exit_code(stopped: BaseException) -> int:
    """What the program ends with: 143 after SIGTERM, 130 after Ctrl-C."""
    return 143 if isinstance(stopped, Terminated) else 130


def _stop(number: int, frame: FrameType | None) -> None:
    ignore()
    raise Terminated if number == signal.SIGTERM else KeyboardInterrupt
