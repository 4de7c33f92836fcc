"""SECURITY.md names the test of every promise, and every room of promises is named there."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
NAMED = set(re.findall(r"`(tests/promises/\w+\.py)`", (ROOT / "SECURITY.md").read_text("utf-8")))


def test_every_test_that_is_named_exists():
    assert len(NAMED) > 10
    assert [name for name in sorted(NAMED) if not (ROOT / name).is_file()] == []


def test_every_room_of_promises_is_named():
    rooms = {f"tests/promises/{room.name}" for room in (ROOT / "tests" / "promises").glob("*.py")}
    assert rooms - {"tests/promises/__init__.py"} <= NAMED


def test_every_room_of_promises_is_gathered():
    gathered = (ROOT / "tests" / "test_promises.py").read_text("utf-8")
    for name in NAMED:
        assert f"from promises.{Path(name).stem} import *" in gathered, name


def test_no_two_rooms_have_a_fixture_of_one_name():
    """`test_promises.py` gathers them all, and the last one would hold."""
    names = [name for room in sorted((ROOT / "tests" / "promises").glob("*.py"))
             for name in re.findall(r"@pytest\.fixture.*\ndef (\w+)", room.read_text("utf-8"))]
    assert len(names) > 10 and len(names) == len(set(names))
