"""A file is whole or as it was: full disks, failing calls, readers at the wrong moment."""

import errno
import os
import threading

import pytest
from results import SHA, SMALL, number, page

from scanproc.batch import files
from scanproc.batch.export import write_csvs
from scanproc.errors import OutputError
from scanproc.settings import Settings

POSIX = pytest.mark.skipif(os.name != "posix", reason="file modes and devices of POSIX")


def test_left_overs_of_a_killed_run_are_swept(tmp_path):
    stale = tmp_path / f"{files.PREFIX}0123{files.SUFFIX}"
    stale.write_text("half a")
    others = tmp_path / "mine.tmp"
    others.write_text("stays")
    write_csvs(tmp_path, lambda: SMALL, Settings())
    assert not stale.exists() and others.exists()


@POSIX
def test_the_umask_decides_who_may_read(tmp_path):
    before = os.umask(0o027)
    try:
        write_csvs(tmp_path, lambda: SMALL, Settings())
    finally:
        os.umask(before)
    assert (tmp_path / "pages.csv").stat().st_mode & 0o777 == 0o640


def test_a_reader_never_sees_part_of_a_file(tmp_path):
    versions = [[(f"{name}.png", SHA, page(at, number())) for at in range(1, 400)]
                for name in ("old", "newer")]
    write_csvs(tmp_path, lambda: versions[0], Settings())
    target = tmp_path / "digits.csv"
    whole = set()
    for version in versions:
        write_csvs(tmp_path, lambda version=version: version, Settings())
        whole.add(target.read_bytes())
    seen, done = set(), threading.Event()

    def watch():
        while not done.is_set():
            seen.add(target.read_bytes())
    watcher = threading.Thread(target=watch)
    watcher.start()
    for turn in range(12):
        write_csvs(tmp_path, lambda turn=turn: versions[turn % 2], Settings())
    done.set()
    watcher.join()
    assert seen and seen <= whole


@POSIX
def test_a_full_disk_is_named_and_costs_nothing(tmp_path, monkeypatch):
    write_csvs(tmp_path, lambda: SMALL, Settings())
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    real = os.open

    def full(path, flags, *mode):
        real_descriptor = real(path, flags, *mode)
        if not str(path).endswith(files.SUFFIX):
            return real_descriptor
        os.close(real_descriptor)
        return real("/dev/full", os.O_WRONLY)
    monkeypatch.setattr(files.os, "open", full)
    with pytest.raises(OutputError, match="space") as caught:
        write_csvs(tmp_path, lambda: SMALL, Settings())
    assert str(tmp_path) in str(caught.value) and "make room" in str(caught.value)
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize("call", ["open", "fsync", "replace"])
@pytest.mark.parametrize("nth", [0, 1, 2])
def test_whatever_fails_each_csv_stays_whole(tmp_path, monkeypatch, call, nth):
    write_csvs(tmp_path, list, Settings())
    old = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    new = tmp_path / "new"
    new.mkdir()
    write_csvs(new, lambda: SMALL, Settings())
    real, calls = getattr(os, call), []

    def failing(*arguments):
        calls.append(arguments)
        if len(calls) == nth + 1:
            raise OSError(errno.EACCES, "Permission denied")
        return real(*arguments)
    monkeypatch.setattr(files.os, call, failing)
    with pytest.raises(OutputError, match=r"\.csv cannot be written: Permission denied; close it"):
        write_csvs(tmp_path, lambda: SMALL, Settings())
    monkeypatch.undo()
    there = {file.name: file.read_bytes() for file in tmp_path.iterdir() if file != new}
    assert there.keys() == old.keys()
    fresh = [name for name in there if there[name] == (new / name).read_bytes()]
    assert len(fresh) == (nth if call == "replace" else 0)
    assert all(there[name] == old[name] for name in set(old) - set(fresh))


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OutputError, match="make the folder first"):
        write_csvs(tmp_path / "missing", lambda: SMALL, Settings())
