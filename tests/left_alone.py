"""The real command on real pages, left alone: started, disturbed, and what it leaves behind."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import pytest

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="promised on Linux only")
FAULTS = Path(__file__).parent / "faults"
CSV = ("digits.csv", "numbers.csv", "pages.csv")
# a table of the ledger -> its rows with the keys that ids stand for
TABLES = {
    "documents": "SELECT r.path, f.file AS copied, d.* FROM documents d JOIN roots r "
                 "ON r.id = d.root LEFT JOIN documents f ON f.id = d.first",
    "pages": "SELECT d.file, d.sha256, p.* FROM pages p JOIN documents d ON d.id = p.document",
    **{table: f"SELECT d.file, d.sha256, p.page AS of, t.* FROM {table} t JOIN pages p "
              "ON p.id = t.page JOIN documents d ON d.id = p.document"
       for table in ("numbers", "digits")},
}
IDS = {"documents": {"id", "root", "first", "run"}, "pages": {"id", "document", "run"},
       "numbers": {"page"}, "digits": {"page"}}


@pytest.fixture(scope="session")
def night(tmp_path_factory, request):
    """Scans; DIR as yesterday's run left it, DIR as today's run leaves it; how long that takes.

    Since yesterday a file was renamed, one replaced, and new ones came, a copy among them.
    """
    folder, samples = tmp_path_factory.mktemp("night"), Path(__file__).parent.parent / "samples"
    scans, before, after = (folder / name for name in ("scans", "before", "after"))
    scans.mkdir()
    for source, name in (("column.png", "old.png"), ("blank.png", "page.png")):
        shutil.copy(samples / source, scans / name)
    finish(scans, before)
    (scans / "old.png").rename(scans / "column.png")
    for source, name in (("lines.png", "page.png"), ("lines.png", "copy.png"),
                         ("damaged.png",) * 2, ("scans.pdf",) * 2):
        shutil.copy(samples / source, scans / name)
    if request.config.getoption("--large"):
        shutil.copy(samples / "fax.tif", scans)
    fresh(before, after)
    seconds, *_ = finish(scans, after)
    return scans, before, after, seconds


def command(*words):
    return [sys.executable, "-m", "scanproc", *map(str, words)]


def start(scans, out, *more):
    """A run as the leader of a session of its own."""
    return subprocess.Popen(command("run", scans, "--out", out, *more), text=True,
                            start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(scans, out, *more):
    """A run that nobody disturbs: (seconds, exit code, what it said)."""
    began = time.monotonic()
    done = subprocess.run(command("run", scans, "--out", out, *more), check=False, text=True,
                          capture_output=True, timeout=300)
    assert done.returncode in (0, 1) and not done.stdout, done.stderr
    return time.monotonic() - began, done.returncode, done.stderr


def chance():
    """Random moments; the seed is told where the test fails."""
    seed = int(os.environ.get("SCANTEST_SEED") or random.SystemRandom().randrange(2**32))
    print(f"SCANTEST_SEED={seed}")
    return random.Random(seed)


def tables(out):
    """The CSV files: name -> bytes, None where there is none."""
    return {name: content(out / name) for name in CSV}


def content(file):
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def recorded(out):
    """The ledger without ids, runs and times: table -> its rows in order of their keys."""
    found = {}
    with closing(sqlite3.connect(out / "scanproc.db")) as db:
        db.row_factory = sqlite3.Row
        for table, query in TABLES.items():
            rows = [[(name, row[name]) for name in row.keys() if name not in IDS[table]]  # noqa: SIM118
                    for row in db.execute(query)]
            found[table] = sorted(rows, key=repr)
    return found


def result(out):
    """All that a run leaves: the names of files, the CSV files, the ledger."""
    return sorted(file.name for file in out.iterdir()), tables(out), recorded(out)


def fresh(before, out):
    """The folder `out` as `before` is, whatever it was."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(before, out)


class Reader:
    """Looks into the CSV files of a folder all the time, while its context lasts.

    seen: the contents of each, by name. polls: how often one was looked at.
    """

    def __init__(self, out):
        self.seen = defaultdict(set)
        self.polls = 0
        self._out = out
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()

    def _look(self):
        while not self._done.wait(0.001):
            for name in CSV:
                self.seen[name].add(content(self._out / name))
                self.polls += 1
