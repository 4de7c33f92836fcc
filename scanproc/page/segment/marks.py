"""Points, commas, dashes, slashes and colons: ink between the digits of a number.

Their kind is told by shape and place, in strokes of the pen and in heights of the digits beside
them. Where they might be another sign, or dirt, the number goes to review.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import cv2
import numpy as np

from scanproc.records import Box, Candidate

MIN_SIZE = 0.07  # of the digit height: smaller ink is dirt
REACH = 0.8  # digit heights from the nearest digit
BELOW, ABOVE = 0.35, 0.1  # digit heights by which anything may stand out of the line
HANGS, BEGINS = 0.7, 0.15  # below it, where a mark ends and begins at most: else a rest of a rule
SHARED, HIGHEST = 0.6, 2.0  # of the digit: what shares so much of it, and is no higher, is no mark
# Of a comma as high as a digit may be: its height, its top and its foot on a digit beside it.
HIGH, FROM, TO = 0.6, 0.7, 1.1
BLOCK = 256  # digits compared at once
DASH = 1.6  # widths over heights
POINT = 2.0  # strokes of the pen: what is larger, and no dash, is a comma
# Of signs for sure, as nothing else looked on freshly drawn pages. Of a dash: widths over heights,
# and where on the digits' height its middle is.
LONG, HALFWAY = 1.8, (0.3, 0.75)
# Of a point: strokes of the pen, widths over heights, and where on the digits' height its foot is.
ROUND, SQUARE, AT_FOOT = (0.7, 1.9), (0.6, 1.7), (0.85, 1.3)
# Of a comma: strokes of the pen, heights over widths at least, where its foot and its middle are.
HANGING, UPRIGHT, FOOT, MIDDLE = (2.2, 5.0), 1.25, (1.1, 1.7), 0.85
TALLER = 1.12  # heights of the taller digit beside a slash, of which it stands out both ways
LEAN = 0.15  # of its height by which the upper end of a slash is right of the lower one
STRAIGHT = 4.0  # lengths over breadths of a slash


def on_line(line: Sequence[Box], pieces: np.ndarray, below: float = BELOW) -> list[Box]:
    """The pieces that stand beside a digit of a line.

    pieces: (M, 4) int, boxes. below: digit heights by which they may stand out of the line there.
    """
    digits = np.array(line, float)
    near = pieces[(pieces[:, 1] < (digits[:, 1] + 2 * digits[:, 3]).max())
                  & (pieces[:, 1] > (digits[:, 1] - digits[:, 3]).min())]
    return [Box(*map(int, piece)) for piece in near[_beside(near, digits, below).any(axis=1)]]


def _beside(marks: np.ndarray, digits: np.ndarray, below: float) -> np.ndarray:
    """(M, D) bool: whether mark m stands beside digit d; boxes are rows (left, top, w, h)."""
    left, top, width, height = marks.T[:, :, None]
    digit_left, digit_top, digit_width, digit_height = digits.T[:, None, :]
    right, digit_right = left + width, digit_left + digit_width
    large = np.maximum(width, height) >= MIN_SIZE * digit_height
    near = np.maximum(left - digit_right, digit_left - right) <= REACH * digit_height
    inside = (top >= digit_top - ABOVE * digit_height) \
        & (top <= digit_top + (1 + BEGINS) * digit_height) \
        & (top + height <= digit_top + (1 + below) * digit_height)
    shared = np.minimum(top + height, digit_top + digit_height) - np.maximum(top, digit_top)
    inside |= (shared >= SHARED * digit_height) & (height <= HIGHEST * digit_height)  # no mark
    apart = (left + width / 2 > digit_right) | (right - width / 2 < digit_left)
    return large & near & inside & apart


def hanging(digits: Sequence[Box], cells: Sequence[int]) -> np.ndarray:
    """(N,) bool: which of the digits hang on the foot of another one, as a comma does.

    cells: the box that each stands in; -1 for none.
    """
    spots, cell = np.array(digits, float).reshape(-1, 4), np.array(cells, int)
    found = np.zeros(len(spots), bool)
    foot = spots[:, 1] + spots[:, 3]
    order = np.argsort(foot, kind="stable")
    reach = (1 + BEGINS) * spots[:, 3].max(initial=0)
    for at in range(0, len(order), BLOCK):  # those that hang on one end little lower than it
        these = order[at:at + BLOCK]
        first, last = np.searchsorted(foot[order], (foot[these[0]] - reach, foot[these[-1]]))
        others = order[first:last]
        found[these] = _hangs(spots[these], spots[others], cell[these, None] == cell[others])
    return found


def _hangs(spots: np.ndarray, others: np.ndarray, together: np.ndarray) -> np.ndarray:
    """(N,) bool: which hang on one of the others. together: (N, M) bool, which are in one box."""
    left, top, width, height = spots.T[:, :, None]
    other_left, other_top, other_width, other_height = others.T[:, None, :]
    near = np.maximum(left - other_left - other_width, other_left - left - width) \
        <= REACH * other_height
    return (near & together & (height < HIGH * other_height)
            & (top >= other_top + FROM * other_height)
            & (top <= other_top + (1 + BEGINS) * other_height)
            & (top + height >= other_top + TO * other_height)).any(axis=1)


def is_slash(stroke: Candidate, before: Box, after: Box) -> bool:
    """Whether what stands between two digits is a stroke that leans and stands out of both, as in
    12/05. A 1 leans as well, but stays within the height of its neighbours."""
    spot, height = stroke.spot, max(before.height, after.height)
    if max(spot.left - before.right, after.left - spot.right) > REACH * height:
        return False
    stands_out = (spot.top <= min(before.top, after.top) and spot.height >= TALLER * height
                  and spot.bottom >= max(before.bottom, after.bottom))
    if not stands_out:
        return False
    points = cv2.findNonZero(stroke.mask).reshape(-1, 2)
    upper, lower = points[points[:, 1].argmin()], points[points[:, 1].argmax()]
    _, sides, _ = cv2.minAreaRect(points)
    return bool(upper[0] - lower[0] >= LEAN * spot.height
                and max(sides) >= STRAIGHT * min(sides))


def signs(found: Sequence[tuple[int, Box]], digits: Sequence[Box], pen: float
          ) -> tuple[tuple[tuple[int, str], ...], bool]:
    """((position, sign) of each mark, whether one may be another, or none).

    found: marks from the left, each with how many digits are before it. digits: of the number.
    pen: pixels, how thick they are written.
    """
    told, doubtful = [], False
    for position, group in groupby(found, key=lambda one: one[0]):
        marks = [mark for _, mark in group]
        beside = digits[max(0, position - 1):position + 1]
        read = [_sign(mark, beside, pen) for mark in marks]
        if len(marks) == 2 and position and _is_colon(*marks, beside, pen):
            read = [(":", True)]
        told += [(position, sign) for sign, _ in read]
        doubtful |= len(read) > 1 or not read[0][1] or not position and read[0][0] != "-"
    return tuple(told), doubtful


def _sign(mark: Box, digits: Sequence[Box], pen: float) -> tuple[str, bool]:
    """`/`, `-`, `,` or `.`, and whether it can be nothing else."""
    middle, foot = (_height_on(digits, at) for at in (mark.top + mark.height / 2, mark.bottom))
    long = max(mark.width, mark.height) / pen
    if mark.height > digits[-1].height:
        return "/", False
    if mark.width > DASH * mark.height:
        return "-", mark.width >= LONG * mark.height and HALFWAY[0] <= middle <= HALFWAY[1]
    if long <= POINT:
        return ".", _is_round(mark, pen) and AT_FOOT[0] <= foot <= AT_FOOT[1]
    return ",", (HANGING[0] <= long <= HANGING[1] and mark.height >= UPRIGHT * mark.width
                 and FOOT[0] <= foot <= FOOT[1] and middle >= MIDDLE)


def _is_round(mark: Box, pen: float) -> bool:
    return (SQUARE[0] <= mark.width / mark.height <= SQUARE[1]
            and ROUND[0] <= min(mark[2:]) / pen and max(mark[2:]) / pen <= ROUND[1])


def _is_colon(one: Box, other: Box, digits: Sequence[Box], pen: float) -> bool:
    """Two points, one above the other, in the height of the digits."""
    upper, lower = sorted((one, other), key=lambda mark: mark.top)
    return (_is_round(one, pen) and _is_round(other, pen)
            and abs(upper.left - lower.left) <= pen
            and HALFWAY[0] / 2 <= _height_on(digits, upper.bottom) <= HALFWAY[1]
            and HALFWAY[1] <= _height_on(digits, lower.bottom) <= AT_FOOT[1])


def _height_on(digits: Sequence[Box], y: float) -> float:
    """Where a row of pixels is on digits: 0 is their top, 1 their foot."""
    top, foot = (float(np.mean(ends)) for ends in zip(
        *((digit.top, digit.bottom) for digit in digits), strict=True))
    return (y - top) / (foot - top)
