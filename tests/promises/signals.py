"""Ctrl-C and SIGTERM at any moment: the run ends at once, cleanly, and the next one goes on."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from left_alone import (
    FAULTS,
    LINUX,
    chance,
    finish,
    fresh,
    night,  # noqa: F401
    result,
    start,
)
from processes import environment, reached, session

from scanproc.stop import PATIENCE_S

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
LOADING_S = 0.2  # every other signal comes this early, when the program is being imported
WITHIN_S = 3
STOPPED = "scanproc: stopped"
KEPT = ("; what was read is kept, the next run goes on from here ('scanproc export DIR' writes the "
        "CSV of it)")


def heeds(pid):
    """Whether the program's first line has been run: before, it is Python that starts."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("SigCgt:"):
            return bool(int(line.split()[1], 16) >> (signal.SIGTERM - 1) & 1)
    return False


def stopped(process, number, group):
    """Sends the signal: (seconds until the program ended, its exit code, what it said).

    The fork server may still be importing and sees only then that it is not needed any more.
    """
    began = time.monotonic()
    (os.killpg if group else os.kill)(process.pid, number)
    try:
        code = process.wait(timeout=30)
        took = time.monotonic() - began
        stdout, stderr = process.communicate(timeout=30)
        assert reached(lambda: not session(process.pid)), "children were left"
    finally:
        process.kill()
    assert not stdout
    return took, code, stderr


@LINUX
def test_a_run_stops_cleanly_at_any_moment(night, tmp_path, promise, large):  # noqa: F811
    scans, before, after, seconds = night
    random, out, expected = chance(), tmp_path / "out", result(after)
    wanted, longest, late, rounds = 50 if large else 10, 0.0, 0, 0
    hits = dict.fromkeys(CODES, 0)
    while sum(hits.values()) < wanted:
        fresh(before, out)
        rounds += 1
        for turn in range(5):
            process = start(scans, out)
            assert reached(lambda process=process: heeds(process.pid))
            time.sleep(random.uniform(0, LOADING_S if turn % 2 else seconds))
            number, working = random.choice(list(CODES)), len(session(process.pid)) > 1
            took, code, said = stopped(process, number, group=random.random() < 0.5)
            if code in (0, 1) and re.match(r"\d+ pages? read", said):
                late += 1  # it came when all was done
                break
            assert code == CODES[number] and took <= WITHIN_S, (took, said)
            lines = {line for line in said.split("\n") if line}
            assert lines and lines <= {STOPPED, STOPPED + KEPT}, said
            assert STOPPED + KEPT in lines or not working or took > PATIENCE_S, said
            longest = max(longest, took)
            hits[number] += 1
            if sum(hits.values()) == wanted:
                break
        finish(scans, out)
        assert result(out) == expected
    promise("Ctrl-C and SIGTERM stop cleanly",
            f"{hits[signal.SIGINT]} x 130 and {hits[signal.SIGTERM]} x 143, {longest:.1f} s "
            f"later at most; no process left; {rounds} of {rounds} times the next run gave the same"
            + (f"; {late} came too late" if late else ""))


def test_a_stop_that_gets_lost_ends_the_program_all_the_same():
    with subprocess.Popen([sys.executable, FAULTS / "deaf.py"], text=True, env=environment(),
                          start_new_session=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == "ready\n"
        took, *ending = stopped(process, signal.SIGTERM, group=False)
    assert ending == [143, f"{STOPPED}\n"] and took <= WITHIN_S
