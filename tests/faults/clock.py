"""The command on a machine whose wall clock lies: `clock.py SECONDS STEP run ...`.

It shows SECONDS since 1970 at first and, at every look, STEP more.
"""

import sys
import time
from itertools import count


def lying(seconds, step):
    """What stands in for `time.time`; the steady clock of a machine cannot be set."""
    looks = count(seconds, step)
    return lambda: next(looks)


if __name__ == "__main__":
    time.time = lying(float(sys.argv[1]), float(sys.argv[2]))
    del sys.argv[1:3]
    from scanproc.__main__ import main

    main()
