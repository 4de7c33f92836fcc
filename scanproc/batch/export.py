"""Results -> tables: DIR's own CSV, or a selection in another format to a file or stdout.

The deciding settings (what goes to review) are applied here, each time anew.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from scanproc.batch import formats
from scanproc.batch.files import Draft, printing, sweep, sync_folder, writing
from scanproc.decide import decide
from scanproc.errors import UsageError
from scanproc.records import PageResult
from scanproc.settings import Settings
from scanproc.tables import COLUMNS, rows

Pages = Callable[[], Iterable[tuple[str, str, PageResult]]]  # file, its sha256, result; sorted


def write_csvs(out: Path, pages: Pages, settings: Settings) -> dict[str, str]:
    """Write digits.csv, numbers.csv and pages.csv in `out`.

    None is touched before all three are on the disk. Returns the sha256 (hex digits) of each by
    its name. Raises OutputError; then each is whole, and the one it names is the old one. To be
    called by the holder of `out` only.
    """
    sweep(out)
    with ExitStack() as stack:
        drafts = {table: stack.enter_context(Draft(out / f"{table}.csv")) for table in COLUMNS}
        tables = {table: formats.CsvFile(draft.stream, table) for table, draft in drafts.items()}
        for file, sha256, result in _decided(pages, settings):
            for table, csv in tables.items():
                with writing(drafts[table].target):
                    csv.add(rows(table, file, sha256, result))
        for draft in drafts.values():
            draft.seal()
        for draft in drafts.values():
            draft.place()
    sync_folder(out)
    return {draft.target.name: tables[table].sha256 for table, draft in drafts.items()}


def export_table(table: str, pages: Pages, settings: Settings, format: str, target: Path | None,
                 out: Path) -> None:
    """Write one table (digits, numbers or pages) of the pages to `target`, or to stdout if None.

    format: csv, json, xlsx or parquet. out: the folder that the pages come from; none of its own
    files is written over. Raises UsageError and OutputError; then `target` is as it was.
    """
    formats.check_installed(format)
    if target is None:
        with printing():
            fill(sys.stdout.buffer, format, table, pages, settings)
            sys.stdout.buffer.flush()
        return
    refuse_own(target, out)
    refuse_no_file(target)
    with Draft(target) as draft:
        with writing(target):
            fill(draft.stream, format, table, pages, settings)
        draft.seal()
        draft.place()
    sync_folder(target.parent)


def refuse_own(target: Path, out: Path) -> None:
    """Raises UsageError where `target` is one of the files that `out` lives by."""
    own = [out / f"{table}.csv" for table in COLUMNS]
    own += [path for path in out.glob("scanproc.*")] + [path for path in out.glob("forms/*")]
    place = Path(os.path.realpath(target))  # unlike `resolve`, at peace with a circle of links
    inside = place.parent == out.resolve() and place.name.startswith("scanproc.")
    if inside or any(place == file.resolve() or _same(target, file) for file in own):
        raise UsageError(f"{target} belongs to {out} and is written by 'scanproc run'; "
                         "name another file")


def refuse_no_file(target: Path) -> None:
    """Raises UsageError where something lies at `target` that is no file."""
    if target.exists() and not target.is_file():
        raise UsageError(f"{target} is not a file; name one, or '-' for standard output")


def fill(stream: BinaryIO, format: str, table: str, pages: Pages, settings: Settings) -> None:
    """Write one table (digits, numbers or pages) of the pages to a binary stream.

    format: csv, json, xlsx or parquet. Raises OSError where the stream takes no more.
    """
    with formats.FORMATS[format](stream, table) as written:
        for file, sha256, result in _decided(pages, settings):
            written.add(rows(table, file, sha256, result))


def _decided(pages: Pages, settings: Settings) -> Iterator[tuple[str, str, PageResult]]:
    for file, sha256, result in pages():
        yield file, sha256, decide(result, settings, sha256)


def _same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)
