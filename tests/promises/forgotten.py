"""What is forgotten is gone to the last byte, and gone whole, whenever the command is killed."""

import random
import shutil
import subprocess
import sys
import time
from datetime import datetime

import pytest

from scanproc.batch import ledger, run
from scanproc.batch.ledger import schema

DAY = "2026-03-01"
COMMAND = "from scanproc.batch import forget; from scanproc.cli import main; " \
          "print('ready', flush=True); main()"
CSV = ("digits.csv", "numbers.csv", "pages.csv")
OLD, PAGES, COPIES = 150, 8, 10


@pytest.fixture
def filled(office, monkeypatch):
    """An office with scans of all kinds, read before and after DAY; and what of the former must not
    be found: their numbers, and the names that only they had."""
    prepare = schema._prepare

    def quick(connection, *arguments):  # the disk is not waited for while the folder is filled
        prepare(connection, *arguments)
        connection.execute("PRAGMA synchronous = OFF")

    def on(date):
        with monkeypatch.context() as patch:
            patch.setattr(schema, "_prepare", quick)
            patch.setattr(run.time, "time", datetime.fromisoformat(date).timestamp)
            office.run()
    chance = random.Random(4)
    numbers = [[f"{chance.randrange(10**12):012}" for _ in range(PAGES)] for _ in range(OLD)]
    for at, texts in enumerate(numbers):
        office.scan(f"old-{at:03}.pdf", *(f"read {text}" for text in texts), "refused cut")
    on("2026-01-05")
    for at in range(COPIES):
        old = [office.scans / f"old-{at + first:03}.pdf" for first in range(0, 4 * COPIES, COPIES)]
        office.scan(old[0].name, f"read 1{at}")  # replaced: the name stays
        old[1].unlink()
        old[2].rename(old[2].with_name(f"renamed-{at}.pdf"))
        shutil.copy(old[3], office.scans / f"copy-{at}.pdf")
        office.scan(f"new-{at}.pdf", f"read 2{at}", "blank")
    on("2026-03-02")
    names = [f"old-{at:03}" for at in range(COPIES, OLD) if at // COPIES != 2]
    names += [f"{kind}-{at}" for kind in ("renamed", "copy") for at in range(COPIES)]
    return office, {trace.encode() for trace in sum(numbers, names)}


def started(out):
    process = subprocess.Popen([sys.executable, "-c", COMMAND, "forget", out, "--yes", "--before",
                                DAY], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout.readline() == b"ready\n"
    return process


def ended(process):
    with process:
        return process.wait(60)


def found(out, traces):
    """How many of the traces are somewhere in the bytes of the folder."""
    data = b"".join(path.read_bytes() for path in out.rglob("*"))
    return sum(trace in data for trace in traces)


def asked(out):
    """What the ledger knows."""
    with ledger.opened(out) as book:
        return list(book.results()), sorted(book.forgotten()), len(book.documents())


def csvs(out):
    return {name: (out / name).read_bytes() for name in CSV}


def test_forgotten_entirely_or_not_at_all(filled, promise, large):
    (office, traces), chance = filled, random.Random(5)
    out, kept = office.out, office.out.with_name("kept")
    full = asked(out), csvs(out)
    assert found(out, traces) == len(traces) > OLD * PAGES
    shutil.copytree(out, kept)
    process, began = started(out), time.monotonic()
    assert ended(process) == 0
    lasted = time.monotonic() - began
    less = asked(out), csvs(out)
    assert full[0][2] - less[0][2] == OLD + COPIES and found(out, traces) == 0
    outcomes = {True: 0, False: 0}
    while sum(outcomes.values()) < (300 if large else 10):
        shutil.rmtree(out)
        shutil.copytree(kept, out)
        process = started(out)
        time.sleep(chance.uniform(0, lasted))
        process.kill()
        if ended(process) == 0:
            continue  # it was done before
        state = asked(out)
        assert state in (full[0], less[0])
        outcomes[state == less[0]] += 1
        assert all(data in (full[1][name], less[1][name]) for name, data in csvs(out).items())
        assert ended(started(out)) == 0
        assert (asked(out), csvs(out)) == less and found(out, traces) == 0
        assert {path.name for path in out.iterdir()} == {path.name for path in kept.iterdir()}
    promise("what is forgotten is gone, whole and to the byte",
            f"killed {sum(outcomes.values())} times: {outcomes[True]} entirely, {outcomes[False]} "
            f"not at all, 0 in part; after the next call 0 of {len(traces):,} numbers and names "
            "in any byte")


def test_what_is_forgotten_does_not_come_back(filled, promise):
    office, traces = filled
    assert ended(started(office.out)) == 0
    before = asked(office.out)[0]
    for options in ((), ("--verify",), ("--duplicates", "read")):
        done = subprocess.run([sys.executable, "-m", "scanproc", "run", office.scans, "--out",
                               office.out, *options], check=False, capture_output=True, text=True)
        assert done.stderr.startswith("0 pages read"), done.stderr
        assert f"{OLD - 2 * COPIES + COPIES} forgotten earlier" in done.stderr
        assert asked(office.out)[0] == before and found(office.out, traces) == 0
    promise("what is forgotten does not come back",
            f"3 runs over a folder with {OLD - COPIES} forgotten scans: 0 read, 0 of "
            f"{len(traces):,} numbers and names in any byte")
