"""Temperature, leniency and reject curve, on answers whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scanproc.labelled.digits import Digits
from scanproc.network import calibrate
from scanproc.network.recipe import Recipe
from scanproc.page.classify import NOT_A_DIGIT, Stage, classify


@pytest.mark.parametrize("wanted", [0.5, 1.0, 2.5])
def test_the_temperature_that_spoilt_the_logits_is_found(wanted: float) -> None:
    rng = np.random.default_rng(0)
    true = rng.normal(0, 2, (20_000, 10))
    labels = (true + rng.gumbel(size=true.shape)).argmax(axis=1)
    assert calibrate.temperature(true * wanted, labels) == pytest.approx(wanted, rel=0.05)


def stage(scale: float, seed: int = 0) -> Stage:
    rng = np.random.default_rng(seed)
    weights = rng.normal(0, scale / 16, (784, 11)).astype(np.float32)
    return Stage((weights - weights.mean(axis=0),), (np.zeros(11, np.float32),), 1.0, 0.0)


def crops(count: int, seed: int) -> Digits:
    """Images of noise, each labelled as likely as one stage of random weights says."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 28, 28), np.uint8)
    said = classify(calibrate.Network((stage(4, 1),), 0.0, {}), images.astype(np.float32) / 255)
    chance = np.log(said[:, :10]) + rng.gumbel(size=(count, 10))
    return Digits(images, chance.argmax(axis=1).astype(np.uint8))


def test_no_more_digits_are_lost_than_allowed() -> None:
    drawn = crops(2000, 1)
    images = drawn.images.astype(np.float32) / 255
    for lost in (0.05, 0.002):
        recipe = Recipe(lost=lost, expected=0.5, doubted=0.5)
        made = calibrate.cascade([stage(4), stage(4, 1)], drawn, drawn, recipe, 0.25)
        said = classify(made, images).argmax(axis=1) == NOT_A_DIGIT
        assert 0 < said.mean() <= 2 * lost  # of each stage, so much
        for at in made.stages:
            strict = classify(calibrate.Network((replace(at, lenient=0.0),), 0.0, {}), images)
            assert (strict.argmax(axis=1) == NOT_A_DIGIT).mean() > 0.06


def test_what_is_not_yet_called_no_digit_is_in_doubt() -> None:
    drawn = crops(2000, 1)
    images = drawn.images.astype(np.float32) / 255
    recipe = Recipe(lost=0.002, expected=0.5)
    made = calibrate.cascade([stage(4)], drawn, drawn, recipe, 0.25).stages[0]
    found = classify(calibrate.Network((made,), 0.0, {}), images)
    strict = classify(calibrate.Network((replace(made, lenient=0.0),), 0.0, {}), images)
    spared = (strict.argmax(axis=1) == NOT_A_DIGIT) & (found.argmax(axis=1) != NOT_A_DIGIT)
    assert spared.any() and found[spared].max() < 0.5001
    same = ~spared
    np.testing.assert_allclose(found[same], strict[same], atol=1e-6)


def test_so_many_go_on_to_the_second_stage_as_the_recipe_says() -> None:
    drawn = crops(3000, 2)
    for doubted in (0.1, 0.4):
        made = calibrate.cascade([stage(4), stage(4, 1)], drawn, drawn, Recipe(doubted=doubted),
                                 0.25)
        first = calibrate.Network(made.stages[:1], 0.0, {})
        went_on = classify(first, drawn.images.astype(np.float32) / 255).max(axis=1) < made.sure
        assert went_on.mean() == pytest.approx(doubted, abs=0.002)


def test_the_second_stage_is_fitted_where_the_first_doubts() -> None:
    drawn = crops(3000, 2)

    def second(doubted: float) -> float:
        return calibrate.cascade([stage(4), stage(4, 1)], drawn, drawn, Recipe(doubted=doubted),
                                 0.25).stages[1].temperature

    assert second(1.0) != second(0.5)
    assert second(0.0) == 1.0  # never asked


def test_fewer_non_digits_are_expected_than_were_learned_from() -> None:
    drawn = crops(2000, 1)
    few, many = (calibrate.cascade([stage(4)], drawn, drawn, Recipe(lost=1.0, expected=expected),
                                  0.25)
                 for expected in (0.05, 0.25))
    images = drawn.images.astype(np.float32) / 255
    assert (classify(few, images)[:, 10] <= classify(many, images)[:, 10] + 1e-6).all()
    assert many.stages[0].biases[-1][10] == 0


def test_the_curve_counts_what_is_accepted_and_what_of_it_is_wrong() -> None:
    found = np.zeros((4, 11), np.float32)
    found[0, 3], found[1, 4], found[2, 5], found[3, NOT_A_DIGIT] = 0.99995, 0.9, 0.97, 0.999
    curve = calibrate.reject_curve(found, np.array([3, 9, 5, 1]), "drawn")
    at = {limit: (accepted, wrong) for limit, accepted, wrong in zip(
        curve["review_below"], curve["accepted"], curve["wrong"], strict=True)}
    assert curve["n"] == 4 and curve["crops"] == "drawn"
    assert at[0.5] == (3, 1)
    assert at[max(at)] == (1, 0)
    assert sorted(at) == list(at)
