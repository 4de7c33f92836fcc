"""The ledger keeps what it is told, says what is wrong with it, and lets one run at a time in."""

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace

import pytest
from fakes import number, result
from processes import environment

from scanproc.batch import ledger
from scanproc.batch.document import Document
from scanproc.batch.folder import Stamp
from scanproc.batch.ledger import schema
from scanproc.errors import HeldError, LedgerError, OutputError, UsageError
from scanproc.records import PageResult

STAMP = Stamp(2**63, -5, 2**64 - 1, 2**127)


def document(key, file, **others):
    return Document(key, file, b"/in", file.encode(), STAMP, f"sha of {file}", **others)


@pytest.fixture
def book(tmp_path):
    with ledger.opened(tmp_path, create=True) as opened:
        opened.begin(1000.0, "1.0", "reading", "limits")
        yield opened


def change(path, statement):
    with sqlite3.connect(path / "scanproc.db") as db:
        db.execute(statement)
    db.close()


def test_a_page_comes_back_as_it_was_recorded(book):
    rich = replace(
        result(2, "read", "12", "0034"), form="invoice", rotation=270, skew=-1.23456789,
        dpi=(203.5, 97.9), words="wörds \udcff", ink=(("digit", 6), ("print", 1_000)),
        numbers=(number("12", 0.123456789), replace(
            number("3"), reasons=(), marks="", field="total", text="3_")))
    plain = PageResult(1, "refused", "damaged", "broken")
    book.store([document(1, "a.pdf")], [])
    book.record(1, 2, rich)
    book.record(1, 2, plain)
    assert list(book.results()) == [
        ("a.pdf", "sha of a.pdf", plain),
        ("a.pdf", "sha of a.pdf", replace(rich, words="wörds \\udcff"))]


def test_a_document_comes_back_as_it_was_stored(book):
    stored = [replace(document(1, "é"), raw=b"\xff\n", state="moved"),
              document(2, "b", missing=True, first=1), document(3, "é", state="superseded")]
    book.store(stored, [])
    assert sorted(book.documents(), key=lambda known: known.key) == stored
    book.store([replace(stored[1], first=None)], [3])
    assert [known.key for known in book.documents()] == [1, 2]


def test_documents_can_take_each_others_names(book):
    book.store([document(1, "a"), document(2, "b")], [])
    book.store([document(1, "b"), document(2, "a")], [])
    assert {known.key: known.file for known in book.documents()} == {1: "b", 2: "a"}


def test_no_name_is_given_twice(tmp_path):
    with pytest.raises(LedgerError), ledger.opened(tmp_path, create=True) as book:
        book.begin(0, "1.0", "", "")
        book.store([document(1, "a"), document(2, "a")], [])


def test_results_are_sorted_by_code_points_and_page(book):
    for key, file in enumerate(("b", "a/z", "é", "B", "\uff21", "𝟗", "a"), start=1):
        book.store([document(key, file)], [])
        for page in (10, 9, 1):
            book.record(key, 10, result(page, "blank"))
    found = [(file, page.page) for file, _, page in book.results()]
    assert found == sorted(found) and len(found) == 21


def test_a_page_recorded_again_replaces_the_old_one_and_what_is_behind_the_end(book):
    book.store([document(1, "a")], [])
    for page in range(1, 6):
        book.record(1, 5, result(page, "read", "1"))
    book.record(1, 2, result(1, "read", "22"))
    assert [page.numbers[0].text for _, _, page in book.results()] == ["22", "1"]


def test_a_page_that_fails_says_nothing_of_the_pages_behind_it(book):
    book.store([document(1, "a")], [])
    for page in range(1, 4):
        book.record(1, 3, result(page, "read", "1"))
    book.record(1, 1, result(1, "crashed"))
    assert [page.status for _, _, page in book.results()] == ["crashed", "read", "read"]


def test_results_of_one_run_or_since_a_time(office):
    office.scan("a.pdf", "read 1")
    office.run()
    office.scan("b.pdf", "read 2")
    office.scan("c.pdf", "read 1")
    office.run()
    with ledger.opened(office.out) as book:
        last = book.last_run()
    assert last["id"] == 2 and last["exit_code"] == 0 and last["finished"] >= last["started"]
    new = [("b.pdf", 1, "read", "2"), ("c.pdf", 1, "duplicate", "duplicate")]
    assert office.rows(run=2) == new
    assert office.rows(run=1) == [("a.pdf", 1, "read", "1")]
    assert office.rows(since=last["started"]) == new
    assert len(office.rows(since=0)) == 3 and office.rows(since=2e10) == []


