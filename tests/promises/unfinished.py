"""A file that somebody is still writing to is left for the next run."""

import csv
import hashlib
import io
import itertools
import os
import random
import subprocess
import sys
import threading
import time

from PIL import Image, ImageDraw

STILL_S = 2.0
PAUSE_S = 0.1  # a slow scanner: between two pieces of a file


def document(*texts, kind="TIFF"):
    """The bytes of a file with a page for each text."""
    pages = []
    for text in texts:
        pages.append(Image.new("L", (400, 120), 255))
        ImageDraw.Draw(pages[-1]).text((30, 20), text, fill=0, font_size=60)
    stream = io.BytesIO()
    more = {"save_all": True, "append_images": pages[1:]} if kind != "PNG" else {}
    pages[0].save(stream, kind, **more)
    return stream.getvalue()


class Scanner(threading.Thread):
    """Does the next step of each of its works, again and again, until it is told to finish."""

    def __init__(self, *works):
        super().__init__(daemon=True)
        self._works = works
        self._done = threading.Event()

    def run(self):
        for step in itertools.count():
            for work in self._works:
                work(step)
            if self._done.wait(PAUSE_S):
                return

    def finish(self):
        self._done.set()
        self.join()


def growing(path, data, chance):
    """A file that comes in pieces; from page to page it looks whole."""
    cuts = sorted(chance.sample(range(1, len(data)), 400))
    path.write_bytes(data[:cuts[0]])

    def work(step):
        step %= len(cuts) - 1
        with path.open("r+b") as file:
            file.truncate(cuts[step])
            file.seek(cuts[step])
            file.write(data[cuts[step]:cuts[step + 1]])
    return work


def replaced(path, versions):
    """A file in whose place another one is put, whole, at every step."""
    def work(step):
        beside = path.with_name(".coming")
        beside.write_bytes(versions[step % 2])
        beside.replace(path)
    work(0)
    return work


def truncated(path, data):
    """A file that was whole, is cut, and written anew."""
    path.write_bytes(data)
    return lambda step: path.write_bytes(data[:len(data) // (step % 3 + 2)])


def woken(path, data, out):
    """An old, whole file that is written to as soon as the run has listed it."""
    path.write_bytes(data)

    def work(step):
        if (out / "scanproc.db").exists():
            path.write_bytes(data[:(2 * len(data) // 3) + step])
    return work


def deleted(path, data, out):
    """A file that goes while the run is at work."""
    path.write_bytes(data)
    return lambda step: (out / "scanproc.db").exists() and path.unlink(missing_ok=True)


def scanproc(scans, out, still_s=STILL_S):
    done = subprocess.run(
        [sys.executable, "-m", "scanproc", "run", scans, "--out", out, "--still-s", str(still_s)],
        check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 1), done.stderr
    return done


def pages(out):
    """pages.csv by file: its rows."""
    found = {}
    for row in csv.DictReader(io.StringIO((out / "pages.csv").read_bytes().decode(), newline="")):
        found.setdefault(row["file"], []).append(row)
    return found


def digest(data):
    return hashlib.sha256(data).hexdigest()


def written_while_read(folder, chance):
    """One run beside a scanner and one after it. Returns how many readings were from parts."""
    scans, out = folder / "scans", folder / "out"
    scans.mkdir(parents=True)
    numbers = iter(chance.sample(range(10**5, 10**6), 40))
    whole = {name: document(*(str(next(numbers)) for _ in range(2)), kind=kind) for name, kind in (
        ("grows.tif", "TIFF"), ("grows.pdf", "PDF"), ("replaced.tif", "TIFF"),
        ("truncated.tif", "TIFF"), ("woken.tif", "TIFF"), ("deleted.tif", "TIFF"),
        ("old.tif", "TIFF"), ("lies.tif", "TIFF"), ("now.tif", "TIFF"))}
    whole["grows.png"] = document(str(next(numbers)), kind="PNG")
    other = document(str(next(numbers)))
    (scans / "old.tif").write_bytes(whole["old.tif"])
    works = [woken(scans / "woken.tif", whole["woken.tif"], out),
             deleted(scans / "deleted.tif", whole["deleted.tif"], out)]
    time.sleep(STILL_S + 0.1)
    works += [growing(scans / name, whole[name], chance)
              for name in ("grows.tif", "grows.pdf", "grows.png")]
    works += [replaced(scans / "replaced.tif", (whole["replaced.tif"], other)),
              truncated(scans / "truncated.tif", whole["truncated.tif"])]
    for name in ("lies.tif", "now.tif"):
        (scans / name).write_bytes(whole[name])
    os.utime(scans / "lies.tif", (2**32, 2**32))
    scanner = Scanner(*works)
    scanner.start()
    time.sleep(chance.uniform(0, 0.5))
    first = scanproc(scans, out)
    scanner.finish()
    partial = check_first(first, pages(out), whole, {digest(other)})
    for name in whole.keys() - {"deleted.tif"}:
        if (scans / name).read_bytes() != whole[name]:
            (scans / name).write_bytes(whole[name])
    assert scanproc(scans, out).returncode == 0
    scanproc(scans, folder / "fresh", still_s=0)
    assert {name: (out / name).read_bytes() for name in ("numbers.csv", "digits.csv")} == {
        name: (folder / "fresh" / name).read_bytes() for name in ("numbers.csv", "digits.csv")}
    assert pages(out).keys() - {"deleted.tif"} == whole.keys() - {"deleted.tif"}
    return partial


def check_first(done, found, whole, others):
    """What was left is named, what stood still is read. Returns the readings from parts."""
    wholes = {digest(data) for data in whole.values()} | others
    partial = [row for rows in found.values() for row in rows
               if row["status"] in ("read", "blank") and row["sha256"] not in wholes]
    assert not partial, partial
    for name in ("old.tif", "lies.tif", "now.tif"):
        assert [row["status"] for row in found[name]] == ["read"] * 2, name
    left = {"grows.tif", "grows.pdf", "grows.png", "replaced.tif", "truncated.tif", "woken.tif"}
    for name in left:
        assert [(row["status"], row["reason"].partition(":")[0]) for row in found[name]] \
            == [("refused", "changed")], name
        assert "the next run reads it" in found[name][0]["reason"]
    assert done.returncode == 1 and "left for the next run" in done.stderr
    return len(partial)


def test_a_file_still_being_written_is_not_read(promise, large, tmp_path):
    trials = 25 if large else 1
    chance = random.Random(20)
    began = time.monotonic()
    partial = sum(written_while_read(tmp_path / str(trial), chance) for trial in range(trials))
    promise("a file still being written is not read",
            f"{trials} x 7 files that grow, are replaced, cut, deleted during the run: "
            f"{partial} readings from partial bytes, each read by the next run "
            f"({time.monotonic() - began:.0f} s)")
