"""What was seen on a page, as pictures: for people who ask why it was read as it was."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from scanproc.debug import labels, overlay, sheet
from scanproc.page.seen import Seen


def pictures(seen: Seen) -> Iterator[tuple[str, bytes]]:
    """The pictures of a page, each with its file name and the bytes of a PNG.

    seen: with `review` set on the readings and numbers of its result.
    All but the sheet of digits show the cleaned page at one scale, to be leafed through.
    """
    scale = overlay.scale_of(seen.gray.shape)
    page = overlay.scaled(seen.gray, scale)
    found = labels.labels_of(seen)
    yield "page.png", _png(page)
    yield "ink.png", _png(overlay.scaled(255 * (1 - seen.ink), scale))
    yield "rules.png", _png(overlay.rules(page, seen.rules, seen.cells, scale))
    yield "candidates.png", _png(overlay.candidates(page, seen.candidates, found, scale))
    yield "digits.png", _png(sheet.sheet(seen.images, found))


def _png(picture: np.ndarray) -> bytes:
    return cv2.imencode(".png", picture)[1].tobytes()
