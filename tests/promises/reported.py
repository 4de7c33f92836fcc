"""Each number is in one report, however often runs are killed."""

import csv
import random
import subprocess
import sys
import time

from processes import environment

WORK = """
import sys, time
from pathlib import Path
import fakes
from scanproc.batch import run, workers
from scanproc.settings import Settings

class Slow(fakes.Pool):
    def _read(self, task):
        for outcome in super()._read(task):
            time.sleep(0.002)
            yield outcome

workers.Pool = Slow
print("ready", flush=True)
run.run([Path(sys.argv[1])], Path(sys.argv[2]), Settings(report=sys.argv[3]))
"""


def started(office, pattern):
    process = subprocess.Popen([sys.executable, "-c", WORK, office.scans, office.out, pattern],
                               env=environment(),
                               stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"ready\n"
    return process


def ended(process):
    with process:
        return process.wait(60)


def test_each_number_is_in_one_report(office, tmp_path, promise, large):
    chance, pattern = random.Random(7), str(tmp_path / "reports/{date}.csv")
    office.scan("first.pdf", "read 9990000")  # no other night has this number
    process, began = started(office, pattern), time.monotonic()
    assert ended(process) == 0
    lasted, kills, nights = time.monotonic() - began, 0, 300 if large else 12
    for night in range(nights):
        for at in range(2):
            office.scan(f"{night}-{at}.pdf", *(f"read {night:03}{at}{page}00" for page in range(2)))
        process = started(office, pattern)
        time.sleep(chance.uniform(0, 2 * lasted))
        process.kill()
        kills += ended(process) != 0
    assert ended(started(office, pattern)) == 0
    given = []
    for report in (tmp_path / "reports").iterdir():
        assert not report.name.startswith(".")
        with report.open(newline="") as file:
            given += [row["text"] for row in csv.DictReader(file)]
    wanted = [text for *_, texts in office.rows() for text in texts.split()]
    assert len(wanted) == 4 * nights + 1 == len(set(wanted)) and kills
    assert sorted(given) == sorted(wanted)
    promise("each number is in one report", f"{kills} of {nights} runs killed: {len(wanted):,} "
            "numbers, 0 in none, 0 in two")
