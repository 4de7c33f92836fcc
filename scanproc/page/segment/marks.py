"""Points, commas, dashes and slashes: ink between the digits of a number.

Their kind is a guess by shape and place, so a number with a mark goes to review, but for what can
only be a dash in front of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from scanproc.records import Box, Candidate

MIN_SIZE = 0.07  # of the digit height: smaller ink is dirt
REACH = 0.8  # digit heights from the nearest digit
BELOW, ABOVE = 0.35, 0.1  # digit heights by which a mark may stand out of the line
SHARED, HIGHEST = 0.6, 2.0  # of the digit: what shares so much of it, and is no higher, is no mark
DASH = 1.6  # widths over heights
LONG, HALFWAY = 1.8, (0.3, 0.75)  # of a dash for sure: the same, and where on the digit's height
TALLER = 1.12  # heights of the taller digit beside a slash, of which it stands out both ways
LEAN = 0.15  # of its height by which the upper end of a slash is right of the lower one
STRAIGHT = 4.0  # lengths over breadths of a slash


def on_line(line: Sequence[Box], small: np.ndarray) -> list[Box]:
    """The small pieces that stand beside a digit of a line.

    small: (M, 4) int, the boxes of all small pieces of the page.
    """
    digits = np.array(line, float)
    marks = small[(small[:, 1] < (digits[:, 1] + 2 * digits[:, 3]).max())
                  & (small[:, 1] > (digits[:, 1] - digits[:, 3]).min())]
    return [Box(*map(int, mark)) for mark in marks[_beside(marks, digits).any(axis=1)]]


def _beside(marks: np.ndarray, digits: np.ndarray) -> np.ndarray:
    """(M, D) bool: whether mark m stands beside digit d; boxes are rows (left, top, w, h)."""
    left, top, width, height = marks.T[:, :, None]
    digit_left, digit_top, digit_width, digit_height = digits.T[:, None, :]
    right, digit_right = left + width, digit_left + digit_width
    large = np.maximum(width, height) >= MIN_SIZE * digit_height
    near = np.maximum(left - digit_right, digit_left - right) <= REACH * digit_height
    inside = (top >= digit_top - ABOVE * digit_height) \
        & (top + height <= digit_top + (1 + BELOW) * digit_height)
    shared = np.minimum(top + height, digit_top + digit_height) - np.maximum(top, digit_top)
    inside |= (shared >= SHARED * digit_height) & (height <= HIGHEST * digit_height)  # no mark
    apart = (left + width / 2 > digit_right) | (right - width / 2 < digit_left)
    return large & near & inside & apart


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


def is_dash_in_front(mark: Box, digit: Box) -> bool:
    """Whether it can be nothing but a dash before a number: long, level, at half height."""
    middle = (mark.top + mark.height / 2 - digit.top) / digit.height
    return mark.width >= LONG * mark.height and HALFWAY[0] <= middle <= HALFWAY[1]


def sign(mark: Box, digit: Box) -> str:
    """`/`, `-`, `,` or `.`, by the shape of the mark and its place beside a digit."""
    if mark.height > digit.height:
        return "/"
    if mark.width > DASH * mark.height:
        return "-"
    low = mark.bottom > digit.bottom + 0.05 * digit.height
    return "," if low or mark.height > 1.5 * mark.width else "."
