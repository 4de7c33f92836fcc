"""How long reading takes, measured against decoding alone, on one thread, best of five.

    python tests/speed.py

Two pages of A4 in gray at 300 dpi, as PNG, drawn by samples/forms: 50 digits in boxes without any
print, which may cost three times their decoding, and a page full of print, which may cost six.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # read as numpy is imported
SAMPLES = Path(__file__).parents[1] / "samples"
sys.path[:0] = [str(SAMPLES / "forms"), str(SAMPLES)]

import blocks  # noqa: E402
import cv2  # noqa: E402
import numpy as np  # noqa: E402
from capture import BLACK, scan  # noqa: E402
from PIL import Image  # noqa: E402
from sheet import Sheet  # noqa: E402
from writer import Writer  # noqa: E402
from writing import in_box  # noqa: E402

from scanproc.page.classify import Network, load  # noqa: E402
from scanproc.page.decode import open_scan  # noqa: E402
from scanproc.page.read import read_page  # noqa: E402
from scanproc.settings import Settings  # noqa: E402

TIMES = 5


def boxes() -> bytes:
    """Ten combs of five boxes with a digit in each, and no print."""
    sheet = Sheet(210, 297, 300, np.random.default_rng(1))
    writer = Writer.of(sheet.rng, None)
    for comb in range(10):
        left, top = 25 + comb % 2 * 90, 30 + comb // 2 * 40
        sheet.line()
        sheet.number()
        for box, digit in enumerate(map(str, sheet.rng.integers(0, 10, 5))):
            sheet.box(left + box * 9, top, 9, 11, 0.3)
            in_box(sheet, writer, digit, left + box * 9, top, 9, 11)
    return _png(sheet)


def full_print() -> bytes:
    """Text and tables of figures down to the foot."""
    sheet = Sheet(210, 297, 300, np.random.default_rng(2))
    style, top = blocks.Style(18, 9.5, "DejaVuSerif", "DejaVuSerif-Bold"), 15.0
    while top < 200:
        for block in (blocks.paragraph, blocks.paragraph, blocks.figures):
            top = block(sheet, style, top)
    return _png(sheet)


def _png(sheet: Sheet) -> bytes:
    file = io.BytesIO()
    Image.fromarray(scan(sheet, 0.3, BLACK).pixels).save(file, "PNG", dpi=(300, 300))
    return file.getvalue()


def measure(name: str, data: bytes, allowed: int, network: Network) -> str:
    """A line of the table."""
    def decode():
        with open_scan(data, Settings()) as opened:
            return opened.page(1)

    alone = _best(decode)
    whole = _best(lambda: read_page(decode(), 1, network))
    return f"{name:<32}{alone:9.0f}{whole:9.0f}{whole / alone:9.1f}{allowed:9}"


def _best(work: Callable[[], object]) -> float:
    """Milliseconds of the fastest of some runs, after one that does not count."""
    taken = []
    for _ in range(TIMES + 1):
        start = perf_counter()
        work()
        taken.append(1000 * (perf_counter() - start))
    return min(taken[1:])


if __name__ == "__main__":
    cv2.setNumThreads(1)
    shipped = load(SAMPLES.parent / "models" / "digits.npz")
    print(f"{'A4, 300 dpi, gray PNG':<32}{'decode':>9}{'read':>9}{'ratio':>9}{'allowed':>9}")
    print(measure("50 digits in boxes, no print", boxes(), 3, shipped))
    print(measure("full of print", full_print(), 6, shipped))
