"""A batch of 28x28 images -> probabilities; the model file and its card.

A model is two files. NAME.npz holds float32 arrays: `weight0`, `bias0`, `weight1`, ... of dense
layers, the first taking 784 values and the last giving 10, and the `temperature`. NAME.json is
its card; the `sha256` there is that of NAME.npz, and any other file is refused.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scanproc.errors import ModelError

PACKAGE = Path(__file__).resolve().parent.parent
SHIPPED = "digits.npz"
MAX_BYTES = 64 * 2**20
MAX_LAYERS = 16
# Rows of every matrix product: one shape alone, so that a digit's probabilities do not depend on
# how many others are on its page (BLAS sums in another order for other shapes).
BATCH = 64


@dataclass(frozen=True, eq=False)
class Network:
    """Dense layers with ReLU between them, batch normalization folded in.

    weights: (inputs, outputs) float32 each, the first with 784 inputs, the last with 10 outputs.
    biases: (outputs,) float32 each.
    temperature: what the logits are divided by before the softmax.
    card: what is known of the network: data, recipe, figures, sha256.
    """

    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    temperature: float
    card: dict[str, Any]


def load(path: str = "") -> Network:
    """The network in the .npz file `path`, or the shipped one.

    Raises ModelError where a file is missing, damaged, or not the one its card names. Nothing in
    either file can run code.
    """
    file = Path(path) if path else _shipped()
    card = _card(file.with_suffix(".json"))
    content = _content(file)
    if hashlib.sha256(content).hexdigest() != card["sha256"]:
        raise ModelError(f"model {file} is not the one its card {file.with_suffix('.json').name} "
                         "names (sha256 differs); put both files back as they were delivered, "
                         "or train again with 'scanproc train'")
    return _checked(file, _arrays(file, content), card)


def classify(network: Network, images: np.ndarray) -> np.ndarray:
    """Probabilities of the digits 0-9, (N, 10) float32, each row summing to 1.

    images: (N, 28, 28) float32 in [0, 1], ink = 1.0, laid out as in MNIST; N may be 0.
    Calibrated by temperature (Guo et al. 2017, On Calibration of Modern Neural Networks).
    """
    if images.ndim != 3 or images.shape[1:] != (28, 28):
        raise ValueError(f"images must have the shape (N, 28, 28), not {images.shape}")
    count = len(images)
    padded = np.zeros((-(-count // BATCH) * BATCH, 784), np.float32)
    padded[:count] = images.reshape(count, 784)
    batches = [_forward(network, padded[at:at + BATCH]) for at in range(0, count, BATCH)]
    return np.concatenate([np.empty((0, 10), np.float32), *batches])[:count]


def _forward(network: Network, values: np.ndarray) -> np.ndarray:
    last = len(network.weights) - 1
    for at, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        values = values @ weight + bias
        if at < last:
            np.maximum(values, 0, out=values)
    values = values / np.float32(network.temperature)
    exponents = np.exp(values - values.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


def _shipped() -> Path:
    """Packed with the package, or beside it in a checkout (an editable install)."""
    packed = PACKAGE / "models" / SHIPPED
    return packed if packed.is_file() else PACKAGE.parent / "models" / SHIPPED


def _content(file: Path) -> bytes:
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


def _card(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise ModelError(f"there is no {file}: a model NAME.npz has its card NAME.json beside it; "
                         "put both there")
    try:
        card = json.loads(_content(file))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"model card {file} is not valid JSON; put it back as it was delivered"
                         ) from error
    if not isinstance(card, dict) or not isinstance(card.get("sha256"), str):
        raise ModelError(f"model card {file} names no sha256; put it back as it was delivered")
    return card


def _arrays(file: Path, content: bytes) -> dict[str, np.ndarray]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > MAX_BYTES:
            raise ValueError("it unpacks to more than a model holds")
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except Exception as error:  # a forged archive breaks zipfile and NumPy in many ways
        raise ModelError(f"model {file} is damaged: {error}") from error


def _checked(file: Path, arrays: dict[str, np.ndarray], card: dict[str, Any]) -> Network:
    layers = (len(arrays) - 1) // 2
    names = [f"{part}{at}" for at in range(layers) for part in ("weight", "bias")]
    if not 1 <= layers <= MAX_LAYERS or set(arrays) != {*names, "temperature"}:
        raise ModelError(f"model {file} does not hold the layers of a network of this program")
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray) or array.dtype != np.float32:
            raise ModelError(f"model {file}: {name} is not of type float32")
        if not np.isfinite(array).all():
            raise ModelError(f"model {file}: {name} holds values that are no numbers")
        array.setflags(write=False)
    weights = tuple(arrays[f"weight{at}"] for at in range(layers))
    biases = tuple(arrays[f"bias{at}"] for at in range(layers))
    sizes = [784, *(bias.size for bias in biases)]
    fits = [weight.shape == (taken, given) and bias.shape == (given,) for weight, bias, taken, given
            in zip(weights, biases, sizes[:-1], sizes[1:], strict=True)]
    temperature = arrays["temperature"]
    if not all(fits) or sizes[-1] != 10 or temperature.shape != () or temperature <= 0:
        raise ModelError(f"model {file}: the layers do not fit one another; it must take 784 "
                         "values and give 10")
    return Network(weights, biases, float(temperature), card)
