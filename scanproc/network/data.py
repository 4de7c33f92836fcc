"""MNIST, or digits of one's own in the same format: IDX files of a folder, or Keras' download."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path

from scanproc.errors import UsageError
from scanproc.labelled import idx
from scanproc.labelled.digits import Digits

PARTS = {"train": "train", "test": "t10k"}
MNIST = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


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
        parts[part], found = idx.read(folder, prefix)
        hashes |= found
    return DataSet(parts["train"], parts["test"], hashes)


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
