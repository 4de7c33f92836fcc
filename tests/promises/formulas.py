"""Opening what is exported runs nothing, whatever the texts in it are; and none is lost."""

import csv
import io
import json
import random
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from results import number, page

from scanproc import tables
from scanproc.batch import ledger
from scanproc.batch.folder import Stamp
from scanproc.batch.formats import TEXTS
from scanproc.batch.identity import Document
from scanproc.decide import decide
from scanproc.errors import UsageError
from scanproc.settings import Settings

STRINGS = 10_000
FEW = 1_000  # of these in the first run, for the formats other than CSV
# What a spreadsheet takes for the beginning of a formula, also behind blanks (OWASP, CSV injection)
BLANKS = " \t\r\n\0\x0b\x0c\x85\xa0\u2003\u3000\ufeff\u200b"
RUNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\u2212")
NEVER_FIRST = ("\t", "\r", "\n", "\0")
WEAPONS = ("=cmd|' /C calc'!A0", "@SUM(1+1)*cmd", "+1+1", "-2+3", "=HYPERLINK(\"http://x\")", "'=1",
           "''", "'", "\"=1", "=1,=2\n=3", ";=1", "DDE(\"cmd\")", "0020", "")
ALPHABET = "".join(RUNS) + BLANKS + "'\",;|!()A1_\\\xe9\u202e\U0001d7d7"


def strings():
    """STRINGS different texts, many of which begin like a formula, or nearly so."""
    chance, found = random.Random(13), dict.fromkeys(WEAPONS)
    while len(found) < STRINGS:
        begin = "".join(chance.choices(ALPHABET, k=chance.randint(0, 3)))
        found[begin + chance.choice(WEAPONS + tuple("aZ9"))
              + "".join(chance.choices(ALPHABET, k=chance.randint(0, 5)))] = None
    return list(found)


@pytest.fixture(scope="module")
def office_of_strings(tmp_path_factory):
    """A results folder whose pages have each text once in every column that holds text."""
    out = tmp_path_factory.mktemp("formulas") / "out"
    out.mkdir()
    texts = strings()
    with ledger.opened(out, create=True) as book, book.at_once():
        for at, (file, sha256, result) in enumerate(hostile(texts), start=1):
            if at in (1, FEW + 1):
                book.begin(0.0, texts[0], "", "")
            book.store([Document(at, file, b"/in", b"%d" % at, Stamp(0, 0, 0, at), sha256)], [])
            book.record(at, 1, result)
        book.finish(0.0, 0, "{}")
    assert scanproc("export", out).returncode == 0
    with ledger.opened(out) as book:
        return Office(out, texts, *([(file, sha256, decide(result, Settings()))
                                     for file, sha256, result in book.results(run=run)]
                                    for run in (None, 1)))


@dataclass
class Office:
    """A results folder, the texts in it, and what it should give: of all runs, of the first."""

    out: Path
    texts: list[str]
    all: list[tuple]
    few: list[tuple]

    def expected(self, table, large=True):
        """The rows of the table, numbers as numbers, sorted as a CSV is."""
        pages = self.all if large else self.few
        return [row for page in pages for row in tables.rows(table, *page)]


def hostile(texts):
    """(file, sha256, page) for each text, with other ones of them in the other columns."""
    def text(at):
        return texts[at % len(texts)]
    for at in range(len(texts)):
        found = replace(number("7", -0.25 * (at % 2)), text=text(at + 1), field=text(at + 2),
                        marks=text(at + 3), reasons=(text(at + 4),) if text(at + 4) else ())
        yield text(at), text(at + 5), replace(
            page(1, found, form=text(at + 6), reason=text(at + 7), words=text(at + 8)),
            status=text(at + 9), skew=-1.5)


def scanproc(*words):
    return subprocess.run([sys.executable, "-m", "scanproc", *map(str, words)], check=False,
                          capture_output=True, timeout=120)


