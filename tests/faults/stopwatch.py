"""The command itself, with a stopwatch in its workers: `stopwatch.py TIMES run INPUT ...`.

For every piece of work it adds a line to the file TIMES: sha256 of the scan, first page, how many
pages, processor seconds, and the megabytes that the worker has held at most so far.
"""

import hashlib
import json
import os
import resource
import sys
import time
from functools import partial
from pathlib import Path

from scanproc.batch import worker, workers

KB_PER_MB = 1024


def load(times, settings, passwords):
    """As `worker.load_reader`; what it gives is timed."""
    return partial(timed, times, worker.load_reader(settings, passwords))


def timed(times, read, data, first, count, **more):
    """As `read`, and a line more in the file `times`, also where it raises."""
    start = time.process_time()
    try:
        return read(data, first, count, **more)
    finally:
        seconds = time.process_time() - start
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KB_PER_MB
        line = json.dumps([hashlib.sha256(data).hexdigest(), first, count, seconds, peak_mb])
        descriptor = os.open(times, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, line.encode() + b"\n")
        os.close(descriptor)


if __name__ == "__main__":
    from scanproc.cli import main

    workers.Pool = partial(workers.Pool, load=partial(load, Path(sys.argv.pop(1)).resolve()))
    main(prog_name="scanproc")
