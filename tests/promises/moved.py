"""Files that go away when they are done with: killed anywhere, nothing is lost or read twice."""

import csv
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from io import BytesIO
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import fakes
import pytest
from PIL import Image, ImageDraw
from processes import environment

from scanproc.batch import run, status
from scanproc.settings import Settings

FAULTS = Path(__file__).parent.parent / "faults"
CSV = ("digits.csv", "numbers.csv", "pages.csv")


class Desk:
    """A folder of scans, the one that they are read into, and the two that they are moved to."""

    def __init__(self, folder, targets):
        self.scans, self.out = folder / "scans", folder / "out"
        self.done, self.refused = targets / "done", targets / "refused"
        self.scans.mkdir()

    def clear(self):
        """Everything as it was in the beginning."""
        for folder in (self.scans, self.out, self.done, self.refused):
            shutil.rmtree(folder, ignore_errors=True)
        self.scans.mkdir()

    def run(self):
        """A run in this process, with the road of `fakes`."""
        return run.run([self.scans], self.out, Settings(move_done=str(self.done),
                                                        move_refused=str(self.refused)))

    def command(self, *program, kill_after=None):
        """The exit code of a process of its own, killed with its children after some seconds."""
        words = (*program, "run", self.scans, "--out", self.out, "--move-done", self.done,
                 "--move-refused", self.refused, "--jobs", "2")
        with subprocess.Popen([sys.executable, *map(str, words)], env=environment(),
                              stderr=subprocess.PIPE, start_new_session=True) as process:
            try:
                process.communicate(timeout=kill_after or 300)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
            return process.returncode

    def rows(self):
        """pages.csv."""
        with (self.out / "pages.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def files(self):
        """Hashes of the files in both targets, of those that are no text of ours."""
        return Counter(digest(path) for folder in (self.done, self.refused)
                       for path in folder.rglob("*") if path.is_file() and path.suffix != ".txt")


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def contents(*folders):
    """Bytes of all files in the folders, by folder and path."""
    return {(folder.name, path.relative_to(folder)): path.read_bytes() for folder in folders
            for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(params=["one disk", "two disks"])
def desk(request, office, tmp_path):
    """A desk whose targets lie on the same file system as the scans, or on another one."""
    if request.param == "one disk":
        (tmp_path / "desk").mkdir()
        yield Desk(tmp_path / "desk", tmp_path)
        return
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system")
    with TemporaryDirectory(dir=memory) as folder:
        (tmp_path / "desk").mkdir()
        yield Desk(tmp_path / "desk", Path(folder))


def test_killed_at_every_step_of_moving(desk, request, large, promise):
    """A file that is read, one that is refused, one with the bytes of the first; and, as soon as
    the name of the first is free, a new scan under it.
    """
    def lay():
        desk.clear()
        fakes.scan(desk.scans / "a.pdf", "read 12", "blank")
        fakes.scan(desk.scans / "sub" / "b.pdf", "read 34", "refused damaged")
        shutil.copy(desk.scans / "a.pdf", desk.scans / "z.pdf")

    def finish():
        if (desk.scans / "a.pdf").exists():
            desk.run()
        fakes.scan(desk.scans / "a.pdf", "read 56")
        desk.run()
        known = status.status(desk.out, Settings())
        return (contents(desk.scans, desk.done, desk.refused), known["files"], known["vanished"],
                [(desk.out / name).read_bytes() for name in CSV])
    lay()
    scans = Counter(contents(desk.scans).values())
    expected = finish()
    assert expected[1]["moved"] == 4
    kills = 0
    stride = 1 if large or "one" in request.node.name else 4
    for step in count(random.randint(1, stride), stride):
        lay()
        ended = desk.command(FAULTS / "killed_moving.py", step)
        if ended == 1:
            break  # the end came first
        assert ended == -signal.SIGKILL
        kills += 1
        left = Counter(contents(desk.scans, desk.done, desk.refused).values())
        assert scans - left == Counter(), f"lost at step {step}"
        assert finish() == expected, f"killed at step {step}"
    assert step > 30
    promise("a kill between recording and moving loses nothing",
            f"killed at {kills} of {step} steps, {request.node.callspec.id}: 0 files lost, all "
            "moved by the next run, folders and CSV identical")


class Scanner:
    """Starts again at SCAN0001 every morning, and never writes over a file that is there.

    draw: a number -> the bytes of a sheet. scanned: name and sha256 of every file so far.
    """

    def __init__(self, folder, draw, chance):
        self._folder, self._draw, self._chance = folder, draw, chance
        self._sheets, self._kept = count(1), []
        self.scanned = []

    def morning(self, day):
        """A few new sheets; now and then one that cannot be read, and one that is scanned again."""
        sheets = [self._draw(next(self._sheets)) for _ in range(self._chance.randint(1, 4))]
        if self._chance.random() < 0.3:
            sheets.append(b"%PDF-1.4\nrefused damaged " + str(day).encode())
        if self._kept and self._chance.random() < 0.4:
            sheets.append(self._chance.choice(self._kept))
        self._chance.shuffle(sheets)
        for data in sheets:
            places = (self._folder / f"SCAN{at:04}.png" for at in count(1))
            path = next(path for path in places if not path.exists())
            path.write_bytes(data)
            os.utime(path, (day * 86_400, day * 86_400))
            self.scanned.append((path.name, hashlib.sha256(data).hexdigest()))
        self._kept += sheets


def draw(number):
    """A sheet with a number on it, for the road of `fakes`."""
    return fakes.MAGIC + f"read {number}".encode()


def draw_image(number):
    """A sheet with a number on it."""
    image, data = Image.new("L", (400, 120), 255), BytesIO()
    ImageDraw.Draw(image).text((30, 20), str(number), fill=0, font_size=60)
    image.save(data, "png")
    return data.getvalue()


def nights(desk, scanner, chance, days, *program):
    """A morning and a night for each day; how many runs were killed. The last one was not."""
    kills, longest = 0, 1.0
    for day in range(1, days + 1):
        scanner.morning(day)
        if chance.random() < 0.6:
            kills += desk.command(*program, kill_after=chance.uniform(0, longest)) < 0
            if chance.random() < 0.5:
                continue  # nobody looked after it before the next morning
        began = time.monotonic()
        assert desk.command(*program) in (0, 1)
        longest = time.monotonic() - began
    assert desk.command(*program) in (0, 1)
    return kills


@pytest.mark.parametrize("desk", ["one disk"], indirect=True)
@pytest.mark.parametrize("road", ["quick", "real"])
def test_a_scanner_that_starts_again_every_morning(desk, road, large, promise):
    """Counted by their sha256: every scan has its row, one reading, and its file in a target."""
    if road == "real" and not large:
        pytest.skip("only with --large")
    seed = random.randrange(1_000_000)
    chance = random.Random(seed)
    days = 300 if large and road == "quick" else 30
    scanner = Scanner(desk.scans, draw if road == "quick" else draw_image, chance)
    program = [FAULTS / "quick.py"] if road == "quick" else ["-m", "scanproc"]
    kills = nights(desk, scanner, chance, days, *program)
    rows = desk.rows()
    given = Counter(row["sha256"] for row in rows if row["status"] != "duplicate")
    scanned = Counter(sha256 for _, sha256 in scanner.scanned)
    named = Counter(sha256 for _, sha256 in set(scanner.scanned))
    assert given == dict.fromkeys(scanned, 1), seed
    assert Counter(row["sha256"] for row in rows) == named, seed
    assert desk.files() == scanned and contents(desk.scans) == {}, seed
    assert kills, "no kill hit a run at work"
    promise("a scanner that starts again at SCAN0001 every morning loses and doubles nothing",
            f"{days} mornings, {len(scanner.scanned)} scans of {len(scanned)} sheets, {kills} runs "
            f"killed ({road}): each sheet given once, {len(scanner.scanned)} files moved, 0 lost")
