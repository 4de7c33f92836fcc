"""A library is missing or cannot be loaded."""


def load(settings, passwords):
    raise ImportError("libGL.so.1: cannot open shared object file")
