"""Stages -> a cascade whose confidence is true on crops from pages, and what it then promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import logit, softmax

from scanproc.evaluate.confidence import loss
from scanproc.labelled.digits import Digits
from scanproc.network.recipe import Recipe
from scanproc.page.classify import NOT_A_DIGIT, Network, Stage, classify
from scanproc.page.numbers import SUREST

# Where the reject curve is measured: denser the closer to 1.
CURVE = np.round(1 - np.logspace(np.log10(0.5), -4, 61), 6)


def cascade(stages: Sequence[Stage], plain: Digits, crops: Digits, recipe: Recipe,
            negatives: float) -> Network:
    """The stages as one network, each calibrated on the crops that it is to answer.

    plain: held-out digits; the recipe's share `doubted` of them goes on from the first stage.
    crops: held-out digits as they come from pages. Every stage is so lenient that of the crops
    it calls no more than the share `lost` no digit. negatives: the share of what was learned from.
    """
    made: tuple[Stage, ...] = ()
    sure = 0.0
    rest, prior = crops, _prior(recipe.expected, negatives)
    for stage in stages:
        made = (*made, _calibrated(stage, rest, prior, recipe.lost))
        if len(made) == 1 and len(stages) > 1:
            sure = float(np.quantile(_sureness(Network(made, 0.0, {}), plain), recipe.doubted))
        doubted = _sureness(Network(made, sure, {}), crops) < sure
        rest = Digits(crops.images[doubted], crops.labels[doubted])
    return Network(made, float(np.float32(sure)), {})


def temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature with the least negative log-likelihood (Guo et al. 2017).

    logits: (N, C), up to a constant per row. labels: (N,) integers.
    """
    found = minimize_scalar(lambda value: loss(softmax(logits / np.exp(value), axis=1), labels),
                            bounds=(np.log(0.1), np.log(10.0)), method="bounded")
    return float(np.exp(found.x))


def reject_curve(probabilities: np.ndarray, labels: np.ndarray, crops: str) -> dict[str, Any]:
    """What stands in the card for `--max-error`: at each threshold, how many crops are accepted
    and how many of those are wrong.

    probabilities: (N, 11) of digits with the labels (N,). crops: what they are, in words. What is
    called no digit is neither accepted nor wrong.
    """
    answer = probabilities.argmax(axis=1)
    # As it stands in the CSV.
    confidence = np.minimum(probabilities.max(axis=1).astype(float).round(4), SUREST)
    confidence[answer == NOT_A_DIGIT] = 0
    accepted = [int((confidence >= limit).sum()) for limit in CURVE]
    wrong = [int(((confidence >= limit) & (answer != labels)).sum()) for limit in CURVE]
    return {"crops": crops, "n": len(labels), "review_below": CURVE.tolist(),
            "accepted": accepted, "wrong": wrong}


def _calibrated(stage: Stage, crops: Digits, prior: float, lost: float) -> Stage:
    """Fitted one after the other: the temperature of the ten digits, the prior, the leniency."""
    if not len(crops):
        return stage
    logits = _logits(stage, crops.images)
    found = float(np.float32(temperature(logits[:, :NOT_A_DIGIT], crops.labels)))
    none = logits[:, NOT_A_DIGIT] + found * prior
    ahead = (none - logits[:, :NOT_A_DIGIT].max(axis=1)) / found
    lenient = max(0.0, float(np.float32(np.quantile(ahead, 1 - lost))))
    bias = stage.biases[-1].copy()
    bias[NOT_A_DIGIT] += np.float32(found * prior)
    return Stage(stage.weights, (*stage.biases[:-1], bias), found, lenient)


def _prior(expected: float, negatives: float) -> float:
    """What the log-odds of non-digits change by: pages offer fewer of them than the training."""
    return float(logit(expected) - logit(negatives)) if negatives else 0.0


def _sureness(network: Network, digits: Digits) -> np.ndarray:
    return classify(network, digits.images.astype(np.float32) / 255).max(axis=1)


def _logits(stage: Stage, images: np.ndarray) -> np.ndarray:
    """Of (N, 28, 28) uint8: (N, 11), up to a constant per row."""
    bare = Network((replace(stage, temperature=1.0, lenient=0.0),), 0.0, {})
    found = classify(bare, images.astype(np.float32) / 255)
    return np.log(np.maximum(found, np.finfo(np.float32).tiny))
