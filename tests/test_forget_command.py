"""`scanproc forget` as a process: it asks people, and does nothing unasked from cron."""

import os
import subprocess
import sys
from datetime import datetime

import pytest

from scanproc.batch import ledger

FUTURE = "2999-01-01"


@pytest.fixture
def read(office):
    """The folder that a scan was read into."""
    office.scan("a.pdf", "read 12", "read 3")
    office.run()
    return office


def command(*words, stdin=subprocess.DEVNULL, answer=None):
    return subprocess.run([sys.executable, "-m", "scanproc", "forget", *map(str, words)],
                          check=False, capture_output=True, text=True, timeout=60,
                          **({"stdin": stdin} if answer is None else {"input": answer}))


def now():
    return f"{datetime.now():%FT%T.%f}"


def test_with_yes_it_is_done_and_said(read):
    done = command(read.out, "--before", now(), "--yes")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (0, "", 1)
    assert f"removed from {read.out}: 1 file with 2 pages and 2 numbers, last read before" \
        in done.stderr
    assert read.rows() == [] and b"12" not in (read.out / "numbers.csv").read_bytes()
    again = command(read.out, "--before", now(), "--yes")
    assert again.returncode == 0 and "0 files with 0 pages and 0 numbers" in again.stderr


@pytest.mark.parametrize("answer", [None, "y\n"])
def test_without_a_terminal_and_yes_nothing_is_removed(read, answer):
    before = {path: path.read_bytes() for path in read.out.iterdir()}
    done = command(read.out, "--before", now(), answer=answer)
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing was removed" in done.stderr and "--yes to remove 1 file with 2" in done.stderr
    assert {path: path.read_bytes() for path in read.out.iterdir()} == before


@pytest.mark.skipif(os.name != "posix", reason="a terminal of POSIX")
@pytest.mark.parametrize(("answer", "left"), [(b"n\n", 2), (b"\n", 2), (b"y\n", 0)])
def test_on_a_terminal_it_asks(read, answer, left):
    ours, theirs = os.openpty()
    os.write(ours, answer)
    done = command(read.out, "--before", now(), stdin=theirs)
    os.close(ours)
    os.close(theirs)
    assert (done.returncode, done.stdout) == (0, "")
    assert f"remove them from {read.out} for good? [y/N]" in done.stderr
    assert ("nothing was removed" in done.stderr) == bool(left) and len(read.rows()) == left


def test_what_is_wrong_is_said_and_nothing_removed(read, tmp_path):
    with ledger.held(read.out):
        done = command(read.out, "--before", now(), "--yes")
        assert done.returncode == 5 and "another run works on" in done.stderr
    for words, code, said in (((read.out, "--yes"), 2, "--before"),
                              ((read.out, "--yes", "--before", "soon"), 2, "--before soon"),
                              ((read.out, "--yes", "--before", FUTURE), 2, "in the future"),
                              ((tmp_path, "--yes", "--before", "2026-01-01"), 2, "scanproc.db")):
        done = command(*words)
        assert done.returncode == code and said in done.stderr and "Traceback" not in done.stderr
    assert len(read.rows()) == 2


def test_settings_decide_what_is_for_review_as_in_a_run(read):
    (read.out / "scanproc.toml").write_text("review_below = 0.0\n")
    for options, review in (((), "0"), (("--review-below", "1"), "1")):
        assert command(read.out, "--before", "2020-01-01", "--yes", *options).returncode == 0
        row = (read.out / "digits.csv").read_text().splitlines()[1].split(",")
        assert row[9] == review
