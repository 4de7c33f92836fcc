"""`--report`: the numbers of one run alone; each number in one report, whatever stops a run."""

import csv
import errno
import json
import os
import time
from datetime import datetime
from pathlib import Path

import pytest
from fakes import Pool

from scanproc import settings
from scanproc.batch import files, ledger, selection
from scanproc.errors import OutputError, UsageError
from scanproc.settings import Settings


@pytest.fixture
def reports(office, tmp_path):
    """A function that runs with a report and gives the texts in each report that is there."""
    def run(pattern="reports/{date}.csv", **options):
        office.run(knobs={"report": str(tmp_path / pattern)}, **options)
        return texts(tmp_path / "reports")
    return run


def texts(folder):
    """The numbers in each report of a folder, by its name; nothing else lies there."""
    found = {}
    for file in sorted(folder.iterdir()) if folder.exists() else ():
        with file.open(newline="", encoding="utf-8") as table:
            found[file.name] = [row["text"] for row in csv.DictReader(table)]
    return found


def today():
    return f"{datetime.now():%Y-%m-%d}"


def test_each_run_writes_what_it_read_and_nothing_over(office, reports):
    office.scan("a.pdf", "read 12 3", "blank")
    assert reports() == {f"{today()}.csv": ["12", "3"]}
    office.scan("b.pdf", "read 4")
    assert reports() == {f"{today()}.csv": ["12", "3"], f"{today()}-2.csv": ["4"]}
    office.scan("c.pdf", "read 5")
    assert reports()[f"{today()}-3.csv"] == ["5"]


def test_a_report_is_what_export_gives_of_the_run_and_the_summary_names_it(office, tmp_path):
    office.scan("a.pdf", "read 1")
    office.run()
    office.scan("b.pdf", "read 2")
    summary = office.run(knobs={"report": str(tmp_path / "{run}.csv"), "review_below": 0.5})
    selection.export(office.out, Settings(review_below=0.5), "numbers", "csv",
                     tmp_path / "same.csv", run="last")
    assert (tmp_path / "2.csv").read_bytes() == (tmp_path / "same.csv").read_bytes()
    assert summary.report == str(tmp_path / "2.csv") and summary.report in summary.line()
    with ledger.opened(office.out) as book:
        assert json.loads(book.last_run()["summary"])["report"] == summary.report


def test_a_run_that_read_no_page_writes_none(office, reports, tmp_path):
    office.scan("a.pdf", "refused damaged")
    assert reports() == {} and not (tmp_path / "reports").exists()
    office.scan("b.pdf", "read 1")
    office.scan("c.pdf", "blank")
    assert len(reports()) == 1
    office.scan("d.pdf", "blank", "blank")
    assert reports()[f"{today()}-2.csv"] == []
    assert len(reports()) == 2


def test_names_are_of_the_local_time_at_which_the_run_began(office, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        began = datetime(2026, 11, 20, 0, 30, 5).timestamp()
        monkeypatch.setattr("scanproc.batch.run.time.time", lambda: began)
        office.scan("a.pdf", "read 1")
        office.run(knobs={"report": str(tmp_path / "r {run}/{date}/{date}T{time}.csv")})
        assert (tmp_path / "r 1/2026-11-20/2026-11-20T00-30-05.csv").exists()
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(("name", "begins"), [
    ("a.json", b"["), ("a.xlsx", b"PK"), ("a.XLSX", b"PK"), ("a.parquet", b"PAR1"),
    ("a.txt", b"file,page"), ("a", b"file,page")])
def test_the_extension_decides_the_format(office, tmp_path, name, begins):
    if begins[:1] == b"P":
        pytest.importorskip("openpyxl" if begins == b"PK" else "pyarrow")
    office.scan("a.pdf", "read 1")
    office.run(knobs={"report": str(tmp_path / name)})
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_in_a_settings_file_it_lies_beside_that_file(tmp_path):
    (tmp_path / "scanproc.toml").write_text("report = 'reports/{date}.csv'")
    chosen, _ = settings.load(tmp_path / "scanproc.toml", {}, {})
    assert chosen.report == str(tmp_path / "reports/{date}.csv")


# --- what is refused before anything is read ---

@pytest.mark.parametrize(("pattern", "words"), [
    ("{day}.csv", "{day} is not known"), ("{date:%Y}.csv", "is not known"),
    ("{date.csv", "names no file"), ("date}.csv", "names no file"), ("reports/", "names no file"),
    ("a\0.csv", "names no file"), ("scans/{date}.csv", "input folder"),
    ("x/../scans/deep/a.csv", "input folder"), ("link/{date}.csv", "input folder"),
    ("out/numbers.csv", "name another"), ("out/scanproc.db", "name another"),
    ("out/scanproc.toml", "name another"), ("out/forms/a.csv", "another place"),
    ("taken", "is not a file")])
def test_a_place_that_cannot_be_is_refused_before_anything_is_read(office, tmp_path, pattern,
                                                                   words):
    (tmp_path / "link").symlink_to(office.scans)
    (tmp_path / "taken").mkdir()
    office.scan("a.pdf", "read 1")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UsageError, match=words):
        office.run(knobs={"report": f"{tmp_path}/{pattern}"})
    assert Pool.read == [] and sorted(tmp_path.rglob("*")) == before


