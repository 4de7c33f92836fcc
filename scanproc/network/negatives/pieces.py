"""Digits joined, digits cut: what over-segmentation offers a classifier beside whole digits.

A classifier that is to choose among cuts must have seen the wrong ones (Liu, Sako, Fujisawa 2004,
Effects of classifier structures and training regimes on integrated segmentation and recognition
of handwritten numeral strings).
"""

from __future__ import annotations

import cv2
import numpy as np

from scanproc.labelled.digits import Digits
from scanproc.page.classify import NOT_A_DIGIT
from scanproc.page.stroke import holes

ENLARGE = 2
INK = 127
MEET_PX = 40                # of two digits, the height that both are brought to
KEPT = (0.2, 0.4)           # of a digit's ink is left in a piece; more can be a digit yet
ALIEN = (0.3, 0.6)          # of the neighbour's ink hangs on a digit
SLIM = 0.4                  # breadth over length of a piece; a slimmer one is a 1
BROAD = 0.85                # width over height of joined digits; narrower ones look like one
OVERLAP_PX = 6              # joined digits run into one another so far
SEEN = 0.2                  # of all the ink each of two must show; else it hides in the other


class Source:
    """Digits as masks at twice MNIST's size, cut to their ink; each made when asked for."""

    def __init__(self, digits: Digits) -> None:
        drawn = (digits.labels < NOT_A_DIGIT) & (digits.images > INK).any(axis=(1, 2))
        self.digits = Digits(digits.images[drawn], digits.labels[drawn])
        self.long = np.flatnonzero(~np.isin(self.digits.labels, (1, 7)))

    def any(self, rng: np.random.Generator) -> np.ndarray:
        """A digit. (h, w) uint8, 1 = ink."""
        return self._mask(int(rng.integers(len(self.digits))))

    def divisible(self, rng: np.random.Generator) -> np.ndarray:
        """A digit that is no 1 and no 7: a piece of one is a 1, of the other a 1 or a 7."""
        return self._mask(int(self.long[rng.integers(len(self.long))]))

    def _mask(self, at: int) -> np.ndarray:
        large = cv2.resize(self.digits.images[at], None, fx=ENLARGE, fy=ENLARGE,
                           interpolation=cv2.INTER_CUBIC)
        mask = (large > INK).astype(np.uint8)
        left, top, width, height = cv2.boundingRect(mask)
        return mask[top:top + height, left:left + width]


def joined(source: Source, rng: np.random.Generator) -> np.ndarray | None:
    """Two digits, now and then three, that touch or overlap."""
    mask = _meet(source.any(rng), source.any(rng), rng)
    if mask is not None and rng.random() < 0.2:
        mask = _meet(mask, source.any(rng), rng)
    return mask if mask is not None and _broad(mask) else None


def piece(source: Source, rng: np.random.Generator) -> np.ndarray | None:
    """What a cut leaves of a digit: no bare stroke, and nothing round, which could be a 0."""
    cut = _cut(source.divisible(rng), KEPT, rng)
    return None if slim(cut) or holes(cut) else cut


def slim(mask: np.ndarray) -> bool:
    """Whether it is one stroke, however it leans."""
    _, sides, _ = cv2.minAreaRect(np.argwhere(mask).astype(np.float32))
    return min(sides) < SLIM * max(sides)


def with_neighbour(source: Source, rng: np.random.Generator) -> np.ndarray | None:
    """A digit with a part of the next one hanging on it: joined digits cut at the wrong place."""
    part = _cut(source.divisible(rng), ALIEN, rng)
    whole = source.any(rng)
    mask = _meet(whole, part, rng) if rng.random() < 0.5 else _meet(part, whole, rng)
    return mask if mask is not None and _broad(mask) else None


def _meet(left: np.ndarray, right: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """Side by side, pushed together until they overlap; None where one hides in the other, so that
    the other is a digit yet by any eye."""
    left, right = (_scaled(mask, MEET_PX * rng.uniform(0.85, 1.15)) for mask in (left, right))
    drop = int(rng.integers(-6, 7))
    height = max(left.shape[0], right.shape[0]) + 2 * abs(drop)
    first, second = _standing(left, height, 0), _standing(right, height, drop)
    rows = first.any(axis=1) & second.any(axis=1)
    if not rows.any():
        return first
    ends = left.shape[1] - first[:, ::-1].argmax(axis=1)
    gap = int((left.shape[1] - ends + second.argmax(axis=1))[rows].min())
    push = gap + int(rng.integers(1, OVERLAP_PX, endpoint=True))
    at = max(0, left.shape[1] - push)
    canvas = np.zeros((height, max(left.shape[1], at + right.shape[1])), np.uint8)
    canvas[:, :left.shape[1]] |= first
    canvas[:, at:at + right.shape[1]] |= second
    own = int(canvas.sum()) - np.array([second.sum(), first.sum()])
    return canvas if own.min() >= SEEN * canvas.sum() else None


def _scaled(mask: np.ndarray, height: float) -> np.ndarray:
    factor = height / max(mask.shape[0], mask.shape[1] / 2)
    return cv2.resize(mask, None, fx=factor, fy=factor, interpolation=cv2.INTER_NEAREST)


def _standing(mask: np.ndarray, height: int, drop: int) -> np.ndarray:
    canvas = np.zeros((height, mask.shape[1]), np.uint8)
    top = (height - mask.shape[0]) // 2 + drop
    top = min(max(top, 0), height - mask.shape[0])
    canvas[top:top + mask.shape[0]] = mask
    return canvas


def _cut(mask: np.ndarray, kept: tuple[float, float], rng: np.random.Generator) -> np.ndarray:
    """The part of the ink on one side of an upright line; its largest piece. None of a level one:
    the top of a 2, 3 or 9 is a 7."""
    y, x = np.nonzero(mask)
    angle = rng.normal(0, 0.35)
    along = (x * np.cos(angle) + y * np.sin(angle)) * rng.choice([-1, 1])
    inside = along <= np.quantile(along, rng.uniform(*kept))
    part = np.zeros_like(mask)
    part[y[inside], x[inside]] = 1
    _, names, stats, _ = cv2.connectedComponentsWithStats(part)
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    left, top, width, height = stats[largest, :4]
    return (names == largest).astype(np.uint8)[top:top + height, left:left + width]


def _broad(mask: np.ndarray) -> bool:
    """One piece, and not as narrow as a digit that stands alone."""
    return mask.shape[1] >= BROAD * mask.shape[0] and cv2.connectedComponents(mask)[0] == 2
