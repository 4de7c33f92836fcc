"""The temperature and the calibration error, on answers whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from scanproc.network import calibrate


@pytest.mark.parametrize("wanted", [0.5, 1.0, 2.5])
def test_the_temperature_that_spoilt_the_logits_is_found(wanted: float) -> None:
    rng = np.random.default_rng(0)
    true = rng.normal(0, 2, (20_000, 10))
    labels = (true + rng.gumbel(size=true.shape)).argmax(axis=1)
    assert calibrate.temperature(true * wanted, labels) == pytest.approx(wanted, rel=0.05)


def test_the_loss_is_the_mean_of_minus_log_probability() -> None:
    probabilities = np.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]])
    found = calibrate.loss(np.log(probabilities) + 7, np.array([0, 2]))
    assert found == pytest.approx(-(np.log(0.5) + np.log(0.8)) / 2)


def test_answers_right_as_often_as_they_say_have_no_error() -> None:
    probabilities = np.tile([0.75, 0.25], (400, 1))
    labels = np.tile([0, 0, 0, 1], 100)
    assert calibrate.error_of_confidence(probabilities, labels, bins=4) == pytest.approx(0)


def test_bins_hold_equally_many_and_keep_their_own_gap() -> None:
    # Sure ones: 0.9, all right. Unsure ones: 0.6, none right.
    probabilities = np.repeat([[0.9, 0.1], [0.6, 0.4]], 30, axis=0)
    labels = np.repeat([0, 1], 30)
    found = calibrate.error_of_confidence(probabilities, labels, bins=2)
    assert found == pytest.approx((0.1 + 0.6) / 2)


def test_fewer_answers_than_bins_are_measured_too() -> None:
    found = calibrate.error_of_confidence(np.array([[0.7, 0.3]]), np.array([0]))
    assert found == pytest.approx(0.3)
