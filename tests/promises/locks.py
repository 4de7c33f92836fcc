"""Two runs never work on one DIR: of many that start at once, one does."""

import os
import signal
import statistics
import subprocess
import sys
import time
from typing import NamedTuple

from left_alone import LINUX, command, finish, fresh, night, result  # noqa: F401
from processes import reached, session

AT_ONCE, WITHIN_S = 8, 1.0
CPU_S = WITHIN_S * 2 / AT_ONCE  # what each may compute if two cores are to be done in time
HEAVY = ("numpy", "cv2", "PIL", "pebble", "pandas", "scipy", "skimage", "multiprocessing.pool")
# prints what is there of these when the lock is taken, and ends
LOCKING = f"""
import sys
import filelock
def acquire(*_, **__):
    print([name for name in {HEAVY} if name in sys.modules])
    sys.exit()
filelock.FileLock.acquire = acquire
from scanproc.__main__ import main
main()
"""


class Ended(NamedTuple):
    """How a process ended: when, counted from the start of all, and what it had computed."""

    process: subprocess.Popen
    code: int
    seconds: float
    cpu_s: float


def begin(words):
    """Processes that start at once, and when."""
    return time.monotonic(), [subprocess.Popen(
        words, text=True, start_new_session=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE) for _ in range(AT_ONCE)]


def ended(began, processes, count):
    """The first of the processes that end, in that order."""
    waiting, done = list(processes), []
    while len(done) < count:
        for process in list(waiting):
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
            if pid:
                waiting.remove(process)
                process.returncode = os.waitstatus_to_exitcode(status)
                done.append(Ended(process, process.returncode, time.monotonic() - began,
                                  used.ru_utime + used.ru_stime))
        time.sleep(0.002)
    return done


def said(processes):
    """What each of the processes said until it ended."""
    return [process.communicate()[1] for process in processes]


@LINUX
def test_of_many_runs_at_once_one_works(night, tmp_path, promise, large):  # noqa: F811
    scans, before, after, _ = night
    out, slowest, starts, busy, computed = tmp_path / "out", [], [], [], []
    fresh(before, out)
    rounds = 25 if large else 5
    for _ in range(rounds):
        began, pythons = begin([sys.executable, "-c", "pass"])
        bare = ended(began, pythons, AT_ONCE)
        starts.append(bare[-1].seconds)
        ideal = sum(one.cpu_s for one in bare) / len(os.sched_getaffinity(0))
        busy.append(max(1.0, starts[-1] / ideal))
        said(pythons)
        began, runs = begin(command("run", scans, "--out", out, "--reread"))
        refused = ended(began, runs, AT_ONCE - 1)
        (winner,) = set(runs) - {one.process for one in refused}
        assert winner.poll() is None
        os.kill(winner.pid, signal.SIGKILL)  # it alone; the next round finds DIR free
        assert [one.code for one in refused] == [5] * (AT_ONCE - 1)
        assert all("another run works on" in words
                   for process, words in zip(runs, said(runs), strict=True) if process != winner)
        assert reached(lambda pid=winner.pid: not session(pid))
        slowest.append(refused[-1].seconds)
        computed += [one.cpu_s for one in refused]
    # as much later as what else this machine does has held up bare Pythons just before
    own = min(seconds / times for seconds, times in zip(slowest, busy, strict=True))
    assert own <= WITHIN_S, (slowest, busy)
    assert statistics.median(computed) <= CPU_S, computed
    finish(scans, out)
    assert result(out)[:2] == result(after)[:2]
    promise("two runs never overlap",
            f"{rounds} times {AT_ONCE} at once: 1 works, {AT_ONCE - 1} end with 5, the last after "
            f"{min(slowest):.2f} to {max(slowest):.2f} s ({statistics.median(starts):.2f} s of it "
            f"Python's start; each computes {statistics.median(computed):.2f} s); a killed "
            f"holder's DIR was free at once, {rounds} of {rounds}")


def test_the_lock_is_taken_before_anything_heavy_is_imported(night, tmp_path):  # noqa: F811
    done = subprocess.run([sys.executable, "-c", LOCKING, *command(
        "run", night[0], "--out", tmp_path / "out")[3:]], capture_output=True, text=True,
        check=False)
    assert done.stdout == "[]\n", done.stderr
