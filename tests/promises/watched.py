"""A watch that is left alone: slow writers, stops, kills, a full disk, and many, many polls."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from processes import session

CSV = ("digits.csv", "numbers.csv", "pages.csv")
SCANS = 5
PATIENCE_S = 60  # of this test on a busy machine; what is promised is asserted apart


def draw(file, text):
    image = Image.new("L", (500, 120), 255)
    ImageDraw.Draw(image).text((30, 20), text, fill=0, font_size=60)
    image.save(file, "PNG")


def command(*words):
    return [sys.executable, "-m", "scanproc", *map(str, words)]


@contextmanager
def watching(scans, out, *words, every=0.3):
    """A watch that has begun, alone in its session; it is killed in the end."""
    arguments = command("watch", scans, "--out", out, "--every", every, "--jobs", 1, *words)
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          start_new_session=True) as process:
        try:
            assert process.stderr.readline() == f"watching every {every:g} s\n"
            yield process
        finally:
            process.kill()


def until(true):
    """Waits for something to become true, and gives it."""
    patience = time.monotonic() + PATIENCE_S
    while not (value := true()):
        assert time.monotonic() < patience, "waited in vain"
        time.sleep(0.02)
    return value


def events(log, *names):
    """(event, file) of the lines of these events."""
    lines = log.read_text().splitlines() if log.exists() else []
    told = [json.loads(line) for line in lines]
    return [(event["event"], event.get("file")) for event in told
            if not names or event["event"] in names]


def settled(log, count):
    """Whether as many files as this were told of, and the run that read the last of them ended."""
    told = events(log)
    return len({file for _, file in told if file}) == count and told[-1][0] == "ended"


def complete(out):
    """Whether the CSV that is written last holds a row for every scan."""
    pages = out / "pages.csv"
    return pages.exists() and pages.read_text().count("\n") == SCANS + 1


def csv(out):
    return {name: (out / name).read_bytes() for name in CSV}


@pytest.fixture(scope="module")
def dropped(tmp_path_factory):
    """A folder of scans, and their CSV as an undisturbed run writes it."""
    place = tmp_path_factory.mktemp("dropped")
    (place / "scans").mkdir()
    for at in range(SCANS):
        draw(place / "scans" / f"{at}.png", f"{at}23 4{at}6")
    subprocess.run(command("run", place / "scans", "--out", place / "out"), check=True,
                   capture_output=True)
    return place / "scans", csv(place / "out")


def write_slowly(file, data, pieces, pause_s=0.1):
    """As a scanner does over the network; gives when the last byte was there."""
    with file.open("wb", buffering=0) as stream:
        for at in range(pieces):
            stream.write(data[len(data) * at // pieces:len(data) * (at + 1) // pieces])
            time.sleep(pause_s)
    return time.monotonic()


def test_a_watch_reads_no_file_in_part(tmp_path, promise, large):
    times = 20 if large else 2
    scans, log = tmp_path / "scans", tmp_path / "log"
    scans.mkdir()
    waits = []
    with watching(scans, tmp_path / "out", "--log", log, every=0.5) as process:
        for at in range(times):
            draw(tmp_path / "whole.png", f"{at}5 123")
            data = (tmp_path / "whole.png").read_bytes()
            write_slowly(scans / f"gone{at}.png", data[:1000], 5)
            (scans / f"gone{at}.png").unlink()
            write_slowly(scans / f"slow{at}.png", data + b"more", 10)
            os.truncate(scans / f"slow{at}.png", 500)
            ended = write_slowly(scans / f"slow{at}.png", data, 10)
            draw(scans / f"whole{at}.tmp", f"9{at}5 123")
            (scans / f"whole{at}.tmp").rename(scans / f"whole{at}.png")
            until(lambda at=at: settled(log, 2 * (at + 1)))
            waits.append(time.monotonic() - ended)
        process.terminate()
        assert process.wait(5) == 143
    read = events(log, "read", "blank", "refused", "crashed", "timeout")
    assert sorted(read) == sorted(("read", f"{kind}{at}.png") for at in range(times)
                                  for kind in ("slow", "whole"))
    promise("a file that is being written is not read by a watch",
            f"{2 * times} files written slowly, truncated, deleted: 0 readings from partial bytes, "
            f"read {max(waits):.1f} s after the last byte at --every 0.5")


def test_a_watch_stops_cleanly_at_any_moment(dropped, tmp_path, promise, large):
    times = 50 if large else 3
    (scans, undisturbed), moments = dropped, random.Random(5)
    slowest, amid = 0.0, 0
    for at in range(times):
        out, log = tmp_path / "out", tmp_path / f"log{at}"
        shutil.rmtree(out, ignore_errors=True)
        number, code = ((signal.SIGTERM, 143), (signal.SIGINT, 130))[at % 2]
        with watching(scans, out, "--log", log) as process:
            if at % 3:  # else in the first sleep
                until(lambda log=log: events(log, "began"))
            time.sleep(moments.uniform(0, 1))
            process.send_signal(number)
            sent = time.monotonic()
            ended = process.wait(PATIENCE_S)
            slowest = max(slowest, time.monotonic() - sent)
            said = process.stderr.read()
            assert ended == code and "Traceback" not in said, said
            assert "scanproc: stopped" in said.splitlines()[-1]
            until(lambda leader=process.pid: not session(leader))
        amid += "what was read is kept" in said
        finish(scans, out, log)
        assert csv(out) == undisturbed
    assert slowest < 3 and amid
    promise("Ctrl-C and SIGTERM stop a watch cleanly",
            f"{times} times, {amid} amid a run: 130 / 143 within {slowest:.1f} s, no "
            "children, the next one ends with the same bytes")


def finish(scans, out, log):
    """Lets another watch do what is left to do."""
    with watching(scans, out, "--log", log) as process:
        until(lambda: complete(out))
        process.terminate()
        assert process.wait(5) == 143


def test_a_watch_that_is_killed_loses_nothing(dropped, tmp_path, promise, large):
    times = 50 if large else 2
    (scans, undisturbed), moments = dropped, random.Random(6)
    for at in range(times):
        out, log = tmp_path / "out", tmp_path / f"log{at}"
        shutil.rmtree(out, ignore_errors=True)
        with watching(scans, out, "--log", log) as process:
            until(lambda log=log: events(log, "began"))
            time.sleep(moments.uniform(0, 1.5))
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        finish(scans, out, log)
        assert csv(out) == undisturbed
        read = events(log, "read")
        assert len(read) == len(set(read))
    promise("a watch killed at any moment loses nothing",
            f"{times} times: the next one ends with the same bytes, no page read twice")


def test_a_watch_waits_for_a_full_disk(dropped, tmp_path, promise):
    (scans, undisturbed), out, log = dropped, tmp_path / "out", tmp_path / "log"
    with watching(scans, out, "--log", log) as process:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
        problem = process.stderr.readline()
        assert problem.startswith("scanproc: ") and "scanproc.db" in problem
        time.sleep(1.5)  # some polls more
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        until(lambda: complete(out))
        process.terminate()
        _, said = process.communicate(timeout=PATIENCE_S)
    assert csv(out) == undisturbed and "scanproc.db" not in said
    promise("a watch outlasts a full disk", "said once, read when there is room")


def test_a_watch_takes_no_more_memory_with_time(tmp_path, promise, large):
    polls, runs, files = (50_000, 40, 500) if large else (4000, 4, 20)
    (tmp_path / "scans").mkdir()
    draw(tmp_path / "scans" / "first.png", "12 345")
    for at in range(files):
        (tmp_path / "scans" / f"notes{at}.txt").touch()
    script = Path(__file__).parent.parent / "faults" / "polls.py"
    done = subprocess.run([sys.executable, script, tmp_path / "scans", tmp_path / "out",
                           str(polls), str(runs)], check=True, capture_output=True, text=True)
    before, end, begun = map(int, done.stdout.split())
    assert begun == runs
    assert end - before < 2500 and end < 200_000
    promise("memory of a watch is flat", f"{polls:,} polls of {files:,} files, {runs} runs: "
            f"{end / 1000:.0f} MB, {end - before:+,} kB from the second quarter to the last")
