"""What tests need to know of other processes. Linux only."""

import os
import sys
import time
from pathlib import Path


def environment(**more):
    """Variables for a program that finds scanproc and what tests share."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **more}


def session(leader):
    """Processes of a session that are not zombies: {pid: pid of its parent}."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, ppid, _, sid = entry.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(sid) == leader and state != "Z":
            found[int(entry.parent.name)] = int(ppid)
    return found


def workers_of(parent):
    """Grandchildren: the fork server is the child."""
    family = session(os.getsid(parent))
    return [pid for pid, ppid in family.items() if family.get(ppid) == parent]


def reached(condition, seconds=5):
    """Whether the condition holds within so many seconds."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()
