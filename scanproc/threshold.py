"""The review threshold: the one that is set, or the one that keeps to the error asked for.

A network's card may hold its reject curve, measured on crops of digits not trained on:

    "reject_curve": {"crops": "what it was measured on", "n": 20000,
                     "review_below": [0.5, 0.9, ...], "accepted": [...], "wrong": [...]}

Of n crops so many are given a digit with a confidence of at least `review_below` (as in digits.csv:
four decimals, at most 0.9999), and so many of these are wrong. The thresholds ascend.
"""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from scanproc.errors import ModelError, UsageError
from scanproc.settings import Settings

MOST = 10**9  # crops; no curve is of more


class Point(NamedTuple):
    """A point of the reject curve. accepted, wrong: of `n` crops."""

    review_below: float
    accepted: int
    wrong: int
    n: int

    @property
    def error(self) -> float:
        """Share of wrong digits among those accepted, in (0, 1], as if the next were wrong."""
        return (self.wrong + 1) / (self.accepted + 1)


def review_below(settings: Settings) -> float:
    """The threshold in force, in [0, 1].

    Raises UsageError where the network cannot promise `max_error`, ModelError where its card
    cannot be read.
    """
    if not settings.max_error:
        return settings.review_below
    return _chosen(settings.model, settings.max_error).review_below


def words(settings: Settings) -> str:
    """What `max_error` leads to, for a clerk; empty where it is not used. Raises as above."""
    if not settings.max_error:
        return ""
    point = _chosen(settings.model, settings.max_error)
    reviewed = 100 - 100 * point.accepted / point.n
    return (f"asked for at most {100 * settings.max_error:g} % wrong: digits and numbers less sure "
            f"than {point.review_below:g} go to review, {reviewed:.1f} % of the single digits that "
            "it was measured on, and so more of the numbers; your pages may differ")


def choose(points: list[Point], max_error: float) -> Point | None:
    """The lowest threshold that keeps to `max_error`, or None.

    Down from the point with the least error, one after the other, until one shows more than asked
    for: what dips below it further down does so by luck. The error of a point counts one more
    digit, taken to be wrong, and so bounds what is to be expected of the next one (Angelopoulos et
    al. 2024, Conformal Risk Control); few crops promise little.

    What is promised is a mean: over curves measured anew and over digits accepted, on pages like
    those of the curve. One curve may flatter; one of hardly more crops than 1 / max_error does,
    where it promises anything. Nothing is promised for a single page, for other pens or scanners,
    nor of print or dirt that is taken for a digit.
    """
    chosen = None
    best = min(points, key=lambda point: point.error)
    for point in reversed(points[:points.index(best) + 1]):
        if point.error > max_error:
            break
        chosen = point
    return chosen


@cache
def _chosen(model: str, max_error: float) -> Point:
    points = _curve(model)
    point = choose(points, max_error)
    if point:
        return point
    least = math.ceil(min(point.error for point in points) * 1e6) / 1e6
    raise UsageError(f"max_error {max_error:g} is less than the network can promise: the smallest "
                     f"is {least:g}; ask for that, or set review_below")


def _curve(model: str) -> list[Point]:
    from scanproc.page import classify  # brings NumPy: not before the lock is taken, if it can be

    card = classify.card(model)
    if "reject_curve" not in card:
        raise UsageError("max_error needs a network whose card holds a measured reject_curve, and "
                         f"that of {model or 'the shipped one'} holds none; set review_below")
    try:
        curve = card["reject_curve"]
        points = [Point(*values, curve["n"]) for values in zip(
            curve["review_below"], curve["accepted"], curve["wrong"], strict=True)]
        valid = points and all(map(_possible, points)) and all(
            low.review_below < high.review_below and low.accepted >= high.accepted
            for low, high in pairwise(points))
    except (KeyError, TypeError, ValueError):
        valid = False
    if not valid:
        raise ModelError(f"the reject_curve in the card of {model or 'the shipped network'} is "
                         "damaged; put the card back as it was delivered")
    return points


def _possible(point: Point) -> bool:
    counts = point.wrong, point.accepted, point.n
    return (all(isinstance(count, int) for count in counts) and 0 <= point.review_below <= 1
            and 0 <= point.wrong <= point.accepted <= point.n and 0 < point.n <= MOST)
