"""A folder that takes files in, and never writes over one that is there.

A file gets its new name by a hard link, which fails where the name is taken, and loses the old
one when the new one is on the disk. On another file system, or on one without links, it is
copied: under a name of our own first, checked by its sha256, brought to the disk, then named.
Links to folders below the shelf are not followed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import BinaryIO

from scanproc.batch import opening
from scanproc.batch.document import Document
from scanproc.batch.files import PREFIX, SUFFIX, sync_folder
from scanproc.batch.folder import Stamp, stamp_of

LONGEST = 255  # bytes of a name, on most file systems
TIMES_NS = 2_000_000_000  # how far the times of a copy may be off: FAT knows even seconds


class Changed(Exception):
    """The file is not what the ledger says of it; the next run looks at it again."""


class Shelf:
    """A folder for files. owner: tells our half-written files from those of others.

    All methods raise OSError.
    """

    def __init__(self, folder: Path, owner: str):
        self.folder = folder
        self._draft_name = f"{PREFIX}{owner}{SUFFIX}"

    def take(self, document: Document, below: bytes) -> tuple[Path, bool]:
        """Gives the file a second name, at `below` or numbered beside it.

        Returns it, and whether it is new: a killed run may have given it before. The old name
        stays, see `let_go`. Raises Changed where the file is another by now, or gone.
        """
        source = _source(document)
        if not os.access(source.parent, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "this account may not write to the folder that it "
                                                "lies in")
        path = Path(os.fsdecode(below))
        folder = self._folder(path.parent)
        (folder / self._draft_name).unlink(missing_ok=True)  # what a killed run left there
        for target in _names(folder, path.name):
            _check(source, document)
            if os.path.lexists(target):
                if _same(source, target, document.sha256):
                    return target, False
                continue
            with suppress(FileExistsError):  # somebody else was faster
                self._name(source, target, document)
                return target, True
        raise AssertionError  # there is always another number

    def note(self, target: Path, text: str) -> tuple[Path, bool]:
        """Writes a text beside a file, as NAME.txt in UTF-8; its path, and whether it is new."""
        data = text.encode("utf-8", "backslashreplace")
        for path in _names(target.parent, f"{target.name}.txt"):
            if os.path.lexists(path):
                if path.lstat().st_size == len(data) and _bytes(path) == data:
                    return path, False
                continue
            with suppress(FileExistsError), self._draft(path.parent) as draft:
                with draft.open("xb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                _rename(draft, path)
                return path, True
        raise AssertionError

    def _name(self, source: Path, target: Path, document: Document) -> None:
        """Puts the file at the target. Raises FileExistsError, Changed."""
        try:
            os.link(source, target)
        except FileExistsError:
            raise
        except FileNotFoundError:
            _stamp(source)  # Changed, if it is the source that is gone
            raise
        except OSError:  # another file system, or no links
            with self._draft(target.parent) as draft:
                _copy(source, draft, document)
                _rename(draft, target)
        else:
            if not _is(target, document.stamp):  # it was replaced this moment
                target.unlink()
                raise Changed

    def _folder(self, below: Path) -> Path:
        """The folder below the shelf, made if need be."""
        folder = self.folder
        for name in below.parts:
            folder = folder / name
            with suppress(FileExistsError):
                folder.mkdir()
                sync_folder(folder.parent)
            if folder.is_symlink() or not folder.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, "something that is no folder has the name "
                                                        "of the folder that it goes to")
        return folder

    @contextmanager
    def _draft(self, folder: Path) -> Iterator[Path]:
        """A place for a file that is not whole yet."""
        draft = folder / self._draft_name
        try:
            yield draft
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def let_go(document: Document) -> None:
    """Removes the old name of a file that has a second one, unless a new file took the name.

    Raises Changed where the file was written to meanwhile, OSError where the name stays.
    """
    source = _source(document)
    try:
        now = _stamp(source)
    except Changed:
        return  # it is gone already
    if now.inode != document.stamp.inode:
        return
    if not _is(source, document.stamp):
        raise Changed
    source.unlink()


def _source(document: Document) -> Path:
    return Path(os.fsdecode(document.path))


def _stamp(path: Path) -> Stamp:
    try:
        return stamp_of(path.lstat())
    except FileNotFoundError as error:
        raise Changed from error


def _is(path: Path, stamp: Stamp) -> bool:
    """Whether it is the file of this stamp; a link to it changes ctime and nothing else."""
    return _stamp(path)._replace(ctime_ns=0) == stamp._replace(ctime_ns=0)


def _check(source: Path, document: Document) -> None:
    """Raises Changed where it is not the file that was read."""
    if _stamp(source) == document.stamp:
        return
    # a change of ctime alone may be that of a mode, or of another link to the file
    if not (_is(source, document.stamp) and document.sha256
            and _sha256(source) == document.sha256):
        raise Changed


def _names(folder: Path, name: str) -> Iterator[Path]:
    """`name` in the folder, then `stem (2).suffix` and so on; cut where they get too long."""
    stem, suffix = map(os.fsencode, os.path.splitext(name))  # noqa: PTH122 (a Path has no bytes)
    for number in count(1):
        tail = suffix if number == 1 else b" (%d)" % number + suffix
        yield folder / os.fsdecode(stem[:LONGEST - len(tail)] + tail)


def _same(source: Path, target: Path, sha256: str) -> bool:
    """Whether the target already is the source, under a second name or as a whole copy."""
    here, there = source.lstat(), target.lstat()
    if here.st_ino == there.st_ino:
        if here.st_dev == there.st_dev and there.st_nlink < 2:
            raise OSError(errno.EINVAL, "the folder to move to is the one that it lies in")
        return here.st_dev == there.st_dev  # else it may be the source, seen through another mount
    alike = (here.st_size == there.st_size
             and abs(here.st_mtime_ns - there.st_mtime_ns) <= TIMES_NS)
    return alike and _sha256(target) == (sha256 or _sha256(source))


def _copy(source: Path, draft: Path, document: Document) -> None:
    """Raises Changed where the bytes are not those that were read."""
    with _opened(source) as reader, draft.open("xb") as writer:
        shutil.copyfileobj(reader, writer, 1 << 20)
        writer.flush()
        os.utime(draft, ns=(document.stamp.mtime_ns, document.stamp.mtime_ns))
        os.fsync(writer.fileno())
    if (document.sha256 and _sha256(draft) != document.sha256) or not _is(source, document.stamp):
        raise Changed
    with suppress(OSError):  # not every file system knows modes
        shutil.copymode(source, draft)


def _rename(draft: Path, target: Path) -> None:
    """Names a whole file, unless the name is taken: FileExistsError."""
    try:
        os.link(draft, target)
    except FileExistsError:
        raise
    except OSError:  # no links there: the name is claimed, then filled in one step
        target.open("xb").close()
        draft.replace(target)


def _opened(path: Path) -> BinaryIO:
    return open(path, "rb", opener=lambda name, flags:  # noqa: PTH123 (a Path cannot say how)
                os.open(name, flags | opening.FLAGS))


def _bytes(path: Path) -> bytes:
    with _opened(path) as file:
        return file.read()


def _sha256(path: Path) -> str:
    with _opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
