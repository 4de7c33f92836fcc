"""Rules taken out of the ink, column by column, and no stroke that goes on beyond them."""

from __future__ import annotations

import numpy as np

from scanproc.page.rules.bands import Bands

RAGGED = 0.4  # of its thickness: so far may the edge of a rule jut out ...
SHORT = 2.0  # ... over so many thicknesses; a longer piece may be a stroke along the rule ...
SLIGHTLY = 0.25  # ... or, if it juts out no more than so far, or by a pixel, the rule itself


def cut(ink: np.ndarray, bands: Bands, others: np.ndarray) -> None:
    """Takes rules from left to right out of `ink`, in place.

    ink: (H, W) uint8, 1 = ink. others: (H, W) uint8, 1 = rules of the other direction.
    A column goes where the run of ink through it ends with the rule, or nearly so in a short
    piece none of whose columns goes on.
    """
    thick = bands.last - bands.first + 1
    most = np.maximum(1, RAGGED * thick).astype(int)
    above = _beyond(ink, others, bands.x, bands.first, -1, most)
    below = _beyond(ink, others, bands.x, bands.last, 1, most)
    beyond = np.maximum(above, below)
    stays = (beyond > 0) & ~_ragged(beyond, most, bands, thick)
    x, first, last = (part[~stays] for part in (bands.x, bands.first - np.minimum(above, most),
                                                bands.last + np.minimum(below, most)))
    for step in range(int((last - first).max(initial=-1)) + 1):
        ink[np.minimum(first + step, last), x] = 0


def _beyond(ink: np.ndarray, others: np.ndarray, x: np.ndarray, edge: np.ndarray, way: int,
            most: np.ndarray) -> np.ndarray:
    """How many pixels the ink goes on from the edge of a rule: (N,) int, at most `most` + 1."""
    high = len(ink) - 1
    reached = np.zeros(x.size, int)
    on = ink[edge, x] > 0
    for step in range(1, int(most.max(initial=-1)) + 2):
        row = edge + way * step
        inside = np.clip(row, 0, high)
        on = on & (row == inside) & (ink[inside, x] > others[inside, x]) & (step <= most + 1)
        reached += on
    return reached


def _ragged(beyond: np.ndarray, most: np.ndarray, bands: Bands, thick: np.ndarray) -> np.ndarray:
    """Which columns stand in a piece that nowhere goes on far, and is short or does so slightly:
    (N,) bool.

    beyond: (N,) int, how far the ink goes on. most: (N,) int, what is not far.
    """
    if not beyond.any():
        return beyond > 0
    jump = (np.abs(np.diff(bands.x, prepend=-9)) != 1) | np.diff(beyond > 0, prepend=False)
    starts = np.flatnonzero(jump)
    piece = np.cumsum(jump) - 1
    length = np.diff(np.append(starts, beyond.size))
    farthest, rule = np.maximum.reduceat(beyond - most, starts), thick[starts]
    slight = np.maximum.reduceat(beyond, starts) <= np.maximum(1, SLIGHTLY * rule)
    return ((farthest <= 0) & (slight | (length <= SHORT * rule)))[piece]
