"""Train the network on labelled digits, calibrate it, measure it once, write it and its card."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from scanproc import __version__
from scanproc.errors import OutputError, UsageError
from scanproc.network import augment, calibrate, data, ones
from scanproc.page import classify

if TYPE_CHECKING:
    from scanproc.network.model import Recipe

HELD_OUT = 12             # the last twelfth of the training digits: 5,000 of MNIST's 60,000
CALIBRATION_DRAWS = 4     # distorted copies of a held-out digit to fit the temperature on
DIGITS_AT_ONCE = 5000


def train(folder: Path | None, out: Path, seed: int = 1, epochs: int = 200) -> dict[str, Any]:
    """Train on the IDX files of `folder` (None: Keras downloads MNIST); the card of the network.

    Writes digits.npz and digits.json into `out`, both whole or neither. The last twelfth of the
    training digits is held out for calibration; the test digits are looked at once, for the card.
    Raises UsageError without TensorFlow or where data or seed are wrong, OutputError where `out`
    cannot be written.
    """
    if not 0 <= seed < 2**32:
        raise UsageError(f"--seed must be between 0 and {2**32 - 1}, not {seed}")
    model = _with_tensorflow()
    digits = data.read(folder)
    held_out = max(1, len(digits.train) // HELD_OUT)
    learned, validation = digits.train[:-held_out], digits.train[-held_out:]
    recipe = model.Recipe(epochs=epochs, seed=seed)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".training-", dir=out) as staging:
            network = model.fit(ones.with_upstrokes(learned, seed), recipe, _teller(epochs))
            network = _calibrated(network, validation, recipe)
            card = _card(network, digits, recipe)
            card["figures"] = _figures(network, validation, digits.test, recipe)
            _write(network, card, Path(staging), out)
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}; the network there, if any, "
                          "is as it was") from error
    return card


def _with_tensorflow() -> Any:
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        from scanproc.network import model
    except ImportError as error:
        raise UsageError("training needs TensorFlow, which is not installed; run: "
                         f"{sys.executable} -m pip install tensorflow") from error
    return model


def _teller(epochs: int) -> Callable[[int, float, float], None]:
    """Progress on stderr: one line kept up to date on a terminal, else about twenty lines."""
    started = time.monotonic()
    every = -(-epochs // 20)

    def tell(epoch: int, loss: float, right: float) -> None:
        left_s = (time.monotonic() - started) / epoch * (epochs - epoch)
        line = (f"epoch {epoch} of {epochs}, loss {loss:.4f}, {right:.2%} of the distorted digits "
                f"right, {left_s // 60:.0f} min {left_s % 60:.0f} s left")
        if sys.stderr.isatty():
            click.echo(f"\r{line:<90}", err=True, nl=epoch == epochs)
        elif epoch % every == 0 or epoch == epochs:
            click.echo(line, err=True)
    return tell


def _calibrated(network: classify.Network, validation: data.Digits, recipe: Recipe
                ) -> classify.Network:
    """With the temperature that fits held-out digits as they come from pages."""
    draws = [_page_like(validation, recipe, draw) for draw in range(CALIBRATION_DRAWS)]
    found = classify.classify(network, np.concatenate(draws))
    logits = np.log(np.maximum(found, np.finfo(np.float32).tiny))
    labels = np.tile(validation.labels, CALIBRATION_DRAWS)
    return replace(network, temperature=float(np.float32(calibrate.temperature(logits, labels))))


def _page_like(digits: data.Digits, recipe: Recipe, draw: int) -> np.ndarray:
    source, rng = augment.sources(digits.images), np.random.default_rng((recipe.seed, 0, draw))
    mixed = rng.permutation(len(digits))  # the first are drawn otherwise than the last
    parts = [augment.page_like(source, mixed[at:at + DIGITS_AT_ONCE], recipe.distortion, rng)
             for at in range(0, len(mixed), DIGITS_AT_ONCE)]
    return np.concatenate(parts)[np.argsort(mixed)]


def _figures(network: classify.Network, validation: data.Digits, test: data.Digits,
             recipe: Recipe) -> dict[str, float]:
    figures = {}
    for name, digits in (("validation", validation), ("test", test)):
        plain = digits.images.astype(np.float32) / 255
        # Not the copies that the temperature was fitted on.
        drawn = _page_like(digits, recipe, CALIBRATION_DRAWS)
        for kind, images in (("", plain), ("_page_like", drawn)):
            found = classify.classify(network, images)
            right = float((found.argmax(axis=1) == digits.labels).mean())
            error = calibrate.error_of_confidence(found, digits.labels)
            figures |= {f"{name}{kind}_accuracy": round(right, 6),
                        f"{name}{kind}_ece": round(error, 6)}
    hooked = ones.with_upstrokes(validation, recipe.seed)[len(validation):]
    found = classify.classify(network, hooked.images.astype(np.float32) / 255)
    right = (found.argmax(axis=1) == hooked.labels).sum()
    return figures | {"validation_upstroke_accuracy": round(right / max(1, len(hooked)), 6)}


def _card(network: classify.Network, digits: data.DataSet, recipe: Recipe) -> dict[str, Any]:
    weights = sum(array.size for array in (*network.weights, *network.biases))
    sizes = [784, *(bias.size for bias in network.biases)]
    packages = ("tensorflow", "keras", "numpy", "opencv-python-headless", "scikit-image")
    return {
        "command": f"scanproc train --data DIR --out models --seed {recipe.seed} "
                   f"--epochs {recipe.epochs}",
        "data": {"name": digits.name, "train": len(digits.train), "test": len(digits.test),
                 "held_out": max(1, len(digits.train) // HELD_OUT), "sha256": digits.hashes},
        "network": "-".join(map(str, sizes)) + ", ReLU, batch normalization folded in",
        "weights": weights,
        "method": "AdamW with a cosine schedule and averaged weights; each digit once an epoch, "
                  "newly distorted, and every 1 a second time with an upstroke drawn to it; the "
                  "last `held_out` training digits are not trained on",
        "recipe": asdict(recipe),
        "temperature": network.temperature,
        "versions": {"scanproc": __version__, "python": platform.python_version()} | {
            name: importlib.metadata.version(name) for name in packages},
        "calibration": "temperature fitted on held-out digits drawn as on a page; ece is the "
                       "expected calibration error over 15 bins of equal mass",
    }


def _write(network: classify.Network, card: dict[str, Any], staging: Path, out: Path) -> None:
    """Both files are written and read back in `staging`, then moved into place."""
    model, paper = staging / classify.SHIPPED, (staging / classify.SHIPPED).with_suffix(".json")
    arrays = {"temperature": np.float32(network.temperature)}
    for at, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        arrays |= {f"weight{at}": weight, f"bias{at}": bias}
    np.savez(model, **arrays)
    card["sha256"] = hashlib.sha256(model.read_bytes()).hexdigest()
    paper.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    classify.load(str(model))
    for file in (model, paper):
        with file.open("rb") as stream:
            os.fsync(stream.fileno())
    # A crash between the two leaves a pair that `classify.load` refuses, never one half written.
    model.replace(out / model.name)
    paper.replace(out / paper.name)
