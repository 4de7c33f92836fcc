"""A fault in the program itself."""

from faults.document import reader


def load(settings, passwords):
    return reader(lambda: {}["missing"])
