"""The images that networks learn from: every digit many times, each time distorted anew."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from scanproc.labelled.digits import Digits
from scanproc.network import augment, negatives
from scanproc.network.recipe import Recipe
from scanproc.page.classify import NOT_A_DIGIT

AT_ONCE = 500           # images distorted in one go
LIBRARY = 3             # times as many non-digits are drawn as one copy shows


@dataclass(frozen=True)
class Pool:
    """images: (N, 784) uint8, ink = 255. labels: (N,) uint8. copy: images that make an epoch."""

    images: np.ndarray
    labels: np.ndarray
    copy: int


def draw(digits: Digits, recipe: Recipe, report: Callable[[int], None]) -> Pool:
    """`copies` times all digits, with non-digits among them. The recipe's seed decides all.

    digits: may hold non-digits of their own, which count among them. report: called with the
    number of each copy done.
    """
    given = int((digits.labels == NOT_A_DIGIT).sum())
    wanted = (len(digits) - given) * recipe.negatives / (1 - recipe.negatives)
    others = max(0, round(wanted) - given)
    library = digits + negatives.draw(digits, LIBRARY * others, recipe.seed)
    source = augment.sources(library.images)
    copy = len(digits) + others
    images = np.empty((recipe.copies * copy, 784), np.uint8)
    labels = np.empty(len(images), np.uint8)
    with ThreadPoolExecutor(2) as threads:
        for number in range(recipe.copies):
            rng = np.random.default_rng((recipe.seed, number))
            extra = len(digits) + rng.permutation(len(library) - len(digits))[:others]
            picks = rng.permutation(np.concatenate([np.arange(len(digits)), extra]))
            at = slice(number * copy, number * copy + len(picks))
            labels[at] = library.labels[picks]
            distort(source, picks, recipe, (recipe.seed, number), images[at], threads)
            report(number + 1)
    return Pool(images, labels, copy)


def distort(source: augment.Sources, picks: np.ndarray, recipe: Recipe, seed: tuple[int, ...],
            into: np.ndarray, threads: ThreadPoolExecutor) -> None:
    """The images `picks` (n,) distorted, by both roads, into (n, 784) uint8."""
    def part(at: int) -> None:
        rng = np.random.default_rng((*seed, at))
        drawn = augment.batch(source, picks[at:at + AT_ONCE], recipe.distortion, rng)
        into[at:at + AT_ONCE] = np.round(drawn.reshape(len(drawn), 784) * 255)

    list(threads.map(part, range(0, len(picks), AT_ONCE)))
