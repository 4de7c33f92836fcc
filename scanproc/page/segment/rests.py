"""What is left of the rules around the boxes of a row, and is no digit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from scanproc.page.stroke import thickness
from scanproc.records import Box

LOW, ASIDE = 0.3, 0.2  # of the height of a box, and of its width: at its side, no more
TOOTH = 0.4  # of the usual digit of a row: a lower 1 is none, ...
ON_RULE, LOW_ON_RULE = 0.12, 0.6  # ... nor one so low, so close to the side, of the box's width
FINE = 0.4  # of the pen of a row: so slim a stroke at the side of a box is of the rule there
PEN = 0.75  # quantile of the thickness of all that stands in a row: rests may be many
TALLER = 0.95  # of the height of a box: nobody writes a 1 so high on the rule at its side


def of_side(spot: Box, box: Box) -> bool:
    """Whether something low at the side of a box is a rest of the rule there."""
    middle = spot.left + spot.width / 2 - box.left
    aside = min(abs(middle), abs(box.width - middle)) < ASIDE * box.width
    return aside and spot.height < LOW * box.height


def pens(strokes: Iterable[tuple[int, np.ndarray]]) -> dict[int, float]:
    """How thick the pen is in each row of boxes, from (row, (h, w) uint8 mask) of what is there."""
    found = defaultdict(list)
    for row, mask in strokes:
        found[row].append(thickness(mask))
    return {row: float(np.quantile(one, PEN)) for row, one in found.items()}


def of_comb(spot: Box, row: np.ndarray, box: Box, usual: float, pen: float) -> tuple[bool, bool]:
    """(whether what reads as a 1 is the rest of a stroke that parts two boxes, whether a person
    should look).

    row: (11,) probabilities. usual: height of the digits in the row of boxes. pen: how thick their
    strokes are.
    """
    if int(row.argmax()) != 1:
        return False, False
    middle = spot.left + spot.width / 2 - box.left
    aside = min(abs(middle), abs(box.width - middle)) / box.width
    if aside < ASIDE and spot.width < FINE * pen:
        return True, False
    on_rule = aside < ON_RULE
    low = spot.height < (LOW_ON_RULE if on_rule else TOOTH) * usual
    return low or on_rule and spot.height > TALLER * box.height, on_rule and not low
