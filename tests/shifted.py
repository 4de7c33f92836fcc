"""How well real pages are read when each is cropped by a few pixels: what was found out on the
pages as they are is flattered by them, and two readers that differ by less than these do are equal.

    python tests/shifted.py PAGES TRUTH

TRUTH as of `scanproc evaluate`. Prints the mean and the range over four crops.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from scanproc.page.decode import open_scan
from scanproc.settings import Settings

CROPS = (1, 0), (0, 1), (3, 2), (5, 7)  # pixels off the left and off the top
KINDS = "form", "grid", "photo"


def main(pages: Path, truth: Path) -> None:
    """Print the table."""
    with truth.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with TemporaryDirectory() as folder:
        results = [evaluated(pages, rows, crop, Path(folder, str(at)))
                   for at, crop in enumerate(CROPS)]
    print(f"{'kind':8}{'digit error %':>22}{'found %':>22}{'none %':>22}"
          f"{'accepted, right %':>22}{'silent %':>22}{'silent digits %':>22}")
    for kind in (*KINDS, "all"):
        columns = zip(*(list(figures(result, kind)) for result in results), strict=True)
        print(f"{kind:8}" + "".join(
            f"{f'{np.mean(column):.1f} ({min(column):.1f}-{max(column):.1f})':>22}"
            for column in columns))


def evaluated(pages: Path, rows: list[dict[str, str]], crop: tuple[int, int], folder: Path) -> dict:
    """What `scanproc evaluate --json` says of the cropped pages."""
    folder.mkdir()
    with (folder / "truth.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, rows[0])
        table.writeheader()
        for row in rows:
            name = f"{row['file']}-{row['page']}.png"
            write_cropped(pages / row["file"], int(row["page"]), crop, folder / name)
            table.writerow({**row, "file": name, "page": 1})
    said = subprocess.run([sys.executable, "-m", "scanproc", "evaluate", "--pages", str(folder),
                           "--json"], check=True, capture_output=True)
    return json.loads(said.stdout)


def write_cropped(file: Path, number: int, crop: tuple[int, int], out: Path) -> None:
    """A page, upright as its file says, as PNG."""
    with open_scan(file.read_bytes(), Settings()) as scan:
        page = scan.page(number)
    pixels = page.gray if page.colour is None else page.colour
    left, top = crop
    image = Image.fromarray(np.ascontiguousarray(
        np.rot90(pixels, -page.rotation // 90)[top:, left:]))
    image.save(out, **({"dpi": page.dpi} if page.dpi and page.rotation % 180 == 0 else {}))


def figures(result: dict, kind: str) -> Iterator[float]:
    """Percentages of a kind of page, as the columns of the table; nan where there is none."""
    of = result["total"] if kind == "all" else result["kinds"][kind]
    numbers = of["numbers"] or {}
    for share in (of["error_rate"], *(numbers.get(name) for name in (
            "recall", "invented_share", "accepted_right_share", "accepted_wrong_share")),
            of["digits"]["accepted_wrong_share"]):
        yield 100 * share if share is not None else float("nan")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
