"""IDX files: what is read, and what is refused by name."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from scanproc.errors import UsageError
from scanproc.labelled import idx as files
from scanproc.network import data

TRAIN, TEST = 120, 12
IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


def idx(array: np.ndarray) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()


def some(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(count)
    images = rng.integers(0, 60, (count, 28, 28), np.uint8)
    images[:, 14] = 255
    return images, np.arange(count, dtype=np.uint8) % 10


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for prefix, count in (("train", TRAIN), ("t10k", TEST)):
        images, labels = some(count)
        (tmp_path / f"{prefix}-images-idx3-ubyte").write_bytes(idx(images))
        (tmp_path / f"{prefix}-labels-idx1-ubyte").write_bytes(idx(labels))
    return tmp_path


def refused(folder: Path, name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        data.read(folder)
    assert str(folder / name) in str(caught.value)


def test_plain_files_are_read(folder: Path) -> None:
    digits = data.read(folder)
    images, labels = some(TRAIN)
    assert np.array_equal(digits.train.images, images)
    assert np.array_equal(digits.train.labels, labels)
    assert len(digits.test) == TEST
    assert digits.name == "digits of one's own"


def test_gzipped_files_are_the_same_data(folder: Path) -> None:
    plain = data.read(folder)
    for file in list(folder.iterdir()):
        (folder / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    packed = data.read(folder)
    assert packed.hashes == plain.hashes and len(packed.hashes) == 4
    assert np.array_equal(packed.test.images, plain.test.images)


def test_a_part_of_digits_keeps_images_and_labels_together(folder: Path) -> None:
    train = data.read(folder).train
    assert np.array_equal(train[-3:].labels, train.labels[-3:])
    assert np.array_equal(train[-3:].images, train.images[-3:])


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / LABELS).unlink()
    with pytest.raises(UsageError, match=f"no file {LABELS}"):
        data.read(folder)


@pytest.mark.parametrize(
    "content", [b"", b"\x00", idx(some(TRAIN)[1]), b"PK\x03\x04" + bytes(9999)])
def test_the_wrong_magic_is_refused(folder: Path, content: bytes) -> None:
    (folder / IMAGES).write_bytes(content)
    refused(folder, IMAGES, "magic number")


def test_a_header_cut_short_is_refused(folder: Path) -> None:
    (folder / IMAGES).write_bytes(idx(some(TRAIN)[0])[:10])
    refused(folder, IMAGES, "within its header")


@pytest.mark.parametrize("change", [lambda content: content[:-1], lambda content: content + b"\0"])
@pytest.mark.parametrize("name", [IMAGES, LABELS])
def test_the_wrong_length_is_refused(folder: Path, name: str, change) -> None:
    file = folder / name
    file.write_bytes(change(file.read_bytes()))
    refused(folder, name, "wrong length")


def test_a_header_that_claims_very_much_is_refused(folder: Path) -> None:
    header = bytes([0, 0, 8, 3]) + struct.pack(">3I", 2**32 - 1, 28, 28)
    (folder / IMAGES).write_bytes(header + bytes(100))
    refused(folder, IMAGES, "wrong length")


def test_images_of_another_size_are_refused(folder: Path) -> None:
    (folder / IMAGES).write_bytes(idx(np.zeros((TRAIN, 32, 28), np.uint8)))
    refused(folder, IMAGES, "28x32 pixels; 28x28 are needed")


def test_a_label_above_9_is_refused(folder: Path) -> None:
    labels = some(TRAIN)[1].copy()
    labels[7] = 10
    (folder / LABELS).write_bytes(idx(labels))
    refused(folder, LABELS, "label 10 at place 7")


def test_labels_of_other_images_are_refused(folder: Path) -> None:
    (folder / LABELS).write_bytes(idx(some(TRAIN - 1)[1]))
    refused(folder, LABELS, "do not belong together")


@pytest.mark.parametrize(("part", "least"), [("train", 120), ("t10k", 12)])
def test_too_few_digits_are_refused(folder: Path, part: str, least: int) -> None:
    images, labels = some(least - 1)
    (folder / f"{part}-images-idx3-ubyte").write_bytes(idx(images))
    (folder / f"{part}-labels-idx1-ubyte").write_bytes(idx(labels))
    refused(folder, f"{part}-images-idx3-ubyte", f"has {least - 1} digits; at least {least}")


@pytest.mark.parametrize("brightest", [0, 127])
def test_a_digit_without_ink_is_named_with_its_place(folder: Path, brightest: int) -> None:
    images = some(TRAIN)[0]
    images[7] = np.minimum(images[7], brightest)
    (folder / IMAGES).write_bytes(idx(images))
    refused(folder, IMAGES, "image at place 7 has the label 7 and no ink")


def test_dark_digits_on_white_are_refused(folder: Path) -> None:
    (folder / IMAGES).write_bytes(idx(255 - some(TRAIN)[0]))
    refused(folder, IMAGES, "dark digits on white")


@pytest.mark.parametrize("keep", [0.5, 0.99])
def test_a_damaged_gzip_file_is_refused(folder: Path, keep: float) -> None:
    content = gzip.compress((folder / IMAGES).read_bytes())
    (folder / IMAGES).unlink()
    (folder / f"{IMAGES}.gz").write_bytes(content[:int(len(content) * keep)])
    refused(folder, f"{IMAGES}.gz", "damaged")


def test_a_file_that_is_no_gzip_is_refused(folder: Path) -> None:
    (folder / IMAGES).rename(folder / f"{IMAGES}.gz")
    refused(folder, f"{IMAGES}.gz", "damaged")


def test_a_gzip_file_that_unpacks_to_very_much_is_refused(
        folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_DIGITS", 100)
    (folder / IMAGES).unlink()
    (folder / f"{IMAGES}.gz").write_bytes(gzip.compress(bytes([0, 0, 8, 3]) + bytes(10**7)))
    refused(folder, f"{IMAGES}.gz", "more than 100 digits")


def test_a_folder_in_place_of_a_file_counts_as_missing(folder: Path) -> None:
    (folder / LABELS).unlink()
    (folder / LABELS).mkdir()
    with pytest.raises(UsageError, match=f"no file {LABELS}"):
        data.read(folder)


def test_mnist_is_known_by_its_hashes(data_folder: Path) -> None:
    digits = data.read(data_folder)
    assert (len(digits.train), len(digits.test)) == (60_000, 10_000)
    assert digits.name.startswith("MNIST")


@pytest.fixture
def data_folder(data) -> Path:
    return data("mnist")


class TestDownload:
    """Keras' download, with the network replaced."""

    @pytest.fixture
    def downloads(self, monkeypatch: pytest.MonkeyPatch):
        mnist = pytest.importorskip("keras.datasets.mnist", reason="Keras is not installed")
        return lambda answer: monkeypatch.setattr(mnist, "load_data", answer)

    def test_it_has_the_same_hashes_as_the_files(self, folder: Path, downloads) -> None:
        downloads(lambda: (some(TRAIN), some(TEST)))
        assert data.read(None).hashes == data.read(folder).hashes

    def test_no_network_is_told(self, downloads) -> None:
        def fails():
            raise OSError("Name or service not known")
        downloads(fails)
        with pytest.raises(UsageError, match="cannot be downloaded: Name or service.*--data"):
            data.read(None)
