"""`run` opens no network: it would work in a room without a plug, and it is heard trying none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from promises.cron import nightly  # noqa: F401

ROOT = Path(__file__).parent.parent.parent
CSV = ("digits.csv", "numbers.csv", "pages.csv")
ALONE = ("unshare", "--user", "--map-root-user", "--net")  # a machine of one's own without network
LOOK_UP = "import socket; socket.create_connection(('127.0.0.1', 9))"  # no one is there


def python(*words, before=(), **environ):
    """Runs Python with this checkout."""
    return subprocess.run([*before, sys.executable, *map(str, words)], check=False, timeout=300,
                          capture_output=True, text=True, env=os.environ | environ)


def run(scans, out, **how):
    """Reads the scans with two workers; the CSV files."""
    how.setdefault("PYTHONPATH", str(ROOT))
    done = python("-m", "scanproc", "run", scans, "--out", out, "--jobs", 2, **how)
    assert done.returncode == 1 and "1 page could not be read" in done.stderr, done.stderr
    return [(out / name).read_bytes() for name in CSV]


def test_a_run_opens_no_network(nightly, tmp_path, promise):  # noqa: F811
    ears = tmp_path / "ears"
    ears.mkdir()
    shutil.copy(ROOT / "tests" / "faults" / "ears.py", ears / "sitecustomize.py")
    heard = tmp_path / "heard"
    how = {"PYTHONPATH": f"{ears}{os.pathsep}{ROOT}", "HEARD": str(heard)}
    python("-c", LOOK_UP, **how)
    assert {"socket.__new__", "socket.connect"} <= {line.split()[1] for line in
                                                    heard.read_text().splitlines()}
    heard.unlink()
    csv = run(nightly, tmp_path / "out", **how)
    lines = [line.split() for line in heard.read_text().splitlines()]
    processes = {process for process, *_ in lines}
    opened = [line for line in lines if line[1] != "listens"]
    assert len(processes) >= 4  # this one, the fork server, two workers
    assert opened == []
    promise("run opens no network", f"{len(processes)} processes overheard, 0 sockets but local "
            "ones, 0 names looked up")
    assert b"telephone.jpg" in csv[1]


def test_a_run_without_a_network_gives_the_same(nightly, tmp_path, promise):  # noqa: F811
    if not shutil.which(ALONE[0]) or python("-c", "", before=ALONE).returncode:
        pytest.skip("this machine lets nobody cut the network off")
    assert python("-c", LOOK_UP, before=ALONE).stderr.splitlines()[-1].startswith("OSError: [Errno "
                                                                                  "101]")
    with_network = run(nightly, tmp_path / "with")
    without = run(nightly, tmp_path / "without", before=ALONE)
    assert with_network == without
    promise("run needs no network", f"the same {sum(map(len, without)):,} bytes of CSV where there "
            "is none")
