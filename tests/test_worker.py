"""Files as a worker opens them: only what was listed, and only a file."""

import hashlib
import os
import stat
from contextlib import contextmanager
from pathlib import Path

import pytest

from scanproc.batch.worker import read_file
from scanproc.errors import Refused

DATA = b"1 page"
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def scan(tmp_path):
    """A file with DATA in it."""
    file = tmp_path / "scan.png"
    file.write_bytes(DATA)
    return file


def refusal(path, sha256=SHA, limit=1.0):
    with pytest.raises(Refused) as caught:
        read_file(os.fsencode(path), sha256, limit)
    return caught.value.reason, caught.value.words


def test_the_bytes_come_whole(scan):
    assert read_file(os.fsencode(scan), SHA, 1.0) == DATA


def test_a_file_that_was_written_to_is_refused(scan):
    scan.write_bytes(DATA + b"!")
    reason, words = refusal(scan)
    assert reason == "changed" and "next run" in words


def test_a_file_that_is_gone_is_refused(tmp_path):
    reason, words = refusal(tmp_path / "gone")
    assert reason == "io" and "No such file" in words


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="links of POSIX")
def test_a_link_is_not_followed(scan, tmp_path):
    (tmp_path / "link").symlink_to(scan)
    reason, words = refusal(tmp_path / "link")
    assert reason == "changed" and "link" in words


@pytest.mark.skipif(not hasattr(os, "O_PATH"), reason="folders are watched on Linux only")
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_a_link_in_the_place_of_a_folder_is_not_followed(tmp_path, depth):
    folders = [tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "b" / "c"]
    folders[2].mkdir(parents=True)
    (folders[2] / "scan.png").write_bytes(DATA)
    assert read_file(os.fsencode(folders[2] / "scan.png"), SHA, 1.0) == DATA
    folders[depth].rename(tmp_path / "elsewhere")
    folders[depth].symlink_to(tmp_path / "elsewhere")
    reason, words = refusal(folders[2] / "scan.png")
    assert reason == "changed" and "link" in words


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of POSIX")
@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path, kind):
    path = tmp_path / "it"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path = Path("/dev/zero")
    assert refusal(path)[0] == "changed"


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(tmp_path):
    huge = tmp_path / "huge"
    with huge.open("wb") as file:
        file.truncate(50_000_000_000)  # sparse: takes no room
    reason, words = refusal(huge, limit=1000.0)
    assert reason == "too_large" and "50000.0 MB" in words and "max_file_mb = 1000 " in words


@contextmanager
def as_nobody():
    """Root may read everything: where the tests run as root, another account is put on."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_file_that_may_not_be_read_is_refused(scan):
    scan.chmod(stat.S_IWUSR)
    with as_nobody():
        assert refusal(scan)[0] == "permission"
