"""What is left of the rules around the boxes of a row, and is no digit."""

from __future__ import annotations

import numpy as np

from scanproc.records import Box

LOW, ASIDE = 0.3, 0.2  # of the height of a box, and of its width: at its side, no more
TOOTH = 0.4  # of the usual digit of a row: a lower 1 is none


def of_side(spot: Box, box: Box) -> bool:
    """Whether something low at the side of a box is a rest of the rule there."""
    middle = spot.left + spot.width / 2 - box.left
    aside = min(abs(middle), abs(box.width - middle)) < ASIDE * box.width
    return aside and spot.height < LOW * box.height


def of_tooth(spot: Box, row: np.ndarray, usual: float) -> bool:
    """Whether what reads as a 1 is the rest of a stroke that parts two boxes.

    row: (11,) probabilities. usual: height of the digits beside it.
    """
    return spot.height < TOOTH * usual and int(row.argmax()) == 1
