"""A later run: what it tries again, and that it goes on where another was stopped."""

import hashlib
import os
import sqlite3

import pytest
from fakes import Pool

from scanproc.batch.folder import UNKNOWN
from scanproc.errors import Refused

CSV = ("digits.csv", "numbers.csv", "pages.csv")


def csv(office):
    return {name: (office.out / name).read_bytes() for name in CSV}


# --- what is tried again ---

@pytest.mark.parametrize("failure", [
    "refused permission", "refused io", "refused changed", "crashed", "timeout"])
def test_failures_that_may_pass_are_tried_three_times_in_all(office, failure):
    office.scan("a.pdf", "read 1", "read 2", "read 3")
    Pool.outcomes["a.pdf", 2] = failure
    read = []
    for _ in range(5):
        assert office.run().exit_code == 1
        read.append(list(Pool.read))
    assert read == [[("a.pdf", 1), ("a.pdf", 2), ("a.pdf", 3)], [("a.pdf", 2)], [("a.pdf", 2)],
                    [], []]
    assert office.rows()[1] == ("a.pdf", 2, failure.split()[0], failure.split()[-1])


def test_a_failure_that_passes_is_read_and_forgotten(office):
    office.scan("a.pdf", "read 1", "read 2")
    Pool.outcomes["a.pdf", 2] = "timeout"
    office.run()
    Pool.outcomes.clear()
    assert office.run().exit_code == 0 and Pool.read == [("a.pdf", 2)]
    assert office.rows() == [("a.pdf", 1, "read", "1"), ("a.pdf", 2, "read", "2")]


def test_a_file_that_crashed_when_its_pages_were_counted_is_read_whole_later(office):
    office.scan("a.pdf", "crashed")
    office.run()
    with sqlite3.connect(office.out / "scanproc.db") as db:
        now = office.scan("a.pdf", "read 1", "read 2", "blank").stat()
        digest = hashlib.sha256((office.scans / "a.pdf").read_bytes()).hexdigest()
        db.execute("UPDATE documents SET sha256 = ?, stamp = ?", (
            digest, f"{now.st_size} {now.st_mtime_ns} {now.st_ctime_ns} {now.st_ino}"))
    db.close()
    assert office.run().exit_code == 0
    assert [row[1:] for row in office.rows()] == [(1, "read", "1"), (2, "read", "2"),
                                                 (3, "blank", "")]


def test_what_is_refused_by_its_content_is_remembered(office):
    office.scan("a.pdf", "read 1", "refused damaged")
    for read in ([("a.pdf", 1), ("a.pdf", 2)], [], []):
        summary = office.run()
        assert Pool.read == read
        assert summary.exit_code == 1 and summary.failures == {"damaged": 1}


def test_another_limit_tries_what_was_refused_and_nothing_else(office):
    office.scan("a.pdf", "read 1", "refused too_large")
    office.scan("b.pdf", "read 3")
    office.run()
    Pool.outcomes["a.pdf", 2] = "read 2"
    assert office.run(knobs={"max_megapixels": 300}).exit_code == 0
    assert {name for name, _ in Pool.read} == {"a.pdf"}
    assert office.rows() == [("a.pdf", 1, "read", "1"), ("a.pdf", 2, "read", "2"),
                             ("b.pdf", 1, "read", "3")]
    office.run(knobs={"max_megapixels": 400})
    assert Pool.read == []


def test_another_reading_setting_reads_everything_that_is_there(office):
    office.scan("a.pdf", "read 1", "refused damaged")
    office.scan("gone.pdf", "read 2").rename(office.scan("b.pdf"))
    office.run()
    (office.scans / "b.pdf").unlink()
    before = office.rows()
    office.run(knobs={"pdf_dpi": 200})
    assert Pool.read == [("a.pdf", 1), ("a.pdf", 2)]
    assert office.rows() == before
    office.run(knobs={"pdf_dpi": 200})
    assert Pool.read == []


def test_moving_a_threshold_reads_nothing_and_rewrites_the_csv(office):
    office.scan("a.pdf", "read 12")
    office.run(knobs={"review_below": 0.0})
    before = csv(office)
    office.run(knobs={"review_below": 1.0})
    assert Pool.read == [] and csv(office)["digits.csv"] != before["digits.csv"]


def test_reread_reads_what_is_there_again(office):
    office.scan("a.pdf", "read 1", "blank")
    office.scan("b.pdf", "read 1", "blank")
    office.run()
    office.run(reread=True)
    assert Pool.read == [("a.pdf", 1), ("a.pdf", 2)]


# --- files whose bytes cannot be looked at ---

@pytest.fixture
def locked(monkeypatch):
    """Names of files that refuse to be read, with the reason. (The tests may run as root.)"""
    from scanproc.batch import folder
    reasons = {}
    digest = folder.digest

    def guarded(scan, limit):
        if scan.file in reasons:
            raise Refused(reasons[scan.file], "in words")
        return digest(scan, limit)

    monkeypatch.setattr(folder, "digest", guarded)
    return reasons


