"""How the points, commas and dashes of drawn numbers are told.

    python tests/marks.py DRAWN [DRAWN ...]

DRAWN as `samples/forms/draw.py` fills it. Of the numbers whose digits are read right: what their
marks are, and with which they are given, without review and for review. A mark behind a number
changes none, and is not asked for.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory


def main(folders: list[Path]) -> None:
    """Print the table."""
    counts = Counter(pair for folder in folders for pair in compared(folder))
    print(f"{'marks':24}{'numbers':>9}{'given right':>13}{'given wrong':>13}{'review':>9}")
    for kind in sorted({kind for kind, _ in counts}):
        fates = [counts[kind, fate] for fate in ("right", "wrong", "review")]
        print(f"{kind:24}{sum(fates):9}" + "".join(
            f"{fate:{wide}}" for fate, wide in zip(fates, (13, 13, 9), strict=True)))


def compared(folder: Path) -> Iterator[tuple[str, str]]:
    """(what marks a number has, what became of it) for each number read right."""
    marks = {(row["file"], int(row["number"])): row["marks"].split()
             for row in rows(folder / "marks.csv")}
    true = defaultdict(list)
    for row in rows(folder / "truth.csv"):
        if row["score"] == "numbers":
            for number, text in enumerate(row["text"].replace("|", " ").split(), 1):
                true[row["file"], text].append(" ".join(
                    mark for mark in marks.get((row["file"], number), ())
                    if int(mark[:-1]) < len(text)))
    for row in read(folder):
        if left := true[row["file"], row["text"]]:
            wanted = row["marks"] if row["marks"] in left else left[0]
            left.remove(wanted)
            yield kind_of(wanted), ("review" if row["review"] == "1"
                                    else "right" if row["marks"] == wanted else "wrong")


def kind_of(marks: str) -> str:
    """The signs without their places."""
    return " ".join(sorted(mark[-1] if mark[0] != "0" else f"{mark[-1]} in front"
                           for mark in marks.split())) or "none"


def read(folder: Path) -> list[dict[str, str]]:
    """The rows of numbers.csv."""
    with TemporaryDirectory() as out:
        subprocess.run([sys.executable, "-m", "scanproc", "run", str(folder), "--out", out],
                       check=True, capture_output=True)
        return rows(Path(out, "numbers.csv"))


def rows(file: Path) -> list[dict[str, str]]:
    """Of a CSV."""
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


if __name__ == "__main__":
    main([Path(folder) for folder in sys.argv[1:]])
