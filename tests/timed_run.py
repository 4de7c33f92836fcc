"""The real command over a folder, with what each piece of work cost: see `faults.stopwatch`."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

STOPWATCH = Path(__file__).parent / "faults" / "stopwatch.py"
PROJECT = Path(__file__).parent.parent
ENDED_WELL = (0, 1)  # all was read, or something could not be
SETTLED = {"read", "blank", "refused", "duplicate"}


@dataclass(frozen=True)
class Timed:
    """What a run gave and what it took.

    code: what it ended with. rows: those of pages.csv. works: sha256 of the scan, first page, how
    many pages, processor seconds, and the most megabytes that the worker had held by then.
    """

    code: int
    stderr: str
    rows: list[dict[str, str]]
    works: list[tuple[str, int, int, float, float]]

    @property
    def seconds(self) -> float:
        """Processor seconds of the costliest piece of work."""
        return max(work[3] for work in self.works)

    @property
    def peak_mb(self) -> float:
        """Megabytes of the largest worker."""
        return max(work[4] for work in self.works)

    @property
    def statuses(self) -> Counter[str]:
        """How many pages have which status."""
        return Counter(row["status"] for row in self.rows)


def timed_run(scans: Path, out: Path, *options: str) -> Timed:
    """`scanproc run scans --out out` with a stopwatch; `out` must not exist."""
    times = out.with_suffix(".times")
    path = os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")])
    program = subprocess.run(
        [sys.executable, STOPWATCH, times, "run", scans, "--out", out, "--jobs", "2", *options],
        env={**os.environ, "PYTHONPATH": path}, text=True, capture_output=True, timeout=3600)
    assert program.returncode in ENDED_WELL, program.stderr
    with (out / "pages.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    works = [tuple(json.loads(line)) for line in times.read_text().splitlines()]
    return Timed(program.returncode, program.stderr, rows, works)


def check_whole(run: Timed, scans: Path) -> None:
    """The run said one line, and every page of every file in `scans` has one row that settles it.

    Which file a fault belongs to is told.
    """
    assert len(run.stderr.splitlines()) == 1, run.stderr
    unsettled = [row for row in run.rows if row["status"] not in SETTLED]
    assert not unsettled, unsettled
    pages = {file: [int(row["page"]) for row in rows]
             for file, rows in groupby(run.rows, lambda row: row["file"])}
    assert sorted(pages) == sorted(file.relative_to(scans).as_posix()
                                   for file in scans.rglob("*") if file.is_file())
    assert all(found == list(range(1, len(found) + 1)) for found in pages.values()), pages


def costliest(run: Timed, scans: Path) -> str:
    """The file whose work took longest, to be looked at."""
    sha256 = max(run.works, key=lambda work: work[3])[0]
    return next(file.name for file in scans.rglob("*") if file.is_file()
                and hashlib.sha256(file.read_bytes()).hexdigest() == sha256)
