"""Images and PDFs that nobody made for this program: those inside the packages that are installed.
"""

from __future__ import annotations

import shutil
import sys
import sysconfig
from collections import Counter
from pathlib import Path

import pypdfium2
import pytest
import tifffile
from timed_run import check_whole, timed_run

KINDS = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".pdf", ".gif", ".jp2", ".heic"}
SMALL, SMALL_BYTES = 25, 100_000


def corpus(large: bool) -> list[Path]:
    """All of them, or some small ones, of every kind that there is."""
    folders = {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib", "stdlib")}
    found = sorted({file for folder in folders for file in folder.rglob("*")
                    if file.suffix.lower() in KINDS and file.is_file()
                    and not file.is_symlink() and not file.name.startswith(".")})
    if large:
        return found
    small = [file for file in found if file.stat().st_size < SMALL_BYTES]
    step = max(1, len(small) // SMALL)
    rare = {file.suffix.lower(): file for file in small}
    return sorted({*small[::step], *rare.values()})


def pages_of(file: Path) -> int:
    """How many pages a file has that can be read; other programs count them here."""
    if file.suffix == ".pdf":
        with pypdfium2.PdfDocument(file) as pdf:
            return len(pdf)
    if file.suffix in (".tif", ".tiff"):
        with tifffile.TiffFile(file) as tiff:
            return len(tiff.pages)
    return 1


@pytest.mark.skipif(sys.platform != "linux", reason="promised on Linux only")
def test_odd_files_never_end_a_run(tmp_path, large, promise):
    scans = tmp_path / "scans"
    scans.mkdir()
    for at, file in enumerate(corpus(large)):
        shutil.copy(file, scans / f"{at:04} {file.name}")
    run = timed_run(scans, tmp_path / "out")
    check_whole(run, scans)
    rows = Counter(row["file"] for row in run.rows)
    counted = {name: pages_of(scans / name) for name in rows}
    assert counted == rows
    promise("odd files never end a run", f"{len(rows)} images and PDFs of the packages installed, "
            f"0 aborted runs, each of {len(run.rows)} pages with a status "
            f"({', '.join(f'{count} {status}' for status, count in run.statuses.items())}); "
            f"at most {run.seconds:.1f} s and {run.peak_mb:.0f} MB")
