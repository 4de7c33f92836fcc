"""Draws forms with exact truth, to measure the reader on.

    python samples/forms/draw.py --out DIR --seed 1 --pages 3 [--mnist MNIST] [--kind office]
    scanproc evaluate --pages DIR

DIR gets the pages, truth.csv, boxes.csv: where each digit stands on the upright page, and
marks.csv: the signs in and before numbers, written as the marks of numbers.csv are.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

sys.path.append(str(Path(__file__).parents[1]))  # the strokes of the plain samples

from boxed import boxed  # noqa: E402
from capture import Picture  # noqa: E402
from loose import photographs  # noqa: E402
from office import office  # noqa: E402
from sheet import Sheet  # noqa: E402
from strings import strings  # noqa: E402
from tables import tables  # noqa: E402
from writer import Pool, mnist  # noqa: E402

Draw = Callable[[np.random.Generator, Pool | None], tuple[str, Sheet, Picture]]
KINDS: dict[str, tuple[Draw, int]] = {  # how a kind is drawn, and how many of it are a page's work
    "office": (office, 1), "boxed": (boxed, 1), "tables": (tables, 1),
    "photographs": (photographs, 1), "strings": (strings, 20)}
TRUTH = ["file", "page", "kind", "score", "n_digits", "text"]
BOXES = ["file", "page", "number", "position", "digit", "left", "top", "width", "height"]
MARKS = ["file", "page", "number", "marks"]
EXIF_ORIENTATION = 0x0112
EXIF_VALUES = {90: 6, 180: 3, 270: 8}  # degrees clockwise that make upright -> the tag's value


def draw(out: Path, kinds: Iterable[str], seed: int, pages: int, pool: Pool | None) -> None:
    """Fills the folder `out`; the same arguments give the same pages."""
    out.mkdir(parents=True, exist_ok=True)
    truth, boxes, marks = [TRUTH], [BOXES], [MARKS]
    for kind in kinds:
        page_of, times = KINDS[kind]
        for at in range(1, pages * times + 1):
            rng = np.random.default_rng([seed, list(KINDS).index(kind), at])
            score, sheet, picture = page_of(rng, pool)
            file = save(picture, out / f"{kind}-{seed}-{at:03}", rng)
            truth.append([file, 1, kind, score, len(picture.boxes), sheet.text])
            boxes += _rows(file, sheet, picture)
            marks += [[file, 1, number + 1, " ".join(f"{after}{sign}" for after, sign in signs)]
                      for number, signs in sheet.signs.items()]
    for name, rows in (("truth.csv", truth), ("boxes.csv", boxes), ("marks.csv", marks)):
        with (out / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)


def save(picture: Picture, stem: Path, rng: np.random.Generator) -> str:
    """Writes black and white as TIFF (Group 4), gray as PNG, colour as JPEG; returns the name."""
    image = Image.fromarray(picture.pixels)
    dpi = {"dpi": (picture.dpi,) * 2} if picture.dpi else {}
    if image.mode == "1":
        image.save(stem.with_suffix(".tif"), compression="group4", **dpi)
        return stem.name + ".tif"
    if image.mode == "L":
        image.save(stem.with_suffix(".png"), **dpi)
        return stem.name + ".png"
    exif = Image.Exif()
    if picture.exif:
        exif[EXIF_ORIENTATION] = EXIF_VALUES[picture.exif]
    image.save(stem.with_suffix(".jpg"), quality=int(rng.integers(70, 93)), exif=exif, **dpi)
    return stem.name + ".jpg"


def _rows(file: str, sheet: Sheet, picture: Picture) -> list[list[str | int]]:
    """The rows of boxes.csv; numbers and positions count from 1, in the truth's order."""
    places = [(number, position, digit)
              for number, text in enumerate(sheet.text.replace("|", " ").split(), 1)
              for position, digit in enumerate(text, 1)]
    return [[file, 1, *place, *box]
            for place, box in zip(places, picture.boxes.tolist(), strict=True)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder to fill")
    parser.add_argument("--mnist", type=Path,
                        help="folder with MNIST: its held-out digits are written, else strokes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pages", type=int, default=1, help="of each kind; strings: 20 times that")
    parser.add_argument("--kind", choices=KINDS, action="append", help="only pages of this kind")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    digits = mnist(options.mnist) if options.mnist else None
    draw(options.out, options.kind or KINDS, options.seed, options.pages, digits)
