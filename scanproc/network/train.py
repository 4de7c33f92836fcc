"""Train a network on labelled digits, calibrate it, measure it once, write it and its card."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scanproc import labelled
from scanproc.errors import OutputError, UsageError
from scanproc.labelled.digits import Digits
from scanproc.lock import held
from scanproc.network import calibrate, card, crops, data, ones, pool, progress
from scanproc.network.checkpoint import Checkpoint
from scanproc.network.recipe import Recipe
from scanproc.page import classify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

ROOM = Path(__file__).parent
LOCK = ".training.lock"
HELD_OUT = 12             # the last twelfth of the training digits: 5,000 of MNIST's 60,000


def train(folder: Path | None, out: Path, recipe: Recipe, add: Sequence[Path] = ()
          ) -> dict[str, Any]:
    """Train on the IDX files of `folder` (None: Keras downloads MNIST); the card of the network.

    add: further labelled digits, `.npz` files or folders of images, see `labelled.read`.
    Writes digits.npz and digits.json into `out`, both whole or neither. The last twelfth of the
    training digits is held out for calibration; the test digits are looked at once, for the card.
    A training that was stopped goes on where it was when it is called again with the same recipe
    and digits. Raises UsageError without TensorFlow or where the data are wrong, HeldError where
    another training works on `out`, OutputError where `out` cannot be written.
    """
    nets = _with_tensorflow()
    digits, added = data.read(folder), [labelled.read(path) for path in add]
    held_out = max(1, len(digits.train) // HELD_OUT)
    learned, validation = digits.train[:-held_out], digits.train[-held_out:]
    with _writing(out), held(out, LOCK, "training"):
        kept = Checkpoint(out, _key(digits, added, recipe))
        with _kept(kept):
            network = _network(nets, sum(added, learned), validation, recipe, kept)
            further = [(path.name, one) for path, one in zip(add, added, strict=True)]
            paper = card.card(network, digits, further, recipe, held_out)
            measured = crops.draw(validation, recipe, draw=1, copies=1)
            found = classify.classify(network, measured.images.astype(np.float32) / 255)
            paper["reject_curve"] = calibrate.reject_curve(found, measured.labels, crops.WORDS)
            paper["figures"] = card.figures(network, validation, digits.test, recipe)
            _write(network, paper, kept.folder, out)
        kept.remove()
    return paper


def _network(nets: ModuleType, learned: Digits, validation: Digits, recipe: Recipe,
             kept: Checkpoint) -> classify.Network:
    nets.prepare(recipe)
    steps = progress.Steps(3 + len(recipe.stages) if recipe.teacher else 1 + len(recipe.stages))
    drawn = pool.draw(ones.with_upstrokes(learned, recipe.seed), recipe,
                      steps.next("drawing digits", recipe.copies))
    targets = nets.labels(drawn, recipe)
    if recipe.teacher:
        targets = nets.taught(drawn, recipe, kept,
                              steps.next("a teacher learns", recipe.teacher_epochs),
                              steps.next("the teacher answers", len(drawn.labels)))
    stages = [nets.student(at, drawn, targets, recipe, kept,
                           steps.next(f"network {at + 1} of {len(recipe.stages)} learns",
                                      recipe.epochs))
              for at in range(len(recipe.stages))]
    negatives = float((drawn.labels == classify.NOT_A_DIGIT).mean())
    return calibrate.cascade(stages, validation, crops.draw(validation, recipe, draw=0), recipe,
                             negatives)


def _with_tensorflow() -> ModuleType:
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        import matplotlib  # noqa: F401  (non-digits are drawn with its fonts, much later)

        from scanproc.network import nets
    except ImportError as error:
        raise UsageError(f"training needs TensorFlow and matplotlib ({error}); run: "
                         f"{sys.executable} -m pip install tensorflow matplotlib") from error
    return nets


def _key(digits: data.DataSet, added: Sequence[Digits], recipe: Recipe) -> str:
    """What decides the network that comes out: data, choices, this room's code, the libraries."""
    hashes = [hashlib.sha256(array.tobytes()).hexdigest()
              for one in (digits.train, *added) for array in (one.images, one.labels)]
    code = b"".join(file.read_bytes() for file in sorted(ROOM.rglob("*.py")))
    hashes.append(hashlib.sha256(code).hexdigest())
    choices = json.dumps([card.versions(), asdict(recipe), hashes], sort_keys=True)
    return hashlib.sha256(choices.encode()).hexdigest()


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}; the network there, if any, "
                          "is as it was") from error


@contextmanager
def _kept(kept: Checkpoint) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as stop:
        stop.add_note(f"what was learned is kept in {kept.folder}: the same command goes on from "
                      "there")
        raise


def _write(network: classify.Network, paper: dict[str, Any], staging: Path, out: Path) -> None:
    """Both files are written and read back in `staging`, then moved into place."""
    model, text = staging / classify.SHIPPED, (staging / classify.SHIPPED).with_suffix(".json")
    np.savez(model, **classify.arrays(network))
    paper["sha256"] = hashlib.sha256(model.read_bytes()).hexdigest()
    text.write_text(json.dumps(paper, indent=2) + "\n", encoding="utf-8")
    classify.load(str(model))
    for file in (model, text):
        with file.open("rb+") as stream:
            os.fsync(stream.fileno())
    # A crash between the two leaves a pair that `classify.load` refuses, never one half written.
    with _uninterrupted():
        model.replace(out / model.name)
        text.replace(out / text.name)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C and SIGTERM take effect after the body."""
    came: list[int] = []
    before = {}
    if threading.current_thread() is threading.main_thread():  # they interrupt no other
        before = {number: signal.signal(number, lambda number, _: came.append(number))
                  for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for number in came:
        signal.raise_signal(number)
