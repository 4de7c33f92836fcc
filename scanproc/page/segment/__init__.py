"""Ink -> the pieces that may be digits, and those that may be marks; the others with their fate."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from scanproc.page.clean.frame import Frame
from scanproc.page.segment.broken import join_broken
from scanproc.page.segment.noise import noise
from scanproc.page.segment.pieces import (
    MIN_DIGIT_PX,
    candidates,
    not_too_large,
    pieces,
    sorted_by_size,
    usual_height,
    without_frames,
)
from scanproc.records import Box, Candidate

__all__ = ["Segments", "noise", "segment"]


@dataclass(frozen=True)
class Segments:
    """What stands on a page, by its size.

    candidates: what may be digits. small: boxes, on the cleaned page, of what may be marks. flat:
    of what is as low, but so wide that it is a rule.
    fates: how many of the other pieces of ink are what, keys of `reasons.INK_FATES`.
    pieces: how many there are of all three.
    blank: whether nothing on the page is as large as a digit, let alone one.
    """

    candidates: tuple[Candidate, ...]
    small: tuple[Box, ...]
    flat: tuple[Box, ...]
    large: tuple[Box, ...]
    fates: Counter[str]
    pieces: int
    blank: bool


def segment(ink: np.ndarray, cut: np.ndarray, frame: Frame) -> Segments:
    """The pieces of ink on a page.

    ink: (H, W) uint8, 1 = ink, upright, without skew and rules. cut: (H, W) uint8, 1 = where a
    rule was taken out. frame: where both lie on the page.
    """
    every = pieces(ink)
    blank = all(max(piece.spot.width, piece.spot.height) < MIN_DIGIT_PX for piece in every)
    fitting = not_too_large(every, ink.shape)
    height = usual_height(fitting)
    sorts = sorted_by_size(join_broken(fitting, height), height)
    framed, marks = sorts.pop("digit", []), sorts.pop("mark", [])
    digits = without_frames(framed, height)
    fates = Counter({fate: sum(piece.parts for piece in found) for fate, found in sorts.items()})
    fit = set(map(id, fitting))
    large = [piece for piece in every if id(piece) not in fit]
    fates["large"] += len(large)
    fates["rule"] += len(framed) - len(digits)
    return Segments(candidates(digits, cut, frame),
                    tuple(piece.spot for piece in marks),
                    tuple(piece.spot for piece in sorts.get("rule", ()) if piece.parts == 1),
                    tuple(piece.spot for piece in (*large, *sorts.get("large", ()))), fates,
                    len(every), blank)
