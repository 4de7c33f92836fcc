"""Reads the labelled pages of a folder, as a run would, and scores them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scanproc import settings as knobs
from scanproc.batch import folder as listing
from scanproc.batch.folder import Scan
from scanproc.batch.workers import Pool, Task
from scanproc.decide import decide
from scanproc.errors import Refused, UsageError
from scanproc.evaluate import truth as labels
from scanproc.evaluate.metrics import score
from scanproc.evaluate.report import MISSING, Report, ScoredPage
from scanproc.evaluate.truth import TruthPage
from scanproc.records import PageResult
from scanproc.settings import Settings

Key = tuple[str, int]  # file, page


@dataclass
class _Read:
    """What came of the files: results by page, and how many rows each file has."""

    results: dict[Key, PageResult] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)


def evaluate_pages(folder: Path, truth: Path, settings: Settings) -> Report:
    """The figures of the pages of `folder` that `truth` has a row for.

    Page 1 of every file is read too, to learn how many pages without a row there are; a page
    that cannot be read ends nothing and loses all its digits.
    Raises UsageError where folder or truth cannot be used, ModelError where the network cannot.
    """
    if not folder.is_dir():
        raise UsageError(f"folder of pages {listing.shown(folder)} is not there, or is no folder")
    pages = labels.load(truth)
    read = _read(listing.scans([folder]).scans, pages, settings)
    labelled = {(page.file, page.page) for page in pages}
    met = ((file, page) for file in sorted(read.totals)
           for page in range(1, read.totals[file] + 1))
    return Report(tuple(_scored(page, read.results, settings) for page in pages),
                  tuple(key for key in met if key not in labelled))


def _read(scans: Sequence[Scan], pages: Iterable[TruthPage], settings: Settings) -> _Read:
    wanted: dict[str, set[int]] = defaultdict(lambda: {1})
    for page in pages:
        wanted[page.file].add(page.page)
    read = _Read()
    with Pool(settings, knobs.passwords(settings)) as pool:
        for key, total, result in pool.read_all(_tasks(scans, wanted, settings, read)):
            file = scans[key].file
            read.results[file, result.page] = result
            if result.page == 1:  # where later pages cannot be opened, `total` is a guess
                read.totals[file] = total
    return read


def _tasks(scans: Sequence[Scan], wanted: dict[str, set[int]], settings: Settings, read: _Read
           ) -> Iterator[Task]:
    """A task per file. One that cannot be opened goes to `read` at once; one just gone, nowhere."""
    for key, scan in enumerate(scans):
        try:
            hashed = listing.digest(scan, settings.max_file_mb)
        except Refused as refusal:
            read.totals[scan.file] = 1
            read.results.update(
                ((scan.file, page), PageResult(page, "refused", refusal.reason, refusal.words))
                for page in wanted[scan.file])
        else:
            if hashed:
                yield Task(key, scan.path, hashed[1], tuple(sorted(wanted[scan.file])))


def _scored(page: TruthPage, results: dict[Key, PageResult], settings: Settings) -> ScoredPage:

    result = decide(results.get((page.file, page.page), PageResult(page.page, MISSING)), settings)
    reason = f"{result.reason}: {result.words}" if result.reason else ""
    return ScoredPage(page.file, page.page, page.kind, page.score, result.status,
                      score(page, result.numbers), reason)
