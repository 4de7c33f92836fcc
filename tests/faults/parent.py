"""A program of its own that reads one document: `parent.py FAULT FILE`, to be killed."""

import hashlib
import importlib
import os
import sys
from pathlib import Path


def main():
    from scanproc.batch.runs import Task
    from scanproc.batch.workers import Pool
    from scanproc.settings import Settings

    fault, file = sys.argv[1:]
    digest = hashlib.sha256(Path(file).read_bytes()).hexdigest()
    task = Task(0, os.fsencode(file), digest, (1,))
    again = Task(1, os.fsencode(file), digest, (2,))
    load = importlib.import_module(f"faults.{fault}").load

    def tasks():
        yield task
        yield again
        print("reading", flush=True)
        yield Task(2, b"/nowhere", "")
    try:
        print("pool", flush=True)
        with Pool(Settings(jobs=3), load=load) as pool:
            list(pool.read_all(tasks()))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
