"""A batch of 28x28 images -> probabilities; the model file and its card.

A model is two files. NAME.npz holds float32 arrays, named as `arrays` names them: the dense layers
of every stage, the first taking 784 values and the last giving 11, with the stage's temperature
and how lenient it is, and how `sure` an answer must be to stand. NAME.json is its card; the
`sha256` there is that of NAME.npz, and any other file is refused.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scanproc.errors import ModelError

PACKAGE = Path(__file__).resolve().parent.parent
SHIPPED = "digits.npz"
MAX_BYTES = 64 * 2**20
MAX_ARRAYS = 64
CLASSES = 11
NOT_A_DIGIT = 10  # the class after those of the digits 0-9
# Rows of every matrix product: one shape alone, so that a digit's probabilities do not depend on
# how many others are on its page (BLAS sums in another order for other shapes; for other places in
# one shape it does so on some processors, which can change the last bit). Of a page of 420 digits
# 20 to 42 are doubted: for so many, 48 rows cost a large stage less than 32 or 64.
BATCH = 48

Answer = Callable[[Sequence[np.ndarray]], np.ndarray]  # masks -> (N, 11) float32


@dataclass(frozen=True, eq=False)
class Stage:
    """Dense layers with ReLU between them, batch normalization folded in.

    weights: (inputs, outputs) float32 each, the first with 784 inputs, the last with 11 outputs,
        or with 10 where the stage takes everything for a digit.
    biases: (outputs,) float32 each.
    temperature: what the logits are divided by before the softmax.
    lenient: by how much the logit of `NOT_A_DIGIT` must then pass that of the best digit to count;
        until there the two are made even: it may be a digit, and somebody should look.
    """

    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    temperature: float
    lenient: float


@dataclass(frozen=True, eq=False)
class Network:
    """A cascade: the first stage answers for every image, each next one where that was in doubt.

    stages: from the quickest to the best.
    sure: in [0, 1]; an answer whose greatest probability is less goes on to the next stage.
    card: what is known of the network: data, recipe, figures, sha256.
    """

    stages: tuple[Stage, ...]
    sure: float
    card: dict[str, Any]


def load(path: str = "") -> Network:
    """The network in the .npz file `path`, or the shipped one.

    Raises ModelError where a file is missing, damaged, or not the one its card names. Nothing in
    either file can run code.
    """
    file = path_of(path)
    known = card(path)
    content = content_of(file)
    if hashlib.sha256(content).hexdigest() != known["sha256"]:
        raise ModelError(f"model {file} is not the one its card {file.with_suffix('.json').name} "
                         "names (sha256 differs); put both files back as they were delivered, "
                         "or train again with 'scanproc train'")
    return _checked(file, unpacked(file, content), known)


def card(path: str = "") -> dict[str, Any]:
    """The card of the network in the .npz file `path`, or of the shipped one; weights stay unread.

    Raises ModelError where it is missing or damaged.
    """
    file = path_of(path).with_suffix(".json")
    if not file.is_file():
        raise ModelError(f"there is no {file}: a model NAME.npz has its card NAME.json beside it; "
                         "put both there")
    try:
        found = json.loads(content_of(file))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"model card {file} is not valid JSON; put it back as it was delivered"
                         ) from error
    if not isinstance(found, dict) or not isinstance(found.get("sha256"), str):
        raise ModelError(f"model card {file} names no sha256; put it back as it was delivered")
    return found


def arrays(network: Network) -> dict[str, np.ndarray]:
    """What the .npz file of a network holds, by name: float32 all."""
    named = {"sure": np.float32(network.sure)}
    for at, stage in enumerate(network.stages):
        named[f"stage{at}_temperature"] = np.float32(stage.temperature)
        named[f"stage{at}_lenient"] = np.float32(stage.lenient)
        for layer, (weight, bias) in enumerate(zip(stage.weights, stage.biases, strict=True)):
            named |= {f"stage{at}_weight{layer}": weight, f"stage{at}_bias{layer}": bias}
    return named


def classify(network: Network, images: np.ndarray) -> np.ndarray:
    """Probabilities of the digits 0-9 and of `NOT_A_DIGIT`: (N, 11) float32, rows summing to 1.

    images: (N, 28, 28) float32 in [0, 1], ink = 1.0, laid out as in MNIST; N may be 0.
    Cascading by confidence: Alpaydin and Kaynak 1998, Cascading Classifiers. Calibrated by
    temperature: Guo et al. 2017, On Calibration of Modern Neural Networks.
    """
    if images.ndim != 3 or images.shape[1:] != (28, 28):
        raise ValueError(f"images must have the shape (N, 28, 28), not {images.shape}")
    values = images.reshape(len(images), 784)
    found = _answers(network.stages[0], values)
    for stage in network.stages[1:]:
        doubted = found.max(axis=1) < network.sure
        found[doubted] = _answers(stage, values[doubted])
    return found


def expecting(probabilities: np.ndarray, less: float) -> np.ndarray:
    """The probabilities where non-digits are expected `less` times as often as the network expects
    them: (N, 11), rows summing to 1.

    probabilities: (N, 11) as `classify` gives them. less: 0 where there are none.
    Saerens et al. 2002, Adjusting the Outputs of a Classifier to New a Priori Probabilities.
    """
    found = probabilities.copy()
    found[:, NOT_A_DIGIT] *= less
    return found / found.sum(axis=1, keepdims=True)


def _answers(stage: Stage, values: np.ndarray) -> np.ndarray:
    """(N, 784) -> (N, 11)."""
    count = len(values)
    found = np.zeros((-(-count // BATCH) * BATCH, CLASSES), np.float32)
    batch = np.zeros((BATCH, 784), np.float32)
    for at in range(0, count, BATCH):
        rows = values[at:at + BATCH]
        batch[:len(rows)] = rows
        answer = _forward(stage, batch)
        found[at:at + BATCH, :answer.shape[1]] = answer
    return found[:count]


def _forward(stage: Stage, values: np.ndarray) -> np.ndarray:
    values = logits(stage.weights, stage.biases, values)
    values /= np.float32(stage.temperature)
    if values.shape[1] == CLASSES:
        best, none = values[:, :NOT_A_DIGIT].max(axis=1), values[:, NOT_A_DIGIT]
        np.minimum(none, best, out=none, where=none - best < np.float32(stage.lenient))
    exponents = np.exp(values - values.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


def logits(weights: Sequence[np.ndarray], biases: Sequence[np.ndarray], values: np.ndarray
           ) -> np.ndarray:
    """What dense layers with ReLU between them give: (N, inputs) -> (N, outputs), a new array."""
    last = len(weights) - 1
    for at, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        values = values @ weight
        values += bias
        if at < last:
            np.maximum(values, 0, out=values)
    return values


def path_of(path: str) -> Path:
    """The shipped one is packed with the package, or beside it in a checkout (editable install)."""
    if path:
        return Path(path)
    packed = PACKAGE / "models" / SHIPPED
    return packed if packed.is_file() else PACKAGE.parent / "models" / SHIPPED


def content_of(file: Path) -> bytes:
    """The bytes of a model or a card. Raises ModelError where it is missing or too large."""
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ModelError(f"model {file} cannot be read: {error.strerror}; install the program "
                         "again, or name another one in the setting 'model'") from error
    if len(content) > MAX_BYTES:
        raise ModelError(f"model {file} is larger than {MAX_BYTES // 2**20} MB; it is no model "
                         "of this program")
    return content


def unpacked(file: Path, content: bytes) -> dict[str, np.ndarray]:
    """The arrays of an .npz, by name; nothing in it can run code. Raises ModelError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > MAX_BYTES:
            raise ValueError("it unpacks to more than a model holds")
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except Exception as error:  # a forged archive breaks zipfile and NumPy in many ways
        raise ModelError(f"model {file} is damaged: {error}") from error


