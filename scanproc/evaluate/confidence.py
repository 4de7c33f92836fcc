"""Does a confidence of 0.98 mean that 98 % are right?

A prediction is the answer with the greatest of the 11 probabilities, its confidence that one.
Everywhere: probabilities (N, 11), labels (N,) 0-10, as in `Measured`. Rates are 0 to 1, or None
where there is nothing to divide by.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scanproc.page.classify import NOT_A_DIGIT

BINS = 15
REJECTED = (0, 0.01, 0.02, 0.05, 0.1)
SURE = (0.98, 0.99, 0.999)
TINY = float(np.finfo(np.float32).tiny)


def loss(probabilities: np.ndarray, labels: np.ndarray) -> float | None:
    """Mean negative log-likelihood of the labels, in nats."""
    of_label = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.maximum(of_label, TINY)).mean()) if len(labels) else None


def equal_mass(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS
               ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Answers in bins of as many each, the least sure first; fewer answers than bins: one each.

    Returns mean confidence, share right, and count of each bin, (B,) each.
    """
    confidence, right = _answers(probabilities, labels)
    order = np.argsort(confidence, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return (np.array([confidence[part].mean() for part in parts]),
            np.array([right[part].mean() for part in parts]),
            np.array([len(part) for part in parts]))


def error_of_confidence(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS
                        ) -> float | None:
    """Expected calibration error over bins of equal mass (Nguyen and O'Connor 2015).

    The mean distance between what the answers of a bin claim and how many of them are right.
    """
    claimed, right, counts = equal_mass(probabilities, labels, bins)
    return float(counts @ np.abs(claimed - right) / counts.sum()) if len(counts) else None


def error_after_reject(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The error of the answers that are kept when 0, 1, 2, ... N-1 are rejected: (N,).

    The least sure are rejected first; of equally sure ones the first.
    """
    confidence, right = _answers(probabilities, labels)
    wrong = ~right[np.argsort(confidence, kind="stable")]
    return np.cumsum(wrong[::-1])[::-1] / np.arange(len(wrong), 0, -1)


def error_at_reject(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float | None]:
    """The error of what is kept at each share of REJECTED, by the share as text: `0.01`."""
    errors = error_after_reject(probabilities, labels)
    return {f"{share:g}": float(errors[round(share * len(errors))]) if len(errors) else None
            for share in REJECTED}


@dataclass(frozen=True)
class Promise:
    """The digits given with some confidence or more, and how many of them may be wrong.

    wrong: how many are. expected: how many their confidences admit. deviation: the standard
    deviation of that, where answers are independent.
    """

    n: int
    wrong: int
    expected: float
    deviation: float

    @property
    def kept(self) -> bool:
        """Whether no more are wrong than admitted, and two deviations for chance."""
        return self.wrong <= self.expected + 2 * self.deviation


def promise(probabilities: np.ndarray, labels: np.ndarray, limit: float) -> Promise:
    """Of what was said to be a digit with a confidence of `limit` or more."""
    confidence, right = _answers(probabilities, labels)
    given = (confidence >= limit) & (probabilities.argmax(axis=1) != NOT_A_DIGIT)
    sure = confidence[given]
    return Promise(len(sure), int((~right[given]).sum()), float((1 - sure).sum()),
                   float(np.sqrt((sure * (1 - sure)).sum())))


def _answers(probabilities: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Confidence (N,) float64, at most 1, and whether each answer is right (N,) bool."""
    confidence = np.minimum(probabilities.max(axis=1).astype(np.float64), 1)
    return confidence, probabilities.argmax(axis=1) == labels
