"""Is a share, x of n, what shares usually are, or far from them?

Nights differ by more than chance alone makes them: the pages of one night come from one stack, one
pen, one scanner. So the share of each night is taken to be drawn from a beta distribution, and
what is counted to be binomial (Skellam 1948, the beta-binomial). What mean and what spread that
distribution has, the earlier nights tell: all of a grid are weighted by how well they explain
them, and the new night is judged by all of them, so that few earlier nights promise little. Each
earlier night may be an odd one with a chance of 5 %: one of them neither hides the next nor makes
all others look alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

MEANS = 64  # in the grid, evenly in the angle asin(sqrt(share))
SPREADS = np.geomspace(0.002, 0.1, 8)  # correlation of two of one night; 0.002: by 2 points at 0.2
ODD = 0.05
CELLS = 128  # steps of a share from 0 to 1, evenly in its angle
LIKELY = 1e-3  # grid points less likely than this times the best are left out


class Tails(NamedTuple):
    """How often a usual night has a share as low as this one, and as high."""

    low: float
    high: float


def tails(count: int, of: int, earlier: Sequence[tuple[int, int]]) -> Tails:
    """Where a share stands among the usual ones. earlier: (count, of) of at least one night."""
    from scipy.special import betainc

    mass, angles = usual(tuple(earlier))
    share = np.sin(angles) ** 2
    high = betainc(count, of - count + 1, share) if count else np.ones(CELLS)
    low = 1 - betainc(count + 1, of - count, share) if count < of else np.ones(CELLS)
    return Tails(float(mass @ low), float(mass @ high))


@cache
def usual(earlier: tuple[tuple[int, int], ...]) -> tuple[np.ndarray, np.ndarray]:
    """The distribution of the shares of usual nights: (CELLS,) mass, and the angles it is at."""
    from scipy.special import betainc

    counts, wholes = np.array(earlier, float).T[:, :, None]
    alpha, beta = _grid(counts, wholes)
    fit = np.exp(_log_likelihood(counts, wholes, alpha, beta))
    fit = np.log((1 - ODD) * fit + ODD / (wholes + 1)).sum(axis=0)
    kept = fit > fit.max() + np.log(LIKELY)
    weight = np.exp(fit[kept] - fit.max())
    edges = np.linspace(0, np.pi / 2, CELLS + 1)
    below = betainc(alpha[kept, None], beta[kept, None], np.sin(edges) ** 2)
    mass = np.diff(weight @ below / weight.sum())
    return mass, (edges[1:] + edges[:-1]) / 2


def _grid(counts: np.ndarray, wholes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two parameters of every distribution that is tried, with means as nights have had."""
    met = np.arcsin(np.sqrt((counts + 0.375) / (wholes + 0.75)))
    low = max(met.min() - 0.05, 0)
    step = (min(met.max() + 0.05, np.pi / 2) - low) / MEANS
    means = np.sin(low + step * (np.arange(MEANS) + 0.5)) ** 2
    strength = 1 / SPREADS - 1
    return np.outer(means, strength).ravel(), np.outer(1 - means, strength).ravel()


def _log_likelihood(counts: np.ndarray, wholes: np.ndarray, alpha: np.ndarray, beta: np.ndarray
                    ) -> np.ndarray:
    """(nights, grid), of what was counted."""
    from scipy.special import betaln

    ways = -np.log(wholes + 1) - betaln(counts + 1, wholes - counts + 1)
    return ways + betaln(counts + alpha, wholes - counts + beta) - betaln(alpha, beta)
