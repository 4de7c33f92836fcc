"""Labelled digits: what is read, and what is refused with its file and place."""

import io
import struct
import tracemalloc
import zipfile

import cv2
import numpy as np
import pytest

from scanproc.errors import UsageError
from scanproc.labelled import archive, folder, read, read_sets


def a_seven(height=40, width=30):
    """(height, width) uint8, white on black, with a margin."""
    image = np.zeros((height, width), np.uint8)
    cv2.polylines(image, [np.array([[6, 8], [width - 6, 8], [width // 2, height - 6]])], False, 255,
                  3)
    return image


def some(count=20, shape=(28, 28)):
    images = np.stack([a_seven(*shape)] * count)
    return images, np.arange(count, dtype=np.uint8) % 11


def pack(file, images, labels, **more):
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(file, images=images, labels=labels, **more)
    return file


def draw(file, image):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(cv2.imencode(file.suffix, image)[1].tobytes())


def refused(path, *words, reader=read):
    with pytest.raises(UsageError) as caught:
        reader(path)
    for word in words:
        assert word in str(caught.value)


class TestArchive:
    @pytest.fixture
    def file(self, tmp_path):
        return tmp_path / "mine.npz"

    def test_images_of_mnists_size_are_taken_as_they_are(self, file):
        images, labels = some()
        digits = read(pack(file, images, labels, notes=np.array("others are passed over")))
        assert np.array_equal(digits.images, images) and np.array_equal(digits.labels, labels)
        assert (digits.images.dtype, digits.labels.dtype) == (np.uint8, np.uint8)

    @pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, bool])
    def test_floats_and_bools_are_the_same_digits(self, file, kind):
        images, labels = some()
        binary = np.where(images > 127, np.uint8(255), np.uint8(0))
        digits = read(pack(file, (binary / 255).astype(kind), labels.astype(np.int64)))
        assert np.array_equal(digits.images, binary)

    def test_other_sizes_become_as_crops_of_pages_are(self, file):
        digits = read(pack(file, *some(shape=(50, 35))))
        rows, columns = np.nonzero(digits.images[0])
        assert np.ptp(rows) + 1 == 20 and 8 < np.ptp(columns) + 1 < 20
        weights = digits.images[0].astype(float)
        assert np.average(np.arange(28), weights=weights.sum(1)) == pytest.approx(14, abs=1)

    @pytest.mark.parametrize("side", [28, 32])
    def test_what_is_no_digit_may_be_without_ink(self, file, side):
        images, labels = some(shape=(side, side))
        images[3], labels[3] = 0, 10
        digits = read(pack(file, images, labels))
        assert not digits.images[3].any() and digits.images[2].any()

    @pytest.mark.parametrize("side", [28, 32])
    @pytest.mark.parametrize("brightest", [0, 127])
    def test_a_digit_without_ink_is_named_with_its_place(self, file, side, brightest):
        images, labels = some(shape=(side, side))
        images[3] = images[3] // 255 * brightest
        refused(pack(file, images, labels), str(file), "place 3", "label 3", "brighter than 127")
        images[3] = images[2] // 255 * np.uint8(128)
        assert len(read(pack(file, images, labels))) == 20

    @pytest.mark.parametrize("wrong", [-1, 11, 2**40])
    def test_a_label_that_is_none_is_named_with_its_place(self, file, wrong):
        images, labels = some()
        labels = labels.astype(np.int64)
        labels[7] = wrong
        refused(pack(file, images, labels), str(file), f"label {wrong} at place 7")

    @pytest.mark.parametrize("images, labels, words", [
        (some()[0], some()[1][:-1], "20 images and 19 labels"),
        (some()[0][:0], some()[1][:0], "0 images"),
        (some()[0].reshape(20, 784), some()[1], "shape (20, 784)"),
        (np.zeros((2, 0, 28), np.uint8), np.zeros(2, int), "shape (2, 0, 28)"),
        (np.zeros((1, 3, 1001), np.uint8), np.zeros(1, int), "shape (1, 3, 1001)"),
        (some()[0].astype(np.int64), some()[1], "type int64"),
        (some()[0], some()[1].astype(str), "whole numbers"),
        (some()[0], np.eye(20, 10, dtype=int), "shape (20, 10)"),
        (some()[0].astype(np.float32), some()[1], "place 0"),
        (some()[0] / 255 - 1e-3, some()[1], "place 0"),
        (some()[0] * np.nan, some()[1], "place 0"),
        (some()[0] // 255, some()[1], "no ink"),
        (255 - some()[0], some()[1], "dark digits on white"),
    ])
    def test_what_does_not_hold_labelled_digits_is_refused(self, file, images, labels, words):
        refused(pack(file, images, labels), str(file), words)

    def test_values_that_are_no_fractions_are_named_with_their_place(self, file):
        images, labels = some()
        images = images / 255
        images[5, 3, 3] = 1.5
        refused(pack(file, images, labels), "image at place 5")

    def test_a_missing_array_is_named(self, file):
        np.savez(file, images=some()[0])
        refused(file, str(file), "no array 'labels'")

    def test_pickles_are_never_opened(self, file):
        class Bomb:
            def __reduce__(self):
                return (pytest.fail, ("it was opened",))

        np.savez(file, images=np.array([Bomb()] * 3, object), labels=np.arange(3))
        refused(file, str(file), "'images'")

    @pytest.mark.parametrize("kept", [0, 1, 100, 0.5, 0.99])
    def test_a_cut_file_is_refused(self, file, kept):
        content = pack(file, *some()).read_bytes()
        file.write_bytes(content[:kept if isinstance(kept, int) else int(kept * len(content))])
        refused(file, str(file), "damaged")

    def test_a_flipped_byte_is_refused(self, file):
        images, labels = some()
        np.savez(file, images=images, labels=labels)
        content = bytearray(file.read_bytes())
        content[3000] ^= 255
        file.write_bytes(content)
        refused(file, str(file), "damaged")

    @pytest.mark.parametrize("descr, shape", [
        ("|u1", (10**12, 28, 28)), ("|u1", (-1, 28, 28)), ("|O", (98,)),
        ("|V9999999999", (3, 28, 28))])
    def test_a_header_that_claims_more_than_is_there_allocates_nothing(self, file, descr, shape):
        stream = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            stream, {"descr": descr, "fortran_order": False, "shape": shape})
        with zipfile.ZipFile(file, "w") as made:
            made.writestr("images.npy", stream.getvalue() + bytes(784))
        refused(file, str(file), "damaged")

    def test_an_archive_that_unpacks_to_very_much_is_refused(self, file, monkeypatch):
        monkeypatch.setattr(archive, "MAX_BYTES", 1000)
        refused(pack(file, *some()), str(file), "'images' has more than")

    def test_more_digits_than_can_be_held_are_refused(self, file, monkeypatch):
        monkeypatch.setattr(archive, "MAX_DIGITS", 19)
        refused(pack(file, *some()), str(file), "more than 19 digits")

    def test_a_missing_file_is_named(self, file):
        refused(file, str(file), "No such file")


class TestFolder:
    def test_files_and_folders_are_named_by_their_label(self, tmp_path):
        for name in ("0/a.png", "0/b.bmp", "x/dot.png", "7_a.png", "7-b.tif", "7.png", "X_c.png"):
            draw(tmp_path / name, a_seven())
        (tmp_path / "notes.txt").write_text("passed over")
        (tmp_path / "0" / ".hidden.png").touch()
        draw(tmp_path / "elsewhere" / "page.png", a_seven())
        digits = read(tmp_path)
        assert sorted(digits.labels) == [0, 0, 7, 7, 7, 10, 10]
        assert digits.images.shape == (7, 28, 28) and (digits.images == digits.images[0]).all()

    def test_sizes_may_be_mixed_and_mnists_is_kept(self, tmp_path):
        mnists = np.zeros((28, 28), np.uint8)
        mnists[9:20, 12:15] = 200
        draw(tmp_path / "1_small.png", mnists)
        draw(tmp_path / "7_large.png", a_seven(200, 140))
        first, second = read(tmp_path).images
        assert np.array_equal(first, mnists) and second.max() > 200

    @pytest.mark.parametrize("name", ["seven.png", "10.png", "12_a.png", "_7.png", "7a.png"])
    def test_an_image_without_a_label_is_named(self, tmp_path, name):
        draw(tmp_path / "7.png", a_seven())
        draw(tmp_path / name, a_seven())
        refused(tmp_path, str(tmp_path / name), "no label")

    def test_an_image_that_cannot_be_decoded_is_named(self, tmp_path):
        draw(tmp_path / "3.png", a_seven())
        content = (tmp_path / "3.png").read_bytes()
        (tmp_path / "4.png").write_bytes(content[:len(content) // 2])
        refused(tmp_path, str(tmp_path / "4.png"))
        (tmp_path / "4.png").write_bytes(b"")
        refused(tmp_path, str(tmp_path / "4.png"), "no bytes")

    def test_an_image_that_claims_to_be_huge_is_refused(self, tmp_path):
        draw(tmp_path / "3.png", a_seven())
        content = bytearray((tmp_path / "3.png").read_bytes())
        content[16:24] = struct.pack(">II", 30_000, 30_000)
        (tmp_path / "3.png").write_bytes(content)
        refused(tmp_path, str(tmp_path / "3.png"))

    def test_of_a_huge_file_no_more_is_read_than_the_limit(self, tmp_path, monkeypatch):
        monkeypatch.setattr(folder, "MAX_FILE_MB", 1)
        with (tmp_path / "3.png").open("wb") as file:
            file.truncate(50 * 10**6)
        tracemalloc.start()
        refused(tmp_path, str(tmp_path / "3.png"), "more than 1 MB")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 5 * 10**6

    def test_a_digit_without_ink_is_named(self, tmp_path):
        for name in ("7_a.png", "x_b.png"):
            draw(tmp_path / name, a_seven())
        draw(tmp_path / "x_blank.png", np.zeros((40, 30), np.uint8))
        assert len(read(tmp_path)) == 3
        draw(tmp_path / "7" / "faint.png", a_seven() // 255 * np.uint8(100))
        refused(tmp_path, str(tmp_path / "7" / "faint.png"), "label 7", "brighter than 127")

    def test_images_larger_than_digits_are_refused(self, tmp_path):
        draw(tmp_path / "3.png", np.zeros((1001, 1001), np.uint8))
        refused(tmp_path, str(tmp_path / "3.png"), "larger than 1000 x 1000 pixels")

    def test_dark_digits_on_white_are_refused(self, tmp_path):
        for name in ("7_a.png", "7_b.png"):
            draw(tmp_path / name, 255 - a_seven())
        refused(tmp_path, str(tmp_path), "dark digits on white")

    def test_a_folder_without_labels_is_refused(self, tmp_path):
        refused(tmp_path, str(tmp_path), "no image")


class TestSets:
    def test_a_folder_and_its_folders_are_looked_through(self, tmp_path):
        pack(tmp_path / "top.npz", *some())
        pack(tmp_path / "hands" / "inner.npz", *some())
        draw(tmp_path / "drawn" / "7.png", a_seven())
        draw(tmp_path / "pages" / "letter.png", a_seven())
        pack(tmp_path / "hands" / "deeper" / "unseen.npz", *some())
        assert list(read_sets(tmp_path)) == ["top", "drawn", "inner"]

    def test_a_folder_of_label_folders_is_one_set(self, tmp_path):
        for label in "07x":
            draw(tmp_path / "mine" / label / "7_a.png", a_seven())
        assert list(read_sets(tmp_path / "mine")) == ["mine"]
        assert sorted(read_sets(tmp_path)["mine"].labels) == [0, 7, 10]

    def test_of_mnists_files_the_test_digits_are_a_set(self, data):
        (name, digits), = read_sets(data("mnist")).items()
        assert (name, len(digits), digits.idx) == ("mnist", 10_000, True)

    def test_all_of_the_test_data(self, data):
        sets = read_sets(data("mnist").parent)
        assert {name: len(digits) for name, digits in sets.items()} == {
            "mnist": 10_000, "ardis4_train": 6_600, "optdigits_windep": 1_797, "semeion": 1_593}
        assert [name for name, digits in sets.items() if digits.idx] == ["mnist"]

    def test_two_sets_of_one_name_are_refused(self, tmp_path):
        pack(tmp_path / "a" / "same.npz", *some())
        pack(tmp_path / "b" / "same.npz", *some())
        refused(tmp_path, "two sets called same", reader=read_sets)

    def test_nothing_to_measure_is_refused(self, tmp_path):
        (tmp_path / "readme.txt").touch()
        refused(tmp_path, str(tmp_path), "no labelled digits", reader=read_sets)
        refused(tmp_path / "none", str(tmp_path / "none"), "No such file", reader=read_sets)

    def test_labels_without_their_images_or_the_reverse_are_refused(self, tmp_path):
        (tmp_path / "t10k-images-idx3-ubyte").write_bytes(bytes([0, 0, 8, 3]) + bytes(12))
        refused(tmp_path, "t10k-labels-idx1-ubyte", reader=read_sets)
