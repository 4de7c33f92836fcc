"""Draws the sample pages and their truth again: `python samples/draw.py [--out samples]`."""

from __future__ import annotations

import argparse
import csv
import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

import layouts
from hand import chance, writer
from layouts import Lengths
from paper import Sheet, black_white, scan, smooth, tinted

A5 = (148, 210)
LONG_AGO = time.gmtime(0)  # a PDF bears a date; this one does not change

WIDE: Lengths = [[9, 3, 5], [1, 4, 6, 2], [7, 7], [2, 5, 1, 4], [3, 9, 2], [8, 4], [5, 1, 6],
                 [4, 3, 2, 3]]
SHORT: Lengths = [[4, 6, 3], [9, 5], [1, 2, 5, 4], [7, 3, 6], [2, 8, 4], [5, 1, 3]]
TALLY = [3, 5, 1, 4, 9, 2, 6, 7, 4, 5, 3, 8, 2, 1]


@dataclass(frozen=True)
class Page:
    """A drawn page: what kind it is, the truth of it, and the picture."""

    kind: str
    text: str
    image: Image.Image


def plain(seed: int, sheet: Sheet, lengths: Lengths, thickness: float = 0.08
          ) -> tuple[str, np.random.Generator]:
    """Plain lines by the hand and the chance of a seed."""
    rng = chance(seed + 1000)
    return layouts.lines(sheet, writer(seed, thickness), rng, lengths), rng


def lines() -> list[Page]:
    sheet = Sheet(*A5)
    text, rng = plain(1, sheet, WIDE)
    return [Page("lines", text, Image.fromarray(scan(sheet, rng)))]


def column() -> list[Page]:
    sheet, rng = Sheet(90, 205), chance(1002)
    text = layouts.column(sheet, writer(2, 0.07), rng, TALLY)
    colours = tinted(scan(sheet, rng, ink=40, noise=3), (10, 22, 120), (255, 250, 232))
    return [Page("column", text, Image.fromarray(colours))]


def boxes() -> list[Page]:
    sheet, rng = Sheet(*A5), chance(1003)
    text = layouts.boxes(sheet, writer(3, 0.08), rng)
    return [Page("boxes", text, Image.fromarray(scan(sheet, rng, noise=3)))]


def table() -> list[Page]:
    sheet, rng = Sheet(*A5), chance(1004)
    text = layouts.table(sheet, writer(4, 0.085), rng)
    return [Page("table", text, Image.fromarray(scan(sheet, rng, paper=230, noise=3)))]


def tilted() -> list[Page]:
    sheet = Sheet(*A5, tilt=3.0)
    text, rng = plain(5, sheet, WIDE, 0.09)
    return [Page("tilted", text, Image.fromarray(scan(sheet, rng, ink=40)))]


def telephone() -> list[Page]:
    """Photographed from slightly below: light from the left, the telephone's shadow on it."""
    sheet = Sheet(*A5, dpi=(190, 190), bend=(0.03, -0.06), tilt=-0.7)
    text, rng = plain(6, sheet, WIDE, 0.1)
    down, across = np.mgrid[:30, :21]
    shadow = np.clip((down - 13) * 20, 0, 60) * np.clip(across * 2 + down - 36, 0, 4) // 4
    spots = (250 - 4 * across - 2 * down - shadow).astype(np.uint8)
    light = smooth(spots, sheet.layers["pen"].shape)
    gray = scan(sheet, rng, paper=240, ink=50, noise=9, light=light)
    return [Page("photo", text, Image.fromarray(tinted(gray, (12, 10, 20), (255, 246, 226))))]


def pencil() -> list[Page]:
    sheet = Sheet(*A5)
    text, rng = plain(7, sheet, WIDE, 0.075)
    gray = scan(sheet, rng, paper=222, ink=146, grain=150, noise=4)
    return [Page("pencil", text, Image.fromarray(gray))]


def fax() -> list[Page]:
    """Three pages by three people, at the resolution of a fax."""
    pages = []
    for seed, lengths in ((8, WIDE + SHORT), (9, SHORT + WIDE[:4]), (10, WIDE)):
        sheet = Sheet(210, 297, dpi=(204, 196), tilt=(seed - 9) * 0.4)
        text, rng = plain(seed, sheet, lengths, 0.085)
        gray = scan(sheet, rng, noise=14)
        pages.append(Page("fax", text, Image.fromarray(black_white(gray))))
    return pages


def scans() -> list[Page]:
    """Two pages out of an office scanner, one gray and one black and white."""
    sheet = Sheet(*A5, tilt=0.5)
    text, rng = plain(11, sheet, WIDE)
    gray = Page("pdf", text, Image.fromarray(scan(sheet, rng)))
    sheet = Sheet(*A5, tilt=-0.6)
    text, rng = plain(12, sheet, SHORT, 0.095)
    return [gray, Page("pdf", text, Image.fromarray(black_white(scan(sheet, rng, noise=10))))]


def march() -> list[Page]:
    sheet = Sheet(*A5, dpi=(300, 300), tilt=-0.8)
    text, rng = plain(13, sheet, WIDE, 0.07)
    return [Page("lines", text, Image.fromarray(black_white(scan(sheet, rng, noise=10))))]


def printed() -> list[Page]:
    sheet = Sheet(*A5)
    text = layouts.notice(sheet)
    return [Page("print", text, Image.fromarray(scan(sheet, chance(1014), noise=3)))]


def blank() -> list[Page]:
    sheet, rng = Sheet(*A5), chance(1015)
    text = layouts.dust(sheet, rng)
    return [Page("blank", text, Image.fromarray(scan(sheet, rng, paper=231, noise=4)))]


FILES: dict[str, Callable[[], list[Page]]] = {
    "archive/2024/march.png": march,
    "blank.png": blank,
    "boxes.png": boxes,
    "column.png": column,
    "fax.tif": fax,
    "lines.png": lines,
    "pencil.png": pencil,
    "print.png": printed,
    "scans.pdf": scans,
    "table.png": table,
    "telephone.jpg": telephone,
    "tilted.png": tilted,
}
DPI = {"archive/2024/march.png": (300, 300), "fax.tif": (204, 196), "telephone.jpg": (72, 72)}
WRITING = {
    ".png": {},
    ".jpg": {"quality": 80},
    ".tif": {"compression": "group4", "save_all": True},
    ".pdf": {"save_all": True, "creationDate": LONG_AGO, "modDate": LONG_AGO},
}


def save(pages: list[Page], path: Path, dpi: tuple[int, int]) -> None:
    """Writes the pages as one file of the kind that its name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    first, *others = [page.image for page in pages]
    more = {"append_images": others} if others else {}
    first.save(path, dpi=dpi, **WRITING[path.suffix], **more)


def damage(whole: Path, damaged: Path) -> None:
    """The first part of a file, as if the copying had been cut off."""
    damaged.write_bytes(whole.read_bytes()[:20_000])


def draw(out: Path) -> None:
    """Draws every sample file and truth.csv into the folder `out`."""
    rows = [["file", "page", "kind", "score", "text"]]
    for name, pages_of in FILES.items():
        pages = pages_of()
        save(pages, out / name, DPI.get(name, (200, 200)))
        rows += [[name, str(number), page.kind, "numbers", page.text]
                 for number, page in enumerate(pages, 1)]
    damage(out / "lines.png", out / "damaged.png")
    sheet = io.StringIO()
    csv.writer(sheet, lineterminator="\n").writerows(rows)
    (out / "truth.csv").write_text(sheet.getvalue(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder to fill")
    draw(parser.parse_args().out)
