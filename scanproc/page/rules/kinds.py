"""Boxes of one size: those that were found tell where the fainter ones of their kind stand."""

from __future__ import annotations

from itertools import product

import numpy as np

from scanproc.page.rules.cells import NARROW, WIDE
from scanproc.page.rules.holes import RULE_PX, middles_in

HIGHEST = 0.06  # of the page's longer side: higher ones are frames of a section
LIKE = 0.12  # by which the sizes of boxes of a kind differ
KIND, KINDS = 4, 4  # boxes of a size make a kind; sizes on a page, from the most usual on
WIDEST = 3.2  # sizes from one box to the next, at most
LARGER = 1.5  # times the size: a box that holds others
LEVEL = 0.2  # of the size: by how much neighbours in a row or a column are out of line
SLACK = 0.15  # of the size: so far from where it is expected a box may stand
BESIDE = 0.1  # of the size: so far from its side a box has paper
NEARLY = 0.1  # of what sides of the kind stand out: places that are as good
ALL_ALONG = 0.8  # of a side; a 1 is shorter
FAINTER, FAINTEST = 0.5, 0.25  # a side stands out at least so much as those of its kind do
PEN = 4.0  # times the usual sides: what is so much darker is of no side
MOST = 500  # boxes of a kind


def completed(boxes: np.ndarray, dark: np.ndarray) -> np.ndarray:
    """The boxes with those that stand at the pitch of their like, next to them in rows and columns,
    though their sides are fainter than a search of the page can tell from its noise.

    boxes: (N, 4) float left, top, width, height. dark: (H, W) uint8, paper = 0.
    Returns (M, 4). What overlaps a box of a kind that is more usual, and is no frame, is none.
    """
    shape, highest = boxes[:, 2] / boxes[:, 3], HIGHEST * max(dark.shape)
    left = boxes[(shape >= NARROW) & (shape <= WIDE) & (boxes[:, 3] < highest)]
    for _ in range(KINDS):
        alike = _alike(left)
        if alike.sum() < KIND:
            break
        kind = _grown(left[alike], dark)
        frames = (boxes[:, 2:] > LARGER * np.median(left[alike, 2:], axis=0)).any(axis=1)
        boxes = np.concatenate([kind, boxes[frames | ~_overlap(boxes, kind)]])
        left = left[~alike & ~_overlap(left, kind)]
    return boxes


def _alike(boxes: np.ndarray) -> np.ndarray:
    """(N,) bool: the boxes of the most usual size."""
    size = boxes[:, 2:]
    like = (np.abs(size[:, None] / size - 1) < LIKE).all(axis=2)
    return like[like.sum(axis=1).argmax()] if len(boxes) else np.zeros(0, bool)


def _grown(kind: np.ndarray, dark: np.ndarray) -> np.ndarray:
    """What is whole of a kind, with all its boxes that can be reached from one to the next."""
    sides = [np.ravel(_sides(dark, box, 0)[0]) for box in kind]
    usual = np.maximum(1, np.median(sides, axis=0))
    dark = np.where(dark > PEN * usual.max(), 0, dark)
    kind = kind[[_whole(_sides(dark, box, 0)[1], usual) for box in kind]]
    ways = _ways(kind) if len(kind) > 1 else ()
    edge = kind
    while len(edge) and len(ways) and len(kind) < MOST:
        new = kind[:0]
        for box, way in product(edge, ways):
            wanted = np.append(box[:2] + way * box[2:], box[2:])
            if not _overlap(wanted[None], np.concatenate([kind, new])).any():
                placed = _placed(dark, wanted, usual, int(way[0] == 0))
                new = new if placed is None else np.append(new, placed[None], axis=0)
        edge = new
        kind = np.concatenate([kind, edge])
    return kind


