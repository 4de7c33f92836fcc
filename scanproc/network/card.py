"""The card of a network: what it was made of, how, and what it can do; cards side by side."""

from __future__ import annotations

import hashlib
import platform
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from scanproc import __version__
from scanproc.batch.folder import printable, shown
from scanproc.errors import UsageError
from scanproc.evaluate import classes
from scanproc.evaluate.measured import Measured
from scanproc.labelled.digits import Digits
from scanproc.network import crops, data, negatives, ones
from scanproc.network.recipe import Recipe
from scanproc.page import classify

PACKAGES = ("tensorflow", "keras", "numpy", "opencv-python-headless", "scikit-image", "matplotlib")
METHOD = (
    "AdamW with a cosine schedule and averaged weights on digits and non-digits, each drawn "
    "distorted; {teacher}every 1 is shown a second time with an upstroke drawn to it; the held-out "
    "digits are not trained on, and what is fitted (temperatures, how readily something is called "
    "no digit) is fitted on them")
TEACHER = ("a small convolutional teacher, trained first, gives {share:g} of each answer that is "
           "learned, the label the rest; ")
COMPARED = ("network", "weights", "data", "recipe", "figures", "versions")
DEEPEST, LONGEST = 8, 120       # tables in one another, signs of a cell


def card(network: classify.Network, digits: data.DataSet, added: Sequence[tuple[str, Digits]],
         recipe: Recipe, held_out: int) -> dict[str, Any]:
    """What was done; the figures are added when they are measured.

    added: further digits and what they are called.
    """
    sizes = ["-".join(map(str, [784, *(bias.size for bias in stage.biases)]))
             for stage in network.stages]
    given = "".join(f"--add {shlex.quote(name)} " for name, _ in added)
    return {
        "command": f"scanproc train --data DIR {given}--seed {recipe.seed}, with this recipe",
        "data": {"name": digits.name, "train": len(digits.train), "test": len(digits.test),
                 "held_out": held_out, "sha256": digits.hashes,
                 "added": [{"name": name, "n": len(one), "sha256": hashlib.sha256(
                     one.images.tobytes() + one.labels.tobytes()).hexdigest()}
                     for name, one in added]},
        "network": "; where less sure than "
                   f"{network.sure:.4g}: ".join(sizes) + "; ReLU, batch normalization folded in",
        "weights": [sum(array.size for array in (*stage.weights, *stage.biases))
                    for stage in network.stages],
        "method": METHOD.format(teacher=TEACHER.format(share=recipe.teacher_share)
                                if recipe.teacher else ""),
        "recipe": asdict(recipe),
        "temperature": [stage.temperature for stage in network.stages],
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Of everything that shapes a network; empty where a package has none."""
    return {"scanproc": __version__, "python": platform.python_version()} | {
        name: _version(name) for name in PACKAGES}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:  # TensorFlow comes under several names
        return ""


def figures(network: classify.Network, validation: Digits, test: Digits, recipe: Recipe
            ) -> dict[str, Any]:
    """What the network can do: held-out digits, test digits, crops as from pages, non-digits.

    The drawings are not those that anything was fitted on.
    """
    hooked = ones.with_upstrokes(validation, recipe.seed)[len(validation):]
    sets = {"validation": validation, "test": test, "validation_page_like": crops.draw(
        validation, recipe, draw=2), "test_page_like": crops.draw(test, recipe, draw=2, copies=1),
        "validation_upstroke": hooked,
        "not_digits": negatives.draw(validation, len(test), recipe.seed + 1)}
    return {name: _figures(network, name, digits) for name, digits in sets.items()}


def _figures(network: classify.Network, name: str, digits: Digits) -> dict[str, Any]:
    images = digits.images.astype(np.float32) / 255
    measured = Measured(name, images, digits.labels, classify.classify(network, images))
    return classes.summary(measured)


def compare(files: Sequence[Path]) -> str:
    """Cards side by side, as text: where recipes differ, and all figures.

    Raises ModelError where one is missing or damaged, UsageError where it is no card.
    """
    cards = [_read(file) for file in files]
    names = dict.fromkeys(name for one in cards for name in one)
    rows = [[name, *(one.get(name, "") for one in cards)] for name in names]
    rows = [row for row in rows if row[0].startswith("figures") or len(set(row[1:])) > 1]
    table = [["", *map(shown, files)], *([_cell(text) for text in row] for row in rows)]
    widths = [max(len(row[at]) for row in table) for at in range(len(files) + 1)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
                     .rstrip() for row in table)


def _read(file: Path) -> dict[str, str]:
    try:
        found = classify.card(str(file))
        return dict(_flat({part: found[part] for part in COMPARED if part in found}))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no card of a network: {error}") from error


def _flat(value: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and depth < DEEPEST:
        for key, part in value.items():
            yield from _flat(part, f"{name}.{key}".lstrip(".")[:LONGEST + 1], depth + 1)
    else:
        yield name, f"{value:.6g}" if isinstance(value, float) else str(value)


def _cell(text: str) -> str:
    """What a terminal can show of it: anybody may have written a card."""
    return printable(text if len(text) <= LONGEST else text[:LONGEST] + "…")
