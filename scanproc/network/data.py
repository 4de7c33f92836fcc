"""MNIST, or digits of one's own in the same format: IDX files of a folder, or Keras' download.

The format: http://yann.lecun.com/exdb/mnist (magic number, sizes, then bytes).
"""

from __future__ import annotations

import gzip
import hashlib
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scanproc.errors import UsageError

PARTS = {"train": "train", "test": "t10k"}
MAX_DIGITS = 2_000_000
MIN_DIGITS = 12
MNIST = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


@dataclass(frozen=True)
class Digits:
    """images: (N, 28, 28) uint8, ink = 255. labels: (N,) uint8, 0-9."""

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, part: slice) -> Digits:
        return Digits(self.images[part], self.labels[part])


@dataclass(frozen=True)
class DataSet:
    """Digits to train on and to test on; `hashes`: the sha256 of each uncompressed IDX file."""

    train: Digits
    test: Digits
    hashes: dict[str, str]

    @property
    def name(self) -> str:
        """MNIST, with those to whom credit is due, where these are its very files."""
        if self.hashes != MNIST:
            return "digits of one's own"
        return "MNIST (Y. LeCun, C. Cortes, C. J. C. Burges; CC BY-SA 3.0)"


def read(folder: Path | None) -> DataSet:
    """The four IDX files of `folder`, plain or .gz; with no folder, MNIST as Keras downloads it.

    The files are `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and the same with `t10k`.
    Raises UsageError naming the file that is missing, damaged or does not hold labelled digits.
    """
    if folder is None:
        return _downloaded()
    parts: dict[str, Digits] = {}
    hashes: dict[str, str] = {}
    for part, prefix in PARTS.items():
        images = _find(folder, f"{prefix}-images-idx3-ubyte")
        labels = _find(folder, f"{prefix}-labels-idx1-ubyte")
        parts[part] = Digits(_idx(images, 3, hashes), _idx(labels, 1, hashes))
        _check(parts[part], images, labels)
    return DataSet(parts["train"], parts["test"], hashes)


def _find(folder: Path, name: str) -> Path:
    for candidate in (folder / name, folder / f"{name}.gz"):
        if candidate.is_file():
            return candidate
    raise UsageError(f"{folder} has no file {name} or {name}.gz; --data needs the four files of "
                     "MNIST, or leave it out to download them")


def _idx(file: Path, dimensions: int, hashes: dict[str, str]) -> np.ndarray:
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


def _check(digits: Digits, images: Path, labels: Path) -> None:
    if len(digits.images) != len(digits.labels):
        raise UsageError(f"{labels} has {len(digits.labels)} labels, but {images.name} has "
                         f"{len(digits.images)} images; the two do not belong together")
    if len(digits) < MIN_DIGITS:
        raise UsageError(f"{images} has {len(digits)} digits; at least {MIN_DIGITS} are needed")
    if digits.labels.max() > 9:
        at = int(np.argmax(digits.labels > 9))
        raise UsageError(f"{labels} has the label {digits.labels[at]} at place {at}; labels are "
                         "0 to 9")
    if digits.images.mean() > 127:
        raise UsageError(f"{images} holds dark digits on white; as in MNIST, ink must be 255 and "
                         "paper 0")


def _downloaded() -> DataSet:
    from keras.datasets import mnist

    try:
        parts = mnist.load_data()
    except Exception as error:  # no network, a proxy, a full disk: Keras raises what it met
        raise UsageError(f"MNIST cannot be downloaded: {error}; name a folder that has it with "
                         "--data") from error
    hashes: dict[str, str] = {}
    for prefix, (images, labels) in zip(PARTS.values(), parts, strict=True):
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
            hashes[f"{prefix}-{kind}-ubyte"] = hashlib.sha256(header + array.tobytes()).hexdigest()
    train, test = (Digits(images, labels) for images, labels in parts)
    return DataSet(train, test, hashes)