def test_another_programs_database_is_left_alone(tmp_path):
    change(tmp_path, "CREATE TABLE theirs (x)")
    with pytest.raises(LedgerError, match="not a ledger"), ledger.opened(tmp_path, create=True):
        pass


@pytest.mark.parametrize("damage", ["cut", "noise", "text"])
def test_a_damaged_ledger_is_said_to_be(office, damage):
    for at in range(50):
        office.scan(f"{at}.pdf", "read 123456")
    office.run()
    path = office.out / "scanproc.db"
    data = path.read_bytes()
    path.write_bytes({"cut": data[:20000], "text": b"hello, I am no database" * 100,
                      "noise": data[:8192] + b"\xa5" * (len(data) - 8192)}[damage])
    with pytest.raises(LedgerError, match="damaged"):
        office.run()
        office.rows()


def test_reading_makes_nothing_and_writes_nothing(tmp_path, office):
    with pytest.raises(UsageError, match="--out"), ledger.opened(tmp_path / "none"):
        pass
    assert not (tmp_path / "none").exists()
    office.run()
    with pytest.raises(OutputError), ledger.opened(office.out) as book:
        book.begin(0, "", "", "")


def test_a_full_disk_is_said_and_loses_nothing(office, monkeypatch):
    office.scan("a.pdf", "read 1")
    office.run()
    prepare = schema._prepare

    def small(connection, path, create):
        prepare(connection, path, create)
        size = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {size}")

    for at in range(200):
        office.scan(f"b{at}.pdf", f"read {at:06}")
    with monkeypatch.context() as patch, \
            pytest.raises(OutputError, match=r"scanproc\.db.*space"):
        patch.setattr(schema, "_prepare", small)
        office.run()
    assert office.run().exit_code == 0
    assert len(office.rows()) == 201


def test_an_output_folder_that_cannot_be_written_is_said(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "open", fail)
    with pytest.raises(OutputError, match="Read-only"), ledger.held(tmp_path):
        pass


def test_a_database_that_another_program_locks_is_said(tmp_path, monkeypatch):
    with ledger.opened(tmp_path, create=True):
        pass
    monkeypatch.setattr(schema, "WAIT_S", 0.05)
    other = sqlite3.connect(tmp_path / "scanproc.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(HeldError, match="locked"), ledger.opened(tmp_path, create=True):
        pass
    other.close()


def test_readers_do_not_stop_a_run(office, monkeypatch):
    """A reader between two pages holds nothing that a writer waits for."""
    for name in ("a.pdf", "b.pdf"):
        office.scan(name, f"read 1{len(name)}", f"blank {name}")
    office.run()
    monkeypatch.setattr(schema, "WAIT_S", 0.05)
    with ledger.opened(office.out) as book:
        results = book.results()
        next(results)
        office.scan("c.pdf", "read 2")
        assert office.run().exit_code == 0
        assert len(list(results)) == 3


def test_a_folder_that_may_not_be_entered_is_named(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.is_file", refuse)
    with pytest.raises(LedgerError, match="Permission denied"), ledger.opened(tmp_path):
        pass


HOLD = "import sys, pathlib; from scanproc.batch import ledger\n" \
       "with ledger.held(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"


def test_the_lock_is_free_at_once_when_its_holder_is_killed(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE,
                          env=environment(),
                          stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(HeldError), ledger.held(tmp_path):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with ledger.held(tmp_path):
            pass


def test_what_a_killed_run_left_half_written_is_rolled_back_by_a_reader(office, tmp_path):
    office.scan("a.pdf", "read 1")
    office.run()
    code = ("import os, sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None); "
            "db.execute('PRAGMA cache_size = 1'); db.execute('PRAGMA cache_spill = 1'); "
            "db.execute('BEGIN'); db.execute('DELETE FROM digits'); "
            "db.executemany('INSERT INTO csv VALUES (?, 1)', ((str(n),) for n in range(20000))); "
            "os.kill(os.getpid(), 9)")
    subprocess.run([sys.executable, "-c", code, office.out / "scanproc.db"], check=False)
    assert (office.out / "scanproc.db-journal").exists()
    with ledger.opened(office.out) as book:
        assert len(next(book.results())[2].numbers[0].readings) == 1
