"""The real command with a saboteur in its workers: `command.py SABOTEUR run SCANS --out DIR`."""

import functools
import importlib
import sys

if __name__ == "__main__":
    from scanproc import cli
    from scanproc.batch import workers

    load = importlib.import_module(f"faults.{sys.argv.pop(1)}").load
    workers.Pool = functools.partial(workers.Pool, load=load)
    cli.main()
