"""What a notebook needs: read a page, classify digits, see a page as a table."""

from __future__ import annotations

import hashlib
from functools import cache
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scanproc import tables
from scanproc.decide import decide
from scanproc.errors import UsageError
from scanproc.page import classify as classifier
from scanproc.page import read as road
from scanproc.records import PageResult
from scanproc.settings import Settings

if TYPE_CHECKING:
    import pandas


@cache
def _network() -> classifier.Network:
    return classifier.load()


def read(file: str | PathLike[str], page: int = 1, settings: Settings | None = None
         ) -> PageResult:
    """What stands on one page of a scan.

    page: counts from 1. A page that cannot be read has the status `refused` and says why in
    `words`. Raises UsageError where the file cannot be opened or has fewer pages.
    """
    settings = settings or Settings()
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    rows, results = road.read_pages(data, page, 1, settings, _network())
    if not results:
        raise UsageError(f"{file} has {rows} pages; there is no page {page}")
    return decide(results[0], settings, hashlib.sha256(data).hexdigest())


def classify(images: np.ndarray) -> np.ndarray:
    """Probabilities of the digits 0-9 and of "not a digit": (N, 11) float32, calibrated.

    images: (N, 28, 28), float in [0, 1] or uint8 in [0, 255], ink bright as in MNIST.
    Raises ValueError for any other shape or values.
    """
    images = np.asarray(images)
    if images.dtype == np.uint8:
        images = images.astype(np.float32) / 255
    elif not ((images >= 0) & (images <= 1)).all():  # so is NaN refused, too
        raise ValueError(f"images of type {images.dtype} must have values from 0 to 1; those from "
                         "0 to 255 must be of type uint8")
    return classifier.classify(_network(), images.astype(np.float32))


def to_pandas(result: PageResult, table: str = "numbers") -> pandas.DataFrame:
    """A page as a table with the columns of the CSV, less `file` and `sha256`.

    table: digits, numbers or pages; anything else is a UsageError.
    """
    import pandas

    if table not in tables.COLUMNS:
        raise UsageError(f"there is no table '{table}'; take {', '.join(tables.COLUMNS)}")

    frame = pandas.DataFrame(tables.rows(table, "", "", result), columns=tables.COLUMNS[table])
    return frame.drop(columns=["file", "sha256"], errors="ignore")
