"""A disk that is full, or fails, at whatever moment: it is said, and nothing is lost."""

import errno
import io
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from functools import partial
from itertools import count

import pytest
from left_alone import (
    FAULTS,
    LINUX,
    chance,
    command,
    fresh,
    night,  # noqa: F401
    result,
    tables,
)
from processes import environment

from scanproc.batch import files
from scanproc.batch.ledger import schema
from scanproc.errors import OutputError

CALLS = {"open": "open", "write": "fdopen", "fsync": "fsync", "rename": "replace"}
BLOCK = 1024  # bytes that a write takes: few, so that there are many writes
# a shell in which disks can be mounted that nobody else sees
OWN_MOUNTS = ("unshare", "--user", "--map-root-user", "--mount")
NO_TEMPORARY_FILES = """
import tempfile
def none():
    raise FileNotFoundError(2, "No usable temporary directory found")
tempfile.gettempdir = none
from scanproc.__main__ import main
main()
"""


@pytest.fixture
def grown(office):
    """The office; DIR as it was when a part was read; DIR when all is."""
    before, after = (office.out.with_name(name) for name in ("before", "after"))
    office.scan("a.pdf", "read 1", "blank")
    office.run()
    fresh(office.out, before)
    office.scan("b.pdf", f"read {'123456789 ' * 24}", "refused damaged")
    office.run()
    fresh(office.out, after)
    return office, before, after


def failed(grown, start, sabotage):
    """Whether the run failed under this sabotage, as it should; the next one mends all.

    start: DIR as it is found, or None.
    """
    office, _, after = grown
    new = tables(after)
    old = tables(start) if start else dict.fromkeys(new)
    shutil.rmtree(office.out)
    if start:
        fresh(start, office.out)
    words = None
    with sabotage():
        try:
            office.run()
        except OutputError as error:
            words = str(error)
            assert error.exit_code == 4
            assert str(office.out) in words and "no space left" in words.lower()
            assert "make room" in words
    for name, data in tables(office.out).items():
        assert data in (old[name], new[name]), name
    office.run()
    assert result(office.out) == result(after)
    return words is not None


@contextmanager
def nth_fails(call, nth):
    """The nth call of this kind for a CSV file fails."""
    calls, real = count(1), getattr(os, CALLS[call])

    def ask():
        if next(calls) == nth:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    class Raw(io.FileIO):
        def write(self, data):
            ask()
            return super().write(data)

    def failing(*arguments, **more):
        if call == "write" and arguments[1] == "rb":
            return real(*arguments, **more)
        if call == "write":
            return io.BufferedWriter(Raw(arguments[0], "wb"), BLOCK)
        if call != "open" or files.PREFIX in str(arguments[0]):
            ask()
        return real(*arguments, **more)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, CALLS[call], failing)
        yield


@contextmanager
def no_more_than(pages):
    """The ledger may have that many pages, or as many as it has."""
    real = schema.sqlite3.connect

    def limited(*arguments, **more):
        connection = real(*arguments, **more)
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema.sqlite3, "connect", limited)
        yield


def failures(grown, start, sabotage):
    """How often the run fails: with the first, the second, ... until it does not."""
    return next(nth for nth in count(1) if not failed(grown, start, partial(sabotage, nth))) - 1


def test_whatever_call_fails_nothing_is_lost(grown, promise):
    _, before, _ = grown
    times = {call: failures(grown, before, partial(nth_fails, call)) for call in CALLS}
    assert times["write"] > 8 and times["open"] == times["rename"] == 3
    assert times["fsync"] == 4  # three files and their folder
    sizes = sum(failures(grown, start, no_more_than) for start in (None, before))
    assert sizes > 25
    promise("a full disk is said and loses nothing",
            f"{', '.join(f'{times[call]} x {call}' for call in times)}, {sizes} x SQLite: each "
            "time exit 4 with path and cause, old CSV whole, the next run as undisturbed")


def on_small_disk(folder, how, frees):
    """What `small_disk.py` tells of each number of free pages."""
    (folder / "out").mkdir(exist_ok=True)
    done = subprocess.run([*OWN_MOUNTS, sys.executable, FAULTS / "small_disk.py", folder, how,
                           *map(str, frees)], env=environment(), capture_output=True, text=True,
                          check=False)
    if "unshare:" in done.stderr or "mount:" in done.stderr:
        pytest.skip("disks cannot be mounted here")
    assert not done.returncode, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@LINUX
def test_a_disk_that_is_really_full_loses_nothing(grown, night, promise, large):  # noqa: F811
    office, *_ = grown
    scans, *_ = night
    random = chance()
    frees = range(60) if large else sorted(random.sample(range(20), 2))
    told = on_small_disk(office.out.parent, "fakes", range(25))
    told += on_small_disk(scans.parent, "really", frees)
    full = [one for one in told if one["code"] not in (0, 1)]
    assert len(full) > 10
    for one in told:
        assert one["whole"] and one["same"], one
    for one in full:
        assert one["code"] == 4 and "no space left" in one["said"].lower(), one
        assert "/out/" in one["said"] and "make room" in one["said"], one
    promise("a full disk is said and loses nothing",
            f"{len(told)} runs on a tmpfs with little room, {len(full)} of them on a full "
            "one: the same")


@LINUX
def test_no_room_for_temporary_files_is_needed(night, tmp_path):  # noqa: F811
    mount = "mount -t tmpfs -o size=4k,nr_inodes=1 tmpfs /dev/shm && exec \"$@\""

    def words(out):
        return command("run", night[0], "--out", tmp_path / out)
    full = [*OWN_MOUNTS, "sh", "-c", mount, "sh", *words("full")]
    none = [sys.executable, "-c", NO_TEMPORARY_FILES, *words("none")[3:]]
    assert subprocess.run(words("free"), check=False, capture_output=True).returncode == 1
    for out, disturbed in (("full", full), ("none", none)):
        done = subprocess.run(disturbed, check=False, capture_output=True, text=True)
        if "unshare:" in done.stderr or "mount:" in done.stderr:
            continue  # disks cannot be mounted here
        assert done.returncode == 1, done.stderr
        for name in ("digits.csv", "numbers.csv", "pages.csv"):
            assert (tmp_path / out / name).read_bytes() == (tmp_path / "free" / name).read_bytes()
