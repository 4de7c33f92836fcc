"""A page that breaks its worker costs that page and no other; no worker outlives its work.

The real command reads 100 real pages, of which a saboteur spoils some; what stands in the CSV
of the others is what an undisturbed run writes, byte for byte.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from processes import environment, reached, session

COMMAND = Path(__file__).parent.parent / "faults" / "command.py"
CSV = ("digits.csv", "numbers.csv", "pages.csv")
BOOK, SHEETS = 60, 40
BAD = {  # fault -> its pages, as a row of the CSV begins with them
    "segfault": ("book.tif,7,", "book.tif,23,", "sheet17.png,1,"),
    "killed": ("book.tif,31,",), "killed_once": ("book.tif,31,",),
    "hungry": ("book.tif,44,", "sheet03.png,1,"),
    "sleeps": ("book.tif,12,", "sheet01.png,1,", "sheet05.png,1,"),
    "busy": ("book.tif,12,", "sheet01.png,1,", "sheet05.png,1,")}
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="promised on Linux only")


def drawn(number):
    """A small page with a number, (80, 200) gray."""
    page = Image.new("L", (200, 80), 255)
    ImageDraw.Draw(page).text((20, 10), str(number), fill=0, font_size=50)
    return page


@pytest.fixture(scope="module")
def hundred(tmp_path_factory):
    """A folder with 100 pages: a book of 60, and 40 sheets; each says which faults it has where."""
    folder = tmp_path_factory.mktemp("pages")
    book = [drawn(100 + page) for page in range(BOOK)]
    book[0].save(folder / "book.tif", save_all=True, append_images=book[1:])
    for sheet in range(SHEETS):
        drawn(200 + sheet).save(folder / f"sheet{sheet:02}.png")
    for file in folder.iterdir():
        with file.open("ab") as scan:
            for fault, bad in BAD.items():
                pages = [row.split(",")[1] for row in bad if row.startswith(file.name)]
                scan.write(f"\n{fault} {' '.join(pages)}\n".encode())
    return folder


@pytest.fixture(scope="module")
def undisturbed(hundred, tmp_path_factory):
    """The CSV of a run in which nothing happens."""
    command = Command(hundred, tmp_path_factory.mktemp("undisturbed") / "out", "none")
    assert command.ended() == 0
    return command.csv()


class Command:
    """The real command at work in a session of its own, sabotaged by `fault`."""

    def __init__(self, scans, out, fault, *options, **variables):
        self.out = out
        self.book = out.with_suffix(".book")
        self.process = subprocess.Popen(
            [sys.executable, COMMAND, "pages", "run", scans, "--out", out, *map(str, options)],
            env=environment(FAULT=fault, BOOK=str(self.book), **variables), text=True,
            start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def ended(self, seconds=60):
        """The exit code. Nothing is left running, and nothing but the summary was said."""
        try:
            stdout, stderr = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise
        assert stdout == "" and stderr.count("\n") == 1, stderr
        assert reached(lambda: not session(self.process.pid), 1)
        return self.process.returncode

    def csv(self):
        """{name: lines of the file}."""
        return {name: (self.out / name).read_bytes().splitlines() for name in CSV}

    def noted(self):
        """What the workers began and ended: (event, page, process, seconds)."""
        if not self.book.exists():
            return []
        lines = map(str.split, self.book.read_text().splitlines())
        return [(event, int(page), int(pid), float(at)) for event, page, pid, at in lines]

    def spoilt(self):
        """The processes that met a bad page, with the second."""
        return [(pid, at) for event, _, pid, at in self.noted() if event == "bad"]


def but(csv, *bad):
    """The lines of the CSV without those of bad pages."""
    return {name: [line for line in lines if not line.startswith(tuple(map(str.encode, bad)))]
            for name, lines in csv.items()}


def rows(csv, *bad):
    """The lines of pages.csv of bad pages, after the file and the page."""
    return [line.decode().removeprefix(page) for page in bad for line in csv["pages.csv"]
            if line.startswith(page.encode())]


def others_are_untouched(command, undisturbed, fault):
    """The rows of the bad pages, after all other lines are found as in the undisturbed run."""
    found, bad = command.csv(), BAD[fault]
    assert but(found, *bad) == but(undisturbed, *bad)
    assert len(found["pages.csv"]) == 1 + BOOK + SHEETS
    assert len(rows(found, *bad)) == len(bad)
    return rows(found, *bad)


@LINUX
def test_a_page_that_crashes_a_decoder_costs_one_page(hundred, undisturbed, tmp_path, promise,
                                                      large):
    counts = [1 + run % 8 for run in range(20)] if large else [1, 8]
    for run, jobs in enumerate(counts):
        command = Command(hundred, tmp_path / f"out{run}", "segfault", "--jobs", jobs)
        assert command.ended() == 1
        for row in others_are_untouched(command, undisturbed, "segfault"):
            assert row.startswith("crashed,crashed: ") and "Segmentation fault" in row
    promise("a page that crashes a decoder costs one page",
            f"SIGSEGV on 3 of 100 pages, {min(counts)} to {max(counts)} workers: 97 read as "
            f"undisturbed, those 3 crashed by name, {len(counts)} of {len(counts)}")


@LINUX
def test_a_worker_killed_by_the_system_costs_one_page(hundred, undisturbed, tmp_path, promise,
                                                      large):
    repeats = 20 if large else 1
    for run in range(repeats):
        command = Command(hundred, tmp_path / f"out{run}", "killed", "--jobs", 4)
        assert command.ended() == 1
        row, = others_are_untouched(command, undisturbed, "killed")
        assert row.startswith("crashed,") and "killed twice, probably because memory" in row
        assert beside_the_last(command) == set()
        marker = tmp_path / f"marker{run}"
        unlucky = Command(hundred, tmp_path / f"unlucky{run}", "killed_once", "--jobs", 4,
                          MARKER=str(marker))
        assert unlucky.ended() == 0 and marker.exists()
        assert unlucky.csv() == undisturbed
    promise("a worker killed by the system",
            f"tried once more with nothing beside it, then crashed; the other 99 byte-identical, "
            f"{repeats} of {repeats}; killed once only: all 100 identical")


def beside_the_last(command):
    """Workers that were reading when the last bad page was begun, beside its own."""
    at_work = set()
    beside = None
    for event, _, pid, _ in command.noted():
        if event == "end":
            at_work.discard(pid)
        elif event == "begin":
            at_work.add(pid)
        else:
            at_work.discard(pid)  # it dies here
            beside = set(at_work)
    return beside


@LINUX
def test_a_page_beyond_its_memory_costs_one_page(hundred, undisturbed, tmp_path, promise):
    command = Command(hundred, tmp_path / "out", "hungry", "--page-memory-mb", 300)
    assert command.ended() == 1
    for row in others_are_untouched(command, undisturbed, "hungry"):
        assert row.startswith("refused,too_large: ") and "page_memory_mb = 300 " in row
    promise("a page that takes more than its memory",
            "2 of 100 pages really allocate past 300 MB: refused, naming the setting; the other "
            "98 byte-identical")


@LINUX
@pytest.mark.parametrize("fault", ["sleeps", "busy"])
def test_a_page_that_never_ends_is_cut(hundred, undisturbed, tmp_path, promise, large, fault):
    limit_s, repeats, longest = 3, 20 if large else 1, 0
    for run in range(repeats):
        command = Command(hundred, tmp_path / f"out{run}", fault, "--page-timeout-s", limit_s,
                          "--jobs", 4)
        held = {}
        while command.process.poll() is None:
            alive = session(command.process.pid)
            held |= {pid: time.monotonic() - at for pid, at in command.spoilt() if pid in alive}
            time.sleep(0.02)
        longest = max(longest, *held.values())
        assert command.ended() == 1
        for row in others_are_untouched(command, undisturbed, fault):
            assert row.startswith("timeout,timeout: ") and "page_timeout_s = 3 " in row
        assert len(held) == 4  # the page of the book once among its neighbours, once alone
    assert longest < limit_s + 2
    promise(f"a page that never ends is cut ({fault})",
            f"3 of 100 pages, limit {limit_s} s: cut after {longest:.2f} s at most, timeout; the "
            f"other 97 byte-identical, no process left, {repeats} of {repeats}")


@LINUX
@pytest.mark.parametrize("fault", ["sleeps", "busy"])
def test_the_parent_is_killed_alone(hundred, undisturbed, tmp_path, promise, large, fault):
    repeats, longest = 10 if large else 1, 0
    for run in range(repeats):
        command = Command(hundred, tmp_path / f"out{run}", fault, "--jobs", 3)
        assert reached(lambda made=command: len(made.spoilt()) == 3, 60)
        command.process.kill()
        began = time.monotonic()
        command.process.wait()  # and not for its streams, which the others hold
        assert reached(lambda made=command: not session(made.process.pid), 5)
        longest = max(longest, time.monotonic() - began)
        command.process.communicate()
        again = Command(hundred, command.out, "none")
        assert again.ended() == 0 and again.csv() == undisturbed
    promise(f"the parent is killed alone ({fault})",
            f"3 workers busy, none alive {longest:.1f} s later, {repeats} of {repeats}; run again: "
            "the undisturbed CSV")
