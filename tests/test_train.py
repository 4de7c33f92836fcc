"""Training: the whole road on a few generated digits, and what must not happen on the way."""

from __future__ import annotations

import importlib.util
import json
import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from scanproc import network
from scanproc.errors import ModelError, OutputError, UsageError
from scanproc.network import train as training
from scanproc.page import classify

with_tensorflow = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None,
    reason="TensorFlow is not installed: pip install 'scanproc[train]'")


def drawn(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("idx")
    for prefix, count in (("train", 1800), ("t10k", 200)):
        images, labels = drawn(count, count)
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
            (folder / f"{prefix}-{kind}-ubyte").write_bytes(header + array.tobytes())
    return folder


@pytest.fixture
def shipped_before(tmp_path: Path) -> dict[str, bytes]:
    """A network that lies in the output folder already."""
    (tmp_path / "digits.npz").write_bytes(b"the network of yesterday")
    (tmp_path / "digits.json").write_bytes(b"its card")
    return contents(tmp_path)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@with_tensorflow
@pytest.mark.filterwarnings("ignore")  # those of TensorFlow itself, while it is imported
class TestWithTensorFlow:
    @pytest.fixture(scope="class")
    def trained(self, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
        out = tmp_path_factory.mktemp("trained") / "models"
        training.train(folder, out, seed=3, epochs=12)
        return out

    def test_it_learns(self, trained: Path) -> None:
        made = classify.load(str(trained / "digits.npz"))
        images, labels = drawn(200, 200)
        found = classify.classify(made, images.astype(np.float32) / 255)
        right = float((found.argmax(axis=1) == labels).mean())
        assert right > 0.8
        assert right == pytest.approx(made.card["figures"]["test_accuracy"])

    def test_the_card_says_how_it_was_made_and_where_nothing_lies(self, trained: Path) -> None:
        text = (trained / "digits.json").read_text()
        card = json.loads(text)
        assert card["command"] == ("scanproc train --data DIR --out models --seed 3 --epochs 12")
        assert card["recipe"]["seed"] == 3 and card["recipe"]["distortion"]["elastic"] > 0
        assert card["data"]["held_out"] == 150 and len(card["data"]["sha256"]) == 4
        assert card["weights"] == 784 * 512 + 512 + 512 * 256 + 256 + 256 * 10 + 10
        assert {"tensorflow", "keras", "numpy", "scanproc"} <= set(card["versions"])
        assert {"validation_accuracy", "test_ece", "test_page_like_ece"} <= set(card["figures"])
        assert str(trained.parent.parent) not in text and "/tmp" not in text

    def test_nothing_else_is_left_in_the_folder(self, trained: Path) -> None:
        assert set(contents(trained)) == {"digits.npz", "digits.json"}

    def test_the_same_seed_gives_the_same_network(self, folder: Path, tmp_path: Path) -> None:
        files = []
        for out, seed in (("one", 5), ("two", 5), ("three", 6)):
            training.train(folder, tmp_path / out, seed=seed, epochs=1)
            files.append(contents(tmp_path / out))
        assert files[0] == files[1]
        assert files[0]["digits.npz"] != files[2]["digits.npz"]

    @pytest.mark.parametrize("failure", [KeyboardInterrupt, MemoryError])
    @pytest.mark.parametrize("at", ["learning", "writing"])
    def test_a_training_that_ends_early_changes_nothing(
            self, folder: Path, tmp_path: Path, shipped_before: dict[str, bytes],
            monkeypatch: pytest.MonkeyPatch, failure: type[BaseException], at: str) -> None:
        def fails(*_: object) -> None:
            raise failure

        if at == "learning":
            monkeypatch.setattr("scanproc.network.model.augment.batch", fails)
        else:
            monkeypatch.setattr(training.os, "fsync", fails)
        with pytest.raises(failure):
            training.train(folder, tmp_path, seed=1, epochs=1)
        assert contents(tmp_path) == shipped_before

    def test_a_network_of_no_numbers_is_not_put_in_place(
            self, folder: Path, tmp_path: Path, shipped_before: dict[str, bytes],
            monkeypatch: pytest.MonkeyPatch) -> None:
        broken = classify.Network((np.full((784, 10), np.nan, np.float32),),
                                  (np.zeros(10, np.float32),), 1.0, {})
        monkeypatch.setattr("scanproc.network.model.fit", lambda *_: broken)
        with pytest.raises(ModelError, match="no numbers"):
            training.train(folder, tmp_path, seed=1, epochs=1)
        assert contents(tmp_path) == shipped_before

    def test_an_output_folder_that_is_a_file_is_told_before_the_training(
            self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("scanproc.network.model.fit", lambda *_: pytest.fail("it trained"))
        (tmp_path / "models").write_text("not a folder")
        with pytest.raises(OutputError, match="models cannot be written"):
            training.train(folder, tmp_path / "models", seed=1, epochs=1)

    def test_wrong_data_change_nothing(self, tmp_path: Path,
                                       shipped_before: dict[str, bytes]) -> None:
        with pytest.raises(UsageError, match="train-images-idx3-ubyte"):
            training.train(tmp_path, tmp_path, seed=1, epochs=1)
        assert contents(tmp_path) == shipped_before

    @pytest.mark.parametrize("seed", [-1, 2**32])
    def test_a_seed_that_is_none_is_refused(self, folder: Path, tmp_path: Path, seed: int) -> None:
        with pytest.raises(UsageError, match="seed"):
            training.train(folder, tmp_path, seed=seed, epochs=1)


def test_without_tensorflow_it_says_what_to_install(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "scanproc.network.model", raising=False)
    monkeypatch.delattr(network, "model", raising=False)
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(UsageError, match="-m pip install tensorflow"):
        training.train(tmp_path, tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_progress_is_lines_with_the_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    tell = training._teller(60)
    for epoch in range(1, 61):
        tell(epoch, 0.25, 0.9)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 20
    assert lines[0].startswith("epoch 3 of 60, loss 0.2500, 90.00% of the distorted digits right")
    assert lines[-1].endswith("0 min 0 s left")


def test_progress_on_a_terminal_is_one_line(
        capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    tell = training._teller(3)
    for epoch in (1, 2, 3):
        tell(epoch, 0.25, 0.9)
    told = capsys.readouterr().err
    assert told.count("\r") == 3 and told.count("\n") == 1 and told.endswith("\n")
