"""The command on a machine whose clock is set while it works: `clock.py SECONDS STEP run ...`.

It begins SECONDS off, and every look at the clock finds it STEP seconds further off.
"""

import sys
import time
from itertools import count


def lie(seconds, step):
    """From now on the wall clock lies to this process; the steady one cannot be set."""
    real, looks = time.time, count(1)
    time.time = lambda: real() + seconds + step * next(looks)


if __name__ == "__main__":
    lie(float(sys.argv[1]), float(sys.argv[2]))
    del sys.argv[1:3]
    from scanproc.__main__ import main

    main()
