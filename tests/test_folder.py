"""Which files are scans, and what they are called: by real files, some of them hostile."""

import hashlib
import os
import socket
from pathlib import Path

import pytest

from scanproc.batch import folder
from scanproc.errors import Refused, UsageError

PNG = b"\x89PNG\r\n\x1a\n"


def put(path, data=PNG):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def names(*inputs):
    return [scan.file for scan in folder.scans(inputs).scans]


def test_folders_are_walked_and_sorted_by_code_points(tmp_path):
    for name in ("b.png", "a/z.PDF", "a/b/c/deep.tiff", "B.jpg", "é.webp", "a.png", "𝟗.png",
                 "\uff21.png"):
        put(tmp_path / name)
    assert names(tmp_path) == ["B.jpg", "a.png", "a/b/c/deep.tiff", "a/z.PDF", "b.png", "é.webp",
                               "\uff21.png", "𝟗.png"]


def test_first_bytes_or_extension_make_a_scan(tmp_path):
    put(tmp_path / "no extension", PNG)
    put(tmp_path / "wrong.txt", b"%PDF-1.4")
    put(tmp_path / "empty.png", b"")
    put(tmp_path / "text.pdf", b"hello")
    put(tmp_path / "telephone.HEIC", b"\0\0\0\x18ftypheic")
    put(tmp_path / "notes.txt", b"hello")
    put(tmp_path / "Thumbs.db", b"\xd0\xcf\x11\xe0")
    put(tmp_path / "thing.a\x1bb", b"hello")
    put(tmp_path / "nothing", b"hello")
    found = folder.scans([tmp_path])
    assert [scan.file for scan in found.scans] == [
        "empty.png", "no extension", "telephone.HEIC", "text.pdf", "wrong.txt"]
    assert found.skipped == {".txt": 1, ".db": 1, "other": 2}


def test_hidden_links_and_pipes_are_skipped_and_never_opened(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "outside"
    put(inside / "a.png")
    put(inside / "._a.png")
    put(inside / ".hidden" / "b.png")
    put(outside / "secret.png")
    (inside / "link.png").symlink_to(outside / "secret.png")
    (inside / "dir").symlink_to(outside)
    (inside / "loop").symlink_to(inside)
    (inside / "dangling.png").symlink_to("nowhere")
    os.mkfifo(inside / "pipe.png")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(inside / "socket.png"))
        found = folder.scans([inside])
    assert [scan.file for scan in found.scans] == ["a.png"]
    assert found.skipped == {"hidden": 2, "symlink": 4, "special": 2}


def test_names_need_not_be_text(tmp_path):
    raw = [b"caf\xe9.png", b"back\\slash.png", b"new\nline.png", b"\xed\xa0\x80.png", b"=cmd.png"]
    for name in raw:
        put(Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)))
    found = folder.scans([tmp_path]).scans
    assert {scan.raw: scan.file for scan in found} == {
        b"caf\xe9.png": "caf\\xe9.png", b"back\\slash.png": "back\\\\slash.png",
        b"new\nline.png": "new\nline.png", b"\xed\xa0\x80.png": "\\xed\\xa0\\x80.png",
        b"=cmd.png": "=cmd.png"}
    assert all(folder.on_disk(scan.path) for scan in found)


def test_several_folders_are_prefixed_and_a_file_goes_by_its_name(tmp_path):
    put(tmp_path / "one" / "a.png")
    put(tmp_path / "two" / "a.png")
    put(tmp_path / "three" / "b.png")
    put(tmp_path / "three" / "c.txt", b"text")
    assert names(tmp_path / "one", tmp_path / "two") == ["one/a.png", "two/a.png"]
    assert names(tmp_path / "one", tmp_path / "three" / "b.png") == ["a.png", "b.png"]
    assert folder.scans([tmp_path / "three" / "c.txt"]).skipped == {".txt": 1}


@pytest.mark.parametrize("inputs", [
    ("x/same", "y/same"), ("x", "x/same"), ("x", "x/same/a.png"), ("x", "x"),
    ("x/same/a.png", "y/same/a.png"), ("x/same", "y/same/a.png")])
def test_two_inputs_alike_are_wrong_usage(tmp_path, inputs):
    put(tmp_path / "x" / "same" / "a.png")
    put(tmp_path / "y" / "same" / "a.png")
    with pytest.raises(UsageError) as caught:
        folder.scans([tmp_path / name for name in inputs])
    assert all(str(tmp_path / name) in str(caught.value) for name in inputs)


