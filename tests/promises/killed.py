"""Killed at any moment: the next run gives what an undisturbed one would have given."""

import os
import shutil
import signal
import sys

import pytest
from left_alone import (
    CSV,
    Reader,
    chance,
    family,
    finish,
    fresh,
    reached,
    result,
    start,
    tables,
)

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="promised on Linux only")
IN_A_ROW = 4  # runs that are killed one after the other before one is let be


def prepare(samples, tmp_path):
    """Scans as they were and were read yesterday, and as they are today; both results.

    Since then a file was renamed, one replaced, and new ones came, a copy among them.
    """
    scans, before, after = (tmp_path / name for name in ("scans", "before", "after"))
    scans.mkdir()
    for source, name in (("column.png", "old.png"), ("blank.png", "page.png")):
        shutil.copy(samples / source, scans / name)
    finish(scans, before)
    (scans / "old.png").rename(scans / "column.png")
    for source, name in (("lines.png", "page.png"), ("lines.png", "copy.png"),
                         ("damaged.png",) * 2, ("scans.pdf",) * 2, ("fax.tif",) * 2):
        shutil.copy(samples / source, scans / name)
    fresh(before, after)
    seconds, *_ = finish(scans, after)
    return scans, before, after, seconds


def killed(process, after_s):
    """Kills the whole process group after some seconds; whether it was still at work."""
    at_work = not reached(lambda: process.poll() is not None, after_s)
    if at_work:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert reached(lambda: not family(process.pid))
    return at_work


@LINUX
def test_killed_at_any_moment_the_result_is_the_same(samples, tmp_path, promise, large):
    scans, before, after, seconds = prepare(samples, tmp_path)
    random, out = chance(), tmp_path / "out"
    expected, whole = result(after), [tables(before), tables(after)]
    kills = polls = rounds = 0
    wanted = 1000 if large else 10
    while kills < wanted:
        fresh(before, out)
        rounds += 1
        with Reader(out) as reader:
            for _ in range(IN_A_ROW):
                hit = killed(start(scans, out), random.uniform(0, seconds))
                kills += hit
                if not hit or kills == wanted:
                    break
            finish(scans, out)
        assert result(out) == expected, f"after {kills} kills"
        polls += reader.polls
        for name in CSV:
            assert reader.seen[name] <= {version[name] for version in whole}, name
    promise("kill -9 at any moment, run again: the same result",
            f"{kills} kills of the whole group in {rounds} rounds; {rounds} of {rounds} times all "
            "CSV bytes and the ledger as undisturbed")
    promise("a CSV is whole or absent", f"0 partial reads in {polls:,} during these")
