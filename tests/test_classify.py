"""The model file and its card, and what the network makes of images."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from scanproc.errors import ModelError
from scanproc.page import classify


class RunsCode:
    """What a hostile pickle would do when it is read."""

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(Path.cwd() / "code-was-run"),)


def layers(sizes: tuple[int, ...] = (784, 12, 10), seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    arrays = {"temperature": np.float32(0.8)}
    for at, (taken, given) in enumerate(zip(sizes[:-1], sizes[1:], strict=True)):
        arrays[f"weight{at}"] = rng.normal(0, 0.3, (taken, given)).astype(np.float32)
        arrays[f"bias{at}"] = rng.normal(0, 0.3, given).astype(np.float32)
    return arrays


def written(folder: Path, content: bytes) -> str:
    """A model file of these bytes, with a card that names them."""
    (folder / "own.npz").write_bytes(content)
    card = {"sha256": hashlib.sha256(content).hexdigest()}
    (folder / "own.json").write_text(json.dumps(card))
    return str(folder / "own.npz")


def packed(arrays: dict[str, np.ndarray]) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


@pytest.fixture
def network(tmp_path: Path) -> classify.Network:
    return classify.load(written(tmp_path, packed(layers())))


def images(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).random((count, 28, 28), np.float32)


def test_probabilities_are_those_of_the_layers_written_out(network: classify.Network) -> None:
    arrays = {name: array.astype(np.float64) for name, array in layers().items()}
    seen = images(5).reshape(5, 784).astype(np.float64)
    hidden = np.maximum(seen @ arrays["weight0"] + arrays["bias0"], 0)
    logits = (hidden @ arrays["weight1"] + arrays["bias1"]) / 0.8
    wanted = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    found = classify.classify(network, images(5))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_no_images_give_no_rows(network: classify.Network) -> None:
    found = classify.classify(network, np.empty((0, 28, 28), np.float32))
    assert found.shape == (0, 10) and found.dtype == np.float32


def test_images_of_another_shape_are_an_error(network: classify.Network) -> None:
    with pytest.raises(ValueError, match="28, 28"):
        classify.classify(network, np.zeros((3, 32, 32), np.float32))


def test_a_digit_is_read_alike_in_any_company(network: classify.Network) -> None:
    seen = images(classify.BATCH * 2 + 9)
    together = classify.classify(network, seen)
    for company in (1, 7, classify.BATCH, classify.BATCH + 1):
        apart = [classify.classify(network, seen[at:at + company])
                 for at in range(0, len(seen), company)]
        assert np.array_equal(together, np.concatenate(apart))


def test_large_logits_do_not_overflow(tmp_path: Path) -> None:
    arrays = layers()
    arrays["bias1"] = np.float32([1e4, *[-1e4] * 9])
    found = classify.classify(classify.load(written(tmp_path, packed(arrays))), images(2))
    np.testing.assert_array_equal(found[:, 0], 1.0)


def test_the_network_cannot_be_changed_by_a_user_of_it(network: classify.Network) -> None:
    with pytest.raises(ValueError):
        network.weights[0][0, 0] = 1.0


def test_a_model_with_another_hash_than_its_card_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, packed(layers()))
    Path(path).write_bytes(packed(layers(seed=2)))
    with pytest.raises(ModelError, match="not the one its card own.json names"):
        classify.load(path)


@pytest.mark.parametrize("keep", [0, 1, 100, -1])
def test_a_truncated_model_is_refused(tmp_path: Path, keep: int) -> None:
    content = packed(layers())[:keep]
    with pytest.raises(ModelError, match="damaged"):
        classify.load(written(tmp_path, content))


def test_a_model_with_bytes_changed_is_refused_even_where_the_card_agrees(tmp_path: Path) -> None:
    content = bytearray(packed(layers()))
    content[3000] ^= 0xFF
    with pytest.raises(ModelError, match="damaged"):
        classify.load(written(tmp_path, bytes(content)))


def changed(**arrays: np.ndarray) -> dict[str, np.ndarray]:
    return layers() | arrays


@pytest.mark.parametrize(("arrays", "words"), [
    (layers((784, 12, 9)), "do not fit"),
    (layers((100, 12, 10)), "do not fit"),
    (changed(bias0=np.zeros(11, np.float32)), "do not fit"),
    (changed(weight1=np.zeros((12, 10, 1), np.float32)), "do not fit"),
    (changed(temperature=np.float32(0)), "do not fit"),
    (changed(temperature=np.ones(2, np.float32)), "do not fit"),
    (changed(weight0=np.full((784, 12), np.nan, np.float32)), "no numbers"),
    (changed(bias1=np.full(10, np.inf, np.float32)), "no numbers"),
    (changed(temperature=np.float32(np.nan)), "no numbers"),
    (changed(weight0=np.zeros((784, 12))), "float32"),
    (changed(weight0=np.full((784, 12), "a")), "float32"),
    (changed(more=np.zeros(1, np.float32)), "layers of a network"),
    ({"temperature": np.float32(1)}, "layers of a network"),
    ({}, "layers of a network"),
    (layers((784, *[2] * classify.MAX_LAYERS, 10)), "layers of a network"),
])
def test_arrays_that_are_no_network_are_refused(
        tmp_path: Path, arrays: dict[str, np.ndarray], words: str) -> None:
    with pytest.raises(ModelError, match=words):
        classify.load(written(tmp_path, packed(arrays)))


@pytest.mark.parametrize("hostile", ["object array", "pickle", "member that is no array"])
def test_no_code_of_a_model_file_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                        hostile: str) -> None:
    monkeypatch.chdir(tmp_path)
    if hostile == "object array":
        content = packed(changed(weight0=np.array([RunsCode()], object)))
    elif hostile == "pickle":
        content = pickle.dumps(RunsCode())
    else:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("weight0", pickle.dumps(RunsCode()))
            archive.writestr("bias0", b"")
            archive.writestr("temperature", b"")
        content = stream.getvalue()
    with pytest.raises(ModelError):
        classify.load(written(tmp_path, content))
    assert not (tmp_path / "code-was-run").exists()


def test_an_array_that_claims_to_be_huge_is_refused(tmp_path: Path) -> None:
    member = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        member, {"descr": "<f4", "fortran_order": False, "shape": (10**12, 784)})
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("weight0.npy", member.getvalue() + struct.pack("<f", 1.0))
    with pytest.raises(ModelError, match="damaged"):
        classify.load(written(tmp_path, stream.getvalue()))


def test_a_model_that_unpacks_to_very_much_is_refused(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("weight0.npy", bytes(classify.MAX_BYTES + 1))
    with pytest.raises(ModelError, match="unpacks to more"):
        classify.load(written(tmp_path, stream.getvalue()))


def test_a_file_larger_than_any_model_is_not_read_whole(tmp_path: Path) -> None:
    path = written(tmp_path, b"")
    os.truncate(path, classify.MAX_BYTES * 50)
    with pytest.raises(ModelError, match="larger than"):
        classify.load(path)


@pytest.mark.parametrize(("card", "words"), [
    ("", "not valid JSON"), ("{", "not valid JSON"), ("[" * 100_000, "not valid JSON"),
    ("\udcff", "not valid JSON"), ("[]", "no sha256"), ("{}", "no sha256"),
    ('{"sha256": 5}', "no sha256"),
])
def test_a_card_that_is_none_is_refused(tmp_path: Path, card: str, words: str) -> None:
    path = written(tmp_path, packed(layers()))
    (tmp_path / "own.json").write_bytes(card.encode(errors="surrogateescape"))
    with pytest.raises(ModelError, match=words):
        classify.load(path)


@pytest.mark.parametrize("missing", ["own.npz", "own.json"])
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    path = written(tmp_path, packed(layers()))
    (tmp_path / missing).unlink()
    with pytest.raises(ModelError, match=missing):
        classify.load(path)


def test_the_shipped_model_is_the_one_its_card_names() -> None:
    network = classify.load()
    assert network.card["weights"] == sum(
        array.size for array in (*network.weights, *network.biases))
    assert network.card["temperature"] == network.temperature


def test_the_card_of_the_shipped_model_names_no_place_on_a_disk() -> None:
    text = json.dumps(classify.load().card)
    assert "/work" not in text and "/home" not in text and "/tmp" not in text


def test_the_shipped_model_on_mnist_is_as_good_as_its_card_says(mnist) -> None:
    seen, labels = mnist("t10k")
    network = classify.load()
    found = classify.classify(network, seen.astype(np.float32) / 255)
    right = float((found.argmax(axis=1) == labels).mean())
    assert len(labels) == 10_000
    assert right >= 0.99
    # Another processor may round another way: one digit of 10,000.
    assert right == pytest.approx(network.card["figures"]["test_accuracy"], abs=1.5e-4)
