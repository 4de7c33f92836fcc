"""A run: its exit code and summary, its CSV, and what stops it before it begins."""

import json
import os
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from scanproc.batch import ledger, run
from scanproc.errors import (
    HeldError,
    LedgerError,
    OutputError,
    TooManyFailures,
    UsageError,
)
from scanproc.settings import Settings

CSV = ("digits.csv", "numbers.csv", "pages.csv")


def csv(office):
    return {name: (office.out / name).read_bytes() for name in CSV}


# --- exit code and summary ---

def test_a_folder_without_scans_is_no_failure(office):
    (office.scans / "notes.txt").write_text("hello")
    summary = office.run()
    assert summary.exit_code == 0
    assert summary.line().startswith(f"no scans found in {office.scans}")
    assert "1 skipped" in summary.line()


def test_the_summary_counts_what_was_done(office):
    office.scan("a.pdf", "read 12 3", "blank", "read 4")
    office.scan("b.pdf", "refused damaged", "crashed")
    office.scan("c.pdf", "read 12 3", "blank", "read 4")
    office.scan("d.pdf", "refused cut", "refused io")
    (office.scans / "x.txt").write_text("hello")
    summary = office.run(knobs={"review_below": 1.0})
    assert summary.pages == {"read": 2, "blank": 1, "refused": 3, "crashed": 1}
    assert (summary.numbers, summary.review) == (3, 3)
    assert summary.failures == {"damaged": 1, "crashed": 1, "cut": 1, "io": 1}
    assert summary.files == {"new": 3, "duplicate": 1, "unchanged": 0}
    assert summary.line().startswith(
        "3 pages read (1 blank), 3 numbers, 3 for review; 4 pages could not be read "
        "(1 crashed, 1 cut, 1 damaged, 1 io); files: 1 with the bytes of another, "
        "1 skipped (no scans); ")
    assert "\n" not in summary.line()
    assert json.loads(json.dumps(summary.as_dict()))["exit_code"] == 1


def test_a_duplicate_of_what_could_not_be_read_is_a_failure_met(office, tmp_path):
    office.scan("a.pdf", "refused damaged")
    office.run()
    other = tmp_path / "other" / "b.pdf"
    other.parent.mkdir()
    other.write_bytes((office.scans / "a.pdf").read_bytes())
    assert office.run(tmp_path / "other").exit_code == 1


def test_a_failure_that_is_not_met_does_not_count(office, tmp_path):
    office.scan("a.pdf", "refused damaged")
    office.run()
    (tmp_path / "other").mkdir()
    assert office.run(tmp_path / "other").exit_code == 0
    (office.scans / "a.pdf").unlink()
    office.scan("b.pdf", "blank")
    assert office.run().exit_code == 0


def test_too_many_failures_end_the_run_when_all_is_recorded(office):
    office.scan("a.pdf", *["refused damaged"] * 2, "crashed", "read 1")
    with pytest.raises(TooManyFailures, match=r"--max-failures 2 .*\(2 damaged, 1 crashed\)"):
        office.run(knobs={"max_failures": 2})
    assert len(office.rows()) == 4 and b"a.pdf" in csv(office)["pages.csv"]
    assert office.run(knobs={"max_failures": 3}).exit_code == 1


# --- the CSV ---

def test_csv_files_are_left_alone_unless_something_changed(office):
    office.scan("a.pdf", "read 1")
    office.run()
    inodes = {name: (office.out / name).stat().st_ino for name in CSV}
    office.run()
    assert inodes == {name: (office.out / name).stat().st_ino for name in CSV}
    before = csv(office)
    (office.out / "pages.csv").write_text("edited")
    (office.out / "digits.csv").unlink()
    office.run()
    assert csv(office) == before
    office.scan("b.pdf", "read 2")
    office.run()
    assert csv(office) != before


def test_rewrite_writes_the_csv_and_makes_nothing_by_mistake(office, tmp_path):
    office.scan("a.pdf", "read 1")
    office.run()
    before = csv(office)
    for name in CSV:
        (office.out / name).unlink()
    run.rewrite(office.out, Settings())
    assert csv(office) == before
    with pytest.raises(UsageError, match=r"scanproc\.db"):
        run.rewrite(tmp_path / "mistake", Settings())
    assert not (tmp_path / "mistake").exists()


# --- what stops a run before it begins ---

def test_two_runs_never_work_on_one_folder(office):
    office.scan("a.pdf", "read 1")
    with ledger.held(office.out), pytest.raises(HeldError, match="another run"):
        office.run()
    assert office.run().exit_code == 0


def test_wrong_usage_is_found_before_the_output_is_made(office, tmp_path):
    with pytest.raises(UsageError):
        office.run(tmp_path / "missing")
    assert not office.out.exists()


def test_an_output_that_is_a_file_cannot_be_written(office):
    office.out.write_text("in the way")
    with pytest.raises(OutputError, match="out"):
        office.run()


def test_a_damaged_ledger_is_not_overwritten(office):
    office.out.mkdir()
    (office.out / "scanproc.db").write_bytes(b"no database at all" * 100)
    office.scan("a.pdf", "read 1")
    with pytest.raises(LedgerError, match="damaged"):
        office.run()
    assert (office.out / "scanproc.db").read_bytes() == b"no database at all" * 100


@pytest.mark.parametrize("name", [b"o #?%&=x", b"\xff\xe9", b"new\nline", "ä 𝟗".encode()])
def test_the_output_folder_may_be_called_anything(office, name):
    office.out = Path(os.fsdecode(os.fsencode(office.out) + name)) / "deep"
    office.scan("a.pdf", "read 1")
    office.run()
    assert office.run().files == {"unchanged": 1}
    assert len(csv(office)) == 3 and {path.name for path in office.out.iterdir()} == {
        *CSV, "scanproc.db", "scanproc.db.lock"}


# --- with real processes and a real network ---

def draw(path: Path, text: str) -> None:
    image = Image.new("L", (400, 120), 255)
    ImageDraw.Draw(image).text((30, 20), text, fill=0, font_size=60)
    image.save(path)


@pytest.mark.parametrize("jobs", [1, 2])
def test_real_pages_are_read_by_real_processes(tmp_path, jobs):
    scans, out = tmp_path / "scans", tmp_path / "out"
    scans.mkdir()
    draw(scans / "a.png", "12 345")
    draw(scans / "b.png", "6789")
    Image.new("L", (300, 300), 255).save(scans / "blank.png")
    (scans / "damaged.png").write_bytes((scans / "a.png").read_bytes()[:300])
    (scans / "empty.pdf").touch()
    settings = Settings(jobs=jobs)
    summary = run.run([scans], out, settings)
    with ledger.opened(out) as book:
        found = {file: result for file, _, result in book.results()}
    assert {file: result.status for file, result in found.items()} == {
        "a.png": "read", "b.png": "read", "blank.png": "blank", "damaged.png": "refused",
        "empty.pdf": "refused"}
    assert sum(len(number.readings) for number in found["a.png"].numbers) == 5
    assert summary.exit_code == 1 and summary.failed == 2
    before = {name: (out / name).read_bytes() for name in CSV}
    assert run.run([scans], out, settings).pages == {}
    assert {name: (out / name).read_bytes() for name in CSV} == before
