"""What stands beside a candidate: what it was read as, and what became of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scanproc.page.seen import Seen

SURE, REVIEW, REJECTED = (0, 140, 0), (0, 120, 255), (0, 0, 220)  # BGR: green, orange, red
NAMES = "0123456789x"  # x is no digit


class Label(NamedTuple):
    """What a candidate was taken for.

    digit: 0 to 9, or x for no digit. sure: its probability, rounded down: `.98`.
    fate: why it did not become a digit, empty where it did. colour: BGR.
    """

    digit: str
    sure: str
    fate: str
    colour: tuple[int, int, int]


def labels_of(seen: Seen) -> list[Label]:
    """A label for each candidate, in their order.

    One whose box a reading has shows that reading, any other the network's guess.
    """
    readings = {reading.box: (reading, reading.review or number.review)
                for number in seen.result.numbers for reading in number.readings}
    found = []
    for candidate, row, fate in zip(seen.candidates, seen.probabilities, seen.fates, strict=True):
        if candidate.box in readings:
            reading, review = readings[candidate.box]
            found.append(Label(NAMES[reading.digit], _sure(reading.confidence), "",
                               REVIEW if review else SURE))
        else:
            found.append(Label(NAMES[np.argmax(row)], _sure(row.max()), fate,
                               REJECTED if fate else REVIEW))
    return found


def _sure(probability: float) -> str:
    return f".{min(int(100 * probability), 99):02}"
