"""A page that never ends, waiting."""

import time

from faults.document import reader


def load(settings, passwords):
    return reader(lambda: time.sleep(3600))
