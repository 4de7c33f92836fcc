"""Which files of the input are scans, what they are called, and the bytes they have.

Names are bytes here until the last moment: a file name need not be UTF-8, and is hostile.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, NamedTuple

from scanproc.batch import opening
from scanproc.errors import Refused, UsageError

EXTENSIONS = frozenset((
    b".png", b".jpg", b".jpeg", b".jpe", b".jfif", b".tif", b".tiff", b".bmp", b".dib", b".webp",
    b".pdf", b".gif", b".heic", b".heif", b".avif", b".jp2", b".j2k"))
FIRST_BYTES = 1024  # readers accept a PDF whose header stands anywhere in these
MEGABYTE = 1_000_000
A_LINK_NOW = "it is a link now, or lies behind one; links are not followed"
WRITTEN_TO = "somebody is writing to the file; the next run reads it, when it is complete"


class Stamp(NamedTuple):
    """What the file system says of a file; equal stamps are taken for equal bytes."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


UNKNOWN = Stamp(0, 0, 0, 0)  # of a file that can be listed and not looked at


@dataclass(frozen=True)
class Scan:
    """A file to be read. `file` is its name in every table, `raw` its bytes below `root`."""

    file: str
    root: bytes
    raw: bytes
    stamp: Stamp

    @property
    def path(self) -> bytes:
        """Where it lies, absolute."""
        return self.root + b"/" + self.raw


@dataclass(frozen=True)
class Found:
    """What the input holds.

    scans: sorted by `file`. skipped: files that are no scans, counted by kind.
    folders: the input folders, absolute and without symlinks. unlisted: folders that could not
    be listed.
    """

    scans: tuple[Scan, ...]
    skipped: Mapping[str, int]
    folders: tuple[bytes, ...]
    unlisted: tuple[str, ...] = ()


def check(inputs: Sequence[Path], out: Path) -> None:
    """Raises UsageError where an input does not exist, or where inputs and DIR overlap."""
    target = Path(os.path.realpath(out))
    for given in inputs:
        real = Path(os.path.realpath(given))
        try:
            mode = real.stat().st_mode
        except OSError as error:
            raise UsageError(f"input {shown(given)} cannot be opened: {error.strerror}; "
                             "check the path") from error
        if stat.S_ISREG(mode):
            continue
        if not stat.S_ISDIR(mode):
            raise UsageError(f"input {shown(given)} is neither a file nor a folder")
        if target.is_relative_to(real) or real.is_relative_to(target):
            raise UsageError(f"input folder {shown(given)} and the output folder {shown(out)} "
                             "lie inside each other; choose an --out outside the input")
    _refuse_overlap([Path(os.path.realpath(path)) for path in inputs])


def scans(inputs: Sequence[Path]) -> Found:
    """Every scan in these files and folders (recursively, symlinks in them not followed).

    Raises UsageError where two inputs overlap or give two files the same name.
    """
    given = [Path(os.path.realpath(path)) for path in inputs]
    folders = [path for path in given if path.is_dir()]
    _refuse_overlap(given)
    skipped: Counter[str] = Counter()
    unlisted: list[str] = []
    found: dict[str, Scan] = {}
    for folder in folders:
        prefix = os.fsencode(folder.name) + b"/" if len(folders) > 1 else b""
        for raw, stamp in _walk(os.fsencode(folder), skipped, unlisted):
            _add(found, Scan(name_of(prefix + raw), os.fsencode(folder), raw, stamp))
    for file in (path for path in given if path not in folders):
        raw = os.fsencode(file.name)
        kind = _kind_of_file(os.fsencode(file), raw)
        if kind:
            skipped[kind] += 1
        else:
            _add(found, Scan(name_of(raw), os.fsencode(file.parent), raw, stamp_of(file.lstat())))
    ordered = tuple(found[file] for file in sorted(found))
    return Found(ordered, dict(sorted(skipped.items())), tuple(map(os.fsencode, folders)),
                 tuple(sorted(unlisted)))


def digest(scan: Scan, max_file_mb: float) -> tuple[Scan, str] | None:
    """The scan with the stamp of the bytes that were hashed, and their sha256.

    None where the file is gone or no longer a plain file. Raises Refused with the reason
    too_large, permission, io or changed.
    """
    if scan.stamp.size > max_file_mb * MEGABYTE:
        raise Refused("too_large", f"the file has {scan.stamp.size / MEGABYTE:,.1f} MB, the limit "
                                   f"is {max_file_mb:,.10g}; --max-file-mb raises it")
    try:
        with _opened(scan.path) as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                return None
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            after = os.fstat(file.fileno())
    except OSError as error:
        return _not_opened(scan.path, error)
    if stamp_of(before) != stamp_of(after):
        raise Refused("changed", WRITTEN_TO)
    return replace(scan, stamp=stamp_of(after)), sha256


