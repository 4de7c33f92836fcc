"""Labelled digits of a folder of images that are named by their label.

DIR/LABEL/anything.png, or DIR/LABEL.png, DIR/LABEL_anything.png, DIR/LABEL-anything.png; LABEL is
0-9, or x for no digit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from scanproc.errors import Refused, UsageError
from scanproc.labelled.digits import Digits, check_ink
from scanproc.labelled.fit import MAX_BYTES, MAX_PX, fit
from scanproc.page.read import open_scan
from scanproc.settings import Settings

KINDS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
LABELS = {**{str(digit): digit for digit in range(10)}, "x": 10}
_NAMED = re.compile(r"([0-9xX])(?:[_-].*)?", re.DOTALL)
MAX_FILE_MB = 16
_LIMITS = Settings(max_megapixels=MAX_PX**2 / 1e6)


def named_by_label(folder: Path) -> bool:
    """Whether any image of a folder is named by a label."""
    return any(label is not None for _, label in _images(folder))


def read(folder: Path) -> Digits:
    """The digits of a folder; other files, and folders not called a label, are passed over.

    Raises UsageError naming the image that has no label, cannot be decoded, or has a digit's label
    and no ink.
    """
    files, images, labels, size = [], [], [], 0
    for file, label in _images(folder):
        if label is None:
            raise UsageError(f"{file} has no label: an image is called LABEL.png or "
                             "LABEL_anything.png, or lies in a folder called LABEL, where LABEL "
                             "is 0 to 9, or x for no digit")
        files.append(file)
        images.append(_decoded(file))
        labels.append(label)
        size += images[-1].size
        if size > MAX_BYTES:
            raise UsageError(f"{folder} holds images of more than {MAX_BYTES // 2**20} million "
                             "pixels in all")
    if not images:
        raise UsageError(f"{folder} holds no image that is named by a label")
    fitted = fit(images, str(folder))
    check_ink(images, labels, lambda at: str(files[at]))
    return Digits(fitted, np.array(labels, np.uint8))


def _images(folder: Path) -> Iterator[tuple[Path, int | None]]:
    """The images of a folder and of those in it that are called a label; None: no label."""
    for entry in listed(folder):
        if entry.is_dir():
            label = LABELS.get(entry.name.lower())
            if label is not None:
                yield from ((file, label) for file in listed(entry) if _is_image(file))
        elif _is_image(entry):
            named = _NAMED.fullmatch(entry.stem)
            yield entry, LABELS[named[1].lower()] if named else None


def listed(folder: Path) -> list[Path]:
    """What is in a folder, sorted, without hidden entries."""
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise UsageError(f"{folder} cannot be read: {error.strerror}") from error


def _is_image(file: Path) -> bool:
    return file.suffix.lower() in KINDS and file.is_file()


def _decoded(file: Path) -> np.ndarray:
    """(h, w) uint8, white = 255."""
    try:
        with open_scan(_content(file), _LIMITS) as scan:
            return scan.page(1).gray
    except Refused as refusal:
        words = refusal.words
        if refusal.reason == "too_large":
            words = f"it is larger than {MAX_PX} x {MAX_PX} pixels"
        raise UsageError(f"{file} is no image of a digit: {words}") from refusal


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_FILE_MB * 10**6 + 1)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    if len(content) > MAX_FILE_MB * 10**6:
        raise UsageError(f"{file} is no image of a digit: it has more than {MAX_FILE_MB} MB")
    return content
