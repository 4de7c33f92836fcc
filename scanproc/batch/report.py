"""`--report`: the numbers of one run alone, in a file to hand on; each number in one report.

A run that is stopped writes none: what it read comes into the next run's. So that a kill between
the file and the note of it doubles nothing, the ledger notes first which bytes are to lie where:

    asked  ->  place noted  ->  draft written  ->  its sha256 noted  ->  file placed  ->  done noted
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from scanproc.batch import export, files, formats, ledger
from scanproc.batch.folder import printable, shown
from scanproc.errors import OutputError, UsageError
from scanproc.settings import Settings

NAMES = ("date", "time", "run")
READ = ("read", "blank")


def check(pattern: str, inputs: Sequence[Path], out: Path) -> None:
    """Raises UsageError where the pattern has unknown names, leads into an input folder or over a
    file of `out`, or asks for a format that is not installed; OutputError where nothing can be
    written. An empty one asks for nothing.
    """
    if not pattern:
        return
    for name in re.findall(r"\{(.*?)\}", pattern):
        if name not in NAMES:
            raise UsageError(f"--report {pattern}: {{{name}}} is not known; use {{date}}, {{time}} "
                             "or {run}")
    name = _named(pattern, time.time(), 1)
    if set("{}\0") & set(name) or name.endswith(("/", os.sep)):
        raise UsageError(f"--report {printable(pattern)} names no file; give one like "
                         "reports/{date}.csv")
    target = Path(name).absolute()
    formats.check_installed(formats.by_name(target))
    _refuse_place(target, inputs, out)
    folder = next(parent for parent in target.parents if os.path.lexists(parent))
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise OutputError(f"--report {shown(target)} cannot be written: {shown(folder)} is no "
                          "folder in which this account may write; choose another place")


def ask(book: ledger.Ledger, settings: Settings) -> None:
    """Notes that the run that has begun is to have a report, whatever becomes of it."""
    if settings.report:
        book.note_report([book.last_run()["id"]], {})


def write(book: ledger.Ledger, out: Path, inputs: Sequence[Path], settings: Settings) -> str:
    """Writes the numbers of the run at work, and of stopped ones before it that no report has.

    Returns where they were written, for a message; empty where none is asked for or no page was
    read. Folders are made; a file that is there stays, and `-2` is put behind the name of the
    new one. Raises UsageError as `check` does, and OutputError: then the next run writes them.
    """
    if not settings.report:
        return ""
    owner = hashlib.sha256(os.fsencode(os.path.realpath(out))).hexdigest()[:16]
    runs = _unreported(book, owner)
    if not any(result.status in READ for _, _, result in book.results(runs)):
        book.note_report(runs, {"done": True})
        return ""
    run = book.last_run()
    wanted = Path(_named(settings.report, run["started"], run["id"])).absolute()
    _refuse_place(wanted, inputs, out)
    with files.writing(wanted):
        wanted.parent.mkdir(parents=True, exist_ok=True)
    others = (wanted.with_stem(f"{wanted.stem}-{number}") for number in count(2))
    return shown(next(target for target in chain([wanted], others) if not os.path.lexists(target)
                      and _placed(book, runs, target, owner, settings)))


def _unreported(book: ledger.Ledger, owner: str) -> set[int]:
    """The runs whose pages come into the next report; drafts that they left are removed.

    A stopped run that asked for none counts as well, until a later one has come to an end.
    """
    ended = book.last_run(finished=True)
    runs = set()
    for run, note in book.stopped():
        known = note or {}
        place = Path(os.fsdecode(unquote_to_bytes(known.get("file", ""))))
        if known.get("file"):
            files.sweep(place.parent, owner)
        written = known.get("done") or files.holds(place, known.get("sha256", ""))
        if not written and (note is not None or run > (ended["id"] if ended else 0)):
            runs.add(run)
    return runs


def _placed(book: ledger.Ledger, runs: Collection[int], target: Path, owner: str,
            settings: Settings) -> bool:
    """Whether the report lies at the target now; not, where another file got there first."""
    note: dict[str, Any] = {"file": quote(os.fsencode(target))}
    book.note_report(runs, note)
    with files.Draft(target, owner) as draft:
        with files.writing(target):
            export.fill(draft.stream, formats.by_name(target), "numbers",
                        lambda: book.results(runs), settings)
        draft.seal()
        book.note_report(runs, note | {"sha256": draft.sha256()})
        if not draft.place_anew():
            return False
    files.sync_folder(target.parent)
    book.note_report(runs, note | {"done": True})
    return True


def _named(pattern: str, started: float, run: int) -> str:
    moment = datetime.fromtimestamp(started)
    values = {"date": f"{moment:%Y-%m-%d}", "time": f"{moment:%H-%M-%S}", "run": str(run)}
    for name, value in values.items():
        pattern = pattern.replace(f"{{{name}}}", value)
    return pattern


def _refuse_place(target: Path, inputs: Sequence[Path], out: Path) -> None:
    real = Path(os.path.realpath(target))
    for other in inputs:
        if other.is_dir() and real.is_relative_to(os.path.realpath(other)):
            raise UsageError(f"--report {shown(target)} lies in input folder {shown(other)}; "
                             "choose a place outside the input")
    if real.is_relative_to(os.path.realpath(out / "forms")):
        raise UsageError(f"--report {shown(target)} lies in {shown(out / 'forms')}; choose "
                         "another place")
    export.refuse_own(target, out)
    export.refuse_no_file(target)
