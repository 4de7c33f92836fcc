"""The process is stopped where it stands, as by a debugger: its own clock cannot end it."""

import os
import signal

from faults.document import reader


def deed():
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    os.kill(os.getpid(), signal.SIGSTOP)


def load(settings, passwords):
    return reader(deed)
