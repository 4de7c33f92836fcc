"""Pages drawn for tests of what is print and what is handwriting."""

import cv2
import numpy as np

from scanproc.page import hand
from scanproc.page.normalize import normalize_all
from scanproc.records import Box, Candidate, Cell


def row_of(digit, sure=0.999):
    """(11,) probabilities; digit -1: not a digit, None: undecided between 0 and that."""
    found = np.full(11, (1 - sure) / 10)
    found[digit if digit is not None else 0] = sure
    if digit is None:
        found[:] = 0.01
        found[0] = found[10] = 0.455
    return found.astype(np.float32)


def shape_of(text, height, seed=None):
    """(h, w) uint8 mask of a character, `height` high; a seed bends it, as a hand does."""
    big = np.zeros((160, 160), np.uint8)
    cv2.putText(big, text, (40, 120), cv2.FONT_HERSHEY_SIMPLEX, 3.0, 255, 1)
    big = cv2.dilate(big, np.ones((3, 3), np.uint8))
    if seed is not None:
        bend = np.random.default_rng(seed).normal(0, 7, (5, 5, 2)).astype(np.float32)
        bend = cv2.resize(bend, big.shape, interpolation=cv2.INTER_CUBIC)
        y, x = np.mgrid[:160, :160].astype(np.float32)
        big = cv2.remap(big, x + bend[..., 0], y + bend[..., 1], cv2.INTER_LINEAR)
    left, top, width, high = cv2.boundingRect((big > 100).astype(np.uint8))
    size = max(2, round(width * height / high)), height
    part = cv2.resize(big[top:top + high, left:left + width], size, interpolation=cv2.INTER_AREA)
    return (part > 100).astype(np.uint8)


def write_apart(gray, text, left, top, pitch):
    """Writes characters 40 high on a page, from one to the next so far."""
    for at, character in enumerate(text):
        mask, x = shape_of(character, 40, at), left + at * pitch
        gray[top:top + 40, x:x + mask.shape[1]][mask > 0] = 0
    return gray


def _tall(height, seed):
    return round(height * np.random.default_rng(seed + 1000).uniform(0.82, 1.18))


class Paper:
    """A page to write on; `sifted` says what becomes of what was written."""

    def __init__(self, shape=(2000, 1600)):
        self.gray = np.full(shape, 255, np.uint8)
        self.candidates, self.rows, self.cells, self.colour = [], [], [], []
        self.boxes = []

    def put(self, mask, left, top, row, cell=-1, ink=0, colour=(128, 128), cut=0.0):
        """One candidate; returns its index."""
        height, width = mask.shape
        spot = Box(left, top, width, height)
        self.gray[top:spot.bottom, left:spot.right][mask > 0] = ink
        self.candidates.append(Candidate(mask, spot, spot, cut))
        self.rows.append(row)
        self.cells.append(cell)
        self.colour.append((30, *colour))
        return len(self.rows) - 1

    def write(self, text, left, top, height, seed=None, gap=0.3, digits="0123456789", **more):
        """Text in a row, each character what it is to the network; returns the indices."""
        found = []
        for at, letter in enumerate(text):
            if letter != " ":
                bent = None if seed is None else seed + at
                tall = height if seed is None else _tall(height, bent)
                mask = shape_of(letter, tall, bent)
                row = row_of(int(letter) if letter in digits else -1)
                down = 0 if seed is None else round((height - tall) * (bent % 3) / 4)
                found.append(self.put(mask, left, top + height - tall - down, row, **more))
                left += mask.shape[1]
            left += round(gap * height)
        return found

    def prose(self, lines=8, top=100):
        """Printed letters, so that the page is no cutting."""
        for at in range(lines):
            self.write("name of the person who fills", 80, top + 60 * at, 24)

    def comb(self, left, top, size, count, comb=0, gap=0):
        """A row of boxes; returns the index of the first."""
        first = len(self.boxes)
        self.boxes += [Cell(Box(left + at * (size + gap), top, size, size), comb, at + 1)
                       for at in range(count)]
        return first

    def sifted(self, colour=False):
        """(N,) reasons."""
        images = normalize_all([candidate.mask for candidate in self.candidates])
        rows = np.array(self.rows, np.float32).reshape(-1, 11)
        return hand.sift(hand.Evidence(
            tuple(self.candidates), images, rows, np.array(self.cells, int), tuple(self.boxes),
            self.gray, np.array(self.colour, np.float32) if colour else None))
