"""The program with a road that takes no time: `quick.py ARGS...`; it reads scans of `fakes`."""

import fakes

from scanproc import cli
from scanproc.batch import workers

if __name__ == "__main__":
    workers.Pool = fakes.Pool
    cli.main()
