"""A file is whole or as it was. Full disks: `promises/disk.py`."""

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


def test_a_file_that_is_open_in_excel_is_named(tmp_path, monkeypatch):
    write_csvs(tmp_path, list, Settings())
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}

    def held(*_):
        raise OSError(errno.EACCES, "Permission denied")
    monkeypatch.setattr(files.os, "replace", held)
    with pytest.raises(OutputError, match=r"\.csv cannot be written: Permission denied; close it"):
        write_csvs(tmp_path, lambda: SMALL, Settings())
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_disk_that_fails_a_folder_is_said_and_one_that_cannot_is_not(tmp_path, monkeypatch):
    def failing(number):
        def fsync(descriptor):
            raise OSError(number, os.strerror(number))
        return fsync
    monkeypatch.setattr(files.os, "fsync", failing(errno.EINVAL))
    files.sync_folder(tmp_path)
    monkeypatch.setattr(files.os, "fsync", failing(errno.EIO))
    with pytest.raises(OutputError, match="may not last: Input/output error"):
        files.sync_folder(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OutputError, match="make the folder first"):
        write_csvs(tmp_path / "missing", lambda: SMALL, Settings())
