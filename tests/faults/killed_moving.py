"""As `quick`, killed before the Nth step that is seen on the disk: `killed_moving.py N ARGS...`.

Steps are links made, copies begun, names removed, files brought to the disk, and entries in the
ledger.
"""

import os
import shutil
import signal
import sys
from itertools import count

import fakes

from scanproc import cli
from scanproc.batch import workers
from scanproc.batch.ledger import Ledger


def watched(call, steps, last):
    """As `call`, unless it is the step before which all ends."""
    def step(*args, **kwargs):
        if next(steps) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **kwargs)
    return step


if __name__ == "__main__":
    steps, last = count(1), int(sys.argv.pop(1))
    for room, name in ((os, "link"), (os, "unlink"), (os, "fsync"), (os, "replace"),
                       (shutil, "copyfileobj"), (Ledger, "store"), (Ledger, "finish")):
        setattr(room, name, watched(getattr(room, name), steps, last))
    workers.Pool = fakes.Pool
    cli.main()
