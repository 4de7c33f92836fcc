"""Digits -> numbers in reading order: rows of boxes, boxes, and lines cut at their wide gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import compress, pairwise
from typing import NamedTuple

import numpy as np

from scanproc.page.neighbours import on_lines
from scanproc.page.segment import lines, marks, rests
from scanproc.page.segment.places import place
from scanproc.page.stroke import thickness
from scanproc.records import Box, Candidate, Cell

LOW = 0.4  # of its line's usual digit, or of one in its box: a lower one is a mark, or a rest
CLOSE = 0.6  # digit heights: no gap between two numbers
BESIDE = 1.5  # box widths from a row of boxes, where another box of it may be
TOUCH = 0.2  # of a box's width, and height: the rules that two boxes share
PITCH = 0.9  # box widths: two digits so close are not each in a box of that row
NARROW = 2.5  # digit heights: a narrower box with one digit in it is for one
BOXED_WIDE, BOXED_DOUBT = 1.2, 0.4  # as lines.WIDE and DOUBT, within one box


@dataclass(frozen=True)
class Guess:
    """A candidate with what the network says of it.

    row: (11,) float32 probabilities, of the digits and of no digit.
    cell: which of the page's boxes it stands in, -1 for none.
    joined: whether ink had to be cut or put together to make it.
    """

    candidate: Candidate
    row: np.ndarray
    cell: int = -1
    joined: bool = False

    @property
    def spot(self) -> Box:
        """Its box on the cleaned page."""
        return self.candidate.spot


@dataclass(frozen=True)
class Group:
    """The digits of one number, from left to right.

    positions: of each digit in its row of boxes, from 1; () where it stands in none.
    marks: (position, sign): a mark after so many digits, 0 is a sign in front.
    doubtful_mark: whether any of them may be another one, or none.
    doubtful_gap: whether a gap in it, or beside it, may or may not part two numbers.
    strange: whether something between or beside the digits was taken for no digit.
    stray: whether it stands in no box on a page full of print.
    """

    guesses: tuple[Guess, ...]
    positions: tuple[int, ...] = ()
    marks: tuple[tuple[int, str], ...] = ()
    doubtful_mark: bool = False
    doubtful_gap: bool = False
    strange: bool = False
    stray: bool = False

    @property
    def spot(self) -> Box:
        """The box of all digits on the cleaned page."""
        return reduce(Box.union, (guess.spot for guess in self.guesses))


class Link(NamedTuple):
    """What stands on a line: a digit, a mark, or something strange (neither).

    cell: -1 for none, and less in the frame of a section, which parts numbers as a box does.
    """

    spot: Box
    cell: int
    guess: Guess | None
    is_mark: bool


def groups(digits: Sequence[Guess], strange: Sequence[Guess], small: Sequence[Box],
           cells: Sequence[Cell], frames: Sequence[Cell] = (), large: Sequence[Box] = ()
           ) -> tuple[Group, ...]:
    """The numbers of a page in reading order: lines from the top, numbers from the left.

    strange: what is no digit but stands where one might. small, large: boxes of what may be marks,
    and of what is too large for digits. frames: of sections.
    """
    def combed(guess: Guess) -> bool:
        return guess.cell >= 0 and cells[guess.cell].comb >= 0

    strange = [one for one in strange
               if not (combed(one) and rests.of_side(one.spot, cells[one.cell].spot))]
    found = list(_combs([one for one in digits if combed(one)],
                        [one for one in strange if combed(one)], digits, cells))
    found += _free([one for one in digits if not combed(one)],
                   [*(one.spot for one in strange if not combed(one)), *large], small, cells,
                   frames)
    order = lines.in_lines([group.spot for group in found])
    odd = {guess.cell for guess in strange} - {-1}  # a box with letters in it holds no sure number
    close = _close(found)
    return tuple(replace(found[at], strange=found[at].strange or found[at].guesses[0].cell in odd,
                         doubtful_gap=found[at].doubtful_gap or at in close)
                 for line in order for at in line)


def _close(found: Sequence[Group]) -> set[int]:
    """Which numbers have a digit as close to one of another number as in one: their lines may have
    been told apart by a hand that wanders."""
    owner = np.array([at for at, group in enumerate(found) for _ in group.guesses], int)
    guesses = [guess for group in found for guess in group.guesses]
    cell = np.array([guess.cell for guess in guesses], int)
    pairs = on_lines(np.array([guess.spot for guess in guesses], float).reshape(-1, 4), CLOSE)
    apart = (owner[pairs.one] != owner[pairs.other]) & (
        (cell[pairs.one] == cell[pairs.other]) | (cell[pairs.one] < 0) | (cell[pairs.other] < 0))
    return set(owner[pairs.one[apart]].tolist())


def _cut_short(every: Sequence[Guess], cells: Sequence[Cell]) -> set[int]:
    """The rows of boxes that digits stand beside, in no box or in one on the same rules: a box of
    theirs may not have been found. Digits closer to each other than boxes are a number of their
    own."""
    left, top, width, height = np.array(
        [guess.spot for guess in every if guess.cell < 0], float).reshape(-1, 4).T
    middle, centre = left + width / 2, top + height / 2

    def alone(at: int, pitch: float) -> bool:
        level = np.abs(centre - centre[at]) < height[at] / 2
        return np.count_nonzero(np.abs(middle[level] - middle[at]) <= pitch) == 1

    filled = {cells[guess.cell].spot for guess in every
              if guess.cell >= 0 and cells[guess.cell].comb < 0}
    found = set()
    for box, comb in ((cell.spot, cell.comb) for cell in cells if cell.comb >= 0):
        beside = ((np.abs(centre - box.top - box.height / 2) < box.height / 2)
                  & (np.abs(middle - box.left - box.width / 2) < (0.5 + BESIDE) * box.width))
        if comb not in found and (any(alone(at, PITCH * box.width) for at in np.flatnonzero(beside))
                                  or any(_touch(box, other) for other in filled)):
            found.add(comb)
    return found


def _touch(box: Box, other: Box) -> bool:
    """Whether two boxes of one height stand side by side on the same rules."""
    gap = max(box.left - other.right, other.left - box.right)
    return gap < TOUCH * box.width and max(
        abs(box.top - other.top), abs(box.bottom - other.bottom)) < TOUCH * box.height


def _combs(digits: Sequence[Guess], strange: Sequence[Guess], every: Sequence[Guess],
           cells: Sequence[Cell]) -> Iterator[Group]:
    """A number for each row of boxes; of two digits in a box the larger stays.

    every: the page's digits, in boxes or not.
    """
    rows: dict[int, dict[int, Guess]] = {}
    odd = {cells[guess.cell].comb for guess in strange} | _cut_short(every, cells)
    pen = rests.pens((cells[one.cell].comb, one.candidate.mask) for one in digits)
    for guess in sorted(digits, key=lambda one: -one.spot.height * one.spot.width):
        cell = cells[guess.cell]
        largest = rows.setdefault(cell.comb, {}).setdefault(cell.position, guess)
        high = largest.spot.height
        if guess is not largest and guess.spot.height >= LOW * high and not rests.of_comb(
                guess.spot, guess.row, cell.spot, high, pen[cell.comb])[0]:
            odd.add(cell.comb)
    for comb, row in rows.items():
        usual = float(np.median([guess.spot.height for guess in row.values()]))
        rest = {at: rests.of_comb(guess.spot, guess.row, cells[guess.cell].spot, usual, pen[comb])
                for at, guess in sorted(row.items())}
        positions = tuple(at for at, (is_rest, _) in rest.items() if not is_rest)
        if positions:
            yield Group(tuple(row[at] for at in positions), positions, strange=comb in odd or any(
                doubted for _, doubted in rest.values()))


def _free(digits: Sequence[Guess], strange: Sequence[Box], small: Sequence[Box],
          cells: Sequence[Cell], frames: Sequence[Cell]) -> Iterator[Group]:
    hanging = marks.hanging([guess.spot for guess in digits], [guess.cell for guess in digits])
    small = [*small, *(guess.spot for guess in compress(digits, hanging))]
    digits = list(compress(digits, ~hanging))
    spots = [guess.spot for guess in digits]
    in_lines = [[digits[at] for at in line] for line in lines.in_lines(spots)]
    marked, odd = (np.array(list(spots)).reshape(-1, 4)
                   for spots in (small, strange))
    page_gap = lines.usual_gap(np.concatenate([_gaps(line) for line in in_lines] or [[]]))
    usual = [lines.usual_gap(gaps) if gaps.size >= lines.MANY_GAPS else page_gap
             for gaps in map(_gaps, in_lines)]
    chains = [_framed(_chain(line, marked, odd, cells), frames) for line in in_lines]
    heights = list(map(_height, in_lines))
    pitch = lines.usual_pitch(list(map(_spaced, chains, heights, usual)))
    for chain, height, gap in zip(chains, heights, usual, strict=True):
        yield from _numbers(chain, height, gap, pitch, cells)


def _height(line: Sequence[Guess]) -> float:
    return float(np.median([guess.spot.height for guess in line]))


def _gaps(line: Sequence[Guess]) -> np.ndarray:
    return lines.gaps_between([guess.spot for guess in line], _height(line))


def _chain(line: Sequence[Guess], marked: np.ndarray, odd: np.ndarray, cells: Sequence[Cell]
           ) -> list[Link]:
    """All that stands on a line, from the left. marked, odd: (M, 4), what may be marks, or is
    strange."""
    height = _height(line)
    slashes = {at for at in range(1, len(line) - 1) if marks.is_slash(
        line[at].candidate, line[at - 1].spot, line[at + 1].spot)}
    low = {at for at, guess in enumerate(line) if guess.spot.height < LOW * height}
    spots = [guess.spot for guess in line]
    small = marks.on_line(spots, marked, marks.HANGS)
    beside = small + marks.on_line(spots, odd)
    places = place(beside, cells)
    links = [Link(guess.spot, guess.cell, None if at in slashes | low else guess,
                  at in slashes | low) for at, guess in enumerate(line)]
    links += [Link(spot, int(cell), None, at < len(small))
              for at, (spot, cell) in enumerate(zip(beside, places, strict=True))
              if cell == _nearest(spot, line).cell]  # else it is left of the rule of a box
    return sorted(links, key=lambda link: link.spot)


def _framed(chain: Sequence[Link], frames: Sequence[Cell]) -> list[Link]:
    """What stands in no box is told apart by the frames of sections."""
    around = place([link.spot for link in chain], frames)
    return [link if link.cell >= 0 else link._replace(cell=-2 - int(frame) if frame >= 0 else -1)
            for link, frame in zip(chain, around, strict=True)]


def _spaced(chain: Sequence[Link], height: float, usual: float
            ) -> tuple[np.ndarray, Sequence[Box], np.ndarray]:
    """As of `lines.usual_pitch`; what is in different boxes is far apart."""
    spots = [link.spot for link in chain]
    gaps = lines.gaps_between(spots, height)
    cells = np.array([link.cell for link in chain])
    return lines.split(gaps, usual)[0], spots, np.where(cells[1:] == cells[:-1], gaps, np.inf)


def _nearest(spot: Box, line: Sequence[Guess]) -> Guess:
    return min(line, key=lambda one: abs(2 * one.spot.left + one.spot.width
                                         - 2 * spot.left - spot.width))


def _numbers(chain: Sequence[Link], height: float, usual: float, pitch: float,
             cells: Sequence[Cell]) -> Iterator[Group]:
    """One line cut at its wide gaps. A mark bridges a gap: 12.50 is one number.

    usual, pitch: see `lines.usual_gap` and `lines.usual_pitch`.
    """
    spots = [link.spot for link in chain]
    gaps = lines.gaps_between(spots, height)
    parts, doubts = lines.split(gaps, usual)
    even = lines.evenly_spaced(parts, spots, gaps, pitch)
    parts, doubts = parts & ~even, doubts | even
    held = Counter(link.cell for link in chain if link.guess)
    narrow = np.array([link.cell >= 0 and held[link.cell] == 1
                       and cells[link.cell].spot.width < NARROW * height for link in chain])
    doubts |= (gaps < lines.FAR) & (narrow[1:] | narrow[:-1])
    parts, doubts = _boxed(chain, narrow, gaps - usual, parts, doubts)
    odd = np.array([not link.guess and not link.is_mark for link in chain])
    parts |= odd[1:] & odd[:-1]  # a word between two numbers keeps them apart
    ends = [0, *(np.flatnonzero(parts) + 1), len(chain)]
    for start, end in pairwise(ends):
        if any(link.guess for link in chain[start:end]):
            yield _group(chain[start:end], bool(doubts[max(0, start - 1):end].any()))


def _boxed(chain: Sequence[Link], narrow: np.ndarray, excess: np.ndarray, parts: np.ndarray,
           doubts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A box's edge parts numbers; within one box only a very wide gap does. Boxes for a digit each
    may be of a row that was not found whole.

    narrow: (N,) bool, what stands in a box for one digit. excess: (N - 1,) gaps over the usual.
    """
    cells = np.array([link.cell for link in chain])
    apart = cells[1:] != cells[:-1]
    boxed = ~apart & (cells[1:] >= 0)
    parts = np.where(boxed, excess > BOXED_WIDE, parts | apart)
    sure = apart & ~narrow[1:] & ~narrow[:-1]
    doubts = np.where(boxed, np.abs(excess - BOXED_WIDE) < BOXED_DOUBT, doubts & ~sure)
    return parts, doubts


def _group(chain: Sequence[Link], doubtful: bool) -> Group:
    guesses = tuple(link.guess for link in chain if link.guess)
    before = np.cumsum([link.guess is not None for link in chain]).tolist()
    found = [(count, link.spot) for count, link in zip(before, chain, strict=True)
             if link.is_mark and count < len(guesses)]  # a mark behind changes no number
    pen = float(np.median([thickness(guess.candidate.mask) for guess in guesses])) if found else 0.0
    strange = any(not link.guess and not link.is_mark for link in chain)
    return Group(guesses, (), *marks.signs(found, [guess.spot for guess in guesses], pen),
                 doubtful, strange)
