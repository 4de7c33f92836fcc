"""Crosses: boxes are filled with them that are not used."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from scanproc.records import Candidate

CROSS_PX, CROSSED = 9, 0.56  # size of the cross that is laid on, and correlation with it
SURELY_NONE, MAYBE_NONE = 0.9, 0.2  # probability of no digit
# Of two strokes that cross, in sizes of the box around them: how far ink may be from them, how
# long they are, what share of the ink is theirs and what share of their length is inked; widths
# over heights; where along them they meet. None of 8,000 handwritten digits is such.
ASIDE, LONG, THEIRS, INKED, SQUARE, MEET = 0.12, 0.75, 0.95, 0.9, (0.6, 1.7), (0.1, 0.9)
STEPS = 24  # in which the length is looked at


def crosses(candidates: Sequence[Candidate], least: float = CROSSED) -> np.ndarray:
    """(N,) bool: X-shaped.

    least: correlation with a cross. Two digits joined have 0.3 at most, a y has 0.5.
    """
    cross = np.eye(CROSS_PX, dtype=np.float32)
    cross = _unit(cv2.GaussianBlur(np.maximum(cross, cross[:, ::-1]), (3, 3), 0))
    return np.array([np.vdot(cross, _unit(cv2.resize(
        candidate.mask.astype(np.float32), cross.shape, interpolation=cv2.INTER_AREA))) > least
        or two_strokes(candidate.mask) for candidate in candidates], bool)


def sure_crosses(candidates: Sequence[Candidate], none: np.ndarray, least: float = CROSSED
                 ) -> np.ndarray:
    """(N,) bool: as `crosses`, and surely no digit; or nothing but two strokes that cross, and
    maybe none. none: (N,) probability of that."""
    found = none >= SURELY_NONE
    found[found] = crosses([candidates[at] for at in np.flatnonzero(found)], least)
    for at in np.flatnonzero(~found & (none >= MAYBE_NONE)):
        found[at] = two_strokes(candidates[at].mask)
    return found


def two_strokes(mask: np.ndarray) -> bool:
    """Whether ink is two straight strokes that cross, thick or thin, even or not.

    mask: (h, w) uint8, 1 = ink.
    """
    height, width = mask.shape
    if not SQUARE[0] <= width / height <= SQUARE[1]:
        return False
    ink = (np.argwhere(mask)[:, ::-1] + 0.5) / (width, height)
    down, up = ink.sum(axis=1), ink[:, 0] - ink[:, 1]
    strokes = [(ink[way.argmin()], ink[way.argmax()]) for way in (down, up)]
    along, aside, length = zip(*(_beside(ink, *ends) for ends in strokes), strict=True)
    if min(length) < LONG or (np.minimum(*aside) < ASIDE).mean() < THEIRS:
        return False
    inked = [len(np.unique((way[off < ASIDE] * STEPS).astype(int))) / (STEPS + 1)
             for way, off in zip(along, aside, strict=True)]
    return min(inked) >= INKED and _meet(*strokes)


def _beside(ink: np.ndarray, start: np.ndarray, end: np.ndarray
            ) -> tuple[np.ndarray, np.ndarray, float]:
    """Where along a stroke ink is, 0 to 1, how far beside it, and how long the stroke is."""
    way = end - start
    length = float(np.hypot(*way))
    along = np.clip((ink - start) @ way / max(length, 1e-6) ** 2, 0, 1)
    return along, np.hypot(*(ink - start - along[:, None] * way).T), length


def _meet(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> bool:
    """Whether two strokes cross in their middle parts."""
    ways = np.column_stack([one[1] - one[0], other[0] - other[1]])
    if abs(np.linalg.det(ways)) < 1e-6:
        return False
    where = np.linalg.solve(ways, other[0] - one[0])
    return bool(((where >= MEET[0]) & (where <= MEET[1])).all())


def _unit(image: np.ndarray) -> np.ndarray:
    """Without its mean and of norm 1, so that a product is a correlation."""
    image = image - image.mean()
    return image / max(float(np.linalg.norm(image)), 1e-6)
