"""A file may be called anything: its name comes through as bytes, whatever the locale is."""

import csv
import io
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pandas
import pytest

import scanproc

HOME = Path(scanproc.__file__).parent.parent
README = (HOME / "README.md").read_text(encoding="utf-8")
ASCII = {"PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}  # a Python that takes C for ASCII
LOCALES = ({}, ASCII, {"PYTHONIOENCODING": "latin-1"})
SPECIAL = (
    b"=cmd.png", b"'=cmd.png", b"''.png", b"-rf.png", b"--out.png", b"@SUM(1).png", b"+1.png",
    b"\xe2\x80\xae gnp.exe.png", "\u05d0\u05d1\u05d2.png".encode(), "e\u0301.png".encode(),
    "\u00e9.png".encode(), "\U0001f9fe.png".encode(), b"\xed\xa0\x80.png", b"\xc0\xaf.png",
    b"\\xff.png", b"\\\\.png", b"\\x5c.png", b"a\r\nb,\"c\";d.png", b" lead.png", b"trail.png ",
    b"%s%n{0}.png", b"$(touch x)`touch y`;touch z.png", b"NaN.png", b"a#2.png", b"a.png",
    b"\xff" * 251 + b".png", b"a" * 251 + b".png", b"\n" * 251 + b".png")


def png(at):
    """The bytes of a small white page that no other number gives."""
    rows = b"".join(b"\0" + b"\xff" * 16 for _ in range(16))
    parts = [(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0)), (b"tEXt", b"at\0%d" % at),
             (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts)


def names():
    """Every byte that a name may hold, in front; a point in front hides a file, so it is inside."""
    every = [bytes([byte]) + b"-%02x.png" % byte for byte in range(1, 256) if byte not in b"./"]
    return [*every, b"a.-2e.png", *SPECIAL]


@pytest.fixture(scope="module")
def scans(tmp_path_factory):
    """A folder with a page under each name, two of them damaged."""
    folder = tmp_path_factory.mktemp("names") / "scans"
    folder.mkdir()
    for at, name in enumerate(names()):
        put(folder, name, png(at))
    put(folder, "\u00e9\U0001f9fe damaged.png".encode(), png(999)[:60])
    put(folder, b"\xff damaged.png", png(998)[:60])
    return folder


def put(folder, name, data):
    Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(data)


def command(*words, **environ):
    """The program in an environment of nothing else (`env -i LANG=C`)."""
    return subprocess.run(
        [sys.executable, "-m", "scanproc", *map(os.fsencode, words)], check=False, timeout=120,
        capture_output=True,
        env={"LANG": "C", "PYTHONPATH": str(HOME), "SCANPROC_STILL_S": "0", **environ})


def as_the_readme_says():
    """The function `name_on_disk`, as a user would copy it."""
    code = re.search(r"```python\n(import re\n\ndef name_on_disk.*?)```", README, re.DOTALL)[1]
    space = {}
    exec(code, space)
    return space["name_on_disk"]


def test_any_file_name_works(promise, scans, tmp_path):
    out = tmp_path / os.fsdecode(b"=\xff\n out")
    done = command("run", scans, "--out", out)
    assert done.returncode == 1 and b"Traceback" not in done.stderr, done.stderr
    assert done.stdout == b"" and done.stderr.count(b"\n") == 1
    name_on_disk = as_the_readme_says()
    text = (out / "pages.csv").read_bytes().decode("utf-8")
    cells = [row["file"] for row in csv.DictReader(io.StringIO(text, newline=""))]
    assert sorted(map(name_on_disk, cells)) == sorted(
        os.fsencode(file.name) for file in scans.iterdir())
    table = pandas.read_csv(out / "pages.csv", dtype=str, keep_default_na=False)
    assert table["file"].tolist() == cells
    raw = command("export", out, "--what", "pages", "--raw", "-o", "-")
    rows = csv.DictReader(io.StringIO(raw.stdout.decode("utf-8"), newline=""))
    assert [row["file"] for row in rows] == [cell.removeprefix("'") for cell in cells]
    again = command("run", scans, "--out", out, **ASCII)
    assert again.stderr.startswith(b"0 pages read"), again.stderr
    for environ in LOCALES:
        check_status(out, name_on_disk, environ)
    promise("any file name works",
            f"{len(names())} names under env -i LANG=C: {len(cells) - 2} of {len(names())} bytes "
            f"round-trip, CSV valid UTF-8, 0 aborts, {len(LOCALES)} locales")


def check_status(out, name_on_disk, environ):
    """What cannot be read is named to people and to scripts, in every locale."""
    told = command("status", out, **environ)
    assert told.returncode == 0 and b"damaged.png, page 1: refused" in told.stdout, told.stderr
    facts = json.loads(command("status", out, "--json", **environ).stdout)
    assert {name_on_disk(row["file"]) for row in facts["unread"]} == {
        b"\xff damaged.png", "\u00e9\U0001f9fe damaged.png".encode()}


def test_any_name_may_be_given_as_the_input(scans, tmp_path):
    folder = os.fsencode(tmp_path) + b"/\xff\xe2\x80\xae\n=in"
    shutil.copytree(scans, os.fsdecode(folder), ignore=lambda _, all: all[3:])
    wrong = command("run", folder + b"\xe9", "--out", tmp_path / "out", **ASCII)
    assert wrong.returncode == 2 and wrong.stderr.count(b"\n") == 1, wrong.stderr
    assert b"\\xff\\u202e\\n=in\\xe9" in wrong.stderr
    for at, given in enumerate((folder, os.fsencode(scans) + b"/\xff-ff.png")):
        done = command("run", given, "--out", tmp_path / f"out {at}", **ASCII)
        assert done.returncode in (0, 1) and b"Traceback" not in done.stderr, done.stderr
        assert (tmp_path / f"out {at}" / "pages.csv").read_bytes().count(b"\n") >= 2
