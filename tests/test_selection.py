"""What `export --run` and `--since` select: by the run that read a page last, in local time."""

import time
from datetime import datetime

import pytest

from scanproc.batch import run, selection
from scanproc.settings import Settings


@pytest.fixture
def on(office, monkeypatch):
    """A function: date, options -> a run of that moment."""
    def run_on(date, **options):
        monkeypatch.setattr(run.time, "time", datetime.fromisoformat(date).timestamp)
        return office.run(**options)
    return run_on


@pytest.fixture
def chosen(office, tmp_path):
    """A function: selection -> the numbers exported."""
    def texts(**options):
        selection.export(office.out, Settings(), "numbers", "csv", tmp_path / "x.csv", **options)
        rows = (tmp_path / "x.csv").read_text().splitlines()
        assert rows[0].startswith("file,page")
        return [row.split(",")[4] for row in rows[1:]]
    return texts


def test_a_page_belongs_to_the_run_that_read_it_last(office, on, chosen):
    office.scan("a.pdf", "read 1", "blank")
    on("2026-11-18")
    office.scan("b.pdf", "read 2")
    on("2026-11-19")
    assert (chosen(run="1"), chosen(run="2"), chosen(run="last")) == (["1"], ["2"], ["2"])
    (office.scans / "b.pdf").rename(office.scans / "c.pdf")  # not read again
    on("2026-11-20")
    assert (chosen(run="last"), chosen(run="2")) == ([], ["2"])
    (office.scans / "c.pdf").unlink()
    on("2026-11-21", reread=True)
    assert [chosen(run=str(number)) for number in (1, 2, 3, 4)] == [[], ["2"], [], ["1"]]
    assert chosen(since="2026-11-20") == ["1"] and chosen() == ["1", "2"]


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "UTC", "America/Los_Angeles"])
def test_a_date_is_midnight_of_this_machine(office, on, chosen, monkeypatch, zone):
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        office.scan("a.pdf", "read 1")
        on("2026-11-20T00:30")
        for since, texts in (("2026-11-20", ["1"]), ("2026-11-20T00:30", ["1"]),
                             ("2026-11-20T00:31", []), ("2026-11-21", []), ("2026-11-19", ["1"])):
            assert chosen(since=since) == texts, since
    time.tzset()


def test_a_time_may_name_its_zone(office, on, chosen):
    office.scan("a.pdf", "read 1")
    on("2026-11-20T00:30+00:00")
    assert chosen(since="2026-11-19T19:30-05:00") == ["1"]
    assert chosen(since="2026-11-19T19:31-05:00") == []
