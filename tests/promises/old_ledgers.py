"""Results of an older program open in this one, and a copy of them is kept before it changes them.

`tests/data/ledgers/N.sql` is what the program wrote whose ledger had schema N, over the files in
`scans`; a new schema comes with a new dump.
"""

import csv
import io
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from scanproc.batch.ledger import schema

KEPT = Path(__file__).parent.parent / "data" / "ledgers"
VERSIONS = sorted(int(file.stem) for file in KEPT.glob("*.sql"))
OLD = [version for version in VERSIONS if version < schema.VERSION]


@pytest.fixture
def old(tmp_path):
    """A function: version of the schema -> a folder with its ledger, over `KEPT / "scans"`."""
    def made(version):
        out = tmp_path / f"of version {version}"
        out.mkdir()
        with closing(sqlite3.connect(out / schema.FILE)) as db:
            db.executescript((KEPT / f"{version}.sql").read_text(encoding="utf-8"))
            db.execute("UPDATE roots SET path = ?", (os.fsencode(KEPT / "scans"),))
            db.commit()
        return out
    return made


def scanproc(*words, **options):
    return subprocess.run([sys.executable, "-m", "scanproc", *map(str, words)], check=False,
                          capture_output=True, text=True, timeout=60, **options)


def dump(ledger):
    with closing(sqlite3.connect(ledger)) as db:
        return [db.execute("PRAGMA user_version").fetchone(), *db.iterdump()]


def given(out):
    """What the ledger holds of each number, and what numbers.csv gives of it."""
    with closing(sqlite3.connect(out / schema.FILE)) as db:
        held = db.execute("SELECT file, p.page, n.text, printf('%.4f', n.confidence) "
                          "FROM numbers n JOIN pages p ON p.id = n.page "
                          "JOIN documents d ON d.id = p.document ORDER BY 1, 2").fetchall()
    text = (out / "numbers.csv").read_bytes().decode()
    return held, [(row["file"], int(row["page"]), row["text"], row["confidence"])
                  for row in csv.DictReader(io.StringIO(text, newline=""))]


def test_a_ledger_of_every_schema_opens_after_a_copy(promise, old):
    assert list(range(1, schema.VERSION + 1)) == VERSIONS, "a dump of every schema is kept"
    for version in VERSIONS:
        for first in ("status", "export", "run") if version in OLD else ("run",):
            out = old(version)
            before = dump(out / schema.FILE)
            words = ["run", KEPT / "scans", "--out", out] if first == "run" else [first, out]
            done = scanproc(*words)
            assert done.returncode == (first == "run"), done.stderr  # damaged.png is still damaged
            copy = out / f"{schema.FILE}.v{version}.bak"
            assert copy.exists() == (copy.name in done.stderr) == (version in OLD)
            if version in OLD:
                assert dump(copy) == before
                assert done.stderr.count("brought up to date") == 1
                assert "is kept in" in done.stderr.splitlines()[0]
            again = scanproc("run", KEPT / "scans", "--out", out)
            assert again.returncode == 1 and again.stderr.startswith("0 pages read"), again.stderr
            assert "brought up to date" not in again.stderr
            held, exported = given(out)
            assert held == exported and len(held) == 3
            assert not list(out.glob(".scanproc-*"))
            for file in out.iterdir():
                file.unlink()
            out.rmdir()
    promise("old results open",
            f"ledgers of {len(VERSIONS)} schemas, old ones first opened by status, export, run: "
            f"all read, {len(OLD) * 3} of {len(OLD) * 3} copied before they were changed")


def test_a_ledger_of_a_newer_program_says_how_to_go_on(old):
    out = old(VERSIONS[-1])
    with closing(sqlite3.connect(out / schema.FILE)) as db:
        db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    before = (out / schema.FILE).read_bytes()
    for words in (["status", out], ["run", KEPT / "scans", "--out", out]):
        done = scanproc(*words)
        assert done.returncode == 6 and "install the newer version" in done.stderr
    assert (out / schema.FILE).read_bytes() == before and not list(out.glob("*.bak"))


KILLED = """
import os, pathlib, signal, sys
from scanproc.batch import ledger
from scanproc.batch.ledger import backup
def kill(*_): os.kill(os.getpid(), signal.SIGKILL)
{moment} = kill
with ledger.opened(pathlib.Path(sys.argv[1])): pass
"""
MOMENTS = ("os.fsync", "pathlib.Path.replace", "backup.sync_folder", "backup.tell")


def no_room():
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))


@pytest.mark.parametrize("version", OLD)
def test_without_room_for_the_copy_the_ledger_stays_as_it_was(old, version):
    out = old(version)
    before = (out / schema.FILE).read_bytes()
    done = scanproc("status", out, preexec_fn=no_room)
    assert done.returncode == 4 and "scanproc.db" in done.stderr, done.stderr
    assert (out / schema.FILE).read_bytes() == before
    assert not list(out.glob("*.bak")) and not list(out.glob(".scanproc-*"))
    assert scanproc("status", out).returncode == 0


@pytest.mark.parametrize("version", OLD)
def test_killed_while_it_is_brought_up_to_date_nothing_is_lost(old, version):
    out = old(version)
    before = dump(out / schema.FILE)
    copy = out / f"{schema.FILE}.v{version}.bak"
    for moment in MOMENTS:
        code = KILLED.format(moment=moment)
        done = subprocess.run([sys.executable, "-c", code, out], check=False, timeout=60)
        assert done.returncode == -signal.SIGKILL, moment
        assert not copy.exists() or dump(copy) == before
        assert dump(out / schema.FILE) == before
    assert scanproc("run", KEPT / "scans", "--out", out).stderr.count("0 pages read") == 1
    assert dump(copy) == before
    held, exported = given(out)
    assert held == exported
    assert {file.name for file in out.iterdir()} == {
        copy.name, "scanproc.db", "scanproc.db.lock", "digits.csv", "numbers.csv", "pages.csv"}
