"""Reads labelled digits with a network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from scanproc import labelled
from scanproc.batch.folder import printable
from scanproc.errors import UsageError
from scanproc.evaluate.digits_report import Report
from scanproc.evaluate.disturb import DISTURBANCES, disturbed
from scanproc.evaluate.measured import Measured
from scanproc.page.classify import Network, classify, load
from scanproc.settings import Settings
from scanproc.threshold import review_below


def evaluate_digits(folder: Path, settings: Settings, html: Path | None) -> Report:
    """The figures of all labelled digits of a folder; `html`: a page of them to write, too.

    Raises what `measure` does, and before it what `page.check` does.
    """
    if html:
        from scanproc.evaluate import page

        page.check(html)
    sets = measure(folder, settings)
    if html:
        page.write(sets, html, settings.model or "the shipped network")
    return Report(tuple(sets), review_below(settings))


def measure(folder: Path, settings: Settings) -> list[Measured]:
    """Every set of labelled digits of a folder, read; see `labelled.read_sets`.

    A set of MNIST's files is followed by the same images disturbed, `mnist-thickness+1` and so on.
    Raises UsageError where the digits cannot be used or two sets would have one name, ModelError
    where the network cannot be used.
    """
    network = load(settings.model)
    sets = labelled.read_sets(folder)
    _check_names(folder, sets)
    return [measured for name, digits in sets.items()
            for measured in _measured(printable(name), digits, network)]


def _check_names(folder: Path, sets: dict[str, labelled.Digits]) -> None:
    given: dict[str, str] = {}
    for name, digits in sets.items():
        shown = printable(name)
        for one in (shown, *(f"{shown}-{kind}" for kind in DISTURBANCES if digits.idx)):
            if one in given:
                raise UsageError(f"{folder}: of the sets {given[one]} and {shown}, plain or "
                                 f"disturbed, two would be called {one}; rename one of them")
            given[one] = shown


def _measured(name: str, digits: labelled.Digits, network: Network) -> Iterator[Measured]:
    images = digits.images.astype(np.float32) / 255
    yield Measured(name, images, digits.labels, classify(network, images))
    if digits.idx:
        for kind, changed in disturbed(images):
            yield Measured(f"{name}-{kind}", images[:0], digits.labels, classify(network, changed),
                           of=name)
