"""What a training has reached, kept so that the same command goes on from there; one at a time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from scanproc.errors import HeldError, OutputError

LOCK = ".training.lock"     # stays: to remove a lock file is to give it to two


class Checkpoint:
    """A hidden folder with one file of arrays for each part of a training.

    Another recipe or other digits have another `key`, and so another folder. A file is whole or
    absent.
    """

    def __init__(self, out: Path, key: str) -> None:
        self.folder = out / f".training-{key[:16]}"
        self.folder.mkdir(parents=True, exist_ok=True)

    def load(self, part: str) -> list[np.ndarray]:
        """What was last saved of a part; empty where nothing was, or where it cannot be read."""
        try:
            with self._file(part).open("rb") as file, np.load(file, allow_pickle=False) as kept:
                return [kept[str(at)] for at in range(len(kept.files))]
        except Exception:  # a damaged file costs the time that it would have saved, no more
            return []

    def save(self, part: str, arrays: list[np.ndarray]) -> None:
        """In place of what was saved of the part."""
        half = self._file(part).with_suffix(".new")
        with half.open("wb") as stream:
            np.savez(stream, **{str(at): array for at, array in enumerate(arrays)})
            stream.flush()
            os.fsync(stream.fileno())
        half.replace(self._file(part))

    def remove(self) -> None:
        """The training is done."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _file(self, part: str) -> Path:
        return self.folder / f"{part}.npz"


@contextmanager
def held(out: Path) -> Iterator[None]:
    """Holds `out`, which is made if need be; the system lets go of it when the holder dies.

    Raises HeldError at once where another training holds it, OutputError where the file system
    cannot lock, OSError where `out` cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    lock = FileLock(out / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise HeldError(f"another training works on {out}; wait until it has ended, or name "
                        "another --out") from error
    except NotImplementedError as error:
        raise OutputError(f"{out} lies where no file can be locked; name another --out") from error
    try:
        yield
    finally:
        lock.release()
