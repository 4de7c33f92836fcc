"""Labelled images of any size made as MNIST's, and the room that takes."""

import tracemalloc

import cv2
import numpy as np
import pytest
from test_labelled import a_seven

from scanproc.labelled import fit


def stretched(images, side=16):
    """MNIST digits as some collections give them: binary, cut to their ink, stretched to a square.

    Returns them and the width over height that they had.
    """
    squares, ratios = [], []
    for image in images:
        fine = cv2.resize(image, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC) > 127
        left, top, width, height = cv2.boundingRect(fine.astype(np.uint8))
        cut = fine[top:top + height, left:left + width].astype(np.uint8) * 255
        squares.append(cv2.resize(cut, (side, side), interpolation=cv2.INTER_AREA) // 128 * 255)
        ratios.append(width / height)
    return np.stack(squares), np.array(ratios)


@pytest.mark.parametrize("side", [16, 20, 40])
def test_the_aspect_of_stretched_digits_is_found_again(mnist, side):
    images = mnist("train")[0][:500]
    squares, ratios = stretched(images, side)
    restored = fit.fit(squares, "stretched")
    widths, heights = (np.array([np.ptp(np.nonzero(image > 127)[axis]) + 1 for image in restored])
                       for axis in (1, 0))
    off = np.log(widths / heights) - np.log(ratios)
    spread = np.log(ratios).std()
    assert abs(off.mean()) < 0.1 and off.std() < 0.8 * spread
    plain = fit.fit(np.pad(squares, ((0, 0), (1, 1), (1, 1))), "with a margin, so not stretched")
    distance = [((made / 255 - images / 255)**2).mean() for made in (restored, plain)]
    assert distance[0] < 0.6 * distance[1]


def test_a_stretched_set_takes_little_more_room_than_its_digits():
    squares = np.stack([cv2.copyMakeBorder(a_seven(98, 98), 1, 1, 1, 1, cv2.BORDER_CONSTANT)] * 400)
    squares[:, [0, -1], 50] = squares[:, 50, [0, -1]] = 255
    tracemalloc.start()
    fitted = fit.fit(squares, "stretched")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert fitted.max() > 127 and peak < 2 * squares.nbytes


def test_images_of_mnists_size_are_taken_as_they_are_where_all_touch_their_sides(mnist):
    squares, _ = stretched(mnist("train")[0][:50], 28)
    assert np.array_equal(fit.fit(squares, "of 28x28"), squares)
