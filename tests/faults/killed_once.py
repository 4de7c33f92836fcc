"""As `killed`, but only as long as the file that the variable MARKER names is not there."""

import os
from pathlib import Path

from faults import killed
from faults.document import reader


def deed():
    marker = Path(os.environ["MARKER"])
    if not marker.exists():
        marker.touch()
        killed.deed()


def load(settings, passwords):
    return reader(deed)
