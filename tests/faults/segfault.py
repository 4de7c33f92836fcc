"""Native code reads where nothing is."""

import ctypes

from faults.document import reader


def deed():
    ctypes.string_at(0)


def load(settings, passwords):
    return reader(deed)
