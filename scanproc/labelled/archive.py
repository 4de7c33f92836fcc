"""Labelled digits of one .npz file: `images` and `labels`.

The format: NumPy's NEP 1, one .npy file per array in a ZIP archive. Nothing in it can run code,
and nothing is allocated before the sizes that it claims are known to be in it.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from scanproc.errors import UsageError
from scanproc.labelled.digits import Digits, check_ink
from scanproc.labelled.fit import MAX_BYTES, MAX_PX, fit
from scanproc.labelled.idx import MAX_DIGITS

_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0}


def read(file: Path) -> Digits:
    """The digits of a .npz file.

    images: (N, H, W) with ink bright: uint8 in [0, 255], bool, or float in [0, 1].
    labels: (N,) integers, 0-9, and 10 for no digit.
    Raises UsageError naming the file, and the place in it, for anything else, and for a digit
    without ink.
    """
    images, labels = _arrays(file)
    _check_images(file, images)
    _check_labels(file, labels, len(images))
    images = _bytes(images)
    fitted = fit(images, str(file))
    check_ink(images, labels, lambda at: f"{file}: the image at place {at}")
    return Digits(fitted, labels.astype(np.uint8))


def _arrays(file: Path) -> list[np.ndarray]:
    try:
        with zipfile.ZipFile(file) as archive:
            return [_array(archive, name) for name in ("images", "labels")]
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}") from error
    except Exception as error:  # a forged archive breaks zipfile and NumPy in many ways
        raise UsageError(f"{file} is no .npz file of labelled digits, or it is damaged: {error}"
                         ) from error


def _array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    if f"{name}.npy" not in archive.namelist():
        raise ValueError(f"it has no array '{name}'; 'images' and 'labels' are needed")
    member = archive.getinfo(f"{name}.npy")
    if member.file_size > MAX_BYTES:
        raise ValueError(f"'{name}' has more than {MAX_BYTES // 2**20} MB")
    with archive.open(member) as stream:
        version = np.lib.format.read_magic(stream)
        if version not in _HEADERS:
            raise ValueError(f"'{name}' is of version {version[0]}.{version[1]} of the format")
        shape, _, dtype = _HEADERS[version](stream)
        claimed = int(np.prod(shape, dtype=object)) * dtype.itemsize
        if claimed != member.file_size - stream.tell():
            raise ValueError(f"'{name}' claims {claimed} bytes and has "
                             f"{member.file_size - stream.tell()}")
        stream.seek(0)
        return np.lib.format.read_array(stream, allow_pickle=False)


def _bytes(images: np.ndarray) -> np.ndarray:
    if images.dtype.kind == "f":
        return np.stack([np.rint(image * 255).astype(np.uint8) for image in images])
    return np.where(images, np.uint8(255), np.uint8(0)) if images.dtype == np.bool_ else images


def _check_images(file: Path, images: np.ndarray) -> None:
    if images.dtype not in (np.uint8, np.bool_) and images.dtype.kind != "f":
        raise UsageError(f"{file}: 'images' is of type {images.dtype}; it must be uint8, bool or "
                         "float")
    if images.ndim != 3 or not all(1 <= side <= MAX_PX for side in images.shape[1:]):
        raise UsageError(f"{file}: 'images' has the shape {images.shape}; it must be (N, height, "
                         f"width), sides of at most {MAX_PX} pixels")
    if len(images) > MAX_DIGITS:
        raise UsageError(f"{file} holds more than {MAX_DIGITS:,} digits")
    if images.dtype.kind == "f":
        # `not (0 <= value <= 1)` is true of what is no number, too.
        wrong = ~((images >= 0) & (images <= 1)).all(axis=(1, 2))
        if wrong.any():
            raise UsageError(f"{file}: the image at place {wrong.argmax()} has values that are not "
                             "between 0 and 1; floats must be")


def _check_labels(file: Path, labels: np.ndarray, count: int) -> None:
    if labels.dtype.kind not in "iu" or labels.ndim != 1:
        raise UsageError(f"{file}: 'labels' is of type {labels.dtype} and shape {labels.shape}; it "
                         "must be a row of whole numbers")
    if len(labels) != count or not count:
        raise UsageError(f"{file} has {count} images and {len(labels)} labels; there must be as "
                         "many, and one at least")
    wrong = (labels < 0) | (labels > 10)
    if wrong.any():
        at = int(wrong.argmax())
        raise UsageError(f"{file} has the label {labels[at]} at place {at}; labels are 0 to 9, "
                         "and 10 for no digit")
