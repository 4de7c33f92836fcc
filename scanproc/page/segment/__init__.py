"""Ink -> digit candidates in lines and numbers, in reading order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from scanproc.page.clean.frame import Frame
from scanproc.page.segment import lines, marks
from scanproc.page.segment.broken import join_broken
from scanproc.page.segment.pieces import (
    MIN_DIGIT_PX,
    Piece,
    candidate,
    not_too_large,
    pieces,
    sort_by_size,
    usual_height,
    without_frames,
)
from scanproc.records import Box, Candidate


@dataclass(frozen=True)
class Group:
    """The candidates of one number, from left to right.

    marks: (position, sign): a mark after so many digits, 0 is a sign in front.
    doubtful_gap: whether a gap in it, or beside it, may or may not part two numbers.
    """

    candidates: tuple[Candidate, ...]
    marks: tuple[tuple[int, str], ...] = ()
    doubtful_gap: bool = False


@dataclass(frozen=True)
class Segments:
    """The numbers of a page in reading order: lines from the top, numbers from the left.

    blank: whether nothing on the page is as large as a digit, let alone one.
    """

    groups: tuple[Group, ...]
    blank: bool


def segment(ink: np.ndarray, frame: Frame) -> Segments:
    """The numbers on a page.

    ink: (H, W) uint8, 1 = ink, upright and without skew. frame: where it lies on the page.
    """
    all_ink = pieces(ink)
    blank = all(max(piece.spot.width, piece.spot.height) < MIN_DIGIT_PX for piece in all_ink)
    return Segments(tuple(_groups(not_too_large(all_ink, ink.shape), frame)), blank)


def _groups(found: Sequence[Piece], frame: Frame) -> Iterator[Group]:
    height = usual_height(found)
    digits, small = sort_by_size(join_broken(found, height), height)
    digits = without_frames(digits, height)
    spots = [piece.spot for piece in digits]
    in_lines = [[digits[at] for at in line] for line in lines.in_lines(spots)]
    small_spots = np.array([piece.spot for piece in small]).reshape(-1, 4)
    page_gap = lines.usual_gap(np.concatenate([_gaps(line) for line in in_lines] or [[]]))
    for line in in_lines:
        gaps = _gaps(line)
        usual = lines.usual_gap(gaps) if gaps.size >= lines.MANY_GAPS else page_gap
        beside = marks.on_line([piece.spot for piece in line], small_spots)
        yield from _numbers(line, beside, usual, frame)


def _height(line: Sequence[Piece]) -> float:
    return float(np.median([piece.spot.height for piece in line]))


def _gaps(line: Sequence[Piece]) -> np.ndarray:
    return lines.gaps_between([piece.spot for piece in line], _height(line))


def _numbers(line: Sequence[Piece], beside: Sequence[Box], usual: float, frame: Frame
             ) -> Iterator[Group]:
    """One line cut at its wide gaps. A mark bridges a gap: 12.50 is one number."""
    slashes = {at for at in range(1, len(line) - 1)
               if marks.is_slash(line[at], line[at - 1].spot, line[at + 1].spot)}
    chain: list[tuple[Box, Piece | None]] = [
        (piece.spot, None if at in slashes else piece) for at, piece in enumerate(line)]
    chain = sorted(chain + [(spot, None) for spot in beside], key=lambda link: link[0])
    spots = [spot for spot, _ in chain]
    gaps = lines.gaps_between(spots, _height(line))
    parts, doubts = lines.split(gaps, usual)
    even = lines.evenly_spaced(parts, spots, gaps)
    parts, doubts = parts & ~even, doubts | even
    ends = [0, *(np.flatnonzero(parts) + 1), len(chain)]
    for start, end in pairwise(ends):
        if any(piece for _, piece in chain[start:end]):
            doubtful = bool(doubts[max(0, start - 1):end].any())
            yield _group(chain[start:end], frame, doubtful)


def _group(chain: Sequence[tuple[Box, Piece | None]], frame: Frame, doubtful: bool) -> Group:
    found: list[Candidate] = []
    signs: list[tuple[int, str]] = []
    last = max(at for at, (_, piece) in enumerate(chain) if piece)
    for at, (spot, piece) in enumerate(chain[:last + 1]):  # a mark behind changes no number
        if piece:
            found.append(candidate(piece, frame))
        else:
            digit = next(other for other, piece in chain[at + 1:] if piece)
            signs.append((len(found), marks.sign(spot, digit)))
    return Group(tuple(found), tuple(signs), doubtful)
