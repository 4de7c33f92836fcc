"""Runs on a real disk with room for FREE more pages: `small_disk.py FOLDER HOW FREE...`.

FOLDER holds `scans`, `before` and `after` (DIR as it is found and as it is to be left) and `out`,
where the disk is mounted in a mount namespace of its own. HOW: `really`, the command on real
pages, or `fakes`. Prints a line of JSON for each FREE.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from left_alone import command, fresh, result, tables

PAGE = 4096


def main():
    folder, how, *frees = sys.argv[1:]
    folder = Path(folder)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder / "out"], check=True)
    run = really if how == "really" else fakes()
    for free in map(int, frees):
        print(json.dumps(attempt(folder, run, free)), flush=True)


def attempt(folder, run, free):
    """What came of a run with so little room, and of the next one with room."""
    scans, before, after, out = (folder / name for name in ("scans", "before", "after", "out/dir"))
    fresh(before, out)
    filler = folder / "out/filler"
    room = os.statvfs(out).f_bavail - free
    with filler.open("wb") as file:
        if room > 0:
            os.posix_fallocate(file.fileno(), 0, room * PAGE)
    code, said = run(scans, out)
    whole = all(data in (tables(before)[name], tables(after)[name])
                for name, data in tables(out).items())
    filler.unlink()
    ended, _ = run(scans, out)
    return {"free": free, "code": code, "said": said, "whole": whole,
            "same": ended in (0, 1) and result(out) == result(after)}


def really(scans, out):
    done = subprocess.run(command("run", scans, "--out", out), check=False, text=True,
                          capture_output=True)
    return done.returncode, done.stderr


def fakes():
    from fakes import Pool

    from scanproc.batch import run, workers
    from scanproc.errors import ScanprocError
    from scanproc.settings import Settings

    workers.Pool = Pool

    def faked(scans, out):
        try:
            return run.run([scans], out, Settings(still_s=0)).exit_code, ""
        except ScanprocError as error:
            return error.exit_code, str(error)
    return faked


if __name__ == "__main__":
    main()
