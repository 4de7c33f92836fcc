"""When a file stands still, told by clocks that the test sets."""

import os

import pytest

from scanproc.batch import folder, still
from scanproc.errors import Refused

NOW = 1_800_000_000
TOUCHED = still.touched  # all tests go without it, but for these


class Clock:
    """Both clocks of the machine. at_sleep: what happens while the program waits."""

    def __init__(self):
        self.passed, self.slept, self.at_sleep = 0.0, [], lambda: None

    def monotonic(self):
        return self.passed

    def time_ns(self):
        return int((NOW + self.passed) * 1e9)

    def sleep(self, seconds):
        self.at_sleep()
        self.slept.append(seconds)
        self.passed += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(still, "touched", TOUCHED)
    monkeypatch.setattr(still, "time", clock)
    return clock


@pytest.fixture
def scan(tmp_path, monkeypatch):
    """A function: seconds since the file was written -> the scan; its ctime is its mtime."""
    path = tmp_path / "in" / "a.png"
    path.parent.mkdir()

    def written(age_s, data=b"\x89PNG\r\n\x1a\n"):
        path.write_bytes(data)
        os.utime(path, ns=(0, (NOW - age_s) * 10**9))
        return folder.scans([path.parent]).scans[0]
    monkeypatch.setattr(folder, "stamp_of", lambda status: folder.Stamp(
        status.st_size, status.st_mtime_ns, status.st_mtime_ns, status.st_ino))
    return written


def test_old_files_are_not_waited_for(clock, scan):
    old = scan(age_s=6)
    assert still.Stillness(5).digest(old, 1)[0] == old and clock.slept == []


@pytest.mark.parametrize("age_s", [0, 4, -60, -10**9])
def test_a_file_of_just_now_or_of_the_future_is_looked_at_again(clock, scan, age_s):
    young = scan(age_s)
    watched = still.Stillness(5)
    assert watched.digest(young, 1)[0] == young
    watched.digest(young, 1)
    assert sum(clock.slept) == 5, "waited for once in a run"


def test_time_that_other_files_took_is_not_waited_again(clock, scan):
    young, watched = scan(age_s=0), still.Stillness(5)
    clock.passed = 4
    watched.digest(young, 1)
    assert clock.slept == [1]


@pytest.mark.parametrize("age_s", [0, 60])
def test_a_file_that_is_written_to_meanwhile_is_left_for_the_next_run(clock, scan, age_s):
    listed, watched = scan(age_s), still.Stillness(5)
    scan(-4, b"more")
    with pytest.raises(Refused, match="next run") as caught:
        watched.digest(listed, 1)
    assert caught.value.reason == "changed"


def test_a_file_replaced_long_ago_in_a_long_run_is_read_as_it_is_now(clock, scan):
    listed, watched = scan(age_s=60), still.Stillness(5)
    clock.passed = 3600
    now = scan(age_s=-3000, data=b"\x89PNG, another one")
    assert watched.digest(listed, 1)[0] == now and clock.slept == []


def test_a_file_that_goes_while_it_is_waited_for_is_gone(clock, scan, tmp_path):
    young = scan(age_s=0)
    clock.at_sleep = (tmp_path / "in" / "a.png").unlink
    assert still.Stillness(5).digest(young, 1) is None


def test_nothing_is_waited_for_where_that_is_asked_for(clock, scan):
    assert still.Stillness(0).digest(scan(age_s=-60), 1) and clock.slept == []
