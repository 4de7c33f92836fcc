"""What is no digit, drawn by code: print, letters, marks, digits joined and digits cut.

Of every kind about as many as KINDS says. Left out is what only its surroundings tell from a
digit: printed digits, the letters that are digits by shape, upright strokes.
"""

from __future__ import annotations

import numpy as np

from scanproc.labelled.digits import Digits
from scanproc.network.negatives import letters, marks, pieces
from scanproc.page.classify import NOT_A_DIGIT
from scanproc.page.normalize import normalize

# A function that draws one mask (h, w) uint8, 1 = ink, or None where the try failed; its share.
KINDS = ((letters.printed, 0.18), (letters.words, 0.12), (letters.written, 0.14),
         (marks.mark, 0.16), (marks.texture, 0.06), (pieces.joined, 0.16),
         (pieces.piece, 0.10), (pieces.with_neighbour, 0.08))


def draw(digits: Digits, count: int, seed: int) -> Digits:
    """So many images of what is no digit, normalized as digits from a page are.

    digits: what joined and cut digits are made from. Returns images (N, 28, 28) uint8 with the
    label NOT_A_DIGIT; N is `count` but for rounding.
    """
    rng = np.random.default_rng((seed, NOT_A_DIGIT))
    source = pieces.Source(digits)
    images = [image for kind, share in KINDS
              for image in _of_kind(kind, round(share * count), source, rng)]
    return Digits(np.array(images, np.uint8).reshape(-1, 28, 28),
                  np.full(len(images), NOT_A_DIGIT, np.uint8))


def _of_kind(kind, count, source, rng):
    found = []
    while len(found) < count:
        mask = kind(source, rng)
        if mask is not None and mask.any():
            found.append(np.round(normalize(_cropped(mask)) * 255))
    return found


def _cropped(mask: np.ndarray) -> np.ndarray:
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return mask[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
