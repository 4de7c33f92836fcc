"""Where exactly on the page a rule lies, column by column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scanproc.page.rules.components import Components, quantiles
from scanproc.page.rules.tracks import tracks

THIN_PARTS = 0.2, 0.5  # quantiles of the ink's runs through a rule, with and without digits on it
THIN = 1.2  # thicker than so many rules, a run is more than the rule
MARGIN_PX = 0.25
WINDOW = 2.0  # units to either side over which the middle of a rule is averaged


@dataclass(frozen=True)
class Bands:
    """Columns of rules that run from left to right.

    x, first, last: (N,) int: rows `first` to `last` of column `x` belong to the rule.
    """

    x: np.ndarray
    first: np.ndarray
    last: np.ndarray

    def draw(self, shape: tuple[int, int]) -> np.ndarray:
        """(H, W) uint8, 1 = rule."""
        drawn = np.zeros(shape, np.uint8)
        for step in range(int((self.last - self.first).max(initial=-1)) + 1):
            row = np.minimum(self.first + step, self.last)
            drawn[row, self.x] = 1
        return drawn


def bands(rules: Components, pure: np.ndarray, ink: np.ndarray, shrink: int, unit: float) -> Bands:
    """The bands of lines of a small drawing, fitted to the ink of the page.

    pure: (M,) bool, which of their pixels are rule and no pen on it. ink: (H, W) uint8, `shrink`
    times as large. unit: pixels of the drawing.
    """
    high, wide = rules.labels.shape
    key = np.sort((rules.owner[pure] * np.int64(wide) + rules.x[pure]) * high + rules.y[pure])
    column, y = np.divmod(key, high)
    starts = np.flatnonzero(np.diff(key, prepend=-2) != 1)
    stops = np.append(starts[1:], key.size)[:starts.size] - 1
    owner, x = np.divmod(column[starts], wide)
    drawn = (y[starts] + y[stops] + 1) / 2
    deep = int((y[stops] - y[starts]).max(initial=0) + 3) * shrink
    owner, keep = tracks(owner, x, drawn, rules.count)
    order = np.flatnonzero(keep)[np.argsort(owner[keep], kind="stable")]
    owner, x, drawn = owner[order], x[order], drawn[order]
    first, last = _runs(ink, np.minimum(x * shrink + shrink // 2, ink.shape[1] - 1),
                        drawn * shrink, deep)
    length = last - first
    begin, end = np.searchsorted(owner, owner, "left"), np.searchsorted(owner, owner, "right")
    rule = _thickness(owner[length > 0], length[length > 0], 2 * rules.count)[owner]
    thin = (length > 0) & (length <= THIN * rule + 1)
    middle = _smoothed((first + last) / 2, thin, drawn * shrink, begin, end, round(WINDOW * unit))
    top = np.round(middle - rule / 2 - MARGIN_PX).astype(int)
    bottom = np.maximum(top, np.round(middle + rule / 2 + MARGIN_PX).astype(int) - 1)
    columns = (x[:, None] * shrink + np.arange(shrink)).ravel()
    here = columns < ink.shape[1]
    rows = np.clip(np.repeat([top, bottom], shrink, axis=1), 0, ink.shape[0] - 1)[:, here]
    return Bands(columns[here], *rows)


def joined(*parts: Bands) -> Bands:
    """The columns of all."""
    return Bands(*(np.concatenate([getattr(one, name) for one in parts])
                   for name in ("x", "first", "last")))


def _runs(ink: np.ndarray, x: np.ndarray, middle: np.ndarray, deep: int
          ) -> tuple[np.ndarray, np.ndarray]:
    """First row, and the one after the last, of the run of ink nearest to `middle`; both alike
    where there is none."""
    steps = np.arange(deep) - deep // 2
    rows = np.clip(middle.astype(int)[:, None] + steps, 0, ink.shape[0] - 1)
    inked = ink[rows, x[:, None]] > 0
    nearest = np.where(inked, np.abs(steps), deep).argmin(axis=1)[:, None]
    place = np.arange(deep)
    first = np.where(~inked & (place < nearest), place, -1).max(axis=1) + 1
    last = np.where(~inked & (place > nearest), place, deep).min(axis=1)
    last = np.where(inked.any(axis=1), last, first)
    return middle.astype(int) - deep // 2 + first, middle.astype(int) - deep // 2 + last


def _thickness(owner: np.ndarray, length: np.ndarray, count: int) -> np.ndarray:
    """(count,) usual thickness of lines, though a digit may stand on most of one."""
    thinnest = quantiles(owner, length, count, THIN_PARTS[0])
    return np.minimum(quantiles(owner, length, count, THIN_PARTS[1]), 1.25 * thinnest + 0.5)


def _smoothed(middle: np.ndarray, thin: np.ndarray, drawn: np.ndarray, begin: np.ndarray,
              end: np.ndarray, reach: int) -> np.ndarray:
    """Moving mean of the middles of thin columns, within each line."""
    at = np.arange(middle.size)
    low, high = np.maximum(at - reach, begin), np.minimum(at + reach + 1, end)
    total = np.cumsum(np.append(0.0, np.where(thin, middle, 0)))
    count = np.cumsum(np.append(0, thin))
    found = count[high] - count[low]
    return np.where(found > 0, (total[high] - total[low]) / np.maximum(1, found), drawn)
