"""A run: the input listed, what is new read page by page, everything recorded, the CSV derived.

    folder -> identity -> tasks -> workers -> ledger -> CSV

What is recorded stays when the run is stopped, however that happens; the next one goes on.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path

from scanproc import __version__
from scanproc.batch import drift, folder, ledger, pictures, report
from scanproc.batch.document import Document
from scanproc.batch.files import holds
from scanproc.batch.folder import Found, Scan, Stamp
from scanproc.batch.forgotten import Forgotten
from scanproc.batch.identity import Catalog
from scanproc.batch.log import Log
from scanproc.batch.moves import Moves
from scanproc.batch.progress import Progress, Silent
from scanproc.batch.runs import Task
from scanproc.batch.still import Stillness
from scanproc.batch.summary import Summary
from scanproc.batch.tally import Tally
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
    started, began = time.time(), time.monotonic()
    folder.check(inputs, out)
    review_below(settings)  # refuses an error that cannot be promised
    report.check(settings.report, inputs, out)
    log = log or Log()
    debug = debug and pictures.prepare(debug, inputs, out)
    moves = Moves(settings, inputs, out)
    with ledger.held(out), ledger.opened(out, create=True) as book:
        found = folder.scans(inputs)
        catalog = Catalog(book.documents(), settings.duplicates == "skip", folder.on_disk)
        catalog.check(found.scans)
        log.began(book.begin(started, __version__, fingerprint(settings, "reading"),
                             fingerprint(settings, "limit")), inputs, found)
        report.ask(book, settings)
        reader = _Reader(book, catalog, settings, progress or Silent(), debug, log, still)
        ready = replace(found, scans=tuple(filter(still, found.scans)))
        reader.read(reader.tasks(ready, verify, reread), passwords)
        unmoved = moves.move(book, catalog, reader.unseen)
        summary = drift.judged(
            reader.summary(inputs, found, unmoved, time.monotonic() - began),
            map(json.loads, book.summaries()))
        derive(book, out, settings)
        summary = replace(summary, report=report.write(book, out, inputs, settings))
        alarm = drift.alarm(summary, settings)
        finished = started + time.monotonic() - began  # the wall clock may be set meanwhile
        book.finish(finished, TooManyFailures.exit_code if alarm else summary.exit_code,
                    json.dumps(summary.as_dict()))
    if alarm:
        raise TooManyFailures(f"{alarm}: {summary.line()}", summary.as_dict())
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
    if written and not always and all(holds(out / name, sha256)
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
    """The state of one run: what is known, and the tally of what was read.

    unseen: keys of files whose bytes could not be looked at, and why.
    """

    def __init__(self, book: ledger.Ledger, catalog: Catalog, settings: Settings,
                 progress: Progress, debug: Path | None, log: Log,
                 still: Still):
        self._book = book
        self._catalog = catalog
        self._forgotten = Forgotten(book, catalog.counts)
        self._settings = settings
        self._progress = progress
        self._debug = debug
        self._stillness = Stillness(settings.still_s)
        self._log = log
        self._still = still
        self._expected = 0
        self._unopened: dict[int, int] = {}  # how many rows are expected of a file
        self._documents: dict[int, Document] = {}
        self.unseen: dict[int, str] = {}
        self._tally = Tally()

    def tasks(self, found: Found, verify: bool, reread: bool) -> Iterator[Task]:
        """Settles what every scan is, and yields what is to be read. Writes to the ledger."""
        seen = self._look_at_known(found.scans, verify, reread)
        scans = [scan for scan in found.scans if seen.get(scan.path, scan)]  # not gone again
        scans = scans if verify else self._forgotten.without(scans, self._catalog.at)
        digests = {path: sight for path, sight in seen.items() if isinstance(sight, tuple)}
        failing = {key for key, _ in self._book.failures()}
        arrivals = self._catalog.meet(scans, digests, found.folders,
                                      failing & self._book.unfinished())
        self._store()
        for scan in set(scans) - set(arrivals):
            if isinstance(seen.get(scan.path), Refused):
                self._refuse(scan, seen[scan.path])
        known = self._catalog.to_read(self._catalog.met() if reread else self._book.unfinished())
        self._expected = len(known) + len(arrivals)
        for document in known:
            if document.key in self.unseen:  # its reading stays until there is another
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

    def summary(self, inputs: Sequence[Path], found: Found, unmoved: tuple[str, ...],
                seconds: float) -> Summary:
        """What the run did."""
        met = self._catalog.met()
        failures = Counter(reason for key, reason in self._book.failures()
                           if key in met and key not in self.unseen)
        failures.update(self.unseen.values())
        lost = [root for root in found.folders if self._catalog.holds(root)
                and not any(scan.root == root for scan in found.scans)]
        return Summary(
            inputs=tuple(map(folder.shown, inputs)), found=len(found.scans),
            pages=dict(self._tally.pages), numbers=self._tally.numbers,
            review=self._tally.review, audit=self._tally.audit,
            confidence=tuple(self._tally.confidence), review_below=review_below(self._settings),
            failures=dict(failures), files=dict(self._catalog.counts),
            skipped=found.skipped, seconds=seconds, emptied=tuple(map(folder.shown, lost)),
            unlisted=found.unlisted, unmoved=unmoved)

    def _read(self, tasks: Iterator[Task], passwords: tuple[str, ...]) -> None:
        from scanproc.batch.workers import Pool  # nothing heavy where nothing is to be read
        self._progress.start(self._expected)
        try:
            with Pool(self._settings, passwords) as pool:
                for key, total, result in pool.read_all(tasks):
                    self._record(key, total, result)
                    self._tell(key, total, result)
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
            sight = self._stillness.digest(scan, self._settings.max_file_mb)
        except Refused as refusal:
            return refusal
        return sight if sight and self._still(sight[0]) else None

    def _settle(self, scan: Scan, sight: Sight, reread: bool) -> Iterator[Task]:
        """Settles what an arrival is, and yields what of it is to be read."""
        if isinstance(sight, tuple):
            document = None if self._forgotten.has(*sight) else self._catalog.settle(*sight)
            if document and document.first is None:
                yield from self._task(document, reread)
                return
            if document:
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
            self._documents[document.key] = document
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
            self.unseen[known.key] = refusal.reason
            return
        document = self._catalog.unread(scan)
        self._record(document.key, 1, result)
        self._tally.add(result)

    def _record(self, key: int, total: int, result: PageResult) -> None:
        """Writes a page, and what was settled since the last one, in one go: half the waiting."""
        with self._book.at_once():
            self._store()
            self._book.record(key, total, result)

    def _store(self) -> None:
        self._book.store(*self._catalog.drain())

    def _tell(self, key: int, total: int, result: PageResult) -> None:
        """Counts a page that is recorded, and tells who watches."""
        document = self._documents[key]
        result = decide(result, self._settings, document.sha256)
        self._tally.add(result)
        expected = self._unopened.pop(key, 0)
        self._expected += total - expected if expected else 0
        self._progress.step(result, self._expected)
        self._log.page(document.file, result)
