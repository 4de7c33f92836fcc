"""What candidates stand on: the sheet, or the desk, carpet or foot beside it in a photograph."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from scanproc.page.hand.pen import in_lab
from scanproc.records import Candidate

MARGIN = 0.3  # of the longer side of a box: so much around it is looked at
# Of the paper's brightness, and apart in a, b of 8-bit Lab from its hue in a shadow as deep:
# digits of 20 real photographs and scans were within 3 of it, feet and carpets 11 away or more.
DARKER, OTHER_HUE = 0.85, 8.0
NEUTRAL = 128  # of a and b


def grounds(colour: np.ndarray, candidates: Sequence[Candidate]) -> np.ndarray:
    """(N, 3) float32: Lab colour (8-bit scale) of the brighter part of what is around each.

    colour: (H, W, 3) uint8 RGB of the upright page image.
    """
    def ground(candidate: Candidate) -> Sequence[float]:
        left, top, width, height = candidate.box
        by = round(MARGIN * max(width, height))
        part = colour[max(0, top - by):top + height + by, max(0, left - by):left + width + by]
        gray = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
        return cv2.mean(part, cv2.compare(gray, cv2.mean(gray)[0], cv2.CMP_GE))

    return in_lab([ground(candidate) for candidate in candidates])


def beside_sheet(ground: np.ndarray) -> np.ndarray:
    """(N,) bool: which stand on something darker than most of the page's ink, and of another hue.

    ground: (N, 3), see `grounds`. The sheet is what the brighter half stands on.
    """
    sheet = np.median(ground[ground[:, 0] >= np.median(ground[:, 0])], axis=0)
    bright = ground[:, :1] / max(sheet[0], 1)
    shaded = NEUTRAL + (sheet[1:] - NEUTRAL) * bright  # less light, less colour
    apart = np.linalg.norm(ground[:, 1:] - shaded, axis=1)
    return (bright[:, 0] < DARKER) & (apart > OTHER_HUE)
