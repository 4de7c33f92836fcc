"""Print repeats itself exactly, a hand never does: candidates that others on the page equal."""

from __future__ import annotations

import numpy as np

SLIM = 0.45, 0.3  # widths over heights: strokes equal each other, whoever drew them
ALIKE = 0.95, 0.91  # correlation of twins, and of those that are as large to the pixel as well
SIZE = 0.06, 0.12  # by which heights and widths of twins may differ
EXACT = 0.02  # the same of those as large to the pixel; one pixel is always allowed
FEW, MANY = 2, 4  # twins that make print; of what is read as a digit MORE are asked for
MORE = 3
ALL = 0.75  # of what is read as the same digit: in print nearly all are twins, of a neat hand some
BLOCK = 256  # candidates that are compared at once
MOST = 1000  # candidates of like height that one is compared with


def repeated(images: np.ndarray, spots: np.ndarray, digits: np.ndarray
             ) -> tuple[np.ndarray, np.ndarray]:
    """(N,) bool twice: which candidates have so many twins on the page that they are print, and
    which have one at least.

    images: (N, 28, 28) float32, ink = 1.0. spots: (N, 4) float, left, top, width, height.
    digits: (N,) int, the digit each is read as, -1 where it is none.
    Of 627 handwritten digits on real pages none had two twins, at most two in a hundred had one.
    """
    width, height = spots[:, 2], spots[:, 3]
    vectors = _vectors(images)
    order = np.argsort(height, kind="stable")
    found = np.zeros((2, len(images)), bool)
    for at in range(0, len(order), BLOCK):
        ones = order[at:at + BLOCK]
        first, last = np.searchsorted(height[order], (height[ones[0]] * (1 - SIZE[0]) - 1,
                                                      height[ones[-1]] * (1 + SIZE[0]) + 1))
        others = order[first:last][::1 + (last - first) // MOST]
        found[:, ones] = _have_twins(vectors, width, height, digits, ones, others)
    return found[0], found[1]


def _vectors(images: np.ndarray) -> np.ndarray:
    """(N, 196) float32 whose products are correlations, at half the size: pixels of a glyph's edge
    come out otherwise each time."""
    pairs = images[:, ::2] + images[:, 1::2]
    halves = (pairs[:, :, ::2] + pairs[:, :, 1::2]).reshape(-1, 196)
    halves -= halves.mean(axis=1, keepdims=True)
    return halves / np.maximum(np.linalg.norm(halves, axis=1, keepdims=True), 1e-6)


def _have_twins(vectors: np.ndarray, width: np.ndarray, height: np.ndarray, digits: np.ndarray,
                ones: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(2, len(ones)) bool."""
    alike = vectors[ones] @ vectors[others].T
    alike[ones[:, None] == others] = 0
    row, column = np.nonzero(alike > ALIKE[1])
    one, other, alike = ones[row], others[column], alike[row, column]
    taller, wider = np.abs(height[one] - height[other]), np.abs(width[one] - width[other])
    like = ((alike > ALIKE[0]) & (taller < SIZE[0] * height[one]) & (wider < SIZE[1] * width[one]))
    exact = np.maximum(taller, wider) <= np.maximum(1, EXACT * height[one])
    slimness = width[ones] / height[ones]
    same = ((digits[ones][:, None] == digits[others])
            & (np.abs(height[ones][:, None] - height[others]) < SIZE[0] * height[ones][:, None])
            & (np.abs(width[ones][:, None] - width[others]) < SIZE[1] * width[ones][:, None]))
    same = same.sum(axis=1) - 1
    least = np.where(digits[ones] < 0, 0, np.maximum(MORE, ALL * same))
    twins = np.bincount(row, like, len(ones)) * (slimness > SLIM[0])
    many = np.bincount(row, exact, len(ones)) * (slimness > SLIM[1])
    return np.array([(twins >= np.maximum(FEW, least)) | (many >= np.maximum(MANY, least)),
                     twins > 0])
