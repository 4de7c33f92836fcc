"""The IDX files of MNIST, or digits of one's own in the same format.

The format: http://yann.lecun.com/exdb/mnist (magic number, sizes, then bytes).
"""

from __future__ import annotations

import gzip
import hashlib
import struct
import zlib
from pathlib import Path

import numpy as np

from scanproc.errors import UsageError
from scanproc.labelled.digits import Digits, check_ink

MAX_DIGITS = 2_000_000
MIN_DIGITS = {"train": 120, "t10k": 12}  # a twelfth of those to train on is held out


def read(folder: Path, part: str) -> tuple[Digits, dict[str, str]]:
    """The digits of a part, `train` or `t10k`, and the sha256 of each uncompressed file by name.

    The files are PART-images-idx3-ubyte and PART-labels-idx1-ubyte in `folder`, plain or .gz.
    Raises UsageError naming the file that is missing, damaged or does not hold labelled digits.
    """
    names = f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"
    images, labels = (_found(folder, name) for name in names)
    hashes: dict[str, str] = {}
    digits = Digits(_array(images, 3, hashes), _array(labels, 1, hashes), idx=True)
    _check(digits, images, labels, MIN_DIGITS[part])
    return digits, hashes


def find(folder: Path, name: str) -> Path | None:
    """The file `name` or `name`.gz of a folder, or None where it has neither."""
    files = folder / name, folder / f"{name}.gz"
    return next((file for file in files if file.is_file()), None)


def _found(folder: Path, name: str) -> Path:
    file = find(folder, name)
    if file is None:
        raise UsageError(f"{folder} has no file {name} or {name}.gz; MNIST is four files, and "
                         "'scanproc train' without --data downloads them")
    return file


def _array(file: Path, dimensions: int, hashes: dict[str, str]) -> np.ndarray:
    """One IDX file of bytes, as an array of so many dimensions; its hash is noted."""
    start = 4 + 4 * dimensions
    digit_bytes = 784 if dimensions == 3 else 1
    content = _unpacked(file, start + MAX_DIGITS * digit_bytes)
    if content[:4] != bytes([0, 0, 8, dimensions]):
        raise UsageError(f"{file} has the wrong magic number {content[:4].hex() or '(no bytes)'}; "
                         f"an IDX file like this begins with 0000080{dimensions}")
    if len(content) < start:
        raise UsageError(f"{file} is cut short: it ends within its header")
    sizes = struct.unpack(f">{dimensions}I", content[4:start])
    if sizes[1:] not in ((), (28, 28)):
        raise UsageError(f"{file} holds images of {sizes[2]}x{sizes[1]} pixels; 28x28 are needed")
    wanted = start + int(np.prod(sizes, dtype=object))
    if len(content) != wanted:
        raise UsageError(f"{file} has the wrong length: its header asks for {wanted} bytes, it "
                         f"has {len(content)}; copy or download it again")
    hashes[file.name.removesuffix(".gz")] = hashlib.sha256(content).hexdigest()
    return np.frombuffer(content, np.uint8, offset=start).reshape(sizes)


def _unpacked(file: Path, limit: int) -> bytes:
    opened = gzip.open if file.name.endswith(".gz") else open
    try:
        with opened(file, "rb") as stream:
            content = stream.read(limit + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UsageError(f"{file} is damaged: {error}; copy or download it again") from error
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    if len(content) > limit:
        raise UsageError(f"{file} holds more than {MAX_DIGITS:,} digits")
    return content


def _check(digits: Digits, images: Path, labels: Path, least: int) -> None:
    if len(digits.images) != len(digits.labels):
        raise UsageError(f"{labels} has {len(digits.labels)} labels, but {images.name} has "
                         f"{len(digits.images)} images; the two do not belong together")
    if len(digits) < least:
        raise UsageError(f"{images} has {len(digits)} digits; at least {least} are needed")
    if digits.labels.max() > 9:
        at = int(np.argmax(digits.labels > 9))
        raise UsageError(f"{labels} has the label {digits.labels[at]} at place {at}; labels are "
                         "0 to 9")
    if digits.images.mean() > 127:
        raise UsageError(f"{images} holds dark digits on white; as in MNIST, ink must be 255 and "
                         "paper 0")
    check_ink(digits.images, digits.labels, lambda at: f"{images}: the image at place {at}")
