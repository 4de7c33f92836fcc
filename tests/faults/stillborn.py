"""A program whose worker processes die before they are born: `stillborn.py FILE`."""

import os
import sys

from scanproc.batch.workers import Pool, Task
from scanproc.errors import ScanprocError
from scanproc.settings import Settings

if __name__ == "__mp_main__":
    os._exit(3)

if __name__ == "__main__":
    try:
        with Pool(Settings(jobs=2)) as pool:
            list(pool.read_all([Task(0, os.fsencode(sys.argv[1]), "")]))
    except ScanprocError as error:
        sys.exit(str(error))
