"""A program that loses the exception which is to stop it."""

import time
from contextlib import suppress

from scanproc import stop

if __name__ == "__main__":
    stop.heed()
    with suppress(stop.Stopped):
        print("ready", flush=True)
        time.sleep(3600)
    while True:
        time.sleep(3600)
