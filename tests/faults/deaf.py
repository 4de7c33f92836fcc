"""A program that loses the exception which is to stop it."""

import time
from contextlib import suppress

from scanproc import stop

if __name__ == "__main__":
    stop.heed()
    print("ready", flush=True)
    while True:
        with suppress(stop.Stopped):
            time.sleep(3600)
