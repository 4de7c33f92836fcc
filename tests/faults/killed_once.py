"""As `killed`, but only as long as the file that the first password names is not there."""

import os
import signal
from pathlib import Path

from faults.document import reader


def load(settings, passwords):
    def deed():
        marker = Path(passwords[0])
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return reader(deed)
