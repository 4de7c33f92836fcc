"""The file formats of a table. Each is a context: made with a binary stream and the table's
name, given rows by `add`, complete when left without an error. None holds more than some thousand
rows in memory; XLSX keeps them in a temporary file.
"""

from __future__ import annotations

import csv
import hashlib
import importlib
import json
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO, Protocol, Self

from scanproc.errors import UsageError
from scanproc.tables import COLUMNS, Row

TEXTS = {"file", "field", "text", "reason", "marks", "status", "form", "dpi", "sha256"}
FLOATS = {"confidence": 4, "runner_up_confidence": 4, "skew": 1}  # decimals in CSV

# What makes a spreadsheet run a cell (OWASP, CSV injection), full-width and small forms included,
# also behind blanks.
FORMULA = re.compile("[\\s\0\ufeff\u200b]*"
                     "[=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212]"
                     "| *[\t\r\n\0]")
NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

XLSX_ROWS = 1_048_575  # less the header
PARQUET_ROWS = 20_000
EXTRA = {"xlsx": "openpyxl", "parquet": "pyarrow.parquet"}


class TableFile(Protocol):
    """What the formats have in common."""

    def __init__(self, stream: BinaryIO, table: str): ...

    def add(self, rows: Iterable[Row]) -> None:
        """Write these rows behind the others."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None: ...


class CsvFile:
    """UTF-8, `\\n`, quoted only where needed (RFC 4180), no cell that a spreadsheet would run."""

    neutral = True

    def __init__(self, stream: BinaryIO, table: str):
        self._stream = stream
        self._digest = hashlib.sha256()
        # Cells are quoted if they hold a character of the line end, so both are named here;
        # `write` takes \r off again.
        self._writer = csv.writer(self, lineterminator="\r\n")
        self._cells = [self._cell(column) for column in COLUMNS[table]]
        self._writer.writerow(COLUMNS[table])

    @property
    def sha256(self) -> str:
        """Of all bytes written so far, in hex digits."""
        return self._digest.hexdigest()

    def write(self, line: str) -> None:
        """For the csv module: one line with its end."""
        data = f"{line[:-2]}\n".encode("utf-8", "backslashreplace")
        self._digest.update(data)
        self._stream.write(data)

    def add(self, rows: Iterable[Row]) -> None:
        """Write these rows behind the others."""
        self._writer.writerows([cell(value) for cell, value in zip(self._cells, row, strict=True)]
                               for row in rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing comes behind the last row."""

    def _cell(self, column: str) -> Callable[[Any], str]:
        """What makes a cell of a value."""
        if column in FLOATS:
            return f"{{:.{FLOATS[column]}f}}".format
        return neutral if self.neutral and column in TEXTS else str


class RawCsvFile(CsvFile):
    """As `CsvFile`, every text as it is: for programs, not for spreadsheets."""

    neutral = False


class JsonFile:
    """An array with an object for each row, a row a line."""

    def __init__(self, stream: BinaryIO, table: str):
        self._stream = stream
        self._columns = COLUMNS[table]
        self._before = b"[\n"

    def add(self, rows: Iterable[Row]) -> None:
        """Write these rows behind the others."""
        for row in rows:
            line = json.dumps(dict(zip(self._columns, row, strict=True)), ensure_ascii=False)
            self._stream.write(self._before + line.encode("utf-8", "backslashreplace"))
            self._before = b",\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.write(b"[]\n" if self._before == b"[\n" else b"\n]\n")


class XlsxFile:
    """One sheet, header frozen; texts are cells of type text, so zeros stay and nothing runs."""

    def __init__(self, stream: BinaryIO, table: str):
        from openpyxl import Workbook

        self._stream = stream
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet(table)
        self._sheet.freeze_panes = "A2"
        self._sheet.append(COLUMNS[table])
        self._room = XLSX_ROWS

    def add(self, rows: Iterable[Row]) -> None:
        """Write these rows behind the others."""
        for row in rows:
            if not self._room:
                raise UsageError(f"an XLSX sheet holds {XLSX_ROWS} rows and there are more; "
                                 "select fewer, or export as csv or parquet")
            self._room -= 1
            self._sheet.append([self._text(value) if isinstance(value, str) else value
                                for value in row])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._book.save(self._stream)
        else:
            self._sheet.close()  # or it complains on stderr when it is thrown away

    def _text(self, text: str) -> Any:
        from openpyxl.cell import WriteOnlyCell

        if not text:
            return None
        cell = WriteOnlyCell(self._sheet, NOT_XML.sub(_escaped, text))
        cell.data_type = "s"  # openpyxl makes a formula of all that starts with `=`
        cell.number_format = "@"  # still text after somebody edits it
        return cell


class ParquetFile:
    """Columns of type text, 64-bit integer or 64-bit float."""

    def __init__(self, stream: BinaryIO, table: str):
        import pyarrow
        from pyarrow.parquet import ParquetWriter

        def kind(column: str) -> pyarrow.DataType:
            if column in FLOATS:
                return pyarrow.float64()
            return pyarrow.string() if column in TEXTS else pyarrow.int64()
        self._schema = pyarrow.schema([(column, kind(column)) for column in COLUMNS[table]])
        self._writer = ParquetWriter(stream, self._schema)
        self._rows: list[Row] = []

    def add(self, rows: Iterable[Row]) -> None:
        """Write these rows behind the others."""
        self._rows += rows
        if len(self._rows) >= PARQUET_ROWS:
            self._flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow

        columns = zip(*self._rows, strict=True) if self._rows else [()] * len(self._schema)
        arrays = [pyarrow.array(values, field.type)
                  for values, field in zip(columns, self._schema, strict=True)]
        self._writer.write_table(pyarrow.table(arrays, schema=self._schema))
        self._rows.clear()


FORMATS: dict[str, type[TableFile]] = {"csv": CsvFile, "json": JsonFile, "xlsx": XlsxFile,
                                       "parquet": ParquetFile, "raw csv": RawCsvFile}


def by_name(path: Path) -> str:
    """The format that a file's extension asks for; csv where it says nothing."""
    name = path.suffix[1:].lower()
    return name if name in FORMATS else "csv"


def check_installed(format: str) -> None:
    """Raises UsageError where the format needs a package that is not there."""
    if format in EXTRA:
        try:
            importlib.import_module(EXTRA[format])
        except ImportError as error:
            package = EXTRA[format].partition(".")[0]
            raise UsageError(f"the format {format} needs {package}, which is not installed; run: "
                             f"{sys.executable} -m pip install {package}") from error


def neutral(text: str) -> str:
    """The text, with an apostrophe before it if a spreadsheet would run it as a formula.

    One that begins with an apostrophe gets another: who takes one off has the text again.
    """
    return f"'{text}" if text.startswith("'") or FORMULA.match(text) else text


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")
