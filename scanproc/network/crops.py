"""Held-out digits as they come from pages: what confidence is fitted and measured on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from scanproc.labelled.digits import Digits
from scanproc.network import augment, ones, pool
from scanproc.network.recipe import Recipe

COPIES = 8
WORDS = ("held-out MNIST digits, and their 1s once more with an upstroke, drawn with many pens at "
         "scan resolution, distorted, binarized and normalized as crops from pages are")


def draw(digits: Digits, recipe: Recipe, draw: int, copies: int = COPIES) -> Digits:
    """Each digit so many times, page-like; `draw` numbers independent drawings of them."""
    source = ones.with_upstrokes(digits, recipe.seed)
    fields = augment.sources(source.images)
    picks = np.tile(np.arange(len(source)), copies)
    picks = np.random.default_rng((recipe.seed, draw)).permutation(picks)
    parts = [(at, picks[at:at + pool.AT_ONCE]) for at in range(0, len(picks), pool.AT_ONCE)]

    def drawn(part: tuple[int, np.ndarray]) -> np.ndarray:
        rng = np.random.default_rng((recipe.seed, draw, part[0], len(digits)))
        found = augment.page_like(fields, part[1], recipe.distortion, rng)
        return np.round(found * 255).astype(np.uint8)

    with ThreadPoolExecutor(2) as threads:
        return Digits(np.concatenate(list(threads.map(drawn, parts))), source.labels[picks])
