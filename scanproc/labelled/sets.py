"""A path -> the labelled digits there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from scanproc.errors import UsageError
from scanproc.labelled import archive, folder, idx
from scanproc.labelled.digits import Digits


def read(path: Path) -> Digits:
    """The digits of one .npz file, or of one folder of images named by their label.

    Raises UsageError naming the file at fault.
    """
    return folder.read(path) if path.is_dir() else archive.read(path)


def read_sets(place: Path) -> dict[str, Digits]:
    """All sets of labelled digits in a folder and in the folders of it, by name.

    A folder with MNIST's test digits (t10k-images-idx3-ubyte) is a set with the folder's name, and
    so is a folder of images named by their label; a .npz file is a set with its name. Whatever
    else is there is passed over. Raises UsageError naming a file that cannot be used, or where
    there is no set at all.
    """
    sets: dict[str, Digits] = {}
    for name, digits in (found for one in _folders(place) for found in _sets(one)):
        if name in sets:
            raise UsageError(f"{place} holds two sets called {name}; rename one of them")
        sets[name] = digits
    if not sets:
        raise UsageError(f"{place} holds no labelled digits: neither MNIST's test files, nor a "
                         ".npz with 'images' and 'labels', nor images named by their label")
    return sets


def _folders(place: Path) -> list[Path]:
    """The folder, and those in it that are no label's."""
    inner = (entry for entry in folder.listed(place) if entry.is_dir())
    return [place, *(entry for entry in inner if entry.name.lower() not in folder.LABELS)]


def _sets(place: Path) -> Iterator[tuple[str, Digits]]:
    name = place.resolve().name
    if idx.find(place, "t10k-images-idx3-ubyte"):
        yield name, idx.read(place, "t10k")[0]
    if folder.named_by_label(place):
        yield name, folder.read(place)
    for file in folder.listed(place):
        if file.suffix == ".npz" and file.is_file():
            yield file.stem, archive.read(file)
