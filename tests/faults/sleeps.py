"""A page that never ends, waiting."""

import time

from faults.document import reader


def deed():
    time.sleep(3600)


def load(settings, passwords):
    return reader(deed)