def on_disk(path: bytes) -> bool:
    """Whether a plain file lies there; a place that cannot be looked at counts as one."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True


def stamp_of(status: os.stat_result) -> Stamp:
    """The stamp of a file that was looked at."""
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def name_of(raw: bytes) -> str:
    r"""Bytes of a file name as text: not UTF-8 becomes `\xNN`, a backslash `\\`."""
    return raw.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")


def shown(path: Path | bytes) -> str:
    """A path for a message: one line that no terminal obeys."""
    return printable(os.fsencode(path).decode("utf-8", "backslashreplace"))


def printable(text: str) -> str:
    r"""The text with every sign that cannot be seen written as `\n`, `\x1b`, `\u202e`."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode()
                   for sign in text)


def _refuse_overlap(given: Sequence[Path]) -> None:
    folders = [path for path in given if path.is_dir()]
    for outer in folders:
        for inner in given:
            if inner is not outer and inner.is_relative_to(outer):
                raise UsageError(f"input {shown(inner)} lies in input folder {shown(outer)}; "
                                 "give only the folder")
    names: dict[str, Path] = {}
    for folder in folders:
        if names.setdefault(folder.name, folder) != folder:
            raise UsageError(f"two input folders are called '{shown(Path(folder.name))}': "
                             f"{shown(names[folder.name])} and {shown(folder)}; give one of them "
                             "its own --out")


def _add(found: dict[str, Scan], scan: Scan) -> None:
    other = found.setdefault(scan.file, scan)
    if other is not scan:
        raise UsageError(f"two inputs are called '{printable(scan.file)}': {shown(other.path)} and "
                         f"{shown(scan.path)}; give one of them its own --out")


def _walk(root: bytes, skipped: Counter[str], unlisted: list[str]
          ) -> Iterator[tuple[bytes, Stamp]]:
    waiting = [b""]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(root + b"/" + folder) as listing:
                entries = list(listing)
        except FileNotFoundError:
            continue
        except OSError:
            unlisted.append(shown(root + b"/" + folder))
            continue
        for entry in entries:
            raw = folder + entry.name
            kind, stamp = _entry(entry)
            if kind == "folder":
                waiting.append(raw + b"/")
            elif kind:
                skipped[kind] += 1
            elif stamp:
                yield raw, stamp


def _entry(entry: os.DirEntry[bytes]) -> tuple[str, Stamp | None]:
    """("", stamp) for a scan, ("", None) where it is gone again, else what is skipped."""
    if entry.name.startswith(b"."):
        return "hidden", None
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return "", None
    except OSError:  # a name without more to know: reading it will say why
        return _kind_of_file(entry.path, entry.name), UNKNOWN
    if stat.S_ISDIR(status.st_mode):
        return "folder", None
    if stat.S_ISLNK(status.st_mode):
        return "symlink", None
    if not stat.S_ISREG(status.st_mode):
        return "special", None
    return _kind_of_file(entry.path, entry.name), stamp_of(status)


def _kind_of_file(path: bytes, name: bytes) -> str:
    """Empty for a scan, else the kind under which the file is counted as skipped."""
    extension = os.fsencode(Path(os.fsdecode(name)).suffix.lower())
    if extension in EXTENSIONS or _starts_like_a_scan(path):
        return ""
    short = extension.decode("ascii", "replace")
    return short if short[1:].isalnum() and len(short) <= 9 else "other"


def _starts_like_a_scan(path: bytes) -> bool:
    from scanproc.page.read import kind_of  # heavy, and seldom needed
    try:
        with _opened(path) as file:
            return bool(kind_of(file.read(FIRST_BYTES) or b""))
    except OSError:
        return False


def _opened(path: bytes) -> BinaryIO:
    return os.fdopen(opening.descriptor(path), "rb", buffering=0)


def _not_opened(path: bytes, error: OSError) -> None:
    """None where the file is gone; else raises Refused with the reason."""
    if not on_disk(path):
        return
    if error.errno in opening.A_LINK:
        raise Refused("changed", A_LINK_NOW) from error
    if isinstance(error, PermissionError):
        raise Refused("permission", "this account may not read the file; change who may read "
                                    "it and run again") from error
    raise Refused("io", f"the file could not be read: {error.strerror}; check the disk or "
                        "network share and run again") from error
