"""Digits drawn by code, as MNIST's IDX files: what trainings in tests learn from."""

import struct

import numpy as np


def drawn(count, seed):
    """Ten kinds of two strokes each, which no turn of the training makes alike."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, count).astype(np.uint8)
    images = np.zeros((count, 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        row, column = 6 + 4 * (label // 2), rng.integers(8, 11)
        image[4:24, column:column + 3] = 255
        image[row - 1:row + 2, 8:20] = 255
        if label % 2:
            image[4:24, column + 8:column + 11] = 255
    return images, labels


def idx_files(folder, train=1800, test=200):
    """The four files of such digits."""
    for prefix, count in (("train", train), ("t10k", test)):
        images, labels = drawn(count, count)
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
            (folder / f"{prefix}-{kind}-ubyte").write_bytes(header + array.tobytes())
    return folder
