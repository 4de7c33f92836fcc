"""The formats: zeros stay, nothing runs, hostile text comes through."""

import io
import json

import pytest
from results import SHA, SMALL, TRIGGERS, number, page

from scanproc import tables
from scanproc.batch import formats
from scanproc.errors import UsageError


def written(table, format, pages=SMALL):
    stream = io.BytesIO()
    with formats.FORMATS[format](stream, table) as file:
        for one in pages:
            file.add(tables.rows(table, *one))
    stream.seek(0)
    return stream


@pytest.mark.parametrize("text", ["=1+1", " =1", "+1", "-1", "@A1", "\t1", "\r1", "\0=1", "\n=1",
                                  "\uff1d1", "\xa0\u3000=1", "\ufeff=1", "\u22121", "'=1", "'"])
def test_what_is_a_formula(text):
    assert formats.neutral(text) == "'" + text


@pytest.mark.parametrize("text", ["", "a=1", "2026-11.png", "x/-1", "a\tb", "\\xff"])
def test_what_is_no_formula(text):
    assert formats.neutral(text) == text


def test_json_is_an_object_for_each_row():
    rows = json.loads(written("numbers", "json").read().decode())
    assert [tuple(row) for row in rows] == [tables.NUMBER_COLUMNS] * 2
    assert rows[0]["text"] == "07" and rows[0]["confidence"] == 0.9 and rows[1]["left"] == 1
    assert json.loads(written("pages", "json").read().decode())[2]["file"] == SMALL[2][0]
    assert "-0.0" not in written("pages", "json").read().decode()
    assert json.loads(written("digits", "json", []).read().decode()) == []
    assert "é" in written("pages", "json", [("é", SHA, page())]).read().decode()


def test_zeros_and_types_stay_in_xlsx():
    openpyxl = pytest.importorskip("openpyxl")
    hostile = "=1+1\x01\x0b|\ud800|\uffff"
    pages = [(hostile, SHA, page(3, number("020125182", 0.12345)))]
    sheet = openpyxl.load_workbook(written("numbers", "xlsx", pages))["numbers"]
    assert sheet.freeze_panes == "A2"
    header, row = sheet.iter_rows()
    assert tuple(cell.value for cell in header) == tables.NUMBER_COLUMNS
    cells = dict(zip(tables.NUMBER_COLUMNS, row, strict=True))
    assert (cells["text"].value, cells["text"].data_type) == ("020125182", "s")
    assert cells["text"].number_format == "@"
    assert (cells["file"].value, cells["file"].data_type) \
        == (r"=1+1\x01\x0b|\ud800|\uffff", "s")
    assert (cells["page"].value, cells["confidence"].value) == (3, 0.1235)
    assert cells["page"].data_type == "n"


def test_no_formula_in_any_cell_of_xlsx():
    openpyxl = pytest.importorskip("openpyxl")
    pages = [(trigger + "cmd|' /C calc'!A0", SHA, page()) for trigger in TRIGGERS + "{'"]
    sheet = openpyxl.load_workbook(written("pages", "xlsx", pages))["pages"]
    _, *rows = sheet.iter_rows()
    assert len(rows) == len(pages)
    assert {row[0].data_type for row in rows} == {"s"}
    assert {cell.data_type for row in rows for cell in row} == {"s", "n"}


def test_a_sheet_has_an_end(monkeypatch):
    pytest.importorskip("openpyxl")
    monkeypatch.setattr(formats, "XLSX_ROWS", 3)
    with pytest.raises(UsageError, match="csv or parquet"):
        written("digits", "xlsx")


def test_zeros_and_types_stay_in_parquet(monkeypatch):
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(formats, "PARQUET_ROWS", 2)
    pages = [("=a.png", SHA, page(at, number("020125182"))) for at in range(1, 6)]
    table = parquet.read_table(written("numbers", "parquet", pages))
    assert table["text"].to_pylist() == ["020125182"] * 5
    assert table["file"].to_pylist() == ["=a.png"] * 5
    assert table["page"].to_pylist() == [1, 2, 3, 4, 5]
    types = {field.name: str(field.type) for field in table.schema}
    assert (types["text"], types["page"], types["confidence"]) == ("string", "int64", "double")
    empty = parquet.read_table(written("digits", "parquet", []))
    assert (empty.num_rows, tuple(empty.column_names)) == (0, tables.DIGIT_COLUMNS)
