"""Does a confidence of 0.98 mean that 98 % are right? The temperature, and how far off it is."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar


def temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature with the least negative log-likelihood (Guo et al. 2017).

    logits: (N, C), up to a constant per row. labels: (N,) integers.
    """
    found = minimize_scalar(lambda value: loss(logits / np.exp(value), labels),
                            bounds=(np.log(0.1), np.log(10.0)), method="bounded")
    return float(np.exp(found.x))


def loss(logits: np.ndarray, labels: np.ndarray) -> float:
    """Mean negative log-likelihood of the labels, in nats."""
    logits = logits - logits.max(axis=1, keepdims=True)
    right = logits[np.arange(len(labels)), labels]
    return float((np.log(np.exp(logits).sum(axis=1)) - right).mean())


def error_of_confidence(probabilities: np.ndarray, labels: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error over bins of equal mass (Nguyen and O'Connor 2015).

    probabilities: (N, C). labels: (N,). Returns the mean distance, in [0, 1], between what the
    digits of a bin claim and how many of them are right.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    order = np.argsort(confidence, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [len(part) * abs(confidence[part].mean() - right[part].mean()) for part in parts]
    return float(sum(gaps) / len(labels))
