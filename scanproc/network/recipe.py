"""Every choice that shapes a network, and the settings table that changes them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from scanproc.errors import UsageError
from scanproc.network.augment import Distortion
from scanproc.page import classify
from scanproc.settings import parsed

WIDEST = 8192       # units of a layer
# Of the distortions: in [0, 1]; above 0; of either sign. The others are 0 or more.
SHARES = ("gray_share", "gray_repenned", "gray_spoilt", "pen_share", "clipped")
POSITIVE = ("gray_zoom", "gray_blur_px", "scan_zoom", "pen_radius", "box_px")
SIGNED = ("gray_cut", "gray_pen")
LEAST, MOST = 0.01, 255.0


@dataclass(frozen=True)
class Recipe:
    """The choices with their defaults, which made the shipped network. It stands in the card.

    An epoch shows about as many images as there are digits and non-digits to learn from, each
    distorted anew; after `copies` epochs the same drawings come again.
    """

    seed: int = 1
    stages: tuple[tuple[int, ...], ...] = ((192, 96), (1024, 1024, 512))  # units of each layer
    epochs: int = 340
    copies: int = 60
    batch_size: int = 2000
    learning_rate: float = 0.003
    warm_up_steps: int = 300
    weight_decay: float = 0.02
    weight_average: float = 0.999
    label_smoothing: float = 0.02
    negatives: float = 0.25         # share of an epoch that is no digit
    teacher: tuple[int, ...] = (32, 48, 64, 96)     # channels of its convolutions; empty: none
    teacher_epochs: int = 40
    teacher_share: float = 0.7      # of what is learned, its answers; the rest the labels
    expected: float = 0.1           # share of what pages offer that is no digit
    lost: float = 0.0005            # share of held-out crops of digits that may be called none
    doubted: float = 0.08           # share of held-out digits that the first stage passes on
    bfloat16: bool = True           # train with half as many bits: twice as fast on many machines
    distortion: Distortion = field(default_factory=Distortion)

    def __post_init__(self) -> None:
        _checked(self)


def load(file: Path | None, given: Mapping[str, Any]) -> Recipe:
    """The default recipe, changed by a TOML file, and that by the values `given` (None: not).

    Raises UsageError naming the setting that is unknown or out of range.
    """
    table = parsed(file) if file else {}
    distortion = table.pop("distortion", {})
    if not isinstance(distortion, dict):
        raise UsageError(f"{file}: distortion is a table: write [distortion] above its settings")
    table |= {name: value for name, value in given.items() if value is not None}
    recipe = Recipe(distortion=_changed(Distortion(), distortion, file))
    return _short(_changed(recipe, table, file))


def _changed(made: Any, table: Mapping[str, Any], file: Path | None) -> Any:
    known = {one.name: getattr(made, one.name) for one in fields(made) if one.name != "distortion"}
    values = {}
    for name, value in table.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0]
            raise UsageError(f"{file}: unknown setting '{name}'; did you mean '{near}'?")
        values[name] = _typed(name, value, known[name], file)
    return replace(made, **values)


def _typed(name: str, value: Any, known: Any, file: Path | None) -> Any:
    """The value as one of the kind of `known`; tuples are lists in TOML."""
    if isinstance(known, tuple) and isinstance(value, list | tuple):
        kinds = known if len(known) > 1 and not isinstance(known[0], tuple) else ()
        if name == "stages":
            return tuple(_typed("layers", units, (1,), file) for units in value)
        like = type(kinds[0] if kinds else 1)
        if all(_is(one, like) for one in value):
            return tuple(like(one) for one in value)
    elif not isinstance(known, tuple) and _is(value, type(known)):
        return type(known)(value)
    raise UsageError(f"{file}: '{name}' cannot be {value!r}; its default is {known!r}")


def _is(value: Any, kind: type) -> bool:
    if isinstance(value, bool) or kind is bool:
        return isinstance(value, bool) and kind is bool
    return isinstance(value, kind) or (
        kind is float and isinstance(value, int) and abs(value) < 2**53)


def _short(recipe: Recipe) -> Recipe:
    """A short training draws no more copies, and has no longer a teacher, than it has epochs."""
    return replace(recipe, copies=min(recipe.copies, recipe.epochs),
                   teacher_epochs=min(recipe.teacher_epochs, recipe.epochs))


def _checked(recipe: Recipe) -> None:
    rules = {
        "seed": 0 <= recipe.seed < 2**32,
        "stages": recipe.stages and all(map(_layers, recipe.stages)) and _loadable(recipe.stages),
        "teacher": not recipe.teacher or len(recipe.teacher) == 4 and _layers(recipe.teacher),
        "batch_size": recipe.batch_size >= 2,
        "negatives": 0 <= recipe.negatives <= 0.9,
        "warm_up_steps": recipe.warm_up_steps >= 0,
        "expected": 0 < recipe.expected < 1,
    }
    for name, most in (("epochs", 100_000), ("copies", 1000), ("teacher_epochs", 100_000)):
        rules[name] = 1 <= getattr(recipe, name) <= most
    for name in ("label_smoothing", "teacher_share", "lost", "doubted", "weight_average",
                 "weight_decay"):
        rules[name] = 0 <= getattr(recipe, name) <= 1
    rules["learning_rate"] = 0 < recipe.learning_rate <= 1
    rules |= {one.name: _drawable(one.name, getattr(recipe.distortion, one.name), one.default)
              for one in fields(recipe.distortion)}
    for name, holds in rules.items():
        if not holds:
            value = getattr(recipe if hasattr(recipe, name) else recipe.distortion, name)
            raise UsageError(f"the recipe's '{name}' is out of range: {value!r}")


def _drawable(name: str, value: Any, default: Any) -> bool:
    """Whether digits can be distorted so much; a pair must ascend. Nothing holds of NaN."""
    ends = value if isinstance(default, tuple) else (value, value)
    least = -MOST if name in SIGNED else LEAST if name in POSITIVE else 0
    most = 1 if name in SHARES else MOST
    return len(ends) == 2 and least <= ends[0] <= ends[1] <= most


def _layers(units: tuple[int, ...]) -> bool:
    return bool(units) and all(1 <= size <= WIDEST for size in units)


def _loadable(stages: tuple[tuple[int, ...], ...]) -> bool:
    """Whether `classify.load` would take the file, with its 1 KB or less of names an array."""
    sizes = [(784, *units, classify.CLASSES) for units in stages]
    weights = sum((taken + 1) * given for layers in sizes
                  for taken, given in zip(layers[:-1], layers[1:], strict=True))
    arrays = 1 + sum(2 * len(layers) for layers in sizes)
    return arrays <= classify.MAX_ARRAYS and 4 * weights + 1024 * arrays <= classify.MAX_BYTES
