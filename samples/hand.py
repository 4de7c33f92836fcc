"""A writer's hand: the shapes, the slant, the pen and the small unevenness of one person.

    sheet = Sheet(100, 40, dpi=200)
    write(sheet, writer(seed=7), "0427", left=10, baseline=30, height=6, rng=chance(1))
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from paper import Sheet
from pen import curve
from shapes import SHAPES, Stroke


@dataclass(frozen=True)
class Hand:
    """One writer. Lengths are parts of the height of a digit."""

    shapes: dict[str, list[np.ndarray]]  # this writer's own form of each digit
    slant: float  # to the right per height
    aspect: float  # width against the shapes as they are taught
    thickness: float  # of a stroke
    pressure: float  # how much a stroke swells and fades, 0..1
    jitter: float  # how far a control point strays from one digit to the next
    wander: float  # how far a digit leaves the baseline
    gap: float  # between the digits of a number, ink to ink


def chance(seed: int) -> np.random.Generator:
    """Random numbers that are the same on every machine."""
    return np.random.Generator(np.random.PCG64(seed))


def bell(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Bell-shaped random numbers with standard deviation 1, never beyond 3."""
    return rng.random((3, *shape)).sum(axis=0) * 2 - 3


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """An even random number from low to high."""
    return low + (high - low) * float(rng.random())


def writer(seed: int, thickness: float = 0.08) -> Hand:
    """The hand that belongs to a seed, holding a pen of that thickness."""
    rng = chance(seed)
    taught = [forms[int(rng.random() * len(forms))] for forms in SHAPES.values()]
    return Hand(
        shapes={digit: _habit(rng, form) for digit, form in zip(SHAPES, taught, strict=True)},
        slant=between(rng, -0.04, 0.34),
        aspect=between(rng, 0.84, 1.24),
        thickness=thickness,
        pressure=between(rng, 0.10, 0.30),
        jitter=between(rng, 0.010, 0.020),
        wander=between(rng, 0.015, 0.045),
        gap=between(rng, 0.14, 0.24),
    )


def write(sheet: Sheet, hand: Hand, text: str, left: float, baseline: float, height: float,
          rng: np.random.Generator) -> float:
    """Writes a number with its first digit's ink at `left`; returns where its ink ends.

    text: digits 0-9. left, baseline, height and the result: mm on the sheet, y down.
    """
    for position, digit in enumerate(text):
        if position:
            left += hand.gap * height * between(rng, 0.75, 1.35)
        paths = digit_paths(hand, digit, height, rng)
        margin = hand.thickness * height / 2
        edge = min(path[:, 0].min() for path in paths) - margin
        at = left - edge, baseline + bell(rng) * hand.wander * height
        for path in paths:
            _draw(sheet, hand, path + at, height, rng)
        left = at[0] + max(path[:, 0].max() for path in paths) + margin
    return left


def digit_paths(hand: Hand, digit: str, height: float, rng: np.random.Generator
                ) -> list[np.ndarray]:
    """One digit as this hand writes it this time: (N, 2) paths, y from -height to 0."""
    size = height * (1 + 0.05 * bell(rng))
    width = size * hand.aspect * (1 + 0.05 * bell(rng))
    slant = hand.slant + 0.035 * bell(rng)
    paths = []
    for stroke in _stray(rng, hand.shapes[digit], hand.jitter):
        x, y = curve(stroke).T
        paths.append(np.stack([x * width + slant * (1 - y) * size, (y - 1) * size], axis=1))
    return paths


def width(hand: Hand, digit: str, height: float) -> float:
    """About how wide the hand writes a digit, in the unit of `height`."""
    points = np.vstack(hand.shapes[digit])
    return float(np.ptp(points[:, 0] * hand.aspect - points[:, 1] * hand.slant)) * height


def _habit(rng: np.random.Generator, form: list[Stroke]) -> list[np.ndarray]:
    """A taught shape as one writer has come to write it; some digits larger, some smaller."""
    size = 1 + 0.04 * bell(rng)
    return [(stroke - (0, 1)) * size + (0, 1) for stroke in _stray(rng, form, 0.025)]


def _stray(rng: np.random.Generator, strokes: list[np.ndarray] | list[Stroke], distance: float
           ) -> list[np.ndarray]:
    """Control points moved a little; points that lie on each other stay so, in all strokes."""
    points, back = np.unique(np.vstack(strokes), axis=0, return_inverse=True)
    moved = (points + bell(rng, *points.shape) * distance)[back.ravel()]
    return np.split(moved, np.cumsum([len(stroke) for stroke in strokes])[:-1])


def _draw(sheet: Sheet, hand: Hand, path: np.ndarray, height: float, rng: np.random.Generator
          ) -> None:
    """One stroke; the pen swells and fades on its way and thins out at both ends."""
    way = np.linspace(0, 1, len(path))
    press = np.interp(way, np.linspace(0, 1, 5), bell(rng, 5)) * hand.pressure
    ends = np.interp(way, [0, 0.06, 0.9, 1], [0.85, 1, 1, 0.7])
    widths = hand.thickness * height * ends * (1 + press * 0.5)
    sheet.draw("pen", path, widths, np.clip(235 + 90 * press, 110, 255))
