"""A file in the output folder is whole or as it was: written beside its place, then renamed.

On one file system a rename puts the new file in place of the old in one step (POSIX rename);
fsync before it, of the file, and after it, of the folder, makes that hold through a power cut.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scanproc.batch.folder import shown
from scanproc.errors import OutputError

PREFIX, SUFFIX = ".scanproc-", ".tmp"
ADVICE = {
    errno.ENOSPC: "make room on the disk",
    getattr(errno, "EDQUOT", errno.ENOSPC): "make room on the disk",
    errno.EROFS: "the disk is read-only; choose another folder",
    errno.EACCES: "close it if it is open in Excel, or have this account allowed to write there",
    errno.EPERM: "close it if it is open in Excel, or have this account allowed to write there",
    errno.ENOENT: "make the folder first",
    errno.EISDIR: "name a file",
}
FAILING = (errno.EIO, errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


class Draft:
    """A file on its way to `target`: written, sealed, placed. Leaving the context before it is
    placed removes it. All methods raise OutputError.

    stream: what is written to, in binary; guard writing with `writing(target)`.
    owner: hex digits by which `sweep` knows its own drafts in a folder shared with others.
    """

    def __init__(self, target: Path, owner: str = ""):
        self.target = target
        self._path = target.parent / f"{PREFIX}{owner}{secrets.token_hex(8)}{SUFFIX}"
        with writing(target):
            # As `open` would make it, so that the umask decides who may read the CSV.
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            self.stream = os.fdopen(os.open(self._path, flags, 0o666), "wb")

    def __enter__(self) -> Draft:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # it cannot be flushed where the disk is full
            self.stream.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def seal(self) -> None:
        """Bring all that was written to the disk."""
        with writing(self.target):
            self.stream.flush()
            os.fsync(self.stream.fileno())
            self.stream.close()

    def place(self) -> None:
        """Swap the sealed file in for whatever is at the target."""
        with writing(self.target):
            self._path.replace(self.target)

    def place_anew(self) -> bool:
        """Put the sealed file at the target; False where something lies there, which stays."""
        with writing(self.target):
            try:
                os.link(self._path, self.target)
            except FileExistsError:
                return False
            except OSError:  # a file system without hard links
                if os.path.lexists(self.target):
                    return False
                self._path.replace(self.target)
        return True

    def sha256(self) -> str:
        """Of the sealed file, in hex digits."""
        with writing(self.target), self._path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Make renames in a folder last; OutputError where the disk fails.

    Not every file system can do that for a folder; there it is left to the system.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno in FAILING:
            raise OutputError(f"what was written in {shown(folder)} may not last: "
                              f"{error.strerror}; {ADVICE.get(error.errno, 'see to that')}, then "
                              "run the command again") from error


def sweep(folder: Path, owner: str = "") -> None:
    """Remove what killed runs left half-written. Only the holder of the folder may do this.

    owner: only the drafts of this one, in a folder shared with others.
    """
    for stale in folder.glob(f"{PREFIX}{owner}*{SUFFIX}"):
        with suppress(OSError):
            stale.unlink()


def holds(path: Path, sha256: str) -> bool:
    """Whether a file has these bytes."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


@contextmanager
def printing() -> Iterator[None]:
    """Says of an OSError in its body that standard output cannot be written.

    That a reader went away (`| head`) is no error of ours and passes.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"standard output cannot be written: {error.strerror or error}; "
                          "see to that, or write to a file") from error


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Says of an OSError in its body that `target` cannot be written, why, and what to do."""
    try:
        yield
    except OSError as error:
        advice = ADVICE.get(error.errno or 0, "see to that")
        raise OutputError(f"{shown(target)} cannot be written: {error.strerror or error}; "
                          f"{advice}, then run the command again. A file that was there is "
                          "unchanged") from error
