"""The figures of sets of labelled digits as one HTML page with plots and the worst errors.

The page is a single file that needs nothing else: pictures stand in it as data: URIs, it has no
script, and its Content-Security-Policy forbids to load anything. Every name is escaped.
"""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from scanproc.batch.files import Draft, sync_folder, writing
from scanproc.batch.folder import printable
from scanproc.errors import UsageError
from scanproc.evaluate import classes, confidence
from scanproc.evaluate.measured import Measured
from scanproc.evaluate.report import percent
from scanproc.page.classify import NOT_A_DIGIT

WORST = 60
HEADS = (*map(str, range(NOT_A_DIGIT)), "none")
WORDS = (*map(str, range(NOT_A_DIGIT)), "no digit")
DARKEST = 0.55  # opacity of the worst cell; the count in it must stay readable


def check(file: Path) -> None:
    """See that `write` can do its work, before the sets are measured. Raises as `write` does."""
    _with_matplotlib()
    with Draft(file):
        pass


def write(sets: Sequence[Measured], file: Path, model: str) -> None:
    """Write the page of all sets; those that are not another one's disturbed get their own plots.

    model: what the page calls the classifier. Raises UsageError where matplotlib is missing,
    OutputError where `file` cannot be written; then it is as it was.
    """
    page = _rendered(sets, model).encode()
    with Draft(file) as draft:
        with writing(file):
            draft.stream.write(page)
        draft.seal()
        draft.place()
    sync_folder(file.parent)


def _rendered(sets: Sequence[Measured], model: str) -> str:
    plots = _with_matplotlib()
    environment = Environment(loader=PackageLoader("scanproc", "evaluate"), autoescape=True,
                              undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"percent": lambda rate: f"{percent(rate)}\N{NO-BREAK SPACE}%",
                            "grouped": "{:,}".format}
    figures = [_figures(number, one) for number, one in enumerate(sets)]
    details = [row | _details(one, plots) for row, one in zip(figures, sets, strict=True)
               if not one.of]
    return environment.get_template("page.html").render(
        model=printable(model), figures=figures, details=details)


def _with_matplotlib() -> ModuleType:
    try:
        from scanproc.evaluate import plots
    except ImportError as error:
        raise UsageError("the page with plots needs matplotlib, which is not installed; run: "
                         f"{sys.executable} -m pip install matplotlib") from error
    return plots


def _figures(number: int, measured: Measured) -> dict[str, Any]:
    found = classes.summary(measured)
    return {"anchor": f"set{number}", "name": printable(measured.name),
            "of": printable(measured.of), "n": found["n"], "error": 1 - found["accuracy"],
            "ece": found["ece"],
            "rejects": {float(share): error for share, error in found["error_at_reject"].items()}}


def _details(measured: Measured, plots: ModuleType) -> dict[str, Any]:
    found, labels = measured.told, measured.labels
    bins = confidence.equal_mass(found, labels)
    errors = confidence.error_after_reject(found, labels)
    wrong = np.flatnonzero(found.argmax(axis=1) != labels)
    surest = wrong[np.argsort(-found[wrong].max(axis=1), kind="stable")]
    return {
        "matrix": list(_matrix(classes.confusion(measured))), "heads": HEADS,
        "bins": list(zip(*bins, strict=True)),
        "reliability": [_uri("svg+xml", svg) for svg in plots.reliability(*bins)],
        "reject_curve": [_uri("svg+xml", svg) for svg in
                         plots.reject_curve(errors, confidence.REJECTED)],
        "wrong": len(wrong), "worst": [_error(measured, at) for at in surest[:WORST]],
    }


def _matrix(table: np.ndarray) -> Iterator[dict[str, Any]]:
    """The rows of a confusion matrix that hold any; the more are mixed up, the darker the cell."""
    wrong = table * ~np.eye(len(table), dtype=bool)
    shades = DARKEST * np.sqrt(wrong / max(1, wrong.max()))
    for at in np.flatnonzero(table.any(axis=1)):
        yield {"at": at, "counts": table[at].tolist(), "shades": shades[at].round(2).tolist()}


def _error(measured: Measured, at: int) -> dict[str, Any]:
    said = int(measured.probabilities[at].argmax())
    paper = np.rint(255 * (1 - measured.images[at])).astype(np.uint8)
    return {"number": at, "is": WORDS[measured.labels[at]], "said": WORDS[said],
            "sure": _sure(float(measured.told[at, said])),
            "picture": _uri("png", cv2.imencode(".png", paper)[1].tobytes())}


def _sure(confidence: float) -> str:
    """In per cent, but never 100."""
    return f"{100 * min(confidence, 0.9999):.{1 if confidence < 0.999 else 2}f} %"


def _uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{b64encode(content).decode()}"
