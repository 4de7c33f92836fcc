"""A run unlike those before it says so, and nights that differ as nights do raise no alarm.

An office is simulated: each night it scans another number of pages, of another difficulty; a few
cannot be read. What is told apart is what the ledger would hold of each night.
"""

import numpy as np

from scanproc.batch import drift
from scanproc.batch.summary import Summary
from scanproc.batch.tally import EDGES

EARLIER = 30


class Office:
    """Its usual share for review, and by what part of it the nights differ (standard deviation)."""

    def __init__(self, seed, share=0.2, spread=0.15):
        self.draw = np.random.default_rng(seed)
        self.share, self.spread = share, spread

    def night(self, numbers=None, review=None, refused=None, blur=0.0, haste=1.0):
        """A night's summary; an unusual one with the shares `review` of its numbers and `refused`
        of its pages, or with confidences that are lower by `blur` or spread by `haste`."""
        draw = self.draw
        numbers = numbers or int(np.clip(draw.lognormal(5.5, 0.8), 10, 5000))
        pages = max(numbers // 10, 1)
        lost = draw.binomial(pages, refused or self._beta(0.01, 1.0))
        sure = draw.normal(5 - blur + 0.15 * draw.normal(), 1.5 * haste, numbers)  # in log-odds
        counts = np.bincount(np.digitize(1 / (1 + np.exp(-sure)), EDGES), minlength=len(EDGES) + 1)
        return Summary(
            inputs=(), found=pages, pages={"read": pages - lost, "refused": int(lost)},
            numbers=numbers, files={}, skipped={}, seconds=0, failures={},
            review=int(draw.binomial(numbers, review or self._beta(self.share, self.spread))),
            confidence=tuple(counts.tolist()), review_below=0.95)

    def nights(self, count, **kinds):
        return [self.night(**kinds).as_dict() for _ in range(count)]

    def _beta(self, mean, spread):
        strength = (1 - mean) / (mean * spread ** 2) - 1
        return self.draw.beta(mean * strength, (1 - mean) * strength)


def caught(trials, share=0.2, spread=0.15, **change):
    """How many of a hundred changed nights of 200 numbers are said to be unlike those before."""
    office = Office(7, share, spread)
    told = 0
    for _ in range(trials // 20):
        earlier = office.nights(EARLIER)
        told += sum(bool(drift.judged(office.night(200, **change), earlier).drift)
                    for _ in range(20))
    return 100 * told / trials


def test_usual_nights_raise_no_alarm(promise, large):
    nights = 20_000 if large else 2_000
    office = Office(1)
    earlier, told = [], 0
    for _ in range(nights):
        summary = drift.judged(office.night(), earlier)
        earlier = [summary.as_dict(), *earlier][:2 * EARLIER]
        told += bool(summary.drift)
    promise("usual nights raise no alarm",
            f"{told} of {nights:,} are said to be unlike the others ({100 * told / nights:.2g} %)")
    assert told <= nights / 100


def test_a_doubled_share_for_review_is_told(promise, large):
    offices = ((0.3, 0.15), (0.2, 0.1), (0.2, 0.15), (0.1, 0.15))
    found = {office: caught(10_000 if large else 400, *office, review=2 * office[0])
             for office in offices}
    promise("a doubled share for review, of 200 numbers, is told", ", ".join(
        f"{figure:.0f} % of nights where {100 * share:.0f} +- {100 * share * spread:.2g} % is usual"
        for (share, spread), figure in found.items()))
    assert found[0.3, 0.15] >= 95 and found[0.2, 0.1] >= 95


def test_other_changes_are_told(promise, large):
    trials = 5_000 if large else 200
    blurred, lost = caught(trials, blur=1), caught(trials, refused=0.5)
    promise("a night of 200 numbers is told", f"{blurred:.0f} % of those with all confidences "
            f"lower by 1 in log-odds, {lost:.0f} % of those with half of 20 pages refused")
    assert blurred >= 90 and lost >= 95


def test_a_change_that_lasts_is_told_and_becomes_usual(promise):
    office = Office(3)
    earlier, told = office.nights(EARLIER), []
    for _ in range(40):
        summary = drift.judged(office.night(200, review=0.45), earlier)
        earlier.insert(0, summary.as_dict())
        told.append(bool(summary.drift))
    promise("a change that lasts is told", f"on {sum(told)} nights, the last time on the "
            f"{len(told) - told[::-1].index(True)}th")
    assert all(told[:8]) and not any(told[20:])