def test_a_place_that_cannot_be_written_is_said_before_anything_is_read(office, tmp_path):
    office.scan("a.pdf", "read 1")
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="file is no folder in which this account may write"):
        office.run(knobs={"report": str(tmp_path / "file/{date}/a.csv")})
    assert Pool.read == [] and not office.out.exists()


def test_the_output_folder_may_hold_reports(office, reports):
    office.scan("a.pdf", "read 1")
    reports("out/reports/{date}.csv")
    assert texts(office.out / "reports") == {f"{today()}.csv": ["1"]}


# --- runs that are stopped ---

def test_what_a_stopped_run_read_is_in_the_report_of_the_next(office, reports):
    office.scan("a.pdf", "read 1", "read 2", "read 3")
    Pool.stop_after = 2
    with pytest.raises(KeyboardInterrupt):
        reports()
    Pool.stop_after = None
    assert reports() == {f"{today()}.csv": ["1", "2", "3"]}
    office.scan("b.pdf", "read 4")
    assert list(reports().values()) == [["4"], ["1", "2", "3"]]


def test_a_run_without_a_report_between_takes_nothing_from_the_next(office, reports):
    office.scan("a.pdf", "read 1", "read 2")
    Pool.stop_after = 1
    with pytest.raises(KeyboardInterrupt):
        reports()
    Pool.stop_after = None
    office.run()
    assert reports() == {f"{today()}.csv": ["1"]}  # asked for; 2 was read by a run without


def test_runs_of_before_there_were_reports_are_left_out(office, reports):
    office.scan("a.pdf", "read 1", "read 2", "read 3")
    Pool.stop_after = 1
    with pytest.raises(KeyboardInterrupt):
        office.run()
    Pool.stop_after = None
    office.run()
    office.scan("b.pdf", "read 4", "read 5")
    Pool.stop_after = 1
    with pytest.raises(KeyboardInterrupt):
        office.run()
    Pool.stop_after = None
    assert reports() == {f"{today()}.csv": ["4", "5"]}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", range(12))
def test_stopped_at_any_step_each_number_is_in_one_report(office, reports, monkeypatch, nth, when):
    steps = []

    def stopping(patch, owner, name):
        real = getattr(owner, name)

        def step(*arguments):
            steps.append(name)
            if when == "before" and len(steps) == nth + 1:
                raise KeyboardInterrupt
            result = real(*arguments)
            if when == "after" and len(steps) == nth + 1:
                raise KeyboardInterrupt
            return result
        patch.setattr(owner, name, step)
    office.scan("a.pdf", "read 1", "read 2")
    with monkeypatch.context() as patch:
        for owner, name in ((ledger.Ledger, "note_report"), (files.Draft, "seal"),
                            (files.Draft, "sha256"), (files.Draft, "place_anew"),
                            (ledger.Ledger, "finish")):
            stopping(patch, owner, name)
        try:
            reports()
        except KeyboardInterrupt:
            assert nth < 11
        else:
            assert nth == 11 == len(steps)
    office.scan("b.pdf", "read 3")
    given = [text for report in reports().values() for text in report]
    assert sorted(given) == ["1", "2", "3"]


def test_a_full_disk_is_said_and_the_next_run_writes_it(office, reports, tmp_path, monkeypatch):
    office.scan("a.pdf", "read 1")
    real = os.fsync
    with monkeypatch.context() as patch:
        def full(descriptor):
            if "/reports/" in str(Path(f"/proc/self/fd/{descriptor}").readlink()):
                raise OSError(errno.ENOSPC, "No space left on device")
            real(descriptor)
        patch.setattr(files.os, "fsync", full)
        with pytest.raises(OutputError, match=r"reports/.*No space left on device; make room"):
            reports()
    assert texts(tmp_path / "reports") == {}
    assert reports() == {f"{today()}.csv": ["1"]}


def test_a_killed_runs_draft_is_swept_and_no_others(office, reports, tmp_path, monkeypatch):
    office.scan("a.pdf", "read 1")
    with monkeypatch.context() as patch:  # what is left behind where there is no time to clean
        patch.setattr(files.Draft, "sha256", lambda draft: 1 / 0)
        patch.setattr(files.Draft, "__exit__", lambda *_: None)
        with pytest.raises(ZeroDivisionError):
            reports("yesterday/a.csv")
    (tmp_path / "yesterday/.scanproc-0123.tmp").touch()  # of another DIR's run at work
    assert len(list((tmp_path / "yesterday").iterdir())) == 2
    assert reports() == {f"{today()}.csv": ["1"]}
    assert [file.name for file in (tmp_path / "yesterday").iterdir()] == [".scanproc-0123.tmp"]


@pytest.mark.parametrize("links", [True, False])
def test_a_name_that_is_taken_meanwhile_is_not_written_over(office, reports, tmp_path, monkeypatch,
                                                            links):
    office.scan("a.pdf", "read 1")
    seal = files.Draft.seal

    def taken(draft):
        seal(draft)
        if draft.target.name == f"{today()}.csv":
            draft.target.write_text("of another DIR")
    monkeypatch.setattr(files.Draft, "seal", taken)
    if not links:
        monkeypatch.setattr(files.os, "link", lambda *_: (_ for _ in ()).throw(
            OSError(errno.EPERM, "Operation not permitted")))
    assert reports()[f"{today()}-2.csv"] == ["1"]
    assert Path(tmp_path / f"reports/{today()}.csv").read_text() == "of another DIR"
