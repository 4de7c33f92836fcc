"""Runs of ink with a doubtful piece in them, read as a whole: cut, put together, best path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import compress

import numpy as np

from scanproc.page import hand, joined
from scanproc.page.classify import NOT_A_DIGIT, Answer
from scanproc.page.clean.frame import Frame
from scanproc.page.segment import lines
from scanproc.page.segment.groups import Guess
from scanproc.page.segment.pieces import candidate
from scanproc.page.segment.places import place
from scanproc.records import Cell

CLOSE = 0.35            # digit heights between pieces that may be of one run
WIDE = 1.1              # digit heights; a wider piece may be two digits
BROAD, DOUBTED = 0.7, 0.9   # so wide and no surer: may be two as well
LIKE = (0.55, 1.8)      # heights of a strange piece over that of the page's digits
SHAPED = (0.6, 6.0)     # widths over heights of strange ink that may be digits
CROSS_LIKE = 0.35       # crosses, with rests of a box on them as well, y and k are no joined digits
SHARED = 0.25           # of the narrower one's width that a piece and a digit made of it share
MOST_RUNS, LONGEST = 120, 14
SHEET, ONE_EACH = 20, 0.95  # boxes, of which so many hold one digit each: a sheet of single digits
MOST_WIDE = 130         # digit heights of all runs together: a page of scribble takes its time


def resolve(digits: Sequence[Guess], strange: Sequence[Guess], cells: Sequence[Cell],
            answer: Answer, frame: Frame) -> tuple[list[Guess], list[Guess]]:
    """(digits, strange) once more, with every run that can be read better as a whole in its place.

    strange: what the network alone took for no digit. answer: the network.
    """
    usual = float(np.median([one.spot.height for one in digits])) if digits else 0.0
    if not usual and len(strange) > LONGEST:
        return list(digits), list(strange)
    odd = {id(one) for one in strange}
    single = _one_to_a_box(digits)
    runs = _affordable(
        run for run in _runs([*digits, *strange], odd, cells, usual)
        if not (single and len(run) == 1 and run[0].cell >= 0 and id(run[0]) not in odd))
    lattices = [joined.lattice([(one.candidate.mask, one.spot) for one in run], _height(run))
                for run in runs]
    masks = [arc.mask for lattice in lattices for arc in lattice.arcs]
    rows = answer(masks)
    at, gone, found, over = 0, set(), [], []
    for run, lattice in zip(runs, lattices, strict=True):
        path = joined.best(lattice, rows[at:at + len(lattice.arcs)]) if lattice.arcs else None
        at += len(lattice.arcs)
        if path:
            gone |= {id(one) for one in run}
            read = [_is_read(one, path, _height(run)) for one in run]
            over += compress(run, np.logical_not(read))
            found += _read(path, list(compress(run, read)), cells, frame)
    return ([one for one in digits if id(one) not in gone] + found,
            [one for one in strange if id(one) not in gone] + over)


def _one_to_a_box(digits: Sequence[Guess]) -> bool:
    """Whether the page's boxes are for a digit each: what fills one with a tail is no two."""
    filled = np.unique([one.cell for one in digits if one.cell >= 0], return_counts=True)[1]
    return len(filled) >= SHEET and bool((filled == 1).mean() >= ONE_EACH)


def _affordable(runs: Iterable[list[Guess]]) -> list[list[Guess]]:
    """The narrower runs, of a page that has too many: cuts are as many as a run is wide."""
    narrow_first = sorted(runs, key=_width)
    wide = np.cumsum([_width(run) for run in narrow_first])
    return [run for run, so_far in zip(narrow_first, wide, strict=True)
            if so_far <= MOST_WIDE][:MOST_RUNS]


def _width(run: Sequence[Guess]) -> float:
    return sum(one.spot.width for one in run) / _height(run)


def _runs(every: Sequence[Guess], odd: set[int], cells: Sequence[Cell], usual: float
          ) -> Iterator[list[Guess]]:
    """Neighbours of one line and one box, of which one at least is doubtful."""
    crosses = hand.sure_crosses([one.candidate for one in every],
                                np.array([one.row[NOT_A_DIGIT] for one in every]), CROSS_LIKE)
    fit = [one for one, cross in zip(every, crosses, strict=True)
           if id(one) not in odd or not cross and _may_be_digits(one, usual)]
    for line in lines.in_lines([one.spot for one in fit]):
        run: list[Guess] = []
        for guess in (fit[at] for at in line):
            if run and not _follows(run[-1], guess, cells):
                yield from _doubtful(run, odd)
                run = []
            run.append(guess)
        yield from _doubtful(run, odd)


def _may_be_digits(guess: Guess, usual: float) -> bool:
    height, width = guess.spot.height, guess.spot.width
    if not SHAPED[0] * height <= width <= SHAPED[1] * height:
        return False
    return guess.cell >= 0 or not usual or LIKE[0] * usual <= height <= LIKE[1] * usual


def _follows(left: Guess, right: Guess, cells: Sequence[Cell]) -> bool:
    gap = right.spot.left - left.spot.right
    together = left.cell == right.cell or (
        left.cell >= 0 and right.cell >= 0 and cells[left.cell].comb >= 0
        and cells[left.cell].comb == cells[right.cell].comb)
    return together and gap <= CLOSE * max(left.spot.height, right.spot.height)


def _doubtful(run: list[Guess], odd: set[int]) -> Iterator[list[Guess]]:
    height = _height(run)
    if len(run) <= LONGEST and any(_is_doubtful(one, height, odd) for one in run):
        yield run


def _is_doubtful(guess: Guess, height: float, odd: set[int]) -> bool:
    width = guess.spot.width
    return (id(guess) in odd or width > WIDE * height
            or width > BROAD * height and float(guess.row.max()) < DOUBTED)


def _height(run: Sequence[Guess]) -> float:
    heights = np.array([one.spot.height for one in run])
    return float(np.median(heights[heights >= 0.55 * heights.max()]))


def _is_read(guess: Guess, path: joined.Path, height: float) -> bool:
    """Whether a piece is part of a digit, or too low to be missed: a path may pass over some."""
    left, _, width, high = guess.spot
    return high < LIKE[0] * height or any(
        min(arc.spot.right, left + width) - max(arc.spot.left, left)
        > SHARED * min(width, arc.spot.width) for arc in path.arcs)


def _read(path: joined.Path, run: Sequence[Guess], cells: Sequence[Cell], frame: Frame
          ) -> list[Guess]:
    """The digits of a path. Their sureness multiplies to that of the whole text."""
    whole = {one.spot for one in run}
    product = float(np.prod(path.digits.max(axis=1)))
    shrink = min(1.0, path.posterior / product) ** (1 / len(path.arcs))
    places = place([arc.spot for arc in path.arcs], cells)
    cut = max(one.candidate.cut for one in run)
    # all pieces of the run are counted with its first digit
    parts = [sum(one.candidate.parts for one in run)] + [0] * (len(path.arcs) - 1)
    found = []
    for arc, row, cell, part in zip(path.arcs, path.digits, places, parts, strict=True):
        found.append(Guess(candidate(arc.mask, arc.spot, frame, cut, part),
                           (row * shrink).astype(np.float32),
                           int(cell), joined=bool(arc.cuts) or arc.spot not in whole))
    return found
