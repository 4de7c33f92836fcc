"""Started by cron: no terminal, no variables, no home, another folder, a program left read-only."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import scanproc

SCANS = ("boxes.png", "fax.tif", "scans.pdf", "telephone.jpg", "damaged.png")
CSV = ("digits.csv", "numbers.csv", "pages.csv")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="promised on Linux only")


@pytest.fixture
def nightly(samples, tmp_path):
    """A folder with a scan of every kind, and a damaged one."""
    folder = tmp_path / "scans"
    folder.mkdir()
    for scan in SCANS:
        shutil.copy(samples / scan, folder)
    return folder


@pytest.fixture
def program(samples, tmp_path):
    """A folder with the program, which nobody may write to."""
    folder = tmp_path / "install"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(scanproc.__file__).parent, folder / "scanproc", ignore=ignored)
    shutil.copytree(samples.parent / "models", folder / "models", ignore=ignored)
    inside = [folder, *folder.rglob("*")]
    for path in inside:
        path.chmod(path.stat().st_mode & ~0o222)
    yield folder
    for path in inside:
        path.chmod(path.stat().st_mode | 0o200)


def as_cron(*words, **options):
    """Starts something as cron does. What root may do beyond its own files is taken from it."""
    powerless = ["setpriv", "--bounding-set=-all"] if os.geteuid() == 0 else []
    return subprocess.run([*powerless, *map(str, words)], cwd="/", start_new_session=True,
                          check=False, **options)


def csv(out):
    """{name: bytes of the file}."""
    return {name: (out / name).read_bytes() for name in CSV}


@LINUX
def test_runs_from_cron(nightly, program, tmp_path, promise):
    run = [sys.executable, "-m", "scanproc", "run", nightly, "--out"]
    subprocess.run([*run, tmp_path / "by hand"], check=False, capture_output=True)
    wanted = csv(tmp_path / "by hand")
    environ = {"PYTHONPATH": str(program)}
    assert as_cron("touch", program / "written", stderr=subprocess.DEVNULL).returncode == 1
    done = as_cron(*run, tmp_path / "by cron", env=environ, stdin=subprocess.DEVNULL,
                   capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout == ""  # damaged.png
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("7 pages read, ")
    assert csv(tmp_path / "by cron") == wanted
    assert not [path for path in program.rglob("*") if path.name == "__pycache__"]
    promise("runs from cron", "env -i, no terminal, no home, in /, the program read-only: the "
            "bytes of a run by hand, stdout empty, one line on stderr")


@LINUX
@pytest.mark.parametrize("closed", ["2>&-", ">&-", "<&- >&- 2>&-"])
def test_runs_with_its_streams_closed(nightly, tmp_path, closed):
    words = f'exec "$0" -m scanproc run "$1" --out "$2" {closed}'
    done = subprocess.run(["sh", "-c", words, sys.executable, nightly / "boxes.png",
                           tmp_path / "out"], check=False, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout == ""
    assert done.stderr.count("\n") == ("2>&-" not in closed)
    assert b"\nboxes.png,1,read," in (tmp_path / "out" / "pages.csv").read_bytes()


@LINUX
@pytest.mark.parametrize("words", [["run", "nothing", "--out", "out"], ["run", "--nonsense"]])
def test_the_exit_code_is_right_where_nobody_listens(tmp_path, words):
    done = subprocess.run(["sh", "-c", 'exec "$@" 2>&-', "sh", sys.executable, "-m", "scanproc",
                           *words], check=False, cwd=tmp_path)
    assert done.returncode == 2
