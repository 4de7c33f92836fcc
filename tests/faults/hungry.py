"""A page that really takes more and more memory, up to 4 GB."""

from faults.document import reader


def deed():
    taken = [b"1" * 10_000_000 for _ in range(400)]
    raise AssertionError(f"{len(taken)} times 10 MB were given")


def load(settings, passwords):
    return reader(deed)
