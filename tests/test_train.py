"""Training: the whole road on a few generated digits, and what must not happen on the way."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from drawn import drawn, idx_files

from scanproc import cli, network
from scanproc.errors import HeldError, ModelError, OutputError, UsageError
from scanproc.lock import held
from scanproc.network import train as training
from scanproc.network.recipe import Recipe
from scanproc.page import classify

QUICK = Recipe(seed=3, epochs=6, copies=3, batch_size=100, stages=((32,), (64, 32)),
               teacher=(4, 4, 8, 8), teacher_epochs=2, bfloat16=False)
PLAIN = Recipe(seed=3, epochs=1, batch_size=100, copies=1, stages=((16,),), teacher=(),
               bfloat16=False)
TABLE = """
epochs = 30
copies = 3
batch_size = 100
stages = [[32], [64, 32]]
teacher = [4, 4, 8, 8]
teacher_epochs = 2
bfloat16 = false
"""
with_tensorflow = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None,
    reason="TensorFlow is not installed: pip install 'scanproc[train]'")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return idx_files(tmp_path_factory.mktemp("idx"))


@pytest.fixture
def shipped_before(tmp_path: Path) -> dict[str, bytes]:
    """A network that lies in the output folder already."""
    (tmp_path / "digits.npz").write_bytes(b"the network of yesterday")
    (tmp_path / "digits.json").write_bytes(b"its card")
    return contents(tmp_path)


def contents(folder: Path) -> dict[str, bytes]:
    """The files that lie there openly; what a stopped training keeps is hidden."""
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name[0] != "."}


def hidden(folder: Path) -> list[str]:
    """What is kept of trainings; the lock, an empty file, stays."""
    return [file.name for file in folder.iterdir()
            if file.name[0] == "." and file.name != training.LOCK]


@with_tensorflow
@pytest.mark.filterwarnings("ignore")  # those of TensorFlow itself, while it is imported
class TestWithTensorFlow:
    @pytest.fixture(scope="class")
    def trained(self, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
        out = tmp_path_factory.mktemp("trained") / "models"
        training.train(folder, out, replace(QUICK, epochs=30))
        return out

    def test_it_learns(self, trained: Path) -> None:
        made = classify.load(str(trained / "digits.npz"))
        images, labels = drawn(200, 200)
        found = classify.classify(made, images.astype(np.float32) / 255)
        right = float((found.argmax(axis=1) == labels).mean())
        assert right > 0.8
        assert right == pytest.approx(made.card["figures"]["test"]["accuracy"])

    def test_the_card_says_how_it_was_made_and_where_nothing_lies(self, trained: Path) -> None:
        text = (trained / "digits.json").read_text()
        card = json.loads(text)
        assert card["recipe"]["seed"] == 3 and card["recipe"]["distortion"]["elastic"] > 0
        assert card["data"]["held_out"] == 150 and len(card["data"]["sha256"]) == 4
        assert card["weights"] == [784 * 32 + 32 + 32 * 11 + 11,
                                   784 * 64 + 64 + 64 * 32 + 32 + 32 * 11 + 11]
        assert {"tensorflow", "keras", "numpy", "scanproc"} <= set(card["versions"])
        assert {"validation", "test", "test_page_like", "not_digits"} <= set(card["figures"])
        assert str(trained.parent.parent) not in text and "/tmp" not in text

    def test_the_reject_curve_counts_crops(self, trained: Path) -> None:
        curve = json.loads((trained / "digits.json").read_text())["reject_curve"]
        accepted, wrong = curve["accepted"], curve["wrong"]
        assert curve["n"] >= accepted[0] > accepted[-1] and wrong[0] >= wrong[-1]
        assert all(low <= high for low, high in zip(wrong, accepted, strict=True))
        assert accepted == sorted(accepted, reverse=True)

    def test_nothing_else_is_left_in_the_folder(self, trained: Path) -> None:
        assert set(contents(trained)) == {"digits.npz", "digits.json"}
        assert hidden(trained) == []

    def test_the_same_seed_gives_the_same_network(self, folder: Path, tmp_path: Path) -> None:
        files = []
        for out, seed in (("one", 5), ("two", 5), ("three", 6)):
            training.train(folder, tmp_path / out, replace(PLAIN, seed=seed))
            files.append(contents(tmp_path / out))
        assert files[0] == files[1]
        assert files[0]["digits.npz"] != files[2]["digits.npz"]

    def test_without_a_teacher(self, folder: Path, tmp_path: Path) -> None:
        card = training.train(folder, tmp_path, replace(PLAIN, epochs=6))
        assert len(card["weights"]) == 1
        assert card["figures"]["test"]["accuracy"] > 0.3

    def test_further_digits_are_learned_and_named(self, folder: Path, tmp_path: Path) -> None:
        images, labels = drawn(60, 7)
        np.savez(tmp_path / "mine.npz", images=images, labels=labels)
        plain = training.train(folder, tmp_path / "plain", PLAIN)
        card = training.train(folder, tmp_path / "more", PLAIN, [tmp_path / "mine.npz"])
        assert card["data"]["added"] == [{"name": "mine.npz", "n": 60, "sha256": hashlib.sha256(
            images.tobytes() + labels.tobytes()).hexdigest()}] and plain["data"]["added"] == []
        assert card["sha256"] != plain["sha256"]

    @pytest.mark.parametrize("failure", [KeyboardInterrupt, MemoryError])
    @pytest.mark.parametrize("at", ["learning", "writing"])
    def test_a_training_that_ends_early_changes_nothing(
            self, folder: Path, tmp_path: Path, shipped_before: dict[str, bytes],
            monkeypatch: pytest.MonkeyPatch, failure: type[BaseException], at: str) -> None:
        def fails(*_: object, **__: object) -> None:
            raise failure

        where = "scanproc.network.nets.student" if at == "learning" else "json.dumps"
        monkeypatch.setattr("scanproc.network.train._key", lambda *_: "k")
        monkeypatch.setattr(where, fails)
        with pytest.raises(failure):
            training.train(folder, tmp_path, PLAIN)
        assert contents(tmp_path) == shipped_before

    def test_a_network_of_no_numbers_is_not_put_in_place(
            self, folder: Path, tmp_path: Path, shipped_before: dict[str, bytes],
            monkeypatch: pytest.MonkeyPatch) -> None:
        stage = classify.Stage((np.full((784, 11), np.nan, np.float32),),
                               (np.zeros(11, np.float32),), 1.0, 0.0)
        monkeypatch.setattr(training, "_network", lambda *_: classify.Network((stage,), 1.0, {}))
        with pytest.raises(ModelError, match="no numbers"):
            training.train(folder, tmp_path, QUICK)
        assert contents(tmp_path) == shipped_before

    def test_an_output_folder_that_is_a_file_is_told_before_the_training(
            self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(training, "_network", lambda *_: pytest.fail("it trained"))
        (tmp_path / "models").write_text("not a folder")
        with pytest.raises(OutputError, match="models cannot be written"):
            training.train(folder, tmp_path / "models", QUICK)

    def test_wrong_data_change_nothing(self, tmp_path: Path,
                                       shipped_before: dict[str, bytes]) -> None:
        with pytest.raises(UsageError, match="train-images-idx3-ubyte"):
            training.train(tmp_path, tmp_path, QUICK)
        assert contents(tmp_path) == shipped_before and hidden(tmp_path) == []

    def test_killed_at_any_step_the_same_command_goes_on_to_the_same_network(
            self, folder: Path, tmp_path: Path) -> None:
        """A real process, killed with SIGKILL four times on its way."""
        (tmp_path / "recipe.toml").write_text(TABLE)

        def command(out: str) -> list[str]:
            return [sys.executable, "-m", "scanproc", "train", "--data", str(folder), "--out",
                    str(tmp_path / out), "--settings", str(tmp_path / "recipe.toml")]

        for part in ("teacher", "answers", "stage0", "stage1"):
            process = subprocess.Popen(command("killed"), stderr=subprocess.DEVNULL)
            while process.poll() is None and not list(tmp_path.glob(f"killed/.*/{part}.npz")):
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL, f"it had ended before {part}"
            assert contents(tmp_path / "killed") == {}
        for out in ("killed", "undisturbed"):
            subprocess.run(command(out), check=True, capture_output=True)
        assert contents(tmp_path / "killed") == contents(tmp_path / "undisturbed")
        assert hidden(tmp_path / "killed") == []

    def test_an_interrupt_says_that_the_same_command_goes_on(
            self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
            ) -> None:
        def stops(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(training, "_network", stops)
        done = CliRunner().invoke(cli.main, ["train", "--data", str(folder), "--out",
                                             str(tmp_path / "models")])
        assert done.exit_code == 130
        (told,) = done.stderr.strip().splitlines()
        assert told.startswith("scanproc: stopped; what was learned is kept in ")
        assert told.endswith("the same command goes on from there")

    def test_a_second_training_into_one_folder_is_refused_before_it_begins(
            self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(training, "_network", lambda *_: pytest.fail("it trained"))
        with (held(tmp_path, training.LOCK),
              pytest.raises(HeldError, match="another training works on")):
            training.train(folder, tmp_path, QUICK)


@pytest.fixture
def finished(tmp_path: Path, shipped_before: dict[str, bytes]) -> Callable[[], None]:
    """A function that writes a network of one matrix over the one that lies there."""
    stage = classify.Stage((np.zeros((784, 11), np.float32),), (np.zeros(11, np.float32),), 1.0,
                           0.0)
    (tmp_path / "staging").mkdir()
    return lambda: training._write(classify.Network((stage,), 1.0, {}), {}, tmp_path / "staging",
                                   tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_between_the_two_files_comes_after_both(
        finished: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        number: int) -> None:
    move = Path.replace

    def interrupted(file: Path, target: Path) -> None:
        move(file, target)
        if file.suffix == ".npz":
            signal.raise_signal(number)

    def stops(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    before = signal.signal(number, stops)
    try:
        with pytest.raises(KeyboardInterrupt):
            finished()
        assert signal.getsignal(number) is stops
    finally:
        signal.signal(number, before)
    assert len(classify.load(str(tmp_path / "digits.npz")).stages) == 1


def test_files_are_brought_to_disk_as_windows_wants_it(
        finished: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """There only what is open for writing can be flushed."""
    modes = []
    monkeypatch.setattr(os, "fsync", lambda number: modes.append(
        fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE))
    finished()
    assert modes == [os.O_RDWR, os.O_RDWR]


@pytest.mark.parametrize("missing", [("tensorflow", "keras"), ("matplotlib",)])
def test_without_a_package_it_says_at_once_what_to_install(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...]) -> None:
    monkeypatch.delitem(sys.modules, "scanproc.network.nets", raising=False)
    monkeypatch.delattr(network, "nets", raising=False)
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match="-m pip install tensorflow matplotlib"):
        training.train(tmp_path, tmp_path / "models", QUICK)
    assert not (tmp_path / "models").exists()
