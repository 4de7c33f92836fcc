"""Which lines are rules: those that end on other rules of their kind, and very long ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scanproc.page.rules.components import Components, components, quantiles

LONG, SLENDER = 18.0, 40.0  # units, and thicknesses: such a line is a rule wherever it ends ...
LONG_INKED, LONG_BESIDE = 0.9, 0.15  # ... if it is inked so far, and so little of what is beside
BESIDE = 0.5  # units
EDGE = 0.02  # of the page
REACH, REACH_DASHED = 0.3, 0.9  # units that may be missing between the end of a rule and the next
DASHED = 0.85  # inked less than so far along, a line is dashed
MANY = 3  # lines that end on another prove it a rule, or a dashed one those that it crosses
END = 0.2  # of its length: where a stroke that only comes near the rules has paper
LIGHT_PART = 0.3  # quantile of its columns' darkness: most of them bear no pen
DARKER, DARKER_BY = 1.6, 20  # than the rules it ends on: share, gray levels
THICKER, THICKER_PX = 3.0, 2.0
SQUARE = 0.07  # slope between a rule and the one it ends on, less a pixel at either end
ROUNDS = 3


@dataclass(frozen=True)
class Lines:
    """Lines of one direction, from left to right; the first, of label 0, is none.

    found: where they are. ends: (N, 2, 2) int, x and y of the left and the right end.
    slope: (N,) down by right. slack: (N,) what its pixels may add to it.
    dark: (N,) gray levels, where nothing darker lies on the line. thick: (N,) pixels.
    dashed: (N,) bool. reach: (N,) pixels that may be missing at its ends.
    slender: (N,) bool, so long that they are rules if they end on others. long: (N,) bool, rules
    wherever they end. whole: (N,) bool, as inked at the ends as between.
    """

    found: Components
    ends: np.ndarray
    slope: np.ndarray
    slack: np.ndarray
    dark: np.ndarray
    thick: np.ndarray
    dashed: np.ndarray
    reach: np.ndarray
    slender: np.ndarray
    long: np.ndarray
    whole: np.ndarray


def measured(drawn: np.ndarray, rule_ink: np.ndarray, dark: np.ndarray, unit: float) -> Lines:
    """The connected lines of a drawing.

    drawn, rule_ink: (H, W) uint8, 1 = line or ink. dark: (H, W) uint8, paper = 0.
    """
    found = components(drawn, unit)
    x, y, owner, left, width = found.x, found.y, found.owner, found.left, found.width
    start, total = np.cumsum(width) - width, int(width.sum())
    column = start[owner] + x - left[owner]  # the columns of all lines, one line after the other
    line = np.repeat(np.arange(found.count), width)
    place = np.arange(total) - start[line]
    inked = rule_ink[y, x]
    middle = np.bincount(column, y, total) / np.maximum(1, np.bincount(column, minlength=total))
    depth = np.bincount(column, inked, total)

    def per_line(values: np.ndarray) -> np.ndarray:
        return np.bincount(line, values, found.count)

    outer = np.append(middle, 0)[np.stack([start, np.maximum(start + width - 1, 0)], axis=1)]
    length, full = np.maximum(1, width), np.maximum(1, per_line(depth > 0))
    thick = per_line(depth) / full
    away = np.maximum(2, thick[line] / 2 + BESIDE * unit)
    beside = [per_line(rule_ink[np.clip(middle + side * away, 0, len(drawn) - 1).astype(int),
                                left[line] + place]) / length for side in (-1, 1)]
    slender = (width >= LONG * unit) & (width >= SLENDER * thick) & (full >= LONG_INKED * length)
    long = slender & (np.max(beside, axis=0) <= LONG_BESIDE) & ~_at_edge(outer, len(drawn))
    at_end = np.minimum(place, width[line] - 1 - place) < END * width[line]
    bare_end = per_line(at_end & (depth == 0))
    bare = per_line(~at_end & (depth == 0)) * 2 * END / (1 - 2 * END)
    ends = np.stack([np.stack([left, left + width - 1], axis=1), outer], axis=2)
    dashed = full < DASHED * length
    reach = np.maximum(2, np.where(dashed, REACH_DASHED, REACH) * unit)
    core, darkness = np.zeros(total, np.uint8), dark[y, x] * inked
    rising = np.argsort(darkness, kind="stable")
    core[column[rising]] = darkness[rising]  # what is written last stays
    usual = quantiles(line[core > 0], core[core > 0], found.count, LIGHT_PART)
    return Lines(found, ends.astype(int), (outer[:, 1] - outer[:, 0]) / length, 2 / length,
                 usual, thick, dashed, reach, slender, long, bare_end <= 1.5 * bare + 3)


def _at_edge(rows: np.ndarray, height: int) -> np.ndarray:
    """Whether lines may be the edge of the sheet or the scan. rows: (N, 2), of their ends."""
    return (rows < EDGE * height).any(axis=1) | (rows > (1 - EDGE) * height).any(axis=1)


def anchored(flat: Lines, upright: Lines) -> tuple[np.ndarray, np.ndarray]:
    """Which lines are long, end on such lines of the other direction at both ends, have many of
    them end on themselves, or are dashed and cross many: a dash may be wanting at the end.

    Returns (N,) bool for `flat` and for `upright`, whose x and y are exchanged.
    """
    of_flat, of_upright = _met(flat, upright), _met(upright, flat)
    over_flat, over_upright = _crossed(flat, upright), _crossed(upright, flat)
    keep_flat, keep_upright = np.arange(len(flat.long)) > 0, np.arange(len(upright.long)) > 0
    for _ in range(ROUNDS):
        keep_flat &= flat.long | _held(of_flat, of_upright, over_flat, keep_upright, len(keep_flat))
        keep_upright &= upright.long | _held(of_upright, of_flat, over_upright, keep_flat,
                                             len(keep_upright))
    return keep_flat, keep_upright


def _met(lines: Lines, others: Lines) -> np.ndarray:
    """(3, M): labels of lines, which end of them (0 or 1), and labels of others there."""
    across = others.found.labels.T
    most = int(lines.reach.max())
    steps = np.arange(-most, most + 1)
    y = np.clip(lines.ends[..., 1, None, None] + steps[:, None], 0, across.shape[0] - 1)
    x = np.clip(lines.ends[..., 0, None, None] + steps, 0, across.shape[1] - 1)
    met = across[y, x]
    away = np.maximum(np.abs(steps)[:, None], np.abs(steps))
    line, end, *at = np.nonzero((met > 0) & (away <= lines.reach[:, None, None, None]))
    count = len(others.slope)
    key, other = np.divmod(np.unique((2 * line + end) * count + met[line, end, *at]), count)
    line, end = np.divmod(key, 2)
    return np.stack([line, end, other])[:, lines.whole[line] & _fit(lines, line, others, other)]


def _crossed(lines: Lines, others: Lines) -> np.ndarray:
    """(2, M): labels of dashed lines, and of others that lie across them."""
    found = lines.found
    pairs = np.stack([found.owner, others.found.labels.T[found.y, found.x]])
    line, other = np.unique(pairs[:, (pairs[1] > 0) & lines.dashed[pairs[0]]], axis=1)
    return np.stack([line, other])[:, _fit(lines, line, others, other)]


def _fit(lines: Lines, line: np.ndarray, others: Lines, other: np.ndarray) -> np.ndarray:
    """Whether lines are no darker and thicker than others, and square to them."""
    return ((lines.dark[line] <= DARKER * others.dark[other] + DARKER_BY)
            & (lines.thick[line] <= THICKER * others.thick[other] + THICKER_PX)
            & (np.abs(lines.slope[line] + others.slope[other])
               <= SQUARE + lines.slack[line] + others.slack[other]))


def _held(met: np.ndarray, met_by: np.ndarray, crossed: np.ndarray, keep_others: np.ndarray,
          count: int) -> np.ndarray:
    """(N,) bool. met, crossed: as by `_met` and `_crossed` for these `count` lines; met_by: as by
    `_met` for the others."""
    ends = np.zeros((count, 2), bool)
    line, end, other = met
    held = keep_others[other]
    ends[line[held], end[held]] = True
    found = ends.all(axis=1)
    for many, other in (met_by[[2, 0]], crossed):
        found |= np.bincount(many[keep_others[other]], minlength=count) >= MANY
    return found
