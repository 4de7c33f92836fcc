"""A run: the input listed, what is new read page by page, everything recorded, the CSV derived.

    folder -> identity -> tasks -> workers -> ledger -> CSV

What is recorded stays when the run is stopped, however that happens; the next one goes on.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path

from scanproc import __version__
from scanproc.batch import folder, ledger, pictures
from scanproc.batch.folder import Found, Scan, Stamp
from scanproc.batch.identity import Catalog, Document
from scanproc.batch.log import Log
from scanproc.batch.progress import Progress, Silent
from scanproc.batch.runs import Task
from scanproc.batch.summary import Summary
from scanproc.decide import decide
from scanproc.errors import Refused, TooManyFailures
from scanproc.records import PageResult
from scanproc.settings import Settings, fingerprint
from scanproc.threshold import review_below

Still = Callable[[Scan], bool]
Sight = tuple[Scan, str] | Refused | None  # a file's bytes: hashed, not readable, not there


def run(inputs: Sequence[Path], out: Path, settings: Settings, *, passwords: tuple[str, ...] = (),
        verify: bool = False, reread: bool = False, progress: Progress | None = None,
        debug: Path | None = None, log: Log | None = None,
        still: Still = lambda scan: True) -> Summary:
    """Reads into folder `out` what is new or changed in the files and folders `inputs`.

    passwords: tried on encrypted PDFs. verify: hashes every file, also those that look unchanged.
    reread: reads everything again. debug: folder for pictures of every page that is read.
    log: is told of every page. still: whether a scan, as it is now, may be read; else it is left
    for a later run.
    Raises UsageError before anything is read; HeldError, OutputError, LedgerError, ModelError;
    TooManyFailures at the end, when everything is recorded and the CSV written.
    """
    began = time.monotonic()
    folder.check(inputs, out)
    review_below(settings)  # refuses an error that cannot be promised
    log = log or Log()
    debug = debug and pictures.prepare(debug, inputs, out)
    with ledger.held(out), ledger.opened(out, create=True) as book:
        found = folder.scans(inputs)
        catalog = Catalog(book.documents(), settings.duplicates == "skip", folder.on_disk)
        catalog.check(found.scans)
        log.began(book.begin(time.time(), __version__, fingerprint(settings, "reading"),
                             fingerprint(settings, "limit")), inputs, found)
        reader = _Reader(book, catalog, settings, progress or Silent(), debug, log, still)
        ready = replace(found, scans=tuple(filter(still, found.scans)))
        reader.read(reader.tasks(ready, verify, reread), passwords)
        summary = reader.summary(inputs, found, time.monotonic() - began)
        derive(book, out, settings)
        exceeded = 0 <= settings.max_failures < summary.failed
        book.finish(time.time(), TooManyFailures.exit_code if exceeded else summary.exit_code,
                    json.dumps(summary.as_dict()))
    if exceeded:
        raise TooManyFailures(f"more pages than --max-failures {settings.max_failures} could not "
                              f"be read, see pages.csv: {summary.line()}",
                              summary.as_dict())
    return summary


def rewrite(out: Path, settings: Settings) -> None:
    """Derives the CSV files of `out` again, whether they were touched or not."""
    with ledger.opened(out):
        pass  # there is one: nothing is made in a folder given by mistake
    with ledger.held(out), ledger.opened(out, create=True) as book:
        derive(book, out, settings, always=True)


def derive(book: ledger.Ledger, out: Path, settings: Settings, always: bool = False) -> None:
    """Writes the CSV files of `out`, unless they show everything and nobody touched them."""
    deciding = _deciding(settings)
    written = book.csv_written(deciding)
    if written and not always and all(_holds(out / name, sha256)
                                      for name, sha256 in written.items()):
        return
    from scanproc.batch.export import write_csvs  # needs the page's rooms, which are heavy
    book.remember_csv(write_csvs(out, book.results, settings), deciding)


def settled(out: Path, settings: Settings) -> dict[bytes, Stamp] | None:
    """Path and stamp of each file that a run would leave as it is; None where the CSV is behind.

    Writes nothing. Raises as `ledger.opened`, UsageError where there is no ledger.
    """
    with ledger.opened(out) as book:
        if book.csv_written(_deciding(settings)) is None:
            return None
        return book.settled(fingerprint(settings, "reading"), fingerprint(settings, "limit"),
                            settings.duplicates == "skip")


def _deciding(settings: Settings) -> str:
    """What the CSV files are derived under."""
    return f"{__version__} {fingerprint(settings, 'deciding')} {review_below(settings)}"


class _Reader:
    """The state of one run: what is known, and the tally of what was read."""

    def __init__(self, book: ledger.Ledger, catalog: Catalog, settings: Settings,
                 progress: Progress, debug: Path | None, log: Log,
                 still: Still):
        self._book = book
        self._catalog = catalog
        self._settings = settings
        self._progress = progress
        self._debug = debug
        self._log = log
        self._still = still
        self._files: dict[int, str] = {}  # what the log calls them
        self._expected = 0
        self._unopened: dict[int, int] = {}  # how many rows are expected of a file
        self._pages: Counter[str] = Counter()
        self._unseen: dict[int, str] = {}  # why a file's bytes could not be looked at
        self._numbers = self._review = 0

    def tasks(self, found: Found, verify: bool, reread: bool) -> Iterator[Task]:
        """Settles what every scan is, and yields what is to be read. Writes to the ledger."""
        seen = self._look_at_known(found.scans, verify, reread)
        scans = [scan for scan in found.scans if seen.get(scan.path, scan)]  # not gone again
        digests = {path: sight for path, sight in seen.items() if isinstance(sight, tuple)}
        arrivals = self._catalog.meet(scans, digests, found.folders)
        self._store()
        for scan in set(scans) - set(arrivals):
            if isinstance(seen.get(scan.path), Refused):
                self._refuse(scan, seen[scan.path])
        known = self._catalog.to_read(self._catalog.met() if reread else self._book.unfinished())
        self._expected = len(known) + len(arrivals)
        for document in known:
            if document.key in self._unseen:  # its reading stays until there is another
                self._expected -= 1
            else:
                yield from self._task(document, reread)
        for scan in arrivals:
            yield from self._settle(scan, seen.get(scan.path) or self._digest(scan), reread)

    def read(self, tasks: Iterator[Task], passwords: tuple[str, ...]) -> None:
        """Reads the tasks and records every page."""
        first = next(tasks, None)
        if first is not None:
            self._read(chain([first], tasks), passwords)
        self._store()

    def summary(self, inputs: Sequence[Path], found: Found, seconds: float) -> Summary:
        """What the run did."""
        met = self._catalog.met()
        failures = Counter(reason for key, reason in self._book.failures()
                           if key in met and key not in self._unseen)
        failures.update(self._unseen.values())
        lost = [root for root in found.folders if self._catalog.holds(root)
                and not any(scan.root == root for scan in found.scans)]
        return Summary(
            inputs=tuple(map(folder.shown, inputs)), found=len(found.scans),
            pages=dict(self._pages), numbers=self._numbers, review=self._review,
            failures=dict(failures), files=dict(self._catalog.counts),
            skipped=found.skipped, seconds=seconds, emptied=tuple(map(folder.shown, lost)),
            unlisted=found.unlisted)

    def _read(self, tasks: Iterator[Task], passwords: tuple[str, ...]) -> None:
        from scanproc.batch.workers import Pool  # nothing heavy where nothing is to be read
        self._progress.start(self._expected)
        try:
            with Pool(self._settings, passwords) as pool:
                for key, total, result in pool.read_all(tasks):
                    self._record(key, total, result)
                    self._tell(key, total, decide(result, self._settings))
        finally:
            self._progress.finish()

    def _look_at_known(self, scans: Sequence[Scan], verify: bool, reread: bool
                       ) -> dict[bytes, Sight]:
        """Hashes the scans at known places that may have other bytes now; by path."""
        unfinished = self._book.unfinished()
        seen = {}
        for scan in scans:
            known = self._catalog.at(scan.path)
            if known and (verify or known.stamp != scan.stamp or not known.sha256
                          and (reread or known.key in unfinished)):
                seen[scan.path] = self._digest(scan)
        return seen

    def _digest(self, scan: Scan) -> Sight:
        try:
            sight = folder.digest(scan, self._settings.max_file_mb)
        except Refused as refusal:
            return refusal
        return sight if sight and self._still(sight[0]) else None

    def _settle(self, scan: Scan, sight: Sight, reread: bool) -> Iterator[Task]:
        """Settles what an arrival is, and yields what of it is to be read."""
        if isinstance(sight, tuple):
            document = self._catalog.settle(*sight)
            if document.first is None:
                yield from self._task(document, reread)
                return
            self._log.write("duplicate", file=document.file)
        elif sight:
            self._refuse(scan, sight)
        self._expected -= 1

    def _task(self, document: Document, reread: bool) -> Iterator[Task]:
        pages = None
        count = max(self._book.total(document.key), 1)
        if not reread:
            count, pages = self._book.to_read(document.key)
        self._expected += count - 1
        if count:
            self._files[document.key] = document.file
            self._unopened[document.key] = count if pages is None else 0
            draw = self._debug and partial(pictures.draw, self._debug, document.file,
                                           self._settings)
            yield Task(document.key, document.path, document.sha256, pages, draw)

    def _refuse(self, scan: Scan, refusal: Refused) -> None:
        """A file whose bytes cannot be looked at: what was read of it before stays."""
        known = self._catalog.at(scan.path)
        result = PageResult(1, "refused", refusal.reason, refusal.words)
        self._log.page(scan.file, result)
        if known and known.sha256:
            self._unseen[known.key] = refusal.reason
            return
        document = self._catalog.unread(scan)
        self._record(document.key, 1, result)
        self._pages[result.status] += 1

    def _record(self, key: int, total: int, result: PageResult) -> None:
        """Writes a page, and what was settled since the last one, in one go: half the waiting."""
        with self._book.at_once():
            self._store()
            self._book.record(key, total, result)

    def _store(self) -> None:
        self._book.store(*self._catalog.drain())

    def _tell(self, key: int, total: int, result: PageResult) -> None:
        """Counts a page that is recorded, and tells who watches. result: with `review` set."""
        self._pages[result.status] += 1
        self._numbers += len(result.numbers)
        self._review += sum(number.review for number in result.numbers)
        expected = self._unopened.pop(key, 0)
        self._expected += total - expected if expected else 0
        self._progress.step(result, self._expected)
        self._log.page(self._files[key], result)


def _holds(path: Path, sha256: str) -> bool:
    """Whether a file has these bytes."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False