def exported(out, table, *words, name):
    """The bytes of an export."""
    file = out.parent / name
    done = scanproc("export", out, "--what", table, *words, "-o", file)
    assert done.returncode == 0, done.stderr
    return file.read_bytes()


def cells(data):
    """The rows of a CSV as Python reads them, the header first."""
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


def runs(cell):
    """Whether a spreadsheet may take the cell for a formula."""
    return cell.startswith(NEVER_FIRST) or cell.lstrip(BLANKS).startswith(RUNS)


def is_a_number(text):
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


@pytest.mark.parametrize("table", tables.COLUMNS)
def test_no_cell_of_a_csv_begins_as_a_formula(promise, office_of_strings, table):
    out, texts = office_of_strings.out, office_of_strings.texts
    data = (out / f"{table}.csv").read_bytes()
    raw = exported(out, table, "--raw", name=f"{table}.raw.csv")
    header, *rows = cells(data)
    rows_as_they_are = office_of_strings.expected(table)
    assert tuple(header) == tables.COLUMNS[table] and len(rows) == len(rows_as_they_are)
    assert raw.count(b"\n") == data.count(b"\n") and cells(raw)[0] == header
    checked = 0
    for row, raw_row, true in zip(rows, cells(raw)[1:], rows_as_they_are, strict=True):
        for column, cell, raw_cell, value in zip(header, row, raw_row, true, strict=True):
            if column in TEXTS:
                assert not runs(cell), (column, cell)
                assert raw_cell == value, "raw loses nothing"
                assert cell.removeprefix("'") == value
                checked += 1
            else:
                assert cell == raw_cell and is_a_number(cell) and float(cell) == value
    seen = {row[0] for row in cells(raw)[1:]}
    assert seen == set(texts) and len(seen) == STRINGS
    promise("opening the CSV runs nothing",
            f"{table}.csv: {checked:,} texts, {STRINGS:,} in each column, 0 begin as a formula, "
            f"all numbers as they were; --raw gives each text back")


@pytest.mark.parametrize("table", tables.COLUMNS)
def test_no_cell_of_a_workbook_is_a_formula(office_of_strings, large, table):
    pytest.importorskip("openpyxl")
    words = () if large else ("--run", 1)
    data = exported(office_of_strings.out, table, *words, name=f"{table}.xlsx")
    book = zipfile.ZipFile(io.BytesIO(data))
    sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
    sheet = book.read(sheets[0])
    kinds = set(re.findall(rb"<c [^>]*t=\"(\w+)\"", sheet))
    texts = len(re.findall(rb"<c [^>]*t=\"inlineStr\"", sheet))
    assert len(sheets) == 1 and kinds == {b"inlineStr", b"n"} and texts > FEW
    assert not re.search(rb"<f[ >/]", sheet)


@pytest.mark.parametrize("table", tables.COLUMNS)
@pytest.mark.parametrize("form", ["json", "parquet"])
def test_formats_for_programs_give_every_text_as_it_is(office_of_strings, large, table, form):
    if form == "parquet":
        parquet = pytest.importorskip("pyarrow.parquet")
    words = () if large else ("--run", 1)
    data = exported(office_of_strings.out, table, *words, name=f"{table}.{form}")
    rows = json.loads(data) if form == "json" else parquet.read_table(io.BytesIO(data)).to_pylist()
    assert [tuple(row.values()) for row in rows] == office_of_strings.expected(table, large)


def test_raw_is_never_the_csv_of_the_folder(office_of_strings):
    out = office_of_strings.out
    before = (out / "pages.csv").read_bytes()
    for words in (["--raw"], ["--raw", "-o", out / "pages.csv"]):
        done = scanproc("export", out, *words)
        assert done.returncode == UsageError.exit_code and b"Traceback" not in done.stderr
    assert (out / "pages.csv").read_bytes() == before
    whole = scanproc("export", out, "--run", 1, "--what", "pages", "--raw", "-o", "-").stdout
    assert whole == exported(out, "pages", "--run", 1, "--raw", name="again.csv") != before
