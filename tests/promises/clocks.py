"""Clocks lie: times of files, a clock that is set, two runs in one second."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

from faults import clock, sleeps
from left_alone import FAULTS, command, finish, night, tables  # noqa: F401
from processes import environment

from scanproc.batch.workers import Pool, Task
from scanproc.settings import Settings

YEAR_2106 = 4_294_967_300  # more than 32 bits
TIMES = (0, YEAR_2106, -1_000_000_000, 1)  # of files, in seconds since 1970
# what the clock shows at first, and how much more at every look
CLOCKS = ((YEAR_2106, 1000), (1, 0), (1, 0), (1_000_000_000, -1000), (-5, 0.001))


def at(wall, scans, out):
    """A run while the clock lies."""
    words = command("run", scans, "--out", out)[3:]
    done = subprocess.run([sys.executable, FAULTS / "clock.py", *map(str, wall), *words],
                          env=environment(), check=False, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr  # one sample is damaged


def durations(out):
    """Seconds that the runs took, by the ledger."""
    with closing(sqlite3.connect(out / "scanproc.db")) as db:
        return [seconds for seconds, in db.execute("SELECT finished - started FROM runs")]


def test_whatever_the_clocks_say_the_result_is_the_same(night, tmp_path, promise):  # noqa: F811
    scans, plain = tmp_path / "scans", tmp_path / "plain"
    shutil.copytree(night[0], scans)
    finish(scans, plain)
    seconds = durations(plain)
    for name, walls in (("ahead", CLOCKS), ("back", CLOCKS[3:])):
        for turn, wall in enumerate(walls):
            for number, file in enumerate(sorted(scans.iterdir())):
                os.utime(file, times=(TIMES[(turn + number) % len(TIMES)],) * 2)
            at(wall, scans, tmp_path / name)
            assert tables(tmp_path / name) == tables(plain), wall
        seconds += durations(tmp_path / name)
    assert min(seconds) >= 0, seconds
    promise("clocks may lie",
            f"{len(seconds)} runs, in 1970 and 2106, the clock set back or ahead at every look, "
            "two in one second, files of 1938 to 2106: the same bytes, no duration below 0")


def test_a_page_that_never_ends_is_cut_though_the_clock_goes_back(tmp_path, monkeypatch):
    file = tmp_path / "1.txt"
    file.write_text("2: 2")
    task = Task(0, os.fsencode(file), hashlib.sha256(file.read_bytes()).hexdigest())
    monkeypatch.setattr(time, "time", clock.lying(1e9, -1000))
    ended = []
    with Pool(Settings(jobs=1, page_timeout_s=1), load=sleeps.load) as pool:
        for outcome in pool.read_all([task]):
            ended.append((outcome.result.status, time.monotonic()))
    (first, began), (second, end) = ended
    assert (first, second) == ("read", "timeout") and end - began < 1 + 2
