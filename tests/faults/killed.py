"""The process is killed, as by a system that has run out of memory."""

import os
import signal

from faults.document import reader


def deed():
    os.kill(os.getpid(), signal.SIGKILL)


def load(settings, passwords):
    return reader(deed)
