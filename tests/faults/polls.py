"""A program that polls and polls: `polls.py SCANS OUT POLLS RUNS`; prints the least memory that it
had in the second and in the last quarter, in kB, and how many runs there were."""

import sys
from pathlib import Path

from PIL import Image

from scanproc.batch import run
from scanproc.batch.watch import Watch
from scanproc.settings import Settings

PAGE_KB = 4


def resident_kb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_KB


def main():
    scans, out = map(Path, sys.argv[1:3])
    polls, runs = map(int, sys.argv[3:])
    settings = Settings(jobs=1)
    begun, memory = [], []

    def begin(still):
        begun.append(run.run([scans], out, settings, still=still))
    watch = Watch([scans], out, lambda: settings, begin, print)
    for at in range(polls):
        if at % (polls // runs) == 0:
            Image.new("L", (60 + at, 60), 255).save(scans / f"{at}.png")
        watch.poll()
        memory.append(resident_kb())
    print(min(memory[polls // 4:polls // 2]), min(memory[-polls // 4:]), len(begun))


if __name__ == "__main__":
    main()
