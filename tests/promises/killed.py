"""Killed at any moment: the next run gives what an undisturbed one would have given."""

import os
import signal
import time
from functools import partial

from left_alone import (
    CSV,
    LINUX,
    Reader,
    chance,
    finish,
    fresh,
    night,  # noqa: F401
    result,
    start,
    tables,
)
from processes import reached, session

from scanproc.batch.files import PREFIX

IN_A_ROW = 4  # runs killed one after the other before one is let be; the last as it writes the CSV


def killed(process, moment):
    """Kills the whole process group at the `moment`; whether it was still at work."""
    while process.poll() is None and not moment():
        time.sleep(0.001)
    at_work = process.poll() is None
    if at_work:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert reached(lambda: not session(process.pid))
    return at_work


def drafted(out):
    """Whether CSV files are being written."""
    return any(file.name.startswith(PREFIX) for file in out.iterdir())


@LINUX
def test_killed_at_any_moment_the_result_is_the_same(night, tmp_path, promise, large):  # noqa: F811
    scans, before, after, seconds = night
    random, out = chance(), tmp_path / "out"
    expected, whole = result(after), [tables(before), tables(after)]
    kills = polls = rounds = writing = 0
    wanted = 1000 if large else 10
    while kills < wanted:
        fresh(before, out)
        rounds += 1
        with Reader(out) as reader:
            for turn in range(IN_A_ROW):
                end = time.monotonic() + random.uniform(0, seconds)
                last = turn == IN_A_ROW - 1
                hit = killed(start(scans, out), partial(drafted, out) if last else
                             lambda end=end: time.monotonic() > end)
                kills += hit
                writing += hit and last
                if not hit or kills == wanted:
                    break
            finish(scans, out)
        assert result(out) == expected, f"after {kills} kills"
        polls += reader.polls
        for name in CSV:
            assert reader.seen[name] <= {version[name] for version in whole}, name
    promise("kill -9 at any moment, run again: the same result",
            f"{kills} kills of the whole group, {writing} of them as the CSV files were written; "
            f"{rounds} of {rounds} times all CSV bytes and the ledger as undisturbed")
    promise("a CSV is whole or absent", f"0 partial reads in {polls:,} during these")
