"""Native code that prints on both streams, and tells what its process was born with."""

import json
import os
import resource
from pathlib import Path

from faults.document import reader


def load(settings, passwords):
    return reader(lambda: None, facts)


def facts():
    os.write(1, b"to stdout\n")
    os.write(2, b"to stderr\n")
    return json.dumps({
        "pid": os.getpid(),
        "threads": os.environ.get("OPENBLAS_NUM_THREADS"),
        "stderr": str(Path("/proc/self/fd/2").readlink()),
        "running": len(list(Path("/proc/self/task").iterdir())),
        "memory": resource.getrlimit(resource.RLIMIT_AS)[0],
        "core": resource.getrlimit(resource.RLIMIT_CORE)[0]})
