"""Static is told from writing before anything is looked for in it."""

import cv2
import numpy as np

from scanproc.page import read
from scanproc.page.segment import noise
from scanproc.records import Page


def static(shape=(1748, 1240)):
    """(H, W) uint8 ink: blobs of every size."""
    grain = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    return (cv2.GaussianBlur(grain, None, 1.2) > 0.15).astype(np.uint8)


def print_(shape=(3400, 2500), dirt=0):
    """(H, W) uint8 ink: small print from edge to edge, with specks."""
    page = np.zeros(shape, np.uint8)
    for top in range(40, shape[0], 40):
        cv2.putText(page, "it is the 15.3.26, or 4,207.50 " * 6, (0, top), 0, 0.8, 1, 2)
    page[np.random.default_rng(1).random(shape) < dirt] = 1
    return page


def test_static_is_told_from_small_print():
    assert noise(static()) > 3000
    for dirt in (0, 0.001):
        assert cv2.connectedComponents(print_(dirt=dirt))[0] > 5000
        assert noise(print_(dirt=dirt)) == 0


def test_a_page_of_static_is_accounted_for_and_soon_done():
    looked_at = []
    page = Page(255 - 255 * static(), dpi=(200, 200))
    result = read.read_page(page, 1, read.load(), lambda number, seen: looked_at.append(seen))
    assert result.status == "read" and not result.numbers
    ((fate, pieces),) = result.ink
    assert fate == "pattern" and pieces > 3000 and looked_at[0].result == result
