"""DIR's CSV and what is exported from it: the bytes, and what is never written over."""

import hashlib
import os
from pathlib import Path

import pytest
from results import SHA, SMALL

from scanproc import tables
from scanproc.batch import formats
from scanproc.batch.export import export_table, write_csvs
from scanproc.errors import LedgerError, OutputError, UsageError
from scanproc.settings import Settings


def lines(path):
    return path.read_bytes().decode().split("\n")


def test_the_bytes_of_a_small_table(tmp_path):
    digests = write_csvs(tmp_path, lambda: SMALL, Settings(review_below=0.8))
    assert lines(tmp_path / "digits.csv") == [
        ",".join(tables.DIGIT_COLUMNS),
        "a.pdf,1,,1,1,0,1.0000,7,0.0000,0,1,2,3,4",
        "a.pdf,1,,1,2,7,1.0000,7,0.0000,0,2,2,3,4",
        "a.pdf,2,,1,1,1,1.0000,7,0.0000,0,1,2,3,4",
        "a.pdf,2,,1,3,5,1.0000,7,0.0000,0,3,2,3,4", ""]
    assert lines(tmp_path / "numbers.csv") == [
        ",".join(tables.NUMBER_COLUMNS),
        "a.pdf,1,,1,07,0.9000,0,,1,2,30,4,",
        "a.pdf,2,,1,1_5,0.0000,1,low_confidence;mark,1,2,30,4,1. 3-", ""]
    assert lines(tmp_path / "pages.csv") == [
        ",".join(tables.PAGE_COLUMNS),
        f"a.pdf,1,read,,,100,200,204x98,0,0.0,1,2,0,{SHA}",
        f"a.pdf,2,read,,,100,200,204x98,0,0.0,1,2,1,{SHA}",
        '"b ""x"",\ry', f'.png",1,refused,"damaged: the file, it seems, is damaged",,0,0,,0,0.0,'
                        f"0,0,0,{SHA}", ""]
    assert digests == {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
                       for name in ("digits.csv", "numbers.csv", "pages.csv")}
    assert {file.name for file in tmp_path.iterdir()} == set(digests)


def test_review_follows_the_settings_at_hand(tmp_path):
    for below, expected in ((0.8, "0"), (0.95, "1")):
        write_csvs(tmp_path, lambda: SMALL, Settings(review_below=below))
        assert lines(tmp_path / "numbers.csv")[1].split(",")[6] == expected


def test_without_pages_there_are_headers(tmp_path):
    write_csvs(tmp_path, list, Settings())
    assert lines(tmp_path / "pages.csv") == [",".join(tables.PAGE_COLUMNS), ""]


@pytest.fixture
def export(tmp_path):
    """A function: table, format -> the file exported from SMALL."""
    def run(table, format, pages=SMALL, name="mine"):
        target = tmp_path / f"{name}.{format}"
        export_table(table, lambda: pages, Settings(), format, target, tmp_path / "out")
        return target
    (tmp_path / "out").mkdir()
    return run


def test_csv_exported_is_the_csv_of_the_folder(export, tmp_path):
    write_csvs(tmp_path / "out", lambda: SMALL, Settings())
    for table in tables.COLUMNS:
        assert export(table, "csv").read_bytes() == (tmp_path / f"out/{table}.csv").read_bytes()


@pytest.mark.parametrize("format", ["csv", "json", "xlsx", "parquet"])
def test_a_ledger_that_fails_half_way_leaves_nothing(tmp_path, format):
    if format in formats.EXTRA:
        pytest.importorskip(formats.EXTRA[format])

    def pages():
        yield from SMALL
        raise LedgerError("damaged")
    with pytest.raises(LedgerError):
        export_table("digits", pages, Settings(), format, tmp_path / "mine", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", ["csv", "json", "xlsx", "parquet"])
def test_stdout_gets_the_same_as_a_file(export, tmp_path, capfdbinary, format):
    if format in formats.EXTRA:
        pytest.importorskip(formats.EXTRA[format])
    export_table("numbers", lambda: SMALL, Settings(), format, None, tmp_path / "out")
    given = capfdbinary.readouterr().out
    start = {"csv": b"file,", "json": b"[\n", "xlsx": b"PK", "parquet": b"PAR1"}[format]
    assert given.startswith(start)
    if format != "xlsx":  # a ZIP archive holds the time
        assert given == export("numbers", format).read_bytes()


@pytest.mark.parametrize("format", ["xlsx", "parquet"])
def test_a_format_that_is_not_installed_says_what_is(export, monkeypatch, tmp_path, format):
    monkeypatch.setattr(formats, "EXTRA", {format: "scanproc_has_no_such_module"})
    with pytest.raises(UsageError, match="-m pip install scanproc_has_no_such_module"):
        export("digits", format)
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("name", ["out/digits.csv", "out/scanproc.db", "out/scanproc.db-journal",
                                  "out/scanproc.toml", "out/x/../pages.csv", "link.csv",
                                  "hard.csv", "out/forms/exam.csv"])
def test_files_of_the_folder_itself_are_never_written_over(tmp_path, name):
    out = tmp_path / "out"
    (out / "forms").mkdir(parents=True)
    (out / "x").mkdir()
    (out / "forms/exam.csv").write_text("a form")
    write_csvs(out, lambda: SMALL, Settings())
    (tmp_path / "link.csv").symlink_to(out / "numbers.csv")
    os.link(out / "pages.csv", tmp_path / "hard.csv")
    before = {file: file.read_bytes() for file in tmp_path.rglob("*.*") if file.is_file()}
    with pytest.raises(UsageError, match="name another file"):
        export_table("numbers", lambda: [], Settings(), "csv", tmp_path / name, out)
    after = {file: file.read_bytes() for file in tmp_path.rglob("*.*") if file.is_file()}
    assert after == before


@pytest.mark.parametrize("target", [os.devnull, "out"])
def test_only_files_are_written_over(tmp_path, target):
    (tmp_path / "out").mkdir()
    with pytest.raises(UsageError, match="is not a file"):
        export_table("numbers", lambda: SMALL, Settings(), "csv", tmp_path / target,
                     tmp_path / "out")
    assert Path(os.devnull).exists() and not Path(os.devnull).is_file()


def test_a_failed_export_leaves_what_was_there(tmp_path, monkeypatch):
    target = tmp_path / "mine.csv"
    target.write_text("before")
    monkeypatch.setattr(formats.CsvFile, "__exit__", lambda self, *_: self._stream.seek(-1))
    with pytest.raises(OutputError, match="mine.csv cannot be written"):
        export_table("numbers", lambda: SMALL, Settings(), "csv", target, tmp_path / "out")
    assert [file.name for file in tmp_path.iterdir()] == ["mine.csv"]
    assert target.read_text() == "before"
