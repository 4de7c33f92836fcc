"""Memory is bounded: of the parent whatever the number of pages, of a worker by its cap."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from processes import environment, workers_of

COMMAND = Path(__file__).parent.parent / "faults" / "command.py"
A4_600_DPI = (4960, 7016)
PARENT_MB = 200
PAGE_MB = 1000  # --page-memory-mb; the default is 2000
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="promised on Linux only")


class Watched:
    """A run that is watched while it works. peak: most MB of the parent, workers: of each worker.

    seen: (bytes of the ledger, MB of the parent), again and again.
    """

    def __init__(self, out, *words):
        with subprocess.Popen([sys.executable, *map(str, words), "--out", out], text=True,
                              env=environment(), start_new_session=True,
                              stderr=subprocess.PIPE) as process:
            self.peak, self.workers, self.seen = 0.0, {}, []
            while process.poll() is None:
                self._look(process.pid, out / "scanproc.db")
                try:
                    process.wait(0.05)
                except subprocess.TimeoutExpired:
                    continue
            self.code, self.said = process.returncode, process.stderr.read()

    def _look(self, parent, ledger):
        self.peak = max(self.peak, megabytes(parent, "VmHWM"))
        for pid in workers_of(parent):
            self.workers[pid] = max(self.workers.get(pid, 0), megabytes(pid, "VmHWM"))
        if ledger.exists():
            self.seen.append((ledger.stat().st_size, megabytes(parent, "VmRSS")))

    def slope(self, pages):
        """Bytes by which the parent grew with each page, over the later two thirds of them."""
        whole = self.seen[-1][0]
        at_work = [(size, taken) for size, taken in self.seen if whole / 3 < size < 0.98 * whole]
        (first, before), (last, after) = at_work[0], at_work[-1]
        return (after - before) * 1e6 / (pages * (last - first) / whole)


def megabytes(pid, what):
    """A figure of a process, in MB; 0 if it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) * 1024 / 1e6 for line in status.splitlines()
                 if line.startswith(what)), 0.0)


@pytest.fixture
def a4(tmp_path, samples):
    """A function: how many -> a folder with as many pages of A4 at 600 dpi."""
    def make(count):
        folder = tmp_path / "scans"
        folder.mkdir()
        with Image.open(samples / "boxes.png") as image:
            page = image.convert("L").resize(A4_600_DPI, Image.Resampling.LANCZOS)
        kinds = [tmp_path / "page.jpg", tmp_path / "page.tif", tmp_path / "page.png"]
        page.save(kinds[0], dpi=(600, 600), quality=85)
        page.convert("1", dither=Image.Dither.NONE).save(kinds[1], dpi=(600, 600),
                                                         compression="group4")
        page.save(kinds[2], dpi=(600, 600), compress_level=1)
        for number in range(count):  # many names of three files: 2,000 would take 4 GB
            kind = kinds[number % len(kinds)]
            (folder / f"{number:04}{kind.suffix}").hardlink_to(kind)
        return folder
    return make


@LINUX
def test_memory_is_bounded(a4, tmp_path, promise, large):
    count = 2000 if large else 12
    run = Watched(tmp_path / "out", "-m", "scanproc", "run", a4(count), "--duplicates", "read",
                  "--page-memory-mb", PAGE_MB, "--jobs", 2)
    assert run.code == 0 and run.said.startswith(f"{count} pages read, "), run.said
    assert run.peak < PARENT_MB and max(run.workers.values()) < PAGE_MB
    assert not large or run.slope(count) < 5000
    promise("memory is bounded",
            f"{count:,} pages of A4 at 600 dpi: parent at most {run.peak:.0f} MB"
            + (f", {run.slope(count):.0f} bytes more with each page" if large else "")
            + f"; workers at most {max(run.workers.values()):.0f} MB of {PAGE_MB}")


@LINUX
def test_the_parent_stays_flat(tmp_path, promise, large):
    files = 80 if large else 4
    scans = tmp_path / "scans"
    scans.mkdir()
    for number in range(files):
        (scans / f"{number}.png").write_text(f"250:{' ' * number}")
    run = Watched(tmp_path / "out", COMMAND, "segfault", "run", scans, "--jobs", 2)
    assert run.code == 0 and run.said.startswith(f"{250 * files} pages read, "), run.said
    slope = run.slope(250 * files)
    assert run.peak < PARENT_MB and slope < 1000
    promise("the parent stays flat", f"{250 * files:,} pages in no time: at most {run.peak:.0f} "
            f"MB, {slope:.0f} bytes more with each page")
