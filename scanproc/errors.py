"""What can go wrong, and with which exit code the program then ends.

    ScanprocError
    ├── UsageError            2   wrong usage or settings
    ├── ModelError            3   model missing or not the one its card names
    ├── OutputError           4   the output cannot be written
    ├── HeldError             5   another run holds DIR
    ├── LedgerError           6   the ledger cannot be used
    ├── TooManyFailures       7   more failures than allowed, or a run unlike those before it
    └── Refused               -   this page cannot be read: becomes a row in pages.csv

A message says what happened, to which file or page, and what to do next.
Exit codes 0, 1, 130 and 143 are no errors: see `batch.run`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ScanprocError(Exception):
    """Base of all errors that a user can meet; `exit_code` is what the command ends with."""

    exit_code = 1


class UsageError(ScanprocError):
    """The command or a settings file asks for something that cannot be done."""

    exit_code = 2


class ModelError(ScanprocError):
    """The model file is missing, damaged, or not the one its card names."""

    exit_code = 3


class OutputError(ScanprocError):
    """A file in the output folder cannot be written."""

    exit_code = 4


class HeldError(ScanprocError):
    """Another run holds the output folder."""

    exit_code = 5


class LedgerError(ScanprocError):
    """The ledger is damaged, or was written by a newer program."""

    exit_code = 6


class TooManyFailures(ScanprocError):
    """More failures than `--max-failures` or review than `--max-review` allows, or drift.

    summary: of the run, as `Summary.as_dict` gives it.
    """

    exit_code = 7

    def __init__(self, words: str, summary: Mapping[str, Any]):
        super().__init__(words)
        self.summary = summary


class Refused(ScanprocError):
    """A page (or the rest of a file) cannot be read. `page.read` turns it into a result.

    `reason` is a key of `reasons.PAGE_REASONS`, `words` says it for a clerk.
    """

    def __init__(self, reason: str, words: str):
        super().__init__(words)
        self.reason = reason
        self.words = words
