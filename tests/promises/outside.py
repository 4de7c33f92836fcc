"""Nothing outside the input is read, nothing outside the output folder is written."""

import csv
import io
import json
import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import sysconfig
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

import scanproc
from promises.names import png

PACKAGE = Path(scanproc.__file__).parent
OVERHEARD = Path(__file__).parent.parent / "faults" / "overheard.py"
READ, WRITE = "read", "written"
CHANGES = {  # and how many paths they have
    "os.mkdir": 1, "os.remove": 1, "os.rmdir": 1, "os.rename": 2, "os.truncate": 1,
    "os.chmod": 1, "os.chown": 1, "os.utime": 1, "os.link": 2, "os.symlink": 2}
LOOKS = {"os.listdir", "os.scandir", "os.getxattr", "os.listxattr"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
SYSTEM = ("/proc", "/sys", "/usr", "/lib", "/lib64", "/etc", "/dev/urandom")
NOT_HERE = ("subprocess.", "os.exec", "os.posix_spawn", "os.system", "os.startfile", "pty.",
            "webbrowser.", "urllib.", "ftplib.", "http.", "smtplib.", "socket.getaddrinfo")


ALLOWED = {"input read", "DIR read", "DIR written", "installation read", "system read", "nowhere",
           "temporary folder read", "temporary folder written", "own process written"}
FIRST_TO_GO = "/proc/self/oom_score_adj"  # a worker says that it is to be killed before others


@pytest.fixture
def town(tmp_path, samples):
    """An input full of ways out, beside things that are nobody's business."""
    inside, outside = tmp_path / "in", tmp_path / "outside"
    for folder in (inside / "deeper", inside / "folder.png", outside / "deeper", tmp_path / "tmp",
                   tmp_path / "cwd"):
        folder.mkdir(parents=True)
    for at, name in enumerate(("a.png", "deeper/b.png", "folder.png/c.png", "..png", "a..png")):
        (inside / name).write_bytes(png(at))
    for name in ("scans.pdf", "fax.tif"):
        shutil.copy(samples / name, inside)
    for at, name in enumerate(("secret.png", "deeper/secret.png")):
        (outside / name).write_bytes(png(100 + at))
    (tmp_path / "cwd" / "scanproc.toml").write_text("review_below = 'from here'")
    for name, target in {
            "file.png": outside / "secret.png", "relative.png": "../outside/secret.png",
            "folder": outside, "deeper/up": "..", "loop": "loop", "round": inside,
            "dangling.png": "nowhere", "device.png": "/dev/zero", "passwd.pdf": "/etc/passwd",
            "fd.png": "/proc/self/fd/0"}.items():
        (inside / name).symlink_to(target)
    os.mkfifo(inside / "pipe.png")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(inside / "socket.png"))
    with_device(inside / "zero.png")
    return tmp_path


def with_device(path):
    """/dev/zero under another name, where this account may make one."""
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except OSError:
        os.mkfifo(path)


