"""The runs of ink of which a rule is made, and not those of what a pen has joined to it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

LEAST_PX = 40  # shorter rules are left alone
TWO_RULES = 0.5  # share of columns with several runs, from which on two rules were joined
CURVE = 2  # degree of what a lens or a fold makes of a rule
NEAR_PX, OFF_PX = 1.5, 2.5  # from its curve
ROUNDS = 3  # the second and third without what is far off


def tracks(owner: np.ndarray, x: np.ndarray, y: np.ndarray, count: int
           ) -> tuple[np.ndarray, np.ndarray]:
    """(owner, keep): the rules of the runs, (N,) int, and which runs are of them, (N,) bool.

    owner, x, y: (N,) line, column and middle of each run, ordered by these. count: of the lines.
    Of a line that is two rules, joined by strokes, the lower one becomes line `count` more.
    """
    same = (np.diff(owner, append=-1) == 0) & (np.diff(x, append=-1) == 0)
    several = same | np.append(False, same[:-1])
    found, keep = owner.copy(), np.ones(len(x), bool)
    for label in np.unique(owner[several]):
        part = slice(*np.searchsorted(owner, (label, label + 1)))
        at, high, many = x[part], y[part], several[part]
        columns = len(np.unique(at))
        if columns < LEAST_PX:
            continue
        if len(np.unique(at[many])) < TWO_RULES * columns:
            curve = _curve(at[~many], high[~many])
            keep[part] = ~many | (np.abs(high - curve(at)) <= OFF_PX)
            continue
        upper = np.diff(at, prepend=-1) != 0
        lower = ~upper & (np.diff(at, append=-1) != 0)
        off = [np.abs(high - _curve(at[one], high[one])(at)) for one in (upper & many, lower)]
        keep[part] = np.minimum(*off) <= OFF_PX
        found[part] += count * (off[1] < off[0])
    return found, keep


def _curve(x: np.ndarray, y: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """A curve along most of the points, of which there are as many as it has degrees, at least."""
    start, wide = x[0], max(1, x[-1] - x[0])

    def powers(at: np.ndarray) -> np.ndarray:
        return np.power.outer((at - start) / wide, np.arange(CURVE + 1))

    for _ in range(ROUNDS):
        basis = powers(x)
        factors = np.linalg.lstsq(basis, y, rcond=None)[0]
        off = np.abs(y - basis @ factors)
        near = off <= max(NEAR_PX, float(np.median(off)))
        x, y = x[near], y[near]
    return lambda at: powers(at) @ factors
