"""Opens a file that strangers may have put something else in the place of.

No link is followed, neither the file's own nor one that took the place of a folder on the way to
it; and no pipe or device is waited for.
"""

from __future__ import annotations

import errno
import functools
import operator
import os

FLAGS = functools.reduce(operator.or_, (  # Windows has only the third
    getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY")))
A_LINK = (errno.ELOOP, errno.ENOTDIR)  # what opening a link says: of a file, of a folder


def descriptor(path: bytes) -> int:
    """A descriptor for reading. path: absolute, and without links when the input was listed.

    Raises OSError, with one of A_LINK where a link or a file is on the way. Folders are stepped
    into one by one on Linux; elsewhere only the last step is watched.
    """
    if not hasattr(os, "O_PATH"):
        return os.open(path, FLAGS)
    *folders, name = path.split(b"/")
    at = os.open(b"/", os.O_PATH)
    try:
        for folder in filter(None, folders):
            inner = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = inner
        return os.open(name, FLAGS, dir_fd=at)
    finally:
        os.close(at)
