"""A watch, poll by poll: when a run begins, and when not."""

import shutil
from pathlib import Path

import pytest
from fakes import Pool, scan

from scanproc.batch import folder, ledger
from scanproc.batch.watch import RETRY_POLLS, Watch
from scanproc.errors import LedgerError, ModelError, OutputError, UsageError
from scanproc.settings import Settings


class Guard:
    """A watch over an office; `runs` lists the pages that each run read, `said` what was said."""

    def __init__(self, office, *inputs, knobs=None, **options):
        self.office, self.runs, self.said, self.trouble = office, [], [], None
        self.inputs = inputs or (office.scans,)
        self.knobs = knobs or {}
        self.watch = Watch(self.inputs, office.out, lambda: Settings(**self.knobs), self.begin,
                           self.said.append, **options)

    def begin(self, still):
        if self.trouble:
            raise self.trouble
        self.runs.append([])
        try:
            self.office.run(*self.inputs, knobs=self.knobs, still=still)
        finally:
            self.runs[-1] = sorted(Pool.read)

    def poll(self, times=1):
        for _ in range(times):
            self.watch.poll()
        return self.runs


@pytest.fixture
def guard(office):
    """A watch over a folder with one scan."""
    office.scan("a.pdf", "read 1", "read 2")
    return Guard(office)


A = [("a.pdf", 1), ("a.pdf", 2)]


def test_a_scan_is_read_when_it_stands_still_over_two_polls(guard):
    assert guard.poll() == []
    assert guard.poll() == [A]
    assert guard.poll(5 * RETRY_POLLS) == [A]
    assert guard.said == []


def test_where_nothing_is_new_nothing_is_written(guard):
    guard.poll(2)
    before = {path: path.stat() for path in guard.office.out.iterdir()}
    again = Guard(guard.office)
    assert again.poll(50) == [] and again.said == []
    assert {path: path.stat() for path in guard.office.out.iterdir()} == before


def test_an_empty_folder_makes_no_output(office):
    guard = Guard(office)
    assert guard.poll(5) == [] and not office.out.exists()


def test_a_slow_file_waits_and_stops_no_other(guard):
    slow = guard.office.scan("slow.pdf", "read 3")
    for _ in range(5):
        guard.poll()
        with slow.open("ab") as file:
            file.write(b"4")
    assert guard.runs == [A]
    guard.poll(2)
    assert guard.runs == [A, [("slow.pdf", 1)]]
    assert ("slow.pdf", 1, "read", "344444") in guard.office.rows()


def test_nothing_is_said_of_a_slow_file_as_long_as_it_grows(guard):
    guard.knobs["max_file_mb"] = 0.001
    for at in range(1, 6):
        guard.office.scan("slow.pdf", "read " + at * 1000 * "1")
        guard.poll()
    assert [row[0] for row in guard.office.rows()] == ["a.pdf", "a.pdf"]
    guard.poll(2)
    assert ("slow.pdf", 1, "refused", "too_large") in guard.office.rows()


def test_a_known_file_that_is_being_replaced_keeps_its_reading(guard):
    guard.poll(2)
    guard.office.scan("a.pdf", "read 7")
    guard.office.scan("b.pdf", "read 5")
    guard.poll()
    guard.office.scan("a.pdf", "read 78")
    assert guard.poll() == [A, [("b.pdf", 1)]]
    assert [row[3] for row in guard.office.rows()] == ["1", "2", "5"]
    assert guard.poll() == [A, [("b.pdf", 1)], [("a.pdf", 1)]]
    assert [row[3] for row in guard.office.rows()] == ["78", "5"]


def test_a_run_that_leaves_all_scans_of_a_folder_for_later_does_not_call_it_empty(guard):
    guard.poll(2)
    summary = guard.office.run(still=lambda scan: False)
    assert summary.exit_code == 0 and not summary.files.get("vanished")


@pytest.mark.parametrize("known", [False, True])
def test_a_file_that_changes_before_its_turn_comes_is_left_for_later(guard, monkeypatch, known):
    if known:
        guard.office.run()
        guard.office.scan("a.pdf", "read 5")
    before, digest = guard.office.rows() if known else [], folder.digest

    def changed(scan, limit):
        guard.office.scan("a.pdf", "read 6", "read 7", "read 8")
        return digest(scan, limit)
    monkeypatch.setattr(folder, "digest", changed)
    assert guard.poll(2) == [[]] and guard.office.rows() == before
    monkeypatch.setattr(folder, "digest", digest)
    assert guard.poll(2) == [[], [*A, ("a.pdf", 3)]]


@pytest.mark.parametrize("failure", ["crashed", "timeout", "refused io"])
def test_a_failing_file_is_tried_three_times_and_never_again(office, failure):
    office.scan("bad.pdf", failure)
    guard = Guard(office)
    assert len(guard.poll(2)) == 1
    assert len(guard.poll(RETRY_POLLS - 1)) == 1
    assert len(guard.poll()) == 2
    assert guard.poll(10 * RETRY_POLLS) == [[("bad.pdf", 1)]] * 3


def test_a_file_that_no_run_ever_settles_begins_three_runs(guard, monkeypatch):
    monkeypatch.setattr("scanproc.batch.run.settled", lambda out, settings: {})
    assert len(guard.poll(20 * RETRY_POLLS)) == ledger.TRIES
    guard.office.scan("a.pdf", "read 9")  # but other bytes are another file
    assert len(guard.poll(20 * RETRY_POLLS)) == 2 * ledger.TRIES


def test_a_refused_file_is_tried_once(office):
    office.scan("bad.pdf", "refused damaged")
    assert Guard(office).poll(5 * RETRY_POLLS) == [[("bad.pdf", 1)]]


