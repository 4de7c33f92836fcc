"""A page that takes a hundred times the memory allowed."""

from faults.document import reader


def load(settings, passwords):
    return reader(lambda: bytearray(100 * settings.page_memory_mb * 1_000_000))
