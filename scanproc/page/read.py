"""The road of a page: clean -> rules -> segment -> classify -> hand -> strings -> numbers.

The only file that knows the order; the rooms outside `page/` come in here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from itertools import compress

import numpy as np

from scanproc.errors import Refused
from scanproc.page import (
    accounts,
    bars,
    classify,
    clean,
    hand,
    mirror,
    numbers,
    rules,
    segment,
    stacked,
    stray,
    strings,
)
from scanproc.page.classify import Network
from scanproc.page.clean import Clean, turn
from scanproc.page.decode import Scan, kind_of, open_scan
from scanproc.page.normalize import normalize_all
from scanproc.page.seen import Seen
from scanproc.page.segment import Segments, groups, places
from scanproc.page.segment.groups import Guess
from scanproc.records import Cell, Page, PageResult
from scanproc.settings import Settings

__all__ = ["Network", "Seen", "kind_of", "load", "normalize_all", "open_scan", "read_page",
           "read_pages"]

Watch = Callable[[int, Seen], None]  # page number, what was seen on it
Turn = Callable[[int], None]  # number of the page that comes next


def load(path: str = "") -> Network:
    """The network in the .npz file `path`, or the shipped one, and whatever else reading takes.

    Raises ModelError where a file is missing, damaged, or not the one its card names.
    """
    _compass()
    return classify.load(path)


_compass = cache(turn.load_compass)


def read_pages(data: bytes, first: int, count: int, settings: Settings, network: Network,
               passwords: tuple[str, ...] = (), seen: Watch | None = None,
               before: Turn | None = None) -> tuple[int, list[PageResult]]:
    """Some pages of one file. Bad input never raises: it becomes a page that was refused.

    data: the file's bytes. first: counts from 1. count: 0 only counts the pages. seen: is told
    what was seen on each page that is read. before: is told of each page before it is tried.
    Returns (rows that the file has in pages.csv, results of the pages asked for that exist).
    What comes after the last page that can be reached is one more row.
    """
    try:
        with open_scan(data, settings, passwords) as scan:
            rows = scan.pages + (scan.end is not None)
            wanted = range(first, min(first + count, rows + 1))
            return rows, [_read_one(scan, page, network, seen, before) for page in wanted]
    except Refused as refusal:
        return 1, [refused(1, refusal)] if first == 1 and count else []


def read_page(page: Page, number: int, network: Network, seen: Watch | None = None) -> PageResult:
    """One decoded page. number: what the page is called, from 1. seen: as of `read_pages`."""
    def answer(masks: Sequence[np.ndarray]) -> np.ndarray:
        return classify.classify(network, normalize_all(masks))

    cleaned, rotation = _upright(page)
    result = PageResult(
        page=number, status="read", width=cleaned.frame.width, height=cleaned.frame.height,
        dpi=page.dpi, rotation=rotation, skew=cleaned.skew)
    if pieces := segment.noise(cleaned.ink):
        return _noise(replace(result, ink=(("pattern", pieces),)), cleaned, seen)
    ruling = rules.find(cleaned.ink, cleaned.gray)
    ink, cut = rules.remove(cleaned.ink, ruling)
    segments = segment.segment(ink, cut, cleaned.frame)
    cells, frames = places.fitting(ruling.cells, [one.spot for one in segments.candidates])
    guesses, fates = _sifted(segments, cleaned, cells, _turned(page.colour, rotation), network)
    digits, strange = strings.resolve(*stacked.put_together(
        list(compress(guesses, [not fate for fate in fates])),
        list(compress(guesses, [fate == hand.NOT_A_DIGIT for fate in fates])),
        cells, answer, cleaned.frame), cells, answer, cleaned.frame)
    digits, segments = bars.with_bars(digits, segments, cells, ink, answer, cleaned.frame)
    rejected = accounts.rejected(guesses, fates, strange)
    numbered = groups.groups(digits, accounts.strange(rejected, cells), segments.small,
                             cells, frames, segments.large)
    rejected += accounts.left_over(digits, numbered, cells)
    found, lone = stray.without_stray(
        accounts.with_hidden(numbered, guesses, cells, ink),
        [guess for guess, fate in rejected if fate in ("print", "word")],
        segments.small, bool(ruling.cells),
        [guess for guess, fate in rejected if fate == "pattern"],
        [guess for guess, fate in rejected if fate not in ("print", "word")])
    rejected += [(guess, "stray") for group in lone for guess in group.guesses]
    found, behind = mirror.without_back(
        found, [guess for guess, fate in rejected if fate in ("not_a_digit", "stray")], answer)
    rejected += [(guess, "faint") for group in behind for guess in group.guesses]
    result = replace(result, status="blank" if segments.blank else "read",
                     numbers=tuple(map(numbers.number, found)),
                     ink=accounts.ink(segments, rejected, found))
    if seen:
        seen(number, Seen(cleaned.gray, ink, cells, cut,
                          *accounts.seen(found, rejected), result))
    return result


def _noise(result: PageResult, cleaned: Clean, seen: Watch | None) -> PageResult:
    """A page of static is not looked into: it would take seconds, and holds nothing."""
    if seen:
        seen(result.page, Seen(cleaned.gray, cleaned.ink, (), np.zeros_like(cleaned.ink),
                               *accounts.seen((), ()), result))
    return result


def _sifted(segments: Segments, cleaned: Clean, cells: Sequence[Cell], colour: np.ndarray | None,
            network: Network) -> tuple[list[Guess], list[str]]:
    """What the network says of all candidates, and which are no digits, see `hand.sift`."""
    candidates = segments.candidates
    images = normalize_all([one.mask for one in candidates])
    probabilities = classify.classify(network, images)
    inside = places.place([one.spot for one in candidates], cells)
    fates = hand.sift(hand.Evidence(
        candidates, images, probabilities, inside, tuple(cells), cleaned.gray,
        *(() if colour is None else (hand.cores(colour, candidates),
                                     hand.grounds(colour, candidates)))))
    return list(map(Guess, candidates, probabilities, map(int, inside))), fates


def _turned(colour: np.ndarray | None, rotation: int) -> np.ndarray | None:
    return None if colour is None else np.ascontiguousarray(np.rot90(colour, -rotation // 90))


def _upright(page: Page) -> tuple[Clean, int]:
    """The page as its own content has it stand, and the degrees clockwise that this took."""
    cleaned = clean.clean(page.gray, page.dpi, page.rotation, page.colour)
    turns = turn.quarter_turns(cleaned.ink, 0, _compass())
    if not turns:
        return cleaned, page.rotation
    rotation = (page.rotation + turns) % 360
    return clean.clean(page.gray, page.dpi, rotation, page.colour), rotation


def refused(page: int, refusal: Refused) -> PageResult:
    """The row of a page that cannot be read."""
    return PageResult(page, "refused", refusal.reason, refusal.words)


def _read_one(scan: Scan, page: int, network: Network, seen: Watch | None, before: Turn | None
              ) -> PageResult:
    if before:
        before(page)
    try:
        if page > scan.pages and scan.end:
            raise scan.end
        return read_page(scan.page(page), page, network, seen)
    except Refused as refusal:
        return refused(page, refusal)
