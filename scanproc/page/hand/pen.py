"""The colour of the pen: where print and writing differ in it, it parts them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from scanproc.records import Candidate

GAP = 30.0  # of 8-bit Lab: between two inks; wood and feet in a photograph differ by up to 26
COMPACT = 5.0  # gaps over the spread of a colour
MEMBERS = 5  # of each colour
PRINTED = 3  # of the print's colour that other signs call print ...
OTHER = 0.25  # ... and of the other colour this share of that at most
WRITTEN = 0.25  # of what the split alone would take for print: less is some stain, not a pen


def cores(colour: np.ndarray, candidates: Sequence[Candidate]) -> np.ndarray:
    """(N, 3) float32: Lab colour (8-bit scale) of the darker half of each candidate's ink.

    colour: (H, W, 3) uint8 RGB of the upright page image.
    """
    def core(candidate: Candidate) -> Sequence[float]:
        box = candidate.box
        part = colour[box.top:box.bottom, box.left:box.right]
        gray = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
        mask = cv2.resize(candidate.mask, (box.width, box.height), interpolation=cv2.INTER_NEAREST)
        dark = cv2.compare(gray, cv2.mean(gray, mask)[0], cv2.CMP_LE) & (mask * np.uint8(255))
        return cv2.mean(part, dark)

    return in_lab([core(candidate) for candidate in candidates])


def in_lab(colours: Sequence[Sequence[float]]) -> np.ndarray:
    """(N, 3) float32 Lab (8-bit scale) of so many RGB colours from 0 to 255."""
    found = np.array([colour[:3] for colour in colours]).reshape(1, -1, 3)
    if not found.size:
        return np.zeros((0, 3), np.float32)
    return cv2.cvtColor(np.round(found).astype(np.uint8), cv2.COLOR_RGB2LAB)[0].astype(np.float32)


def in_colour_of_print(colour: np.ndarray, printed: np.ndarray) -> np.ndarray:
    """(N,) bool: which digits have the colour of print, where there are two colours far apart.

    colour: (N, 3) float32 Lab of what may be digits. printed: (N,) bool, what other signs call
    print.
    """
    shade = colour[:, 1:]
    found = side_of_print(shade, printed, _far_apart)
    others = np.count_nonzero(found & ~printed)
    return found & (np.count_nonzero(~found) >= WRITTEN * others)


def side_of_print(shade: np.ndarray, printed: np.ndarray,
                  apart: Callable[[np.ndarray, np.ndarray], bool]) -> np.ndarray:
    """(N,) bool: of two clusters, if they are far apart, the one that print is in.

    shade: (N, K) float, what print and hand may differ in. printed: (N,) bool, what other signs
    call print. apart: whether two clusters are.
    """
    none = np.zeros(len(shade), bool)
    second = _second(shade) if len(shade) else none
    members, prints = np.bincount(second, minlength=2), np.bincount(second, printed, minlength=2)
    if members.min() < MEMBERS or not apart(shade[~second], shade[second]):
        return none
    side = int(np.argmax(prints / members))
    share, other = (prints / members)[[side, 1 - side]]
    return none if prints[side] < PRINTED or other > OTHER * share else second == side


def _far_apart(first: np.ndarray, second: np.ndarray) -> bool:
    """first, second: (N, 2) float32, two clusters of shades."""
    centres = [np.median(part, axis=0) for part in (first, second)]
    spread = max(np.median(np.linalg.norm(part - centre, axis=1))
                 for part, centre in zip((first, second), centres, strict=True))
    return bool(np.linalg.norm(centres[1] - centres[0]) >= max(GAP, COMPACT * spread))


def _second(shade: np.ndarray) -> np.ndarray:
    """(N,) bool: the second of two clusters (k-means, Lloyd 1982), from the farthest two on.

    shade: (N, K) float, some.
    """
    first = shade[np.linalg.norm(shade - shade.mean(axis=0), axis=1).argmax()]
    centres = np.array([first, shade[np.linalg.norm(shade - first, axis=1).argmax()]])
    found = np.zeros(len(shade), bool)
    for _ in range(10):
        far = np.linalg.norm(shade[:, None] - centres, axis=2)
        found = far[:, 1] < far[:, 0]
        if found.all() or not found.any():
            break
        centres = np.array([shade[~found].mean(axis=0), shade[found].mean(axis=0)])
    return found