def _placed(dark: np.ndarray, box: np.ndarray, usual: np.ndarray, along: int
            ) -> np.ndarray | None:
    """The box where its sides are most as usual, or None. The two across the way to it count most:
    the others may be its neighbour's, drawn out.

    usual: (4,) by how many gray levels sides stand out: left, right, top, bottom. along: 0 where it
    is beside its neighbour, 1 where above or below.
    """
    at, like = [], []
    sides, divided = _sides(dark, box, SLACK)
    for pair, levels in zip(sides, usual.reshape(2, 2, 1), strict=True):
        share = pair / levels
        share = np.minimum(share, 1 / np.maximum(share, 1))  # much darker is another rule
        lesser = share.min(axis=0)
        best = int(np.median(np.flatnonzero(lesser >= lesser.max() - NEARLY)))
        at.append(best - pair.shape[1] // 2)
        like.append(share[:, best])
    seen = (min(like[along].min(), like[1 - along].max()) >= FAINTER
            and like[1 - along].min() >= FAINTEST and _whole(divided, usual))
    return np.append(box[:2] + at, box[2:]) if seen else None


def _whole(divided: np.ndarray, usual: np.ndarray) -> bool:
    """Whether nothing like its sides divides a box; see `_sides`."""
    return bool((divided < FAINTER * usual.reshape(2, 2).min(axis=1)).all())


def _overlap(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(N,) bool: which boxes have the middle of another in them, or theirs in another."""
    return middles_in(boxes, others).any(axis=1) | middles_in(others, boxes).any(axis=0)


def _ways(kind: np.ndarray) -> np.ndarray:
    """(K, 2) the steps, in sizes, from a box of a kind to the next on either side, above and below,
    that more than one takes: within a row of boxes, and from row to row."""
    apart = (kind[None, :, :2] - kind[:, None, :2]) / np.median(kind[:, 2:], axis=0)
    ways = []
    for along in (0, 1):
        after = (np.abs(apart[..., 1 - along]) < LEVEL) & (apart[..., along] > 1 - LEVEL)
        steps = np.sort(np.where(after, apart[..., along], np.inf).min(axis=1))
        steps = steps[steps < WIDEST]
        for same in np.split(steps, np.flatnonzero(np.diff(steps) > SLACK) + 1):
            if len(same) > along:
                step = np.median(same) * np.eye(2)[along]
                ways += [step, -step]
    return np.array(ways).reshape(-1, 2)


def _sides(dark: np.ndarray, box: np.ndarray, slack: float
           ) -> tuple[list[np.ndarray], np.ndarray]:
    """By how many gray levels the left and right side, and top and bottom, stand out from the paper
    in the box: (2, K) each, for the places about the one given; and (2,) what divides the box from
    top to bottom, and from left to right.

    slack: of the size, how far the places go. The pen that crosses a side does not move the median
    along it; what divides a box is nearly all along it.
    """
    size = box[2:]
    reach, beside = np.ceil(slack * size).astype(int), np.ceil(BESIDE * size).astype(int) + 1
    length = np.round(size + 2 * RULE_PX).astype(int)
    margin = reach + beside + 1
    patch = _patch(dark, np.round(box[:2] - RULE_PX).astype(int) - margin, length + 2 * margin)
    found, divided = [], []
    for along, across in ((0, patch), (1, patch.T)):
        ranked = np.sort(across[margin[1 - along]:-margin[1 - along]], axis=0)
        (left, right), (before, after) = (
            _stands_out(ranked[int(part * len(ranked))], int(beside[along]))
            for part in (0.5, 1 - ALL_ALONG))
        places = 2 * int(reach[along]) + 1
        found.append(np.array([right[:places], left[-places:]]))  # from what is inside the box
        between = np.minimum(before, after)[places + beside[along]:-places - beside[along]]
        divided.append(between.max(initial=0))
    return found, np.array(divided)


def _stands_out(profile: np.ndarray, away: int) -> tuple[np.ndarray, np.ndarray]:
    """By how much the darkest of three neighbours exceeds what is so far before it, and after."""
    thick = np.max([profile[:-2], profile[1:-1], profile[2:]], axis=0)[away:-away]
    return thick - profile[1:-1 - 2 * away], thick - profile[1 + 2 * away:-1]


def _patch(dark: np.ndarray, start: np.ndarray, size: np.ndarray) -> np.ndarray:
    """A part of the page, paper where it goes beyond: float32, rows by columns."""
    patch = np.zeros(size[::-1], np.float32)
    first = np.maximum(start, 0)
    last = np.maximum(np.minimum(start + size, dark.shape[::-1]), first)
    (left, top), (right, bottom) = first - start, last - start
    patch[top:bottom, left:right] = dark[first[1]:last[1], first[0]:last[0]]
    return patch
