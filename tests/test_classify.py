"""The model file and its card, and what the network makes of images."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import struct
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scanproc.errors import ModelError
from scanproc.page import classify


class RunsCode:
    """What a hostile pickle would do when it is read."""

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(Path.cwd() / "code-was-run"),)


def layers(*stages: tuple[int, ...], seed: int = 0, sure: float = 0.9) -> dict[str, np.ndarray]:
    """What the file of a network with layers of these sizes holds."""
    rng = np.random.default_rng(seed)
    arrays = {"sure": np.float32(sure)}
    for stage, sizes in enumerate(stages or [(784, 12, 11), (784, 20, 14, 11)]):
        arrays[f"stage{stage}_temperature"] = np.float32(0.8)
        arrays[f"stage{stage}_lenient"] = np.float32(0.5)
        for at, (taken, given) in enumerate(zip(sizes[:-1], sizes[1:], strict=True)):
            arrays[f"stage{stage}_weight{at}"] = rng.normal(0, 0.1, (taken, given)).astype("f4")
            arrays[f"stage{stage}_bias{at}"] = rng.normal(0, 0.1, given).astype("f4")
    return arrays


def changed(**arrays: np.ndarray) -> dict[str, np.ndarray]:
    return layers() | arrays


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


def written_out(arrays: dict[str, np.ndarray], stage: int, seen: np.ndarray) -> np.ndarray:
    """The formula of one stage, in double precision."""
    values = seen.reshape(len(seen), 784).astype(np.float64)
    last = sum(name.startswith(f"stage{stage}_weight") for name in arrays) - 1
    for at in range(last + 1):
        values = values @ arrays[f"stage{stage}_weight{at}"] + arrays[f"stage{stage}_bias{at}"]
        values = values if at == last else np.maximum(values, 0)
    values = np.exp(values / arrays[f"stage{stage}_temperature"])
    return values / values.sum(axis=1, keepdims=True)


def test_probabilities_are_those_of_the_layers_written_out(tmp_path: Path) -> None:
    arrays = layers((784, 12, 11))
    found = classify.classify(classify.load(written(tmp_path, packed(arrays))), images(5))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, written_out(arrays, 0, images(5)), atol=1e-5)


def test_what_a_stage_doubts_the_next_one_answers(tmp_path: Path) -> None:
    sizes = (784, 12, 11), (784, 9, 11), (784, 7, 11)
    seen = images(200)
    first, second, third = (written_out(layers(*sizes), stage, seen) for stage in range(3))
    sure = np.median(first.max(axis=1))
    found = classify.classify(
        classify.load(written(tmp_path, packed(layers(*sizes, sure=sure)))), seen)
    doubted = first.max(axis=1) < sure
    again = doubted & (second.max(axis=1) < sure)
    assert doubted.sum() == 100 and 0 < again.sum() < 100
    np.testing.assert_allclose(found[~doubted], first[~doubted], atol=1e-5)
    np.testing.assert_allclose(found[doubted & ~again], second[doubted & ~again], atol=1e-5)
    np.testing.assert_allclose(found[again], third[again], atol=1e-5)


def test_a_stage_of_ten_answers_takes_everything_for_a_digit(tmp_path: Path) -> None:
    arrays = layers((784, 12, 10))
    found = classify.classify(classify.load(written(tmp_path, packed(arrays))), images(60))
    assert (found[:, classify.NOT_A_DIGIT] == 0).all()
    np.testing.assert_allclose(found[:, :10], written_out(arrays, 0, images(60)), atol=1e-5)


def test_no_images_give_no_rows(network: classify.Network) -> None:
    found = classify.classify(network, np.empty((0, 28, 28), np.float32))
    assert found.shape == (0, 11) and found.dtype == np.float32


def test_images_of_another_shape_are_an_error(network: classify.Network) -> None:
    with pytest.raises(ValueError, match="28, 28"):
        classify.classify(network, np.zeros((3, 32, 32), np.float32))


def test_a_digit_is_read_alike_in_any_company(network: classify.Network) -> None:
    seen = images(classify.BATCH * 4 + 9)
    alone = classify.classify(replace(network, sure=0), seen).max(axis=1)
    network = replace(network, sure=float(np.median(alone)))  # a hundred go on, two batches
    together = classify.classify(network, seen)
    for company in (1, 7, classify.BATCH, classify.BATCH + 1):
        assert np.array_equal(together[:company], classify.classify(network, seen[:company]))
        apart = [classify.classify(network, seen[at:at + company])
                 for at in range(0, len(seen), company)]
        np.testing.assert_allclose(together, np.concatenate(apart), atol=1e-6)


def test_fewer_non_digits_expected_leave_the_odds_among_the_digits_as_they_are() -> None:
    rows = np.array([[0.6, 0.2, *[0.0] * 8, 0.2], [0.0, 0.1, *[0.0] * 8, 0.9]], np.float32)
    found = classify.expecting(rows, 0.1)
    assert np.allclose(found.sum(axis=1), 1)
    assert np.isclose(found[0, 0] / found[0, 1], 3)
    assert np.isclose(found[1, 10] / found[1, 1], 0.1 * 9)
    assert not classify.expecting(rows, 0)[:, 10].any() and rows[0, 10] == np.float32(0.2)


def test_large_logits_do_not_overflow(tmp_path: Path) -> None:
    arrays = changed(stage0_bias1=np.float32([1e4, *[-1e4] * 10]))
    found = classify.classify(classify.load(written(tmp_path, packed(arrays))), images(2))
    np.testing.assert_array_equal(found[:, 0], 1.0)


def test_the_network_cannot_be_changed_by_a_user_of_it(network: classify.Network) -> None:
    with pytest.raises(ValueError):
        network.stages[0].weights[0][0, 0] = 1.0


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


def test_a_network_is_packed_as_it_is_loaded(network: classify.Network, tmp_path: Path) -> None:
    again = classify.load(written(tmp_path, packed(classify.arrays(network))))
    assert np.array_equal(classify.classify(again, images(70)),
                          classify.classify(network, images(70)))


def test_an_altered_model_is_refused_or_the_same_where_the_card_agrees(tmp_path: Path) -> None:
    arrays = layers((784, 2, 11), (784, 1, 11))
    rng, whole, refused = np.random.default_rng(7), packed(arrays), 0
    for _ in range(500):
        content = bytearray(whole[:rng.integers(len(whole))] if rng.random() < 0.2 else whole)
        for at in rng.integers(max(1, len(content)), size=rng.integers(1, 4)):
            content[at:at + 1] = rng.bytes(rng.integers(3))
        try:
            found = classify.arrays(classify.load(written(tmp_path, bytes(content))))
        except ModelError:
            refused += 1
        else:  # bytes that no reader of an archive looks at
            assert all(np.array_equal(found[name], arrays[name]) for name in arrays)
    assert refused > 450


def test_a_model_with_bytes_changed_is_refused_even_where_the_card_agrees(tmp_path: Path) -> None:
    content = bytearray(packed(layers()))
    content[3000] ^= 0xFF
    with pytest.raises(ModelError, match="damaged"):
        classify.load(written(tmp_path, bytes(content)))


@pytest.mark.parametrize(("arrays", "words"), [
    (layers((784, 12, 9)), "do not fit"),
    (layers((100, 12, 11)), "do not fit"),
    (layers((784, 12, 11), (784, 12, 12)), "do not fit"),
    (changed(stage0_bias0=np.zeros(11, np.float32)), "do not fit"),
    (changed(stage1_weight1=np.zeros((20, 14, 1), np.float32)), "do not fit"),
    (changed(stage0_temperature=np.float32(0)), "do not fit"),
    (changed(stage1_temperature=np.ones(2, np.float32)), "layers of a network"),
    (changed(stage1_temperature=np.ones(1, np.float32)), "layers of a network"),
    (changed(sure=np.ones(1, np.float32)), "layers of a network"),
    (changed(sure=np.float32(1.01)), "sure is 1.01"),
    (changed(sure=np.float32(-0.5)), "sure is -0.5"),
    (changed(sure=np.float32(np.nan)), "no numbers"),
    (changed(stage0_weight0=np.full((784, 12), np.nan, np.float32)), "no numbers"),
    (changed(stage1_bias1=np.full(14, np.inf, np.float32)), "no numbers"),
    (changed(stage0_temperature=np.float32(np.nan)), "no numbers"),
    (changed(stage0_weight0=np.zeros((784, 12))), "float32"),
    (changed(stage0_weight0=np.full((784, 12), "a")), "float32"),
    (changed(more=np.zeros(1, np.float32)), "layers of a network"),
    (changed(stage7_temperature=np.float32(1)), "layers of a network"),
    ({name: array for name, array in layers().items() if name != "sure"}, "layers of a network"),
    ({name: array for name, array in layers().items() if name != "stage1_bias2"},
     "layers of a network"),
    ({"sure": np.float32(1)}, "layers of a network"),
    ({"sure": np.float32(1), "stage0_temperature": np.float32(1), "stage0_lenient": np.float32(0)},
     "do not fit"),
    ({"temperature": np.float32(1), "weight0": np.zeros((784, 10), np.float32),
      "bias0": np.zeros(10, np.float32)}, "layers of a network"),
    ({}, "layers of a network"),
    (layers((784, *[2] * classify.MAX_ARRAYS, 11)), "layers of a network"),
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
        content = packed(changed(stage0_weight0=np.array([RunsCode()], object)))
    elif hostile == "pickle":
        content = pickle.dumps(RunsCode())
    else:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("stage0_weight0", pickle.dumps(RunsCode()))
            archive.writestr("stage0_bias0", b"")
            archive.writestr("stage0_temperature", b"")
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
        archive.writestr("stage0_weight0.npy", member.getvalue() + struct.pack("<f", 1.0))
    with pytest.raises(ModelError, match="damaged"):
        classify.load(written(tmp_path, stream.getvalue()))


def test_a_model_that_unpacks_to_very_much_is_refused(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("stage0_weight0.npy", bytes(classify.MAX_BYTES + 1))
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
    assert network.card["weights"] == [
        sum(array.size for array in (*stage.weights, *stage.biases)) for stage in network.stages]


def test_the_card_of_the_shipped_model_names_no_place_on_a_disk() -> None:
    text = json.dumps(classify.load().card)
    assert "/work" not in text and "/home" not in text and "/tmp" not in text