def _checked(file: Path, found: dict[str, np.ndarray], card: dict[str, Any]) -> Network:
    for name, array in found.items():
        if not isinstance(array, np.ndarray) or array.dtype != np.float32:
            raise ModelError(f"model {file}: {name} is not of type float32")
        if not np.isfinite(array).all():
            raise ModelError(f"model {file}: {name} holds values that are no numbers")
        array.setflags(write=False)
    if len(found) > MAX_ARRAYS or not (network := _network(found, card)):
        raise ModelError(f"model {file} does not hold the layers of a network of this program")
    if not all(map(_fits, network.stages)):
        raise ModelError(f"model {file}: the layers do not fit one another; every stage must take "
                         f"784 values and give {CLASSES}")
    if not 0 <= network.sure <= 1:
        raise ModelError(f"model {file}: sure is {network.sure:g}, not between 0 and 1")
    return network


def _network(found: dict[str, np.ndarray], card: dict[str, Any]) -> Network | None:
    """What `arrays` would give these names to, or None."""
    try:
        count = sum(name.endswith("_temperature") for name in found)
        stages = tuple(_stage(found, at) for at in range(count))
        network = Network(stages, found["sure"].item(), card)
    except (KeyError, ValueError):  # ValueError: more than one value
        return None
    return network if stages and _shapes(arrays(network)) == _shapes(found) else None


def _shapes(named: dict[str, np.ndarray]) -> dict[str, tuple[int, ...]]:
    return {name: array.shape for name, array in named.items()}


def _stage(found: dict[str, np.ndarray], at: int) -> Stage:
    layers = range(sum(name.startswith(f"stage{at}_weight") for name in found))
    return Stage(tuple(found[f"stage{at}_weight{layer}"] for layer in layers),
                 tuple(found[f"stage{at}_bias{layer}"] for layer in layers),
                 found[f"stage{at}_temperature"].item(), found[f"stage{at}_lenient"].item())


def _fits(stage: Stage) -> bool:
    sizes = [784, *(bias.size for bias in stage.biases)]
    shapes = [weight.shape == (taken, given) and bias.shape == (given,)
              for weight, bias, taken, given
              in zip(stage.weights, stage.biases, sizes[:-1], sizes[1:], strict=True)]
    return all(shapes) and sizes[-1] in (CLASSES - 1, CLASSES) and stage.temperature > 0
