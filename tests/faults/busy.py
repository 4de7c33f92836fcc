"""A page that never ends, in C code that does not give up the interpreter's lock."""

import re

from faults.document import reader


def deed():
    re.match(r"(a+)+$", "a" * 60 + "b")


def load(settings, passwords):
    return reader(deed)