@pytest.mark.parametrize(("given", "out"), [
    ("missing", "out"), ("in", "in"), ("in", "in/out"), ("in/deeper", "in"), ("pipe", "out"),
    ("link", "in/out")])
def test_overlap_and_absence_are_found_before_anything_is_read(tmp_path, given, out):
    put(tmp_path / "in" / "deeper" / "a.png")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("in")
    with pytest.raises(UsageError, match=given):
        folder.check([tmp_path / given], tmp_path / out)
    assert not (tmp_path / "out").exists()


def test_a_folder_beside_the_output_or_a_file_in_it_is_fine(tmp_path):
    put(tmp_path / "scans" / "a.png")
    folder.check([tmp_path / "scans"], tmp_path / "scans-out")
    folder.check([tmp_path / "scans" / "a.png"], tmp_path / "scans")


def test_a_folder_that_cannot_be_listed_is_named(tmp_path, monkeypatch):
    put(tmp_path / "a.png")
    put(tmp_path / "closed" / "b.png")
    scandir = os.scandir

    def refuse(path):
        if path.endswith(b"closed/"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = folder.scans([tmp_path])
    assert [scan.file for scan in found.scans] == ["a.png"]
    assert found.unlisted == (f"{tmp_path}/closed/",)


def one(tmp_path, data=PNG):
    put(tmp_path / "a.png", data)
    return folder.scans([tmp_path]).scans[0]


def test_the_digest_is_that_of_the_bytes_and_comes_with_their_stamp(tmp_path):
    scan = one(tmp_path)
    put(tmp_path / "a.png", b"other bytes")
    now, sha256 = folder.digest(scan, 1)
    assert sha256 == hashlib.sha256(b"other bytes").hexdigest()
    assert now.stamp.size == 11 and now.stamp.inode == (tmp_path / "a.png").stat().st_ino


def test_what_is_gone_or_no_file_any_more_has_no_digest(tmp_path):
    scan = one(tmp_path)
    path = tmp_path / "a.png"
    path.unlink()
    assert folder.digest(scan, 1) is None
    path.symlink_to(put(tmp_path / "b" / "secret.png"))
    assert folder.digest(scan, 1) is None
    path.unlink()
    os.mkfifo(path)
    assert folder.digest(scan, 1) is None
    path.unlink()
    path.mkdir()
    assert folder.digest(scan, 1) is None


@pytest.mark.skipif(not hasattr(os, "O_PATH"), reason="folders are watched on Linux only")
def test_a_folder_that_became_a_link_is_not_entered(tmp_path):
    put(tmp_path / "in" / "sub" / "a.png")
    (scan,) = folder.scans([tmp_path / "in"]).scans
    (tmp_path / "in" / "sub").rename(tmp_path / "outside")
    (tmp_path / "in" / "sub").symlink_to(tmp_path / "outside")
    with pytest.raises(Refused, match="link") as caught:
        folder.digest(scan, 1)
    assert caught.value.reason == "changed"


@pytest.mark.parametrize(("error", "reason"), [
    (PermissionError(13, "Permission denied"), "permission"), (OSError(5, "I/O error"), "io")])
def test_what_cannot_be_read_is_refused_with_the_reason(tmp_path, monkeypatch, error, reason):
    scan = one(tmp_path)

    def fail(*_):
        raise error

    monkeypatch.setattr(os, "open", fail)
    with pytest.raises(Refused) as caught:
        folder.digest(scan, 1)
    assert caught.value.reason == reason


def test_a_file_over_the_limit_is_not_even_opened(tmp_path, monkeypatch):
    scan = one(tmp_path, b"x" * 2001)
    monkeypatch.setattr(os, "open", None)
    with pytest.raises(Refused, match="max-file-mb") as caught:
        folder.digest(scan, 0.002)
    assert caught.value.reason == "too_large"


def test_a_file_that_is_written_to_meanwhile_is_refused(tmp_path, monkeypatch):
    scan = one(tmp_path)
    file_digest = hashlib.file_digest

    def slowly(file, name):
        with (tmp_path / "a.png").open("ab") as writer:
            writer.write(b"more")
        return file_digest(file, name)

    monkeypatch.setattr(hashlib, "file_digest", slowly)
    with pytest.raises(Refused) as caught:
        folder.digest(scan, 1)
    assert caught.value.reason == "changed"


def test_messages_obey_no_sign_in_a_name():
    assert folder.shown(b"a\x1b[2J\n\xff\xe2\x80\xae.png") == "a\\x1b[2J\\n\\xff\\u202e.png"