def test_a_file_that_may_not_be_read_has_a_row_and_three_tries(office, locked):
    office.scan("a.pdf", "read 1", "read 2")
    locked["a.pdf"] = "permission"
    assert [office.run().pages.get("refused", 0) for _ in range(4)] == [1, 1, 1, 0]
    assert office.run().exit_code == 1
    assert office.rows() == [("a.pdf", 1, "refused", "permission")]
    locked.clear()
    (office.scans / "a.pdf").chmod(0o600)  # which changes its ctime
    assert office.run().exit_code == 0
    assert office.rows() == [("a.pdf", 1, "read", "1"), ("a.pdf", 2, "read", "2")]


def test_a_known_file_that_may_not_be_read_now_keeps_its_reading(office, locked):
    path = office.scan("a.pdf", "read 1")
    office.run()
    locked["a.pdf"] = "permission"
    os.utime(path, ns=(1, 1))
    for _ in range(2):
        assert office.run().failures == {"permission": 1}
        assert office.rows() == [("a.pdf", 1, "read", "1")]
    locked.clear()
    assert office.run().exit_code == 0 and Pool.read == []


@pytest.mark.parametrize("again", [{"reread": True}, {"knobs": {"pdf_dpi": 200}}])
def test_what_is_to_be_read_again_and_may_not_be_keeps_its_reading(office, locked, again):
    path = office.scan("a.pdf", "read 1", "read 2")
    office.run()
    locked["a.pdf"] = "permission"
    os.utime(path, ns=(1, 1))
    assert office.run(**again).failures == {"permission": 1}
    assert Pool.read == []
    assert office.rows() == [("a.pdf", 1, "read", "1"), ("a.pdf", 2, "read", "2")]
    locked.clear()
    assert office.run(**again).exit_code == 0
    assert Pool.read == [("a.pdf", 1), ("a.pdf", 2)]


def test_a_known_file_that_cannot_even_be_looked_at_keeps_its_reading(office, locked, monkeypatch):
    office.scan("a.pdf", "read 1")
    office.run()
    locked["a.pdf"] = "io"
    with monkeypatch.context() as patch:
        patch.setattr("scanproc.batch.folder._entry", lambda entry: ("", UNKNOWN))
        summary = office.run()
    assert summary.failures == {"io": 1} and summary.files == {"unchanged": 1}
    assert office.rows() == [("a.pdf", 1, "read", "1")]


def test_a_known_file_with_another_size_that_may_not_be_read_does_not_keep_it(office, locked):
    office.scan("a.pdf", "read 1")
    office.run()
    locked["a.pdf"] = "io"
    office.scan("a.pdf", "read 12345")
    office.run()
    assert office.rows() == [("a.pdf", 1, "refused", "io")]
    locked.clear()
    office.run()
    assert office.rows() == [("a.pdf", 1, "read", "12345")]


def test_a_file_over_the_limit_is_tried_again_when_the_limit_moves(office):
    office.scan("a.pdf", "read" + " 1" * 1000)
    for tries in (1, 0):
        assert office.run(knobs={"max_file_mb": 0.002}).pages.get("refused", 0) == tries
    assert office.rows() == [("a.pdf", 1, "refused", "too_large")]
    assert office.run().exit_code == 0 and len(office.rows()) == 1


def test_a_file_that_goes_while_the_run_works_is_not_there(office, locked, monkeypatch):
    office.scan("a.pdf", "read 1")
    office.scan("b.pdf", "read 2")
    office.run()
    monkeypatch.setattr("scanproc.batch.folder.digest", lambda scan, limit: None)
    (office.scans / "b.pdf").touch()
    office.scan("c.pdf", "read 3")
    assert office.run().exit_code == 0
    assert [row[0] for row in office.rows()] == ["a.pdf", "b.pdf"]


# --- stopped, and going on ---

@pytest.mark.parametrize("stop_after", range(7))
def test_a_stopped_run_goes_on_where_it_was(office, stop_after):
    office.scan("a.pdf", *[f"read {page}" for page in range(1, 5)])
    office.scan("b.pdf", "read 8", "crashed")
    office.scan("c.pdf", "read 8", "crashed")
    office.run()
    expected = office.rows(), csv(office)
    for file in office.out.iterdir():
        file.unlink()
    Pool.stop_after = stop_after
    try:
        office.run()
    except KeyboardInterrupt:
        assert stop_after < 6
    done = list(Pool.read)
    Pool.stop_after = None
    office.run()
    again = set(done) & set(Pool.read)
    assert again <= {("b.pdf", 2)}  # crashed: tried once more
    assert (office.rows(), csv(office)) == expected


def test_a_stop_while_everything_is_read_again_mixes_nothing_up(office):
    office.scan("a.pdf", "read 1", "read 2", "read 3")
    office.run()
    Pool.stop_after = 1
    with pytest.raises(KeyboardInterrupt):
        office.run(knobs={"pdf_dpi": 200})
    Pool.stop_after = None
    office.run(knobs={"pdf_dpi": 200})
    assert Pool.read == [("a.pdf", 2), ("a.pdf", 3)]
    assert [row[3] for row in office.rows()] == ["1", "2", "3"]