def test_too_many_failures_are_said_and_end_nothing(office):
    office.scan("bad.pdf", "refused damaged")
    guard = Guard(office, knobs={"max_failures": 0})
    assert len(guard.poll(50)) == 1
    assert len(guard.said) == 1 and "--max-failures 0" in guard.said[0]


def test_a_folder_that_is_not_there_is_said_once_and_waited_for(guard):
    away = guard.office.scans.with_name("away")
    guard.office.scans.rename(away)
    assert guard.poll(5) == []
    assert len(guard.said) == 1 and "is not there; waiting" in guard.said[0]
    away.rename(guard.office.scans)
    assert guard.poll(2) == [A]
    guard.office.scans.rename(away)
    guard.poll(2)
    assert len(guard.said) == 2


def test_one_folder_of_two_is_not_read_alone(guard, tmp_path):
    scan(tmp_path / "second" / "b.pdf", "read 3")
    both = Guard(guard.office, guard.office.scans, tmp_path / "second")
    shutil.move(tmp_path / "second", tmp_path / "away")
    assert both.poll(5) == []  # the names would be others
    shutil.move(tmp_path / "away", tmp_path / "second")
    assert both.poll(2) == [[*A, ("b.pdf", 1)]]


def test_a_folder_that_goes_when_a_run_begins_is_waited_for(guard):
    guard.trouble = UsageError("input scans cannot be opened")
    guard.poll()
    begin = guard.watch._begin

    def gone(still):
        guard.office.scans.rename(guard.office.scans.with_name("away"))
        begin(still)
    guard.watch._begin = gone
    guard.poll(3)
    assert len(guard.said) == 1 and "is not there" in guard.said[0]


def test_a_dir_that_is_gone_is_not_made_anew(guard, tmp_path):
    guard.poll(2)
    guard.office.out.rename(tmp_path / "away")
    guard.office.scan("b.pdf", "read 3")
    assert guard.poll(3) == [A] and not guard.office.out.exists()
    assert len(guard.said) == 1 and "scanproc.db any more" in guard.said[0]
    (tmp_path / "away").rename(guard.office.out)
    assert guard.poll(2) == [A, [("b.pdf", 1)]]


def test_another_run_is_said_once_and_waited_for(guard):
    with ledger.held(guard.office.out):
        guard.poll(6)
    assert [run for run in guard.runs if run] == []
    assert len(guard.said) == 1 and "another run" in guard.said[0]
    guard.poll()
    assert guard.runs[-1] == A


def test_what_another_run_has_read_begins_none(guard):
    guard.poll(2)
    guard.office.scan("b.pdf", "read 3")
    guard.office.run()
    assert guard.poll(5) == [A]


def test_a_full_disk_is_said_once_and_tried_again_at_each_poll(guard):
    guard.trouble = OutputError("pages.csv cannot be written: No space left on device")
    guard.poll(5)
    assert guard.said == ["pages.csv cannot be written: No space left on device"]
    guard.trouble = OutputError("read-only")
    guard.poll(2)
    assert guard.said[1:] == ["read-only"]
    guard.trouble = None
    assert guard.poll() == [A]


def test_a_ledger_that_found_no_room_for_a_byte_is_no_ledger(guard):
    guard.office.out.mkdir()
    (guard.office.out / ledger.FILE).touch()
    assert guard.poll(4) == [A]


def test_a_csv_that_was_never_written_is_made_up_for(guard, monkeypatch):
    def full(*_):
        raise OutputError("no space")
    monkeypatch.setattr("scanproc.batch.export.write_csvs", full)
    guard.poll(3)
    monkeypatch.undo()
    monkeypatch.setattr("scanproc.batch.workers.Pool", Pool)
    again = Guard(guard.office)  # all pages are recorded: no scan is new, and here none is left
    (guard.office.scans / "a.pdf").unlink()
    assert again.poll(5) == [[]]
    assert "a.pdf" in (guard.office.out / "pages.csv").read_text()


def test_a_run_that_was_stopped_is_taken_up_again(guard):
    Pool.stop_after = 1
    with pytest.raises(KeyboardInterrupt):
        guard.poll(2)
    Pool.stop_after = None
    assert Guard(guard.office).poll(3) == [[("a.pdf", 2)]]


@pytest.mark.parametrize("error", [UsageError, ModelError, LedgerError])
def test_what_does_not_pass_ends_the_watch(guard, error):
    guard.trouble = error("wrong")
    guard.poll()
    with pytest.raises(error, match="wrong"):
        guard.poll()


def test_overlapping_folders_end_the_watch(office):
    with pytest.raises(UsageError, match="inside each other"):
        Guard(office, Path(office.out).parent).poll()


def test_a_run_can_be_asked_for_at_once(guard):
    guard.poll(2)
    again = Guard(guard.office, at_once=True)
    again.trouble = OutputError("no space")
    assert again.poll(5) == []
    again.trouble = None
    assert again.poll(5) == [[]]


def test_other_settings_are_applied_at_the_start(guard):
    guard.poll(2)
    assert Guard(guard.office, knobs={"review_below": 0.5}).poll(5) == [[]]
    assert Guard(guard.office, knobs={"pdf_dpi": 200}).poll(5) == [A]


def test_duplicates_are_settled_unless_they_are_to_be_read(guard):
    shutil.copy(guard.office.scans / "a.pdf", guard.office.scans / "b.pdf")
    assert guard.poll(30) == [A]
    assert Guard(guard.office).poll(30) == []
    assert Guard(guard.office, knobs={"duplicates": "read"}).poll(30) == [
        [("b.pdf", 1), ("b.pdf", 2)]]
