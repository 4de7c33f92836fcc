"""The nouns: what is handed from one step to the next. All are frozen, none knows a step.

Boxes and sizes are pixels of the upright page image: the stored pixels turned clockwise by
`rotation`, before deskewing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np  # a run that finds DIR held ends before it is needed


class Box(NamedTuple):
    """A rectangle of whole pixels; `left` and `top` count from 0."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column right of the box."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """First row below the box."""
        return self.top + self.height

    def union(self, other: Box) -> Box:
        """The smallest box that holds both."""
        left, top = min(self.left, other.left), min(self.top, other.top)
        right, bottom = max(self.right, other.right), max(self.bottom, other.bottom)
        return Box(left, top, right - left, bottom - top)


@dataclass(frozen=True)
class Page:
    """One decoded page image, as stored.

    gray: (H, W) uint8, 0 = black, 255 = white.
    colour: (H, W, 3) uint8 RGB, or None where the page has no colour.
    dpi: (horizontal, vertical) dots per inch, or None where the file does not say.
    rotation: degrees clockwise (0, 90, 180, 270) by which the file says the page is to be
        turned to stand upright. Evidence, not truth.
    """

    gray: np.ndarray
    colour: np.ndarray | None = None
    dpi: tuple[float, float] | None = None
    rotation: int = 0


@dataclass(frozen=True)
class Cell:
    """A box that is drawn on the page to be written into.

    spot: the paper inside it, on the cleaned page.
    comb: which row of boxes for a digit each it belongs to, from 0; -1: it holds a whole number.
    position: from 1 within its comb, 1 in a box of its own.
    """

    spot: Box
    comb: int = -1
    position: int = 1


@dataclass(frozen=True)
class Candidate:
    """A piece of ink that may be a digit.

    mask: (h, w) uint8, 1 = ink, cut to the candidate's own ink.
    spot: its box on the cleaned page, whose pixels `mask` has.
    box: its box on the upright page image.
    cut: share of its outline that lies where a rule was taken out, in [0, 1].
    parts: how many connected pieces of ink it is made of.
    """

    mask: np.ndarray
    spot: Box
    box: Box
    cut: float = 0.0
    parts: int = 1


@dataclass(frozen=True)
class Reading:
    """One digit read: a row of digits.csv. `position` counts from 1 within its number."""

    position: int
    digit: int
    confidence: float
    runner_up: int
    runner_up_confidence: float
    box: Box
    review: bool = False


@dataclass(frozen=True)
class Number:
    """Digits that belong together: a row of numbers.csv.

    text: 0-9, and `_` for an empty box between digits.
    confidence: the probability that `text` is right.
    reasons: keys of `reasons.NUMBER_REASONS`; any of them sends the number to review.
    marks: positions and signs, `2.` is a point after the second digit, `0-` a minus in front;
        several are joined by a space.
    """

    text: str
    confidence: float
    box: Box
    readings: tuple[Reading, ...]
    reasons: tuple[str, ...] = ()
    marks: str = ""
    field: str = ""
    review: bool = False


@dataclass(frozen=True)
class PageResult:
    """All that is known of one page: a row of pages.csv and the numbers on it.

    status: read, blank, refused, crashed, timeout or duplicate.
    reason: a key of `reasons.PAGE_REASONS`, empty where the page was read.
    words: the reason for a clerk.
    width, height: pixels of the upright page image; 0 where it was not decoded.
    dpi: (horizontal, vertical), or None where unknown.
    rotation: degrees clockwise from the stored pixels to the upright page: 0, 90, 180, 270.
    skew: degrees by which the upright page is tilted, positive clockwise; taken out to read it.
    numbers: in reading order.
    ink: what became of the connected pieces of ink: (key of `reasons.INK_FATES`, how many), sorted.
    """

    page: int
    status: str
    reason: str = ""
    words: str = ""
    form: str = ""
    width: int = 0
    height: int = 0
    dpi: tuple[float, float] | None = None
    rotation: int = 0
    skew: float = 0.0
    numbers: tuple[Number, ...] = field(default=())
    ink: tuple[tuple[str, int], ...] = field(default=())
