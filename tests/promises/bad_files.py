"""A bad file never ends a run: damaged files of every kind through the real command."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from decode_files import image, page_pdf, pages_pdf, pages_tiff, saved
from mutations import mutated
from PIL import Image
from timed_run import check_whole, costliest, timed_run

SAMPLES = Path(__file__).parent.parent.parent / "samples"
WHOLE = ("*.png", "*.jpg", "*.tif", "*.pdf")
WHOLE_ONE_IN = 25  # the others are clippings of them, which take less time
SECONDS, MEGABYTES = 2, 1200
SMALL, BATCH, BATCHES = 500, 1000, 100


@cache
def seeds() -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Clippings of sample pages in every kind of file, and the sample pages: name -> bytes."""
    with Image.open(SAMPLES / "lines.png") as page:
        gray = np.asarray(page.convert("L").crop((80, 100, 660, 420)))
    with Image.open(SAMPLES / "telephone.jpg") as page:
        rgb = np.asarray(page.convert("RGB").crop((60, 120, 560, 420)))
    jpeg = image(rgb.shape[1], rgb.shape[0], saved(rgb, "JPEG"), b"/DeviceRGB",
                 extra=b"/Filter /DCTDecode", deflate=False)
    flat = image(gray.shape[1], gray.shape[0], gray.tobytes())
    clippings = {
        "gray.png": saved(gray, "PNG", dpi=(200, 200)), "palette.png": saved(rgb, "PNG", "P"),
        "bits.png": saved(gray, "PNG", "1"), "rgb.jpg": saved(rgb, "JPEG"),
        "progressive.jpg": saved(rgb, "JPEG", progressive=True),
        "cmyk.jpg": saved(rgb, "JPEG", "CMYK"), "gray.bmp": saved(gray, "BMP"),
        "rgb.webp": saved(rgb, "WEBP"), "gray.gif": saved(gray, "GIF"),
        "fax.tif": pages_tiff([gray] * 3, "1", "group4"),
        "lzw.tif": pages_tiff([rgb] * 2, "RGB", "tiff_lzw"),
        "jpeg.tif": pages_tiff([rgb] * 2, "RGB", "jpeg"), "raw.tif": saved(gray, "TIFF"),
        "photographs.pdf": pages_pdf([jpeg] * 2), "scans.pdf": pages_pdf([flat] * 2),
        "drawn.pdf": page_pdf(b"q 200 0 0 120 0 90 cm /Im Do Q BT /F 20 Tf 9 9 Td (407) Tj ET",
                              b"/XObject << /Im 5 0 R >>", more=[flat]),
    }
    pages = sorted(page for pattern in WHOLE for page in SAMPLES.glob(pattern))
    return clippings, {page.name: page.read_bytes() for page in pages}


def fill(folder: Path, count: int, seed: int) -> None:
    """Writes so many damaged files; the same for the same seed."""
    rng = np.random.default_rng(seed)
    clippings, pages = seeds()
    folder.mkdir()
    for at in range(count):
        source = clippings if at % WHOLE_ONE_IN else pages
        name = list(source)[rng.integers(len(source))]
        (folder / f"{at:06} {name}").write_bytes(mutated(source[name], rng))


@pytest.mark.skipif(sys.platform != "linux", reason="promised on Linux only")
def test_a_bad_file_never_ends_a_run(tmp_path, large, promise):
    statuses, seconds, peak_mb = Counter(), 0.0, 0.0
    batches, size = (BATCHES, BATCH) if large else (1, SMALL)
    for batch in range(batches):
        scans, out = tmp_path / f"scans{batch}", tmp_path / f"out{batch}"
        fill(scans, size, batch)
        run = timed_run(scans, out)
        check_whole(run, scans)
        assert run.seconds <= SECONDS, costliest(run, scans)
        assert run.peak_mb <= MEGABYTES
        statuses += run.statuses
        seconds, peak_mb = max(seconds, run.seconds), max(peak_mb, run.peak_mb)
        shutil.rmtree(scans)
        shutil.rmtree(out)
    found = ", ".join(f"{count:,} {status}" for status, count in statuses.most_common())
    promise("a bad file never ends a run",
            f"{batches * size:,} damaged files, 0 aborted runs, every page with a status "
            f"({found}); at most {seconds:.1f} s and {peak_mb:.0f} MB each")