def command(town, *words, **environ):
    """The program, run from a folder with a settings file that is none of its business."""
    return subprocess.run(
        [sys.executable, "-m", "scanproc", *map(str, words)], check=False, timeout=60, text=True,
        capture_output=True, cwd=town / "cwd",
        env={"PYTHONPATH": str(PACKAGE.parent), "PYTHONSAFEPATH": "1", "SCANPROC_STILL_S": "0",
             "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(town / "tmp")} | environ)


def listened(town, *words):
    """The command with every process overheard: how it ended, and a list for each event."""
    shutil.copy(OVERHEARD, town / "listener" / "sitecustomize.py")
    log = town / "listener" / "log"
    done = command(town, *words, OVERHEARD=str(log),
                   PYTHONPATH=f"{PACKAGE.parent}{os.pathsep}{town / 'listener'}")
    return done, [json.loads(line) for line in log.read_text().splitlines()]


def touches(events):
    """(path, READ or WRITE) of everything on disk that the events speak of.

    Steps into folders (O_PATH) read nothing; what is opened after them lies where they led to. To
    remove a folder with all in it is one event, of the folder.
    """
    at = {}
    for thread, event, *arguments in events:
        if event in ("os.remove", "os.rmdir") and arguments[1] != -1:
            continue
        if event == "shutil.rmtree":
            yield arguments[0], WRITE
        elif event == "open" and isinstance(arguments[0], str):
            flags = arguments[2]
            path = str(Path(at.pop(thread, ""), arguments[0]))
            if flags & os.O_PATH:
                at[thread] = path
            else:
                yield path, WRITE if flags & WRITING else READ
        elif event in CHANGES:
            yield from ((path, WRITE) for path in arguments[:CHANGES[event]])
        elif event in LOOKS and not isinstance(arguments[0], int):
            yield arguments[0] or ".", READ
        elif event == "sqlite3.connect":
            yield arguments[0].removeprefix("file://").partition("?")[0], WRITE


def place(town, path, how):
    """Which of the allowed places a path lies in; else it lies outside."""
    if path == os.devnull:
        return "nowhere"
    if path == FIRST_TO_GO:
        return f"own process {how}"
    path = os.path.normpath(town / "cwd" / path)
    if not str(path).startswith("/proc"):
        path = os.path.realpath(path)
    python = [sys.prefix, sys.base_prefix, sysconfig.get_path("purelib"), PACKAGE,
              PACKAGE.parent / "models", town / "listener"]
    places = {"input": [town / "in"], "DIR": [town / "out"], "temporary folder": [town / "tmp"],
              "installation": python, "system": SYSTEM}
    for name, roots in places.items():
        if any(Path(path).is_relative_to(os.path.realpath(root)) for root in roots):
            return f"{name} {how}"
    searched = path in (str(PACKAGE.parent), *filter(None, sys.path))
    return "installation read" if searched and how == READ else f"outside {how}: {path}"


def snapshot(folder):
    """Everything below a folder that would show a change: kind, size, times, bytes."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        found[path] = (status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns,
                       path.read_bytes() if stat.S_ISREG(status.st_mode) else None)
    return found


def check_others(town, events):
    """No other program is started, and nobody is spoken to but our own processes."""
    assert not [event for event in events if event[1].startswith(NOT_HERE)]
    families = {arguments[1] for _, event, *arguments in events if event == "socket.__new__"}
    assert families <= {socket.AF_UNIX}
    ends = [arguments[-1] for _, event, *arguments in events
            if event in ("socket.connect", "socket.bind")]
    assert all(Path(end).is_relative_to(town / "tmp") for end in ends), ends


def test_nothing_outside_is_read_or_written(promise, town):
    (town / "listener").mkdir()
    before = {name: snapshot(town / name) for name in ("in", "outside", "cwd")}
    done, events = listened(town, "run", town / "in", "--out", town / "out", "--jobs", 2)
    assert done.returncode == 0, done.stderr
    rows = csv.DictReader(io.StringIO((town / "out" / "pages.csv").read_text(), newline=""))
    assert {row["file"] for row in rows} == {"a.png", "a..png", "deeper/b.png", "folder.png/c.png",
                                             "fax.tif", "scans.pdf"}
    facts = json.loads(command(town, "status", town / "out", "--json").stdout)
    assert facts["skipped"] == {"hidden": 1, "special": 3, "symlink": 10}
    assert {name: snapshot(town / name) for name in before} == before
    assert not list((town / "tmp").iterdir())
    counts = Counter(place(town, path, how) for path, how in touches(events))
    assert not [name for name in counts if name not in ALLOWED], counts
    assert all(counts[name] for name in ("input read", "DIR written", "installation read"))
    processes = {event[0].partition(" ")[0] for event in events}
    assert len(processes) >= 4, "parent, fork server and workers are overheard"
    check_others(town, events)
    promise("nothing outside is read or written",
            f"14 ways out skipped; {len(processes)} processes overheard: " + ", ".join(
                f"{count} {name}" for name, count in sorted(counts.items())) + ", 0 outside")


OVERLAPS = {
    "the input itself": (["in"], "in"), "in the input": (["in"], "in/out"),
    "around the input": (["in/deeper"], "in"), "by two points": (["in"], "cwd/../in/deeper/out"),
    "by a link to the input": (["link"], "in/out"), "by a link to DIR": (["in"], "link/out"),
    "one in the other": (["in", "in/deeper"], "out"), "one twice": (["in", "link"], "out"),
    "two alike": (["in/deeper", "outside/deeper"], "out"), "a pipe": (["in/pipe.png"], "out"),
    "a device": (["/dev/zero"], "out"), "a socket": (["in/socket.png"], "out"),
    "a loop": (["in/loop"], "out"), "pictures in the input": (["in", "--debug", "in/x"], "out")}


EACH = """
import json, sys
from scanproc import cli
for words in json.loads(sys.argv[1]):
    try:
        cli.main(words)
    except SystemExit as end:
        print(end.code, *words)
"""


def test_what_overlaps_is_refused_before_anything_is_read(promise, town):
    (town / "link").symlink_to("in")
    before = snapshot(town)
    commands = [["run", *(word if word.startswith("--") else str(town / word) for word in inputs),
                 "--out", str(town / out)] for inputs, out in OVERLAPS.values()]
    done = subprocess.run([sys.executable, "-c", EACH, json.dumps(commands)], check=True, text=True,
                          capture_output=True, timeout=60)
    assert [line[:6] for line in done.stdout.splitlines()] == ["2 run "] * len(OVERLAPS), done
    assert all(line.startswith("scanproc: ") for line in done.stderr.splitlines())
    assert snapshot(town) == before
    promise("nothing outside is read or written",
            f"{len(OVERLAPS)} overlapping or odd inputs: all exit 2, nothing made or changed")


def has_begun(ledger):
    """Whether a run is written down there, which it is when it has listed its input."""
    try:
        with closing(sqlite3.connect(f"{ledger.as_uri()}?mode=ro", uri=True)) as db:
            return db.execute("SELECT count(*) FROM runs").fetchone() == (1,)
    except sqlite3.OperationalError:
        return False


def test_a_folder_that_becomes_a_link_during_the_run_leads_nowhere(town):
    """Between the listing and the reading: while the program waits for a file of just now."""
    for file in (town / "in").glob("*.[pt][di]f"):
        file.unlink()
    with subprocess.Popen(
            [sys.executable, "-m", "scanproc", "run", town / "in", "--out", town / "out"],
            stderr=subprocess.PIPE, text=True, env=os.environ | {
                "SCANPROC_STILL_S": "3", "PYTHONPATH": str(PACKAGE.parent)}) as process:
        until = time.monotonic() + 60
        while not has_begun(town / "out" / "scanproc.db") and time.monotonic() < until:
            time.sleep(0.01)
        (town / "in" / "deeper").rename(town / "moved")
        (town / "in" / "deeper").symlink_to(town / "outside" / "deeper")
        shutil.copy(town / "moved" / "b.png", town / "outside" / "deeper" / "b.png")
        assert process.wait(30) == 1, process.stderr.read()
    rows = csv.DictReader(io.StringIO((town / "out" / "pages.csv").read_text(), newline=""))
    (row,) = [row for row in rows if row["file"] == "deeper/b.png"]
    assert row["status"] == "refused" and "links are not followed" in row["reason"]
