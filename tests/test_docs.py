"""The README names every command, option, setting, reason, exit code and CSV column."""

import re
from pathlib import Path

import click
import pytest

from scanproc import cli, errors, tables
from scanproc.reasons import INK_FATES, NUMBER_REASONS, PAGE_REASONS
from scanproc.settings import KNOBS

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
COMMANDS = cli.main.commands


def rows():
    """The cells of every table row of the README."""
    for line in README.splitlines():
        if line.startswith("|"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_named_and_shows_an_example(name):
    assert f"`scanproc {name}" in README
    text = COMMANDS[name].get_help(click.Context(COMMANDS[name]))
    assert re.search(rf"Examples?:\n\s+scanproc {name}", text), text


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_is_named(name):
    for option in COMMANDS[name].params:
        if isinstance(option, click.Option):
            knob = option.name in KNOBS
            for flag in option.opts:
                assert f"`{option.name if knob else flag}`" in README, f"{name} {flag}"


@pytest.mark.parametrize("name", sorted(KNOBS))
def test_every_setting_stands_with_its_default(name):
    knob = KNOBS[name]
    (row,) = [row for row in rows() if row[0] == f"`{name}`" and len(row) == 5]
    assert row[1] == (f"`{knob.default}`" if knob.default != "" else "")
    for limit in (knob.metadata["low"], knob.metadata["high"], *knob.metadata["choices"]):
        assert limit is None or str(limit).removesuffix(".0") in row[2].split()
    assert row[3] == knob.metadata["help"]


@pytest.mark.parametrize("table", sorted(tables.COLUMNS))
def test_every_column_is_explained(table):
    section = README[README.index(f"**`{table}.csv`**"):].split("\n**`")[0]
    for column in tables.COLUMNS[table]:
        assert f"`{column}`" in section, column


@pytest.mark.parametrize(("reason", "words"), [
    *NUMBER_REASONS.items(), *PAGE_REASONS.items(), *INK_FATES.items()])
def test_every_reason_is_explained(reason, words):
    assert [f"`{reason}`", words] in list(rows())


def test_every_exit_code_is_explained():
    kinds = {kind.exit_code for kind in vars(errors).values()
             if isinstance(kind, type) and issubclass(kind, errors.ScanprocError)}
    explained = {code for row in rows() for code in re.findall(r"^\d+(?:, \d+)?$", row[0])}
    assert {str(code) for code in kinds | {0}} | {"130, 143"} <= explained
