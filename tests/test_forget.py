"""Old scans are forgotten, bytes and all, and stay so; everything else stays as it was."""

import os
import shutil
import sqlite3
from datetime import datetime, timedelta

import pytest
from fakes import Pool, scan

from scanproc.batch import forget, ledger, run, status
from scanproc.batch.ledger import schema
from scanproc.errors import HeldError, LedgerError, OutputError, UsageError
from scanproc.settings import Settings

DAY = "2026-03-01"


@pytest.fixture
def on(office, monkeypatch):
    """A function: date, options -> the summary of a run of that day."""
    def run_on(date, *inputs, **options):
        with monkeypatch.context() as patch:
            patch.setattr(run.time, "time", datetime.fromisoformat(date).timestamp)
            return office.run(*inputs, **options)
    return run_on


def forgotten(office, before=DAY):
    return tuple(forget.forget(office.out, before, Settings()))


def bytes_of(folder):
    """All that the files of a folder hold, one behind the other."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def names(office):
    return [row[0] for row in office.rows()]


def test_what_was_last_read_before_is_removed_and_nothing_else(office, on):
    office.scan("old.pdf", "read 111222333 444555666", "blank")
    on("2026-01-05")
    office.scan("new.pdf", "read 777888999")
    on("2026-03-01")
    rest = office.rows()[:1]
    assert forget.look(office.out, DAY) == (1, 2, 2) == forgotten(office)
    assert office.rows() == rest == [("new.pdf", 1, "read", "777888999")]
    left = bytes_of(office.out)
    assert b"777888999" in left and b"new.pdf" in left
    for trace in (b"111222333", b"444555666", b"old.pdf"):
        assert trace not in left
    assert forget.look(office.out, DAY) == (0, 0, 0) == forgotten(office)


def test_versions_copies_and_files_that_are_gone_go_along(office, on):
    """Whatever the ledger keeps of a scan: replaced, vanished, moved away, a duplicate."""
    for at, name in enumerate(("replaced", "gone", "first", "moved")):
        office.scan(f"{name}.pdf", f"read {at}12345678")
    on("2026-01-05")
    shutil.copy(office.scans / "first.pdf", office.scans / "copy.pdf")
    (office.scans / "gone.pdf").unlink()
    office.scan("replaced.pdf", "read 999999999")
    with sqlite3.connect(office.out / "scanproc.db") as db:
        db.execute("UPDATE documents SET state = 'moved' WHERE file = 'moved.pdf'")
    db.close()
    (office.scans / "moved.pdf").unlink()
    on("2026-03-02")
    assert forgotten(office) == (5, 4, 4)
    assert office.rows() == [("replaced.pdf", 1, "read", "999999999")]
    left = bytes_of(office.out)
    for trace in (b"12345678", b"gone", b"first.pdf", b"copy", b"moved.pdf"):
        assert trace not in left, trace


def test_a_scan_is_as_old_as_what_was_last_read_of_it(office, on):
    office.scan("a.pdf", "read 1", "read 2")
    office.scan("b.pdf", "read 3")
    Pool.outcomes["a.pdf", 2] = "timeout"
    on("2026-01-05")
    Pool.outcomes.clear()
    on("2026-03-05")
    assert Pool.read == [("a.pdf", 2)]
    assert forgotten(office) == (1, 1, 1)
    assert names(office) == ["a.pdf", "a.pdf"]


def test_the_date_is_a_day_or_a_time_of_this_machine(office, on):
    office.scan("a.pdf", "read 1")
    on("2026-01-05T12:00:01")
    assert forget.look(office.out, "2026-01-05") == (0, 0, 0)
    assert forget.look(office.out, "2026-01-05T12:00:01") == (0, 0, 0)
    assert forget.look(office.out, "2026-01-05T12:00:02") == (1, 1, 1)
    for date, words in (("soon", "--before soon is no date"),
                        (f"{datetime.now() + timedelta(days=1):%F}", "in the future")):
        for deed in (lambda date: forget.look(office.out, date),
                     lambda date: forgotten(office, date)):
            with pytest.raises(UsageError, match=words):
                deed(date)
    assert names(office) == ["a.pdf"]


# --- met again ---

def test_a_forgotten_scan_is_not_read_again_whatever_happens_to_it(office, on):
    path = office.scan("old.pdf", "read 111222333")
    on("2026-01-05")
    forgotten(office)
    (office.scans / "deep").mkdir()
    for options in ({}, {"reread": True}, {"verify": True}, {"knobs": {"pdf_dpi": 200}},
                    {"knobs": {"duplicates": "read"}}):
        summary = office.run(**options)
        assert Pool.read == [] == office.rows() and summary.exit_code == 0
        assert summary.files["forgotten"] == 1 and "new" not in summary.files
    assert "1 forgotten earlier and left alone" in summary.line()
    path = path.rename(office.scans / "deep/renamed.pdf")
    os.utime(path, ns=(1, 1))
    shutil.copy(path, office.scans / "copy.pdf")
    assert office.run().files["forgotten"] == 2 and office.rows() == []
    assert b"renamed" not in bytes_of(office.out) and b"copy.pdf" not in bytes_of(office.out)


def test_an_unchanged_one_is_not_even_opened(office, on, monkeypatch):
    office.scan("a.pdf", "read 1")
    on("2026-01-05")
    forgotten(office)
    path = office.scans / "a.pdf"
    path.rename(office.scans / "b.pdf")
    office.run()  # finds it by its bytes, and remembers the place
    monkeypatch.setattr("scanproc.batch.folder.digest", None)
    assert office.run().files["forgotten"] == 1


def test_other_bytes_at_its_place_are_read_and_may_have_its_name(office, on):
    office.scan("a.pdf", "read 1")
    on("2026-01-05")
    forgotten(office)
    office.scan("a.pdf", "read 22")
    assert office.run().files == {"new": 1, "unchanged": 0}
    assert office.rows() == [("a.pdf", 1, "read", "22")]
    office.scan("a.pdf", "read 1")  # the forgotten bytes are back
    assert office.run().files["forgotten"] == 1 and office.rows() == []


def test_what_could_not_be_read_is_tried_again_rather_than_never(office, on):
    office.scan("bad.pdf", "refused damaged")
    office.scan("half.pdf", "read 5", "refused damaged")
    on("2026-01-05")
    assert forgotten(office) == (2, 3, 1)
    assert office.run().exit_code == 1
    assert office.rows() == [("bad.pdf", 1, "refused", "damaged")]


def test_what_was_met_and_never_opened_is_read_by_the_next_run(office, on):
    office.scan("a.pdf", "read 1")
    office.scan("b.pdf", "read 2")
    Pool.stop_after = 1
    with pytest.raises(KeyboardInterrupt):
        on("2026-01-05")
    Pool.stop_after = None
    assert Pool.read == [("b.pdf", 1)]
    assert forgotten(office) == (2, 1, 1)
    office.run()
    assert office.rows() == [("a.pdf", 1, "read", "1")]


# --- what else the folder holds of them ---

def test_names_in_the_summaries_of_old_runs_go_and_their_counts_stay(office, on):
    path = office.scan("mueller.pdf", "read 1")
    on("2026-01-05", path, knobs={"report": str(office.scans.parent / "mueller-{run}.csv")})
    (office.scans / "notes.txt").touch()
    office.scan("b.pdf", "read 2")
    on("2026-01-06")
    forgotten(office)
    assert b"mueller" not in bytes_of(office.out)
    assert status.status(office.out, Settings())["skipped"] == {".txt": 1}


def test_remains_of_killed_runs_and_of_replaced_readings_go(office, on, monkeypatch):
    prepare = schema._prepare

    def careless(connection, *arguments):  # some systems build SQLite so that it is not
        prepare(connection, *arguments)
        connection.execute("PRAGMA secure_delete = OFF")
    office.scan("a.pdf", *["read 111222333"] * 50)
    office.scan("b.pdf", "read 7")
    with monkeypatch.context() as patch:
        patch.setattr(schema, "_prepare", careless)
        on("2026-01-05")
        Pool.outcomes.update({("a.pdf", page): "blank" for page in range(1, 51)})
        on("2026-03-06", office.scans / "a.pdf", reread=True)
    (office.out / ".scanproc-0123.tmp").write_text("111222333")
    assert b"111222333" in (office.out / "scanproc.db").read_bytes()
    assert forgotten(office) == (1, 1, 1)
    assert b"111222333" not in bytes_of(office.out)


def test_the_folder_they_came_from_goes_with_the_last_of_them(office, on, tmp_path):
    for name in ("mueller", "meier"):
        scan(tmp_path / name / f"{name[0]}.pdf", f"read {len(name)}")
    on("2026-01-05", tmp_path / "mueller", tmp_path / "meier")
    on("2026-03-05", tmp_path / "meier", reread=True)
    forgotten(office)
    left = bytes_of(office.out)
    assert b"mueller" not in left and b"meier" in left


def test_a_report_that_is_still_to_be_written_has_no_more_of_them(office, on, tmp_path):
    knobs = {"report": str(tmp_path / "r{run}.csv")}
    office.scan("a.pdf", "read 111222333")
    office.scan("b.pdf", "read 5")
    Pool.stop_after = 1
    with pytest.raises(KeyboardInterrupt):
        on("2026-01-05", knobs=knobs)
    Pool.stop_after = None
    assert len(office.rows()) == 1
    forgotten(office)
    on("2026-03-06", knobs=knobs)
    assert sorted(tmp_path.glob("r*.csv")) == [tmp_path / "r2.csv"]
    assert (tmp_path / "r2.csv").read_text().count("\n") == 2


# --- when it cannot be ---

def test_a_folder_at_work_a_wrong_folder_and_a_damaged_ledger_are_said(office, on, tmp_path):
    office.scan("a.pdf", "read 1")
    on("2026-01-05")
    with ledger.held(office.out), pytest.raises(HeldError, match="another run"):
        forgotten(office)
    assert names(office) == ["a.pdf"]
    with pytest.raises(UsageError, match=r"scanproc\.db"):
        forget.forget(tmp_path / "none", DAY, Settings())
    assert not (tmp_path / "none").exists()
    (office.out / "scanproc.db").write_bytes(b"no database" * 1000)
    with pytest.raises(LedgerError, match="damaged"):
        forgotten(office)


@pytest.mark.parametrize("step", ["forget", "derive", "compact"])
def test_whatever_step_fails_the_next_call_does_the_rest(office, on, monkeypatch, step):
    office.scan("old.pdf", "read 111222333")
    on("2026-01-05")
    office.scan("new.pdf", "read 5")
    on("2026-03-05")
    with monkeypatch.context() as patch:
        owner, name = (forget, step) if step == "derive" else (ledger.Ledger, step)
        patch.setattr(owner, name, lambda *_, **__: (_ for _ in ()).throw(OutputError("full")))
        with pytest.raises(OutputError):
            forgotten(office)
    assert names(office) == (["new.pdf", "old.pdf"] if step == "forget" else ["new.pdf"])
    forgotten(office)
    assert names(office) == ["new.pdf"]
    left = bytes_of(office.out)
    assert b"111222333" not in left and b"old.pdf" not in left


def test_status_names_the_oldest_reading_and_counts_what_was_forgotten(office, on):
    office.run()
    assert status.status(office.out, Settings())["oldest"] is None
    office.scan("a.pdf", "read 1")
    office.scan("b.pdf", "read 2")
    on("2026-01-05T10:00")
    on("2026-02-05T10:00", office.scans / "a.pdf", reread=True)
    facts = status.status(office.out, Settings())
    assert facts["oldest"].startswith("2026-01-05 10:00:00") and facts["forgotten"] == 0
    forgotten(office, "2026-02-01")
    facts = status.status(office.out, Settings())
    assert facts["oldest"].startswith("2026-02-05 10:00:00") and facts["forgotten"] == 1
    lines = status.text(facts).splitlines()
    assert f"oldest reading    {facts['oldest']}" in lines and "files forgotten        1" in lines


def test_copies_of_an_older_ledger_go_too(office, on):
    office.scan("old.pdf", "read 111222333")
    on("2026-01-05")
    copy = office.out / "scanproc.db.v1.bak"
    shutil.copy(office.out / ledger.FILE, copy)
    forgotten(office)
    assert not copy.exists() and b"111222333" not in bytes_of(office.out)
