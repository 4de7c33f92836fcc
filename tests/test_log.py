"""The log: a line for each event, whatever a file is called and whatever becomes of the log."""

import json
import os
import threading
from pathlib import Path

import pytest

from scanproc.batch import ledger, log, tell
from scanproc.errors import HeldError, TooManyFailures, UsageError
from scanproc.settings import Settings, load


class Logged:
    """Runs an office that keeps a log; `events` lists its lines."""

    def __init__(self, office, file):
        self.office, self.file, self.said = office, file, []

    def run(self, **knobs):
        return tell.Teller(self.said.append).run(
            (self.office.scans,), self.office.out, Settings(log=str(self.file), **knobs))

    @property
    def events(self):
        text = self.file.read_bytes().decode("utf-8")
        assert text.endswith("\n")
        return [json.loads(line) for line in text.splitlines()]

    def told(self, *names):
        return [tuple(event.get(name) for name in ("event", *names)) for event in self.events]


@pytest.fixture
def logged(office, tmp_path):
    return Logged(office, tmp_path / "run.log")


def test_every_event_is_a_line(logged):
    logged.office.scan("a.pdf", "read 12 3", "blank", "refused damaged")
    logged.office.scan("b.pdf", "crashed")
    logged.office.scan("c.pdf", "read 12 3", "blank", "refused damaged")
    (logged.office.scans / "x.txt").write_text("hello")
    logged.run(review_below=1.0)
    told = logged.told("file", "page", "reason")
    assert told[:2] == [("began", None, None, None), ("skipped", None, None, None)]
    assert sorted(told[2:-1], key=str) == [
        ("blank", "a.pdf", 2, None), ("crashed", "b.pdf", 1, "crashed"),
        ("duplicate", "c.pdf", None, None), ("read", "a.pdf", 1, None),
        ("refused", "a.pdf", 3, "damaged")]
    (read,) = [event for event in logged.events if event["event"] == "read"]
    assert (read["run"], read["numbers"], read["review"]) == (1, 2, 2)
    ended = logged.events[-1]
    assert (ended["event"], ended["exit_code"], ended["skipped"]) == ("ended", 1, {".txt": 1})
    assert all(event["time"][10] == "T" and event["time"][-6] in "+-" for event in logged.events)


def test_runs_follow_one_another(logged):
    logged.office.scan("a.pdf", "read 1")
    logged.run()
    logged.run()
    assert logged.told("run") == [("began", 1), ("read", 1), ("ended", 1), ("began", 2),
                                  ("ended", 2)]


def test_each_end_is_there(logged, monkeypatch):
    from fakes import Pool
    with ledger.held(logged.office.out), pytest.raises(HeldError):
        logged.run()
    logged.office.scan("a.pdf", "read 1", "refused damaged")
    monkeypatch.setattr(Pool, "stop_after", 1)
    with pytest.raises(KeyboardInterrupt):
        logged.run()
    monkeypatch.setattr(Pool, "stop_after", None)
    with pytest.raises(TooManyFailures):
        logged.run(max_failures=0)
    ends = [event for event in logged.events if event["event"] == "ended"]
    assert [(end["run"], end["exit_code"]) for end in ends] == [(None, 5), (1, 130), (2, 7)]


def test_a_file_that_cannot_be_looked_at_is_named(logged):
    logged.office.scan("a.pdf", "read 1")
    logged.run(max_file_mb=0.001)
    logged.office.scan("a.pdf", "read " + "1" * 2000)
    logged.run(max_file_mb=0.001)
    assert ("refused", "a.pdf", "too_large") in logged.told("file", "reason")


HOSTILE = [b"\xff\xfe.pdf", b"new\nline.pdf", b'"},{"event":"ended.pdf', b"\\.pdf",
           "\u2028\u2029\x85\u202e.pdf".encode(), b"\x1b[2J.pdf", "=1+1 ä 𝟗.pdf".encode()]


def test_hostile_names_stay_in_their_line(logged):
    for at, name in enumerate(HOSTILE):
        path = Path(os.fsdecode(os.fsencode(logged.office.scans) + b"/" + name))
        path.write_bytes(b"%PDF-1.4\nread " + str(at).encode())
    logged.run()
    data = logged.file.read_bytes()
    assert data.isascii() and len(data.decode().splitlines()) == len(HOSTILE) + 2
    read = {file for event, file in logged.told("file") if event == "read"}
    assert read == {file for file, *_ in logged.office.rows()} and len(read) == len(HOSTILE)


def test_a_log_that_is_moved_away_is_followed_by_a_new_one(logged):
    book = log.Log(str(logged.file))
    book.write("one")
    logged.file.rename(logged.file.with_suffix(".1"))
    book.write("two")
    assert logged.told() == [("two",)]


def test_lines_of_two_programs_never_mix(logged):
    def write(name):
        book = log.Log(str(logged.file))
        for _ in range(300):
            book.write(name, words=name * 3000)
    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(logged.told()) == sorted([("a",), ("b",), ("c",)] * 300)


@pytest.mark.parametrize("place", ["/dev/full", "/nowhere/run.log", "/", "circle", "pipe"])
def test_a_log_that_cannot_be_written_is_said_once(logged, tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")  # nobody reads it: that must not hold up the run
    Path("circle").symlink_to("circle")
    logged.office.scan("a.pdf", "read 1", "read 2")
    logged.file = place
    assert logged.run().exit_code == 0
    (line,) = logged.said
    assert line.startswith("log ") and "cannot be written" in line and "\n" not in line
    assert len(logged.office.rows()) == 2


def test_a_piece_of_a_line_is_taken_back(logged, monkeypatch):
    book = log.Log(str(logged.file), logged.said.append)
    book.write("one")
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:10]))
    book.write("two")
    monkeypatch.undo()
    book.write("three")
    assert logged.told() == [("one",), ("three",)] and "space" in logged.said[0]


@pytest.mark.parametrize("place", ["scans/run.log", "scans/deep/../run.log", "link/run.log",
                                   "out/pages.csv", "out/scanproc.db", "out/scanproc.db.lock",
                                   "out/scanproc.toml", "same.csv", "nu\0l"])
def test_a_log_among_the_scans_or_over_results_is_wrong_usage(logged, tmp_path, place):
    logged.office.scan("a.pdf", "read 1")
    logged.office.run()
    (tmp_path / "link").symlink_to(logged.office.scans)
    os.link(logged.office.out / "pages.csv", tmp_path / "same.csv")
    before = (logged.office.out / "pages.csv").read_bytes()
    logged.file = tmp_path / place
    with pytest.raises(UsageError):
        logged.run()
    assert (logged.office.out / "pages.csv").read_bytes() == before
    assert not (logged.office.scans / "run.log").exists()


def test_a_log_may_lie_in_dir(logged):
    logged.office.scan("a.pdf", "read 1")
    logged.file = logged.office.out / "run.log"
    logged.run()
    assert logged.told() == [("began",), ("read",), ("ended",)]


def test_a_log_in_the_settings_file_lies_beside_it(tmp_path):
    (tmp_path / "scanproc.toml").write_text("log = 'run.log'\n")
    assert load(tmp_path / "scanproc.toml", {}, {})[0].log == str(tmp_path / "run.log")
