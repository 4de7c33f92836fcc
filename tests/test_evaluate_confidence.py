"""Loss, calibration, reject curve and promises on answers that can be counted by hand."""

import numpy as np
import pytest

from scanproc.evaluate import confidence


def answers(*rows):
    """Rows of (what was said, how surely) -> (N, 11) float32; the rest goes to the next class."""
    found = np.zeros((len(rows), 11), np.float32)
    for at, (said, sure) in enumerate(rows):
        found[at, said] = sure
        found[at, (said + 1) % 11] = 1 - sure
    return found


def test_the_loss_is_the_mean_of_minus_log_probability():
    found = answers((0, 0.5), (3, 0.8))
    assert confidence.loss(found, np.array([0, 4])) == pytest.approx(-np.log(0.5 * 0.2) / 2)


def test_a_label_ruled_out_has_a_large_loss_and_no_infinite_one():
    assert 80 < confidence.loss(answers((0, 1.0)), np.array([5])) < 100


def test_answers_right_as_often_as_they_say_have_no_error():
    found = answers(*[(0, 0.75)] * 400)
    labels = np.tile([0, 0, 0, 1], 100)
    assert confidence.error_of_confidence(found, labels, bins=4) == pytest.approx(0, abs=1e-6)


def test_bins_hold_equally_many_and_keep_their_own_gap():
    found = answers(*[(0, 0.9)] * 30, *[(0, 0.6)] * 30)
    labels = np.repeat([0, 1], 30)  # the sure ones are right, none of the others is
    claimed, right, counts = confidence.equal_mass(found, labels, bins=2)
    assert claimed == pytest.approx([0.6, 0.9]) and right.tolist() == [0, 1]
    assert counts.tolist() == [30, 30]
    gap = confidence.error_of_confidence(found, labels, bins=2)
    assert gap == pytest.approx((0.1 + 0.6) / 2)


def test_fewer_answers_than_bins_are_measured_too():
    assert confidence.error_of_confidence(answers((0, 0.7)), np.array([0])) == pytest.approx(0.3)


def test_the_least_sure_are_rejected_first():
    found = answers(*[(0, 0.6)] * 2, *[(0, 0.9)] * 98)
    labels = np.array([1] + [0] * 98 + [1])  # one unsure and one sure answer are wrong
    errors = confidence.error_after_reject(found, labels)
    assert errors[[0, 1, 2, 99]] == pytest.approx([2 / 100, 1 / 99, 1 / 98, 1])
    assert confidence.error_at_reject(found, labels) == pytest.approx(
        {"0": 0.02, "0.01": 1 / 99, "0.02": 1 / 98, "0.05": 1 / 95, "0.1": 1 / 90})


@pytest.mark.parametrize("wrong, kept", [(12, True), (30, False)])
def test_a_promise_is_broken_by_more_errors_than_chance_allows(wrong, kept):
    found = answers(*[(3, 0.99)] * 1000, *[(3, 0.97)] * 50)
    labels = np.where(np.arange(1050) < wrong, 4, 3)
    promise = confidence.promise(found, labels, 0.98)
    assert (promise.n, promise.wrong, promise.kept) == (1000, wrong, kept)
    assert promise.expected == pytest.approx(10, rel=1e-3)
    assert promise.deviation == pytest.approx(np.sqrt(9.9), rel=1e-3)


def test_what_is_said_to_be_no_digit_is_no_promise_and_a_negative_given_breaks_one():
    found = answers((10, 0.999), (3, 0.999))
    promise = confidence.promise(found, np.array([2, 10]), 0.98)
    assert (promise.n, promise.wrong) == (1, 1)


def test_nothing_at_all_has_no_rates():
    found, labels = answers(), np.zeros(0, int)
    assert confidence.loss(found, labels) is confidence.error_of_confidence(found, labels) is None
    assert set(confidence.error_at_reject(found, labels).values()) == {None}
    assert confidence.promise(found, labels, 0.98).kept
