"""What goes to a person: the deciding settings applied to a result. Nothing is read again."""

from __future__ import annotations

from dataclasses import replace

from scanproc import audit
from scanproc.reasons import AUDIT, DIGITS_DOUBTED
from scanproc.records import Number, PageResult
from scanproc.settings import Settings
from scanproc.threshold import review_below


def decide(result: PageResult, settings: Settings, sha256: str = "") -> PageResult:
    """The result with `review` set on its digits and numbers.

    What is less sure than the threshold goes to review, for the reason `low_confidence`, and so
    does every number that has another reason, and each of its digits if that doubts them. Of the
    other numbers the share `audit` goes there too, but none of their digits; where `sha256` (hex
    digits, of the file) is not given, none. Raises UsageError, ModelError as
    `threshold.review_below`.
    """
    below = review_below(settings)
    numbers = (_decided(number, below) for number in result.numbers)
    if settings.audit and sha256:
        numbers = (_audited(number, result.page, settings.audit, sha256) for number in numbers)
    return replace(result, numbers=tuple(numbers))


def _decided(number: Number, below: float) -> Number:
    low = ("low_confidence",) * (number.confidence < below)
    doubted = not DIGITS_DOUBTED.isdisjoint(number.reasons)
    readings = tuple(replace(reading, review=doubted or reading.confidence < below)
                     for reading in number.readings)
    return replace(number, readings=readings, reasons=low + number.reasons,
                   review=bool(low or number.reasons))


def _audited(number: Number, page: int, share: float, sha256: str) -> Number:
    if number.review or not audit.taken(share, sha256, page, number.box):
        return number
    return replace(number, reasons=(AUDIT,), review=True)
