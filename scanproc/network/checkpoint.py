"""What a training has reached, kept so that the same command goes on from there."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from scanproc.batch.files import Draft, writing


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
        with Draft(self._file(part)) as draft:
            with writing(draft.target):
                np.savez(draft.stream, **{str(at): array for at, array in enumerate(arrays)})
            draft.seal()
            draft.place()

    def remove(self) -> None:
        """The training is done."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _file(self, part: str) -> Path:
        return self.folder / f"{part}.npz"
