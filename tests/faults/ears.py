"""Writes down every socket that Python opens, and every name it looks up: a `sitecustomize.py`.

Where it lies first on PYTHONPATH, each process of Python begins with it, also the fork server and
the workers. A line goes to the file HEARD: `listens` for each process that began, then events.
"""

import os
import sys

LOOK_UPS = ("socket.getaddrinfo", "socket.gethostby", "socket.getnameinfo")
ADDRESSED = ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg")
LOCAL = 1  # AF_UNIX: between processes of this machine


def write(*words):
    """One line; whole, however many processes write."""
    line = " ".join(map(str, (os.getpid(), *words))) + "\n"
    heard = os.open(os.environ["HEARD"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(heard, line.encode())
    os.close(heard)


def hear(event, args):
    """Called by Python itself, whatever is imported."""
    if event == "socket.__new__" and args[1] != LOCAL:
        write(event, args[1])
    elif event.startswith(LOOK_UPS) or event in ADDRESSED and isinstance(args[1], tuple):
        write(event, *args[-1:])  # an address is a pair; a place on this machine is a path


if __name__ == "sitecustomize":
    write("listens")
    sys.addaudithook(hear)
    os.register_at_fork(after_in_child=lambda: write("listens"))
