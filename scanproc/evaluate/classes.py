"""The figures of a set of labelled digits: what was said of them, and how surely.

A prediction is the answer with the greatest of the 11 probabilities; the eleventh is "not a digit".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from scanproc.evaluate import confidence
from scanproc.evaluate.measured import Measured
from scanproc.evaluate.metrics import ratio
from scanproc.page.classify import CLASSES, NOT_A_DIGIT
from scanproc.settings import Settings


@dataclass(frozen=True)
class OfClass:
    """One class. n: how many have its label; said: how many are given it; right: both."""

    n: int
    said: int
    right: int

    @property
    def precision(self) -> float | None:
        """Right, of those given this class."""
        return ratio(self.right, self.said)

    @property
    def recall(self) -> float | None:
        """Right, of those of this class."""
        return ratio(self.right, self.n)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of the two; None where the class neither stands there nor is given."""
        return ratio(2 * self.right, self.n + self.said)


def summary(measured: Measured, review_below: float = Settings.review_below) -> dict[str, Any]:
    """The figures of a set as values for JSON; rates are 0 to 1, None where there is no whole.

    n, accuracy; loss: mean negative log-likelihood, in nats; macro_precision, macro_recall,
    macro_f1: means over the digits that the set has; ece: expected calibration error, 15 bins of
    equal mass; error_at_reject: by the share rejected. These and the loss are of `Measured.told`;
    what follows, of the confidence that a page would be given: ece_on_pages; sure: by the least
    confidence, what `confidence.promise` gives as rates; lost: digits said to be none; accepted:
    images of no digit given as one with a confidence of `review_below` or more.
    """
    found, told, labels = measured.probabilities, measured.told, measured.labels
    table = confusion(measured)
    return {
        "n": len(labels), "accuracy": ratio(int(np.trace(table)), len(labels)),
        "loss": confidence.loss(told, labels), **_macro(table),
        "ece": confidence.error_of_confidence(told, labels),
        "error_at_reject": confidence.error_at_reject(told, labels),
        "ece_on_pages": confidence.error_of_confidence(found, labels),
        "sure": {f"{limit:g}": _promise(confidence.promise(found, labels, limit))
                 for limit in confidence.SURE},
        "lost": _share(int(table[:NOT_A_DIGIT, NOT_A_DIGIT].sum()), int(table[:NOT_A_DIGIT].sum())),
        "accepted": _share(_accepted(measured, review_below), int(table[NOT_A_DIGIT].sum())),
    }


def confusion(measured: Measured) -> np.ndarray:
    """(11, 11) counts: row the label, column what was said; 10 is not a digit."""
    said = measured.probabilities.argmax(axis=1)
    places = measured.labels.astype(np.int64) * CLASSES + said
    return np.bincount(places, minlength=CLASSES**2).reshape(CLASSES, CLASSES)


def by_class(table: np.ndarray) -> list[OfClass]:
    """The figures of each of the 11 classes, from a confusion matrix."""
    return [OfClass(int(table[at].sum()), int(table[:, at].sum()), int(table[at, at]))
            for at in range(CLASSES)]


def _macro(table: np.ndarray) -> dict[str, float | None]:
    """A digit that is never said has no precision; here it counts as 0."""
    present = [one for one in by_class(table)[:NOT_A_DIGIT] if one.n]
    return {f"macro_{name}": ratio(sum(getattr(one, name) or 0 for one in present), len(present))
            for name in ("precision", "recall", "f1")}


def _accepted(measured: Measured, review_below: float) -> int:
    found = measured.probabilities[measured.labels == NOT_A_DIGIT]
    sure = found.max(axis=1) >= review_below
    return int((sure & (found.argmax(axis=1) != NOT_A_DIGIT)).sum())


def _share(part: int, whole: int) -> dict[str, Any]:
    return {"n": whole, "count": part, "share": ratio(part, whole)}


def _promise(found: confidence.Promise) -> dict[str, Any]:
    """Rates: error, what was claimed, and two standard errors of that."""
    return {"n": found.n, "wrong": found.wrong, "error": ratio(found.wrong, found.n),
            "claimed": ratio(found.expected, found.n),
            "two_standard_errors": ratio(2 * found.deviation, found.n), "kept": found.kept}
