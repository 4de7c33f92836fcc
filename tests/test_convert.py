"""The exported network answers as the cascade does, wherever it is loaded."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from scanproc import cli
from scanproc.errors import OutputError, UsageError
from scanproc.network import convert
from scanproc.page import classify

README = Path(__file__).parent.parent / "README.md"
SIZES = {
    "one stage": [(784, 12, 11)],
    "one matrix": [(784, 11)],
    "two stages": [(784, 12, 11), (784, 20, 14, 11)],
    "three stages": [(784, 12, 11), (784, 20, 14, 11), (784, 30, 11)],
    "stages of ten answers": [(784, 12, 10), (784, 20, 14, 10)],
}
LOADS = """
import sys
import keras
import numpy as np
model = keras.models.load_model(sys.argv[1], safe_mode=True)
assert model.input.name == "images" and model.output_names == ["probabilities"]
np.save(sys.argv[3], model.predict(np.load(sys.argv[2]), verbose=0))
"""
FULL = """
import resource
import sys
from pathlib import Path
from scanproc.network import convert
from scanproc.page import classify
network = classify.load(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
convert.export(network, Path(sys.argv[2]))
"""


def strokes(count: int) -> np.ndarray:
    """Like MNIST: most of it empty, some strokes in full ink with soft ends."""
    rng = np.random.default_rng(7)
    drawn = np.zeros((count, 28, 28), np.uint8)
    for image in drawn:
        corners = rng.integers(5, 23, (4, 1, 2)).astype(np.int32)
        cv2.polylines(image, [corners], False, 255, 2, cv2.LINE_AA)
    return drawn.astype(np.float32) / 255


IMAGES = np.concatenate([np.random.default_rng(1).random((60, 28, 28), np.float32), strokes(61),
                         np.zeros((1, 28, 28), np.float32), np.ones((1, 28, 28), np.float32)])


def made(folder: Path, sizes: list[tuple[int, ...]]) -> classify.Network:
    """A network of which each stage but the last is sure of a half of `IMAGES`, loaded anew."""
    rng = np.random.default_rng(5)
    stages = []
    for at, layers in enumerate(sizes):
        shapes = list(zip(layers[:-1], layers[1:], strict=True))
        stages.append(classify.Stage(
            tuple(rng.normal(0, 0.1, shape).astype("f4") for shape in shapes),
            tuple(rng.normal(0, 0.1, given).astype("f4") for _, given in shapes),
            0.64 + at / 8, 0.4))
    first = classify.classify(classify.Network(tuple(stages[:1]), 0.0, {}), IMAGES)
    between = np.sort(first.max(axis=1))[[60, 61]].mean()
    np.savez(folder / "own.npz",
             **classify.arrays(classify.Network(tuple(stages), float(between), {})))
    sha256 = hashlib.sha256((folder / "own.npz").read_bytes()).hexdigest()
    card = {"sha256": sha256, "data": {"name": "own digits \ud800, CC BY 4.0"}}
    (folder / "own.json").write_text(json.dumps(card))
    return classify.load(str(folder / "own.npz"))


@pytest.fixture(params=SIZES)
def network(tmp_path: Path, request: pytest.FixtureRequest) -> classify.Network:
    return made(tmp_path, SIZES[request.param])


@pytest.fixture
def two_stages(tmp_path: Path) -> classify.Network:
    return made(tmp_path, SIZES["two stages"])


def by_onnxruntime(file: Path, images: np.ndarray) -> np.ndarray:
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(file, providers=["CPUExecutionProvider"])
    return session.run(["probabilities"], {"images": images})[0]


def by_opencv(file: Path, images: np.ndarray) -> np.ndarray:
    net = cv2.dnn.readNetFromONNX(str(file))
    net.setInput(images)
    return net.forward()


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


class TestOnnx:
    @pytest.fixture(autouse=True)
    def installed(self) -> None:
        pytest.importorskip("onnx", reason="pip install 'scanproc[train]'")

    @pytest.mark.parametrize("run", [by_onnxruntime, by_opencv])
    def test_it_answers_as_the_cascade(
            self, network: classify.Network, tmp_path: Path,
            run: Callable[[Path, np.ndarray], np.ndarray]) -> None:
        convert.export(network, tmp_path / "own.onnx")
        for rows in (IMAGES, IMAGES[:1], IMAGES[60:67]):
            found = run(tmp_path / "own.onnx", rows)
            assert found.dtype == np.float32
            np.testing.assert_allclose(found, classify.classify(network, rows), atol=1e-5)

    def test_some_images_were_answered_by_each_stage(self, two_stages: classify.Network) -> None:
        found = classify.classify(two_stages, IMAGES)
        alone = [classify.classify(classify.Network((stage,), 0.0, {}), IMAGES)
                 for stage in two_stages.stages]
        by = [np.isclose(found, answer, atol=1e-6).all(axis=1).sum() for answer in alone]
        assert by == [62, 61] and (np.abs(alone[0] - alone[1]).max(axis=1) > 0.01).all()

    def test_no_images_give_no_rows(self, two_stages: classify.Network, tmp_path: Path) -> None:
        convert.export(two_stages, tmp_path / "own.onnx")
        assert by_onnxruntime(tmp_path / "own.onnx", IMAGES[:0]).shape == (0, 11)

    def test_it_says_what_it_is(self, two_stages: classify.Network, tmp_path: Path) -> None:
        import onnx

        convert.export(two_stages, tmp_path / "own.onnx")
        model = onnx.load(tmp_path / "own.onnx")
        told = {fact.key: fact.value for fact in model.metadata_props}
        assert told["sha256"] == two_stages.card["sha256"] and "10 not a digit" in told["classes"]
        assert json.loads(told["card"]) == two_stages.card
        assert "ink 1.0" in model.doc_string and "column 10 not a digit" in model.doc_string
        held = {constant.name for constant in model.graph.initializer}
        assert held == {convert.PARTS, *classify.arrays(two_stages)}

    def test_the_same_network_gives_the_same_bytes(
            self, two_stages: classify.Network, tmp_path: Path) -> None:
        for name in ("one.onnx", "two.onnx"):
            convert.export(two_stages, tmp_path / name)
        assert (tmp_path / "one.onnx").read_bytes() == (tmp_path / "two.onnx").read_bytes()

    def test_the_shipped_network_and_the_lines_of_the_readme(
            self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        pytest.importorskip("onnxruntime")
        done = CliRunner().invoke(cli.main, ["export-model", str(tmp_path / "digits.onnx")])
        assert done.exit_code == 0, done.output
        found = readme_lines("onnxruntime", tmp_path, monkeypatch)
        np.testing.assert_allclose(found, classify.classify(classify.load(), IMAGES), atol=1e-5)


@pytest.mark.filterwarnings("ignore")  # those of TensorFlow itself, while it is imported
class TestKeras:
    @pytest.fixture(autouse=True)
    def installed(self) -> None:
        pytest.importorskip("tensorflow", reason="pip install 'scanproc[train]'")

    def test_it_answers_as_the_cascade(self, network: classify.Network, tmp_path: Path) -> None:
        import keras

        convert.export(network, tmp_path / "own.keras")
        model = keras.models.load_model(tmp_path / "own.keras", safe_mode=True)
        assert model.name == "scanproc_" + network.card["sha256"]
        for rows in (IMAGES, IMAGES[:1]):
            np.testing.assert_allclose(np.asarray(model(rows)), classify.classify(network, rows),
                                       atol=1e-5)

    def test_it_answers_so_where_keras_computes_with_fewer_bits(
            self, two_stages: classify.Network, tmp_path: Path) -> None:
        import keras

        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy("mixed_bfloat16")
        try:
            convert.export(two_stages, tmp_path / "own.keras")
            model = keras.models.load_model(tmp_path / "own.keras", safe_mode=True)
            found = np.asarray(model(IMAGES))
        finally:
            keras.config.set_dtype_policy(before)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, classify.classify(two_stages, IMAGES), atol=1e-5)

    def test_a_fresh_process_loads_it_in_safe_mode(
            self, two_stages: classify.Network, tmp_path: Path) -> None:
        convert.export(two_stages, tmp_path / "own.keras")
        np.save(tmp_path / "images.npy", IMAGES)
        files = [str(tmp_path / name) for name in ("own.keras", "images.npy", "found.npy")]
        subprocess.run([sys.executable, "-c", LOADS, *files], check=True, cwd=tmp_path)
        np.testing.assert_allclose(np.load(tmp_path / "found.npy"),
                                   classify.classify(two_stages, IMAGES), atol=1e-5)

    def test_the_shipped_network_and_the_lines_of_the_readme(
            self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        done = CliRunner().invoke(cli.main, ["export-model", str(tmp_path / "digits.keras")])
        assert done.exit_code == 0, done.output
        found = readme_lines("keras", tmp_path, monkeypatch)
        np.testing.assert_allclose(found, classify.classify(classify.load(), IMAGES), atol=1e-5)


def readme_lines(library: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """The `probabilities` that the README's lines with this library make of `IMAGES`."""
    blocks = re.findall(r"```python\n(.+?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    (lines,) = [block for block in blocks if f"import {library}\n" in block]
    monkeypatch.chdir(folder)
    np.save("images.npy", IMAGES)
    names: dict[str, np.ndarray] = {}
    exec(lines, names)
    return names["probabilities"]


@pytest.mark.parametrize("name", ["own.h5", "own", "own.npz", "own.onnx.gz", ".onnx"])
def test_another_suffix_is_refused(
        two_stages: classify.Network, tmp_path: Path, name: str) -> None:
    before = names(tmp_path)
    with pytest.raises(UsageError, match=r"exported as \.onnx or \.keras"):
        convert.export(two_stages, tmp_path / name)
    assert names(tmp_path) == before


@pytest.mark.parametrize("name, missing, package", [
    ("own.onnx", "onnx", "onnx"), ("own.keras", "keras", "tensorflow")])
def test_a_missing_package_is_told_with_the_line_that_installs_it(
        two_stages: classify.Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str,
        missing: str, package: str) -> None:
    before = names(tmp_path)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(UsageError, match=f"{re.escape(sys.executable)} -m pip install {package}$"):
        convert.export(two_stages, tmp_path / name)
    assert names(tmp_path) == before


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name, package", [("own.onnx", "onnx"), ("own.keras", "tensorflow")])
class TestNothingHalfWritten:
    @pytest.fixture(autouse=True)
    def installed(self, package: str) -> None:
        pytest.importorskip(package, reason="pip install 'scanproc[train]'")

    def test_where_the_disk_takes_no_more(
            self, two_stages: classify.Network, tmp_path: Path, name: str) -> None:
        pytest.importorskip("resource")
        (tmp_path / name).write_bytes(b"that of yesterday")
        before = names(tmp_path)
        ended = subprocess.run(
            [sys.executable, "-c", FULL, str(tmp_path / "own.npz"), str(tmp_path / name)],
            capture_output=True, text=True, check=False)
        assert f"OutputError: {tmp_path / name} cannot be written: File too large" in ended.stderr
        assert (tmp_path / name).read_bytes() == b"that of yesterday"
        assert names(tmp_path) == before

    def test_where_it_is_interrupted(
            self, two_stages: classify.Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
            name: str) -> None:
        def interrupted(_: int) -> None:
            raise KeyboardInterrupt

        before = names(tmp_path)
        monkeypatch.setattr(convert.os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            convert.export(two_stages, tmp_path / name)
        assert names(tmp_path) == before

    def test_where_a_folder_is_missing_or_in_the_way(
            self, two_stages: classify.Network, tmp_path: Path, name: str) -> None:
        with pytest.raises(OutputError, match="nowhere.*cannot be written: No such file"):
            convert.export(two_stages, tmp_path / "nowhere" / name)
        (tmp_path / name).mkdir()
        with pytest.raises(OutputError, match=f"{name} cannot be written: Is a directory"):
            convert.export(two_stages, tmp_path / name)

    def test_an_older_one_is_replaced_by_command(
            self, two_stages: classify.Network, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(b"that of yesterday")
        before = names(tmp_path)
        done = CliRunner().invoke(
            cli.main, ["export-model", str(tmp_path / name), "--model", str(tmp_path / "own.npz")])
        assert (done.exit_code, done.stdout) == (0, "")
        assert done.stderr == f"wrote {tmp_path / name}\n"
        assert two_stages.card["sha256"].encode() in (tmp_path / name).read_bytes()
        assert names(tmp_path) == before


def test_a_model_that_cannot_be_loaded_ends_with_its_exit_code(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        cli.main, ["export-model", str(tmp_path / "own.onnx"), "--model", str(tmp_path / "no.npz")])
    assert done.exit_code == 3 and "no.json" in done.stderr
    assert not names(tmp_path)
