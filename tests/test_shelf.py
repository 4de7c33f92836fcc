"""A file put in another folder: whole, under a name of its own, and never at another's expense."""

import errno
import hashlib
import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from scanproc.batch.document import Document
from scanproc.batch.folder import stamp_of
from scanproc.batch.shelf import Changed, Shelf, let_go


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "scans" / "a.pdf"
    path.parent.mkdir()
    path.write_bytes(b"bytes" * 1000)
    os.utime(path, ns=(1_600_000_000_123_456_789, 1_600_000_000_123_456_789))
    return path


@pytest.fixture
def shelf(tmp_path):
    (tmp_path / "shelf").mkdir()
    return Shelf(tmp_path / "shelf", "us")


@pytest.fixture(params=["linked", "other file system", "without links"])
def way(request, tmp_path, monkeypatch):
    """A shelf of each kind."""
    if request.param == "other file system":
        with _memory(tmp_path) as folder:
            yield Shelf(Path(folder), "us")
        return
    if request.param == "without links":
        def no_links(source, target):
            raise OSError(errno.EPERM, "Operation not permitted")
        monkeypatch.setattr(os, "link", no_links)
    (tmp_path / "shelf").mkdir()
    yield Shelf(tmp_path / "shelf", "us")


def _memory(beside):
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == beside.stat().st_dev:
        pytest.skip("there is no second file system")
    return tempfile.TemporaryDirectory(dir=memory)


def document(path, **changes):
    """As a run would have recorded the file."""
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    known = Document(1, path.name, os.fsencode(path.parent), os.fsencode(path.name),
                     stamp_of(path.lstat()), sha256)
    return replace(known, **changes)


def test_a_file_has_two_names_and_then_one(way, source):
    known, data, before = document(source), source.read_bytes(), source.stat()
    target, new = way.take(known, b"sub/a.pdf")
    assert (target, new) == (way.folder / "sub" / "a.pdf", True)
    assert source.read_bytes() == target.read_bytes() == data
    let_go(known)
    assert not source.exists() and target.read_bytes() == data
    assert target.stat().st_mtime_ns == before.st_mtime_ns
    assert target.stat().st_mode == before.st_mode
    assert list(target.parent.iterdir()) == [target]


def test_a_killed_run_is_gone_on_with(way, source):
    first, _ = way.take(document(source), b"a.pdf")
    assert way.take(document(source), b"a.pdf") == (first, False)
    let_go(document(source))
    assert first.exists() and not source.exists()


def test_what_a_killed_copy_left_is_removed_and_that_of_others_is_not(source, tmp_path):
    with _memory(tmp_path) as folder:
        others = Path(folder) / ".scanproc-them.tmp"
        for path in (Path(folder) / ".scanproc-us.tmp", others):
            path.write_bytes(b"half")
        Shelf(Path(folder), "us").take(document(source), b"a.pdf")
        assert {path.name for path in Path(folder).iterdir()} == {"a.pdf", others.name}


@pytest.mark.parametrize("read", [True, False])
def test_a_name_taken_by_another_file_gets_a_number(way, source, read):
    for name in ("a.pdf", "a (2).pdf"):
        (way.folder / name).write_bytes(source.read_bytes()[::-1])  # as many bytes
        shutil.copystat(source, way.folder / name)
    known = document(source) if read else document(source, sha256="")
    assert way.take(known, b"a.pdf")[0].name == "a (3).pdf"
    assert (way.folder / "a.pdf").read_bytes() == source.read_bytes()[::-1]


def test_a_name_taken_this_moment_gets_a_number_too(way, source, monkeypatch):
    (way.folder / "a.pdf").write_bytes(b"theirs")
    seen = []
    lexists = os.path.lexists

    def late(path):
        seen.append(path)
        return len(seen) > 1 and lexists(path)
    monkeypatch.setattr(os.path, "lexists", late)
    assert way.take(document(source), b"a.pdf")[0].name == "a (2).pdf"
    assert (way.folder / "a.pdf").read_bytes() == b"theirs"


@pytest.mark.parametrize("change", ["written", "replaced", "touched", "gone", "link"])
def test_a_file_that_changed_is_not_taken(way, source, change):
    known = document(source)
    if change == "written":
        source.write_bytes(b"other" * 1000)
    elif change == "touched":
        os.utime(source)
    else:
        source.rename(source.with_name("elsewhere"))
    if change == "replaced":
        shutil.copy2(source.with_name("elsewhere"), source)
    elif change == "link":
        source.symlink_to("elsewhere")
    with pytest.raises(Changed):
        way.take(known, b"a.pdf")
    assert list(way.folder.iterdir()) == []


def test_a_copy_of_other_bytes_than_were_read_is_thrown_away(source, tmp_path):
    with _memory(tmp_path) as folder, pytest.raises(Changed):
        Shelf(Path(folder), "us").take(document(source, sha256="0" * 64), b"a.pdf")
    assert source.exists()


def test_a_file_replaced_in_the_moment_of_linking_stays(shelf, source, monkeypatch):
    known, link = document(source), os.link

    def late(old, new):
        source.unlink()
        source.write_bytes(b"new")
        link(old, new)
    monkeypatch.setattr(os, "link", late)
    with pytest.raises(Changed):
        shelf.take(known, b"a.pdf")
    assert source.read_bytes() == b"new" and list(shelf.folder.iterdir()) == []


def test_a_new_file_under_the_old_name_is_let_be(way, source):
    known = document(source)
    way.take(known, b"a.pdf")
    source.rename(source.with_name("kept"))
    source.write_bytes(b"new")
    let_go(known)
    assert source.read_bytes() == b"new"


def test_a_file_written_to_after_it_was_taken_does_not_go(way, source):
    known = document(source)
    way.take(known, b"a.pdf")
    source.write_bytes(b"more")
    with pytest.raises(Changed):
        let_go(known)
    assert source.read_bytes() == b"more"


def test_the_folder_that_a_file_lies_in_takes_it_not(source):
    """Under whatever name it is mounted: to remove the old name would remove the file."""
    with pytest.raises(OSError, match="the one that it lies in"):
        Shelf(source.parent, "us").take(document(source), b"a.pdf")
    assert source.exists()


def test_no_link_below_the_shelf_is_followed(shelf, source):
    (shelf.folder / "sub").symlink_to(source.parent)
    with pytest.raises(NotADirectoryError):
        shelf.take(document(source), b"sub/a.pdf")
    (shelf.folder / "a.pdf").symlink_to(source)
    assert shelf.take(document(source), b"a.pdf")[0].name == "a (2).pdf"


def test_a_note_is_written_once_and_over_nothing(way, source):
    target, _ = way.take(document(source), b"a.pdf")
    assert way.note(target, "größer\n") == (way.folder / "a.pdf.txt", True)
    assert way.note(target, "größer\n") == (way.folder / "a.pdf.txt", False)
    assert way.note(target, "other\n") == (way.folder / "a.pdf (2).txt", True)
    assert (way.folder / "a.pdf.txt").read_bytes() == "größer\n".encode()
    assert len(list(way.folder.iterdir())) == 3


def test_a_full_disk_leaves_nothing_behind(source, tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(os, "fsync", full)
    with _memory(tmp_path) as folder:
        with pytest.raises(OSError, match="No space"):
            Shelf(Path(folder), "us").take(document(source), b"a.pdf")
        assert source.exists() and not list(Path(folder).iterdir())
