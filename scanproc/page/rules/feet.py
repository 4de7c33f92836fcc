"""Combs by the feet of their uprights, where a copier left but dashes of the base."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import cv2
import numpy as np

from scanproc.page.rules.combs import BOXES, MISSING, PITCH, SLIM, Broken, Toothed, comb
from scanproc.page.rules.components import components
from scanproc.page.rules.holes import ink_share, span
from scanproc.page.rules.lines import along

# in units but where a name says otherwise
GAP = 1.6  # so much of an upright may be missing
SHORT = 0.8  # a shorter one is none
BESIDE, BESIDE_PX, FREE = 1.6, 3, 0.06  # so far on one side of an upright there is no more ink
LEVEL_PX = 3  # rows between the feet of a comb
BARE = 12.0  # of a base without ink: a box may have none
HIGH, ALIKE = 0.67, 0.35  # see `Broken`: some uprights are whole
# Of the columns of a box, those with a thin line at its base, and if it is closed, at its base and
# its lid, taken together; in all boxes, and in most. At their tops, circles have 0.2 to 0.4 ...
OPEN, SHUT, EACH = 0.4, 0.5, 0.2
NO_LID, LID = 0.15, 0.45
FIRM, ANY_LID = 0.65, 0.3  # no circle has so much of a base: it is clear what has a lid
# ... and of the ink above a base, without and with the uprights, and of that below it, so far from
# it: lines of print have more above.
ABOVE, WITH_FEET, BELOW, UNDER, UNDER_PX = 0.18, 0.28, 0.02, 1.5, 4
LOW = 0.12  # of the pitch: so far above
MOST = 80  # bases that are looked at; a page full of print has 40
ON = 0.6  # of the teeth reach the base; those that are the sides of a circle do not


def standing_on_feet(rule_ink: np.ndarray, unit: float) -> list[Toothed]:
    """Combs whose base is too broken for a rule.

    rule_ink: (H, W) uint8, 1 = ink down to faint rules. unit: pixels, about a seventh of a cell.
    """
    broken = Broken(round(GAP * unit / 2), HIGH, ALIKE, bare=True)
    found = (comb(left, np.full(right - left, level), rule_ink, unit, broken)
             for left, right, level in islice(_bases(rule_ink, unit), MOST))
    return [whole for one in found if one and (whole := _whole(one, rule_ink, unit))]


def _bases(ink: np.ndarray, unit: float) -> Iterator[tuple[int, int, int]]:
    """Where bases may begin and end, and their middle row."""
    x, foot = _uprights(ink, unit)
    seen = -LEVEL_PX
    for at in np.argsort(foot, kind="stable"):
        if foot[at] < seen + LEVEL_PX:
            continue
        here = np.abs(foot - foot[at]) <= LEVEL_PX
        if np.count_nonzero(here) < BOXES:
            continue
        seen = foot[at]
        level = _fullest(ink, round(float(np.median(foot[here]))))
        line, near = _line(ink, level, unit)
        whole = cv2.morphologyEx(near[None], cv2.MORPH_CLOSE, along(BARE * unit))
        for left, right in np.flatnonzero(np.diff(whole[0], prepend=0, append=0)).reshape(-1, 2):
            feet = np.count_nonzero((x[here] >= left - BESIDE_PX) & (x[here] < right + BESIDE_PX))
            if (right - left >= BOXES * PITCH[0] * unit and feet >= BOXES
                    and line[left:right].mean() >= EACH
                    and _above(ink, level, left, right, unit) <= WITH_FEET
                    and _below(ink, level, left, right, unit) <= BELOW):
                yield int(left), int(right), level


def _uprights(ink: np.ndarray, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """(x, foot), (N,) each, of slim upright strokes with paper on one side."""
    turned = cv2.dilate(np.ascontiguousarray(ink.T), np.ones((3, 1), np.uint8))
    closed = cv2.morphologyEx(turned, cv2.MORPH_CLOSE, along(GAP * unit))
    thick = np.ones((max(6, round(SLIM * unit) + 2), 1), np.uint8)
    thin = closed & ~cv2.morphologyEx(closed, cv2.MORPH_OPEN, thick)
    found = components(cv2.morphologyEx(thin, cv2.MORPH_OPEN, along(SHORT * unit)), SHORT * unit)
    area = np.maximum(1, np.bincount(found.owner, minlength=found.count))[1:]
    x = np.bincount(found.owner, found.y, found.count)[1:] / area
    top, foot = found.left[1:], found.left[1:] + found.width[1:]
    total = cv2.integral(ink)

    def share(first: np.ndarray, stop: np.ndarray) -> np.ndarray:
        first, stop = (np.clip(side, 0, ink.shape[1]).astype(int) for side in (first, stop))
        part = total[foot, stop] - total[top, stop] - total[foot, first] + total[top, first]
        return part / np.maximum(1, (stop - first) * (foot - top))

    beside = np.minimum(share(x - BESIDE * unit, x - BESIDE_PX),
                        share(x + BESIDE_PX + 1, x + BESIDE * unit))
    return x[beside <= FREE], foot[beside <= FREE]


def _fullest(ink: np.ndarray, level: int) -> int:
    """The row with most ink that is so near."""
    first = max(0, level - LEVEL_PX)
    return first + int(ink[first:level + LEVEL_PX].sum(axis=1).argmax())


def _line(ink: np.ndarray, level: int, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """The columns with a thin line at a level and nothing on it, and those with ink: (W,) uint8."""
    around = ink[span(level - unit, level + unit)].sum(axis=0)
    near = ink[span(level - LEVEL_PX, level + LEVEL_PX + 1)].max(axis=0, initial=0)
    return near & (around <= max(4, SLIM * unit)), near


def _above(ink: np.ndarray, level: int, left: int, right: int, unit: float) -> float:
    return ink_share(ink[span(level - UNDER_PX - unit, level - UNDER_PX), left:right])


def _below(ink: np.ndarray, level: int, left: int, right: int, unit: float) -> float:
    return ink_share(ink[span(level + UNDER_PX, level + UNDER * unit), left:right])


def _whole(found: Toothed, ink: np.ndarray, unit: float) -> Toothed | None:
    """The comb with its boxes as high as they are, if its lines are those of one, and no longer:
    uprights on a part of a rule are those of a word."""
    left, top, width, height = found.boxes.T
    level, high = round(float((top + height).mean())), float(np.quantile(found.teeth[:, 3], HIGH))
    base, lid = (np.array(_lined(found.boxes, at, ink, unit)) for at in (level, level - high))
    least, most = (ANY_LID, ANY_LID) if base.mean() >= FIRM else (LID, NO_LID)
    closed = lid.mean() >= least
    each = np.sort((base + lid) / 2 if closed else base)
    if (not closed and lid.mean() > most or each.mean() < (SHUT if closed else OPEN)
            or each[int(MISSING * len(each)) if closed else 1] < EACH
            or not (found.shut.all() and _joined(found, level, ink)
                    and _bare(found, level, ink, unit))):
        return None
    height = np.full(len(top), high) if closed else height
    return found._replace(boxes=np.stack([left, level - height, width, height], axis=1))


def _lined(boxes: np.ndarray, level: float, ink: np.ndarray, unit: float) -> list[float]:
    """Of the columns of each box, the share that has a line at a level."""
    line, _ = _line(ink, round(level), unit)
    return [line[span(left + BESIDE_PX, left + width - BESIDE_PX)].mean()
            for left, _, width, _ in boxes]


def _joined(found: Toothed, level: int, ink: np.ndarray) -> bool:
    """Whether most teeth reach the base."""
    base = ink[span(level - 1, level + 2)]
    return bool(np.mean([base[:, span(x, x + wide)].any()
                         for x, _, wide, _ in found.teeth]) >= ON)


def _bare(found: Toothed, level: int, ink: np.ndarray, unit: float) -> bool:
    """Whether there is paper below the base, and between the teeth right above it."""
    left, _, width, _ = found.boxes[0]
    across = span(left, left + width * len(found.boxes))
    low = ink[span(level - UNDER_PX - LOW * width, level - UNDER_PX)].copy()
    for x, _, wide, _ in found.teeth:
        low[:, span(x - BESIDE_PX, x + wide + BESIDE_PX)] = 0
    return bool(low.size and low[:, across].mean() <= ABOVE
                and _below(ink, level, across.start, across.stop, unit) <= BELOW)
