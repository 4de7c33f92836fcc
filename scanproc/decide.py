"""What goes to a person: the deciding settings applied to a result. Nothing is read again."""

from __future__ import annotations

from dataclasses import replace

from scanproc.reasons import DIGITS_DOUBTED
from scanproc.records import Number, PageResult
from scanproc.settings import Settings
from scanproc.threshold import review_below


def decide(result: PageResult, settings: Settings) -> PageResult:
    """The result with `review` set on its digits and numbers.

    What is less sure than the threshold goes to review, for the reason `low_confidence`, and so
    does every number that has another reason, and each of its digits if that doubts them.
    Raises UsageError, ModelError as `threshold.review_below`.
    """
    below = review_below(settings)
    return replace(result, numbers=tuple(_decided(number, below) for number in result.numbers))


def _decided(number: Number, below: float) -> Number:
    low = ("low_confidence",) * (number.confidence < below)
    doubted = not DIGITS_DOUBTED.isdisjoint(number.reasons)
    readings = tuple(replace(reading, review=doubted or reading.confidence < below)
                     for reading in number.readings)
    return replace(number, readings=readings, reasons=low + number.reasons,
                   review=bool(low or number.reasons))
