"""The road of a page: bytes -> decode -> clean -> segment -> normalize -> classify -> numbers.

The only file that knows the order; the rooms outside `page/` come in here.
"""

from __future__ import annotations

from scanproc.errors import Refused
from scanproc.page import classify, clean, numbers, segment
from scanproc.page.classify import Network, load
from scanproc.page.decode import Scan, kind_of, open_scan
from scanproc.page.normalize import normalize_all
from scanproc.records import Page, PageResult
from scanproc.settings import Settings

__all__ = ["Network", "kind_of", "load", "normalize_all", "open_scan", "read_page", "read_pages"]


def read_pages(data: bytes, first: int, count: int, settings: Settings, network: Network,
               passwords: tuple[str, ...] = ()) -> tuple[int, list[PageResult]]:
    """Some pages of one file. Bad input never raises: it becomes a page that was refused.

    data: the file's bytes. first: counts from 1. count: 0 only counts the pages.
    Returns (rows that the file has in pages.csv, results of the pages asked for that exist).
    What comes after the last page that can be reached is one more row.
    """
    try:
        with open_scan(data, settings, passwords) as scan:
            rows = scan.pages + (scan.end is not None)
            wanted = range(first, min(first + count, rows + 1))
            return rows, [_read_one(scan, page, network) for page in wanted]
    except Refused as refusal:
        return 1, [refused(1, refusal)] if first == 1 and count else []


def read_page(page: Page, number: int, network: Network) -> PageResult:
    """One decoded page. number: what the page is called, from 1."""
    cleaned = clean.clean(page.gray, page.dpi, page.rotation)
    segments = segment.segment(cleaned.ink, cleaned.frame)
    masks = [candidate.mask for group in segments.groups for candidate in group.candidates]
    probabilities = classify.classify(network, normalize_all(masks))
    return PageResult(
        page=number, status="blank" if segments.blank else "read",
        width=cleaned.frame.width, height=cleaned.frame.height, dpi=page.dpi,
        rotation=page.rotation, skew=cleaned.skew,
        numbers=numbers.numbers(segments.groups, probabilities))


def refused(page: int, refusal: Refused) -> PageResult:
    """The row of a page that cannot be read."""
    return PageResult(page, "refused", refusal.reason, refusal.words)


def _read_one(scan: Scan, page: int, network: Network) -> PageResult:
    try:
        if page > scan.pages and scan.end:
            raise scan.end
        return read_page(scan.page(page), page, network)
    except Refused as refusal:
        return refused(page, refusal)
