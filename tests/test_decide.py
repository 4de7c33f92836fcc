"""What goes to review."""

from scanproc.decide import decide
from scanproc.records import Box, Number, PageResult, Reading
from scanproc.settings import Settings

BOX = Box(0, 0, 9, 9)


def page(*numbers):
    return PageResult(1, "read", numbers=numbers)


def number(*confidences, reasons=()):
    readings = tuple(Reading(at, 7, confidence, 1, 0.01, BOX)
                     for at, confidence in enumerate(confidences, start=1))
    product = 1.0
    for confidence in confidences:
        product *= confidence
    return Number("7" * len(readings), product, BOX, readings, reasons)


def test_what_is_less_sure_than_asked_for_goes_to_review():
    both = page(number(0.99, 0.96), number(0.99))
    first, second = decide(both, Settings(review_below=0.97)).numbers
    assert first.review and first.reasons == ("low_confidence",)
    assert [reading.review for reading in first.readings] == [False, True]
    assert not second.review and second.reasons == ()


def test_a_number_of_sure_digits_may_be_unsure():
    (found,) = decide(page(number(*[0.98] * 5)), Settings(review_below=0.95)).numbers
    assert found.review and not any(reading.review for reading in found.readings)


def test_a_reason_sends_to_review_however_sure():
    (found,) = decide(page(number(0.9999, reasons=("mark",))), Settings(review_below=0)).numbers
    assert found.review and found.reasons == ("mark",)


def test_nothing_else_changes():
    before = page(number(0.5, 0.9, reasons=("spacing",)))
    (found,) = decide(before, Settings(review_below=0.95)).numbers
    assert found.reasons == ("low_confidence", "spacing")
    assert (found.text, found.confidence, found.box) == ("77", 0.45, BOX)
    assert before.numbers[0].reasons == ("spacing",)
