"""What an output folder holds: as a dict for scripts, as a page for a clerk."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from scanproc import audit
from scanproc.batch import ledger
from scanproc.batch.document import CURRENT, MOVED, SUPERSEDED
from scanproc.batch.folder import printable, shown
from scanproc.batch.tally import Tally
from scanproc.decide import decide
from scanproc.records import PageResult
from scanproc.settings import Settings

FAILED = ("refused", "crashed", "timeout")
SHOWN = 20  # names in a list, for a clerk


def status(out: Path, settings: Settings) -> dict[str, Any]:
    """What was read into `out`, what was not and why; also while a run is working.

    settings: `review` is counted as they decide it.
    Raises UsageError where `out` holds no ledger, LedgerError where it cannot be used.
    """
    with ledger.opened(out) as book:
        documents = book.documents()
        last, finished = book.last_run(), book.last_run(finished=True)
        known = [document for document in documents if document.state != SUPERSEDED]
        return {
            "dir": shown(out),
            "files": {
                "known": len(known),
                "duplicates": sum(document.first is not None for document in known),
                "moved": sum(document.state == MOVED for document in known),
                "superseded": len(documents) - len(known),
            },
            **_pages(book, settings),
            "oldest": _when(book.oldest()),
            "forgotten": len({sha256 for sha256, _ in book.forgotten()}),
            "stale": book.stale(last["reading"]) if last else 0,
            "vanished": sorted(document.file for document in known
                               if document.missing and document.state == CURRENT),
            "skipped": json.loads(finished["summary"])["skipped"] if finished else {},
            "last_run": last and _run(last),
            "last_finished": finished and _run(finished),
        }


def text(facts: dict[str, Any]) -> str:
    """The facts of `status` as a page to read."""
    lines = [f"{facts['dir']}", "", _run_text(facts["last_run"]), ""]
    pages = facts["pages"]
    lines += [_count("files", facts["files"]["known"])]
    if facts["files"]["moved"]:
        lines += [_count("  moved away", facts["files"]["moved"])]
    lines += [_count(f"pages {name}", count) for name, count in pages.items()]
    lines += [_count("numbers", facts["numbers"]), _count("  for review", facts["review"])]
    lines += audit.words(facts["audit"], facts["numbers"] - facts["review"] + facts["audit"])
    lines += _ink_text(facts["ink"])
    if facts["oldest"]:
        lines += [f"oldest reading    {facts['oldest']}"]
    if facts["forgotten"]:
        lines += [_count("files forgotten", facts["forgotten"])]
    if facts["stale"]:
        lines += [_count("pages stale", facts["stale"]) + "   read under other settings"]
    lines += _list("skipped files (no scans)", [
        f"{count} x {kind}" for kind, count in facts["skipped"].items()])
    lines += _list("could not be read", [
        f"{row['file']}, page {row['page']}: {row['status']}, {row['words']}"
        for row in facts["unread"]])
    lines += _list("vanished; what was read of them is kept", facts["vanished"])
    return "\n".join(lines)


def _count(name: str, count: int) -> str:
    return f"{name:<16}{count:>8}"


def _pages(book: ledger.Ledger, settings: Settings) -> dict[str, Any]:
    tally = Tally()
    ink: Counter[str] = Counter()
    unread, inked = [], []
    for file, sha256, result in book.results():
        tally.add(decide(result, settings, sha256))
        ink.update(dict(result.ink))
        if result.ink:
            inked.append({"file": file, "page": result.page, **_ink(dict(result.ink))})
        if result.status in FAILED:
            unread.append(_unread(file, result))
    return {"pages": dict(sorted(tally.pages.items())), "numbers": tally.numbers,
            "review": tally.review, "audit": tally.audit,
            "ink": {**_ink(ink), "pages": inked}, "unread": unread}


def _ink(fates: Mapping[str, int]) -> dict[str, Any]:
    return {"pieces": sum(fates.values()), "fates": dict(sorted(fates.items()))}


def _ink_text(ink: dict[str, Any]) -> list[str]:
    """How many pieces of ink, and what became of them, the most frequent fate first."""
    most = sorted(ink["fates"].items(), key=lambda item: (-item[1], item[0]))
    fates = ", ".join(f"{count:,} {fate}" for fate, count in most)
    return [_count("pieces of ink", ink["pieces"]) + f"   {fates}"] if most else []


def _unread(file: str, result: PageResult) -> dict[str, Any]:
    return {"file": file, "page": result.page, "status": result.status, "reason": result.reason,
            "words": result.words}


def _run(row: dict[str, Any]) -> dict[str, Any]:
    return {"run": row["id"], "started": _when(row["started"]), "finished": _when(row["finished"]),
            "program": row["program"], "exit_code": row["exit_code"],
            "summary": json.loads(row["summary"])}


def _when(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds).astimezone().isoformat(" ", "seconds")


def _run_text(run: dict[str, Any] | None) -> str:
    if run is None:
        return "no run yet"
    if run["finished"] is None:
        return f"run {run['run']} began {run['started']} and works, or was stopped"
    return f"run {run['run']} ended {run['finished']} with exit code {run['exit_code']}"


def _list(title: str, names: list[str]) -> list[str]:
    more = [f"  and {len(names) - SHOWN} more"] if len(names) > SHOWN else []
    return ["", title, *(f"  {printable(name)}" for name in names[:SHOWN]), *more] if names else []
