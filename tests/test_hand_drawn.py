"""Rings and squares of a machine, told from zeros of a hand."""

import tracemalloc

import cv2
import numpy as np
from papers import shape_of

from scanproc.page.hand import drawn
from scanproc.records import Box, Candidate


def candidate(mask, left=0, top=0):
    box = Box(left, top, mask.shape[1], mask.shape[0])
    return Candidate(mask.astype(np.uint8), box, box)


def ring(size=34, seed=0):
    """A circle of a copier: some of its edge is gone."""
    mask = np.zeros((size, size), np.uint8)
    cv2.circle(mask, (size // 2, size // 2), size // 2 - 1, 1, 2)
    holes = np.random.default_rng(seed).integers(0, size, (6, 2))
    mask[holes[:, 0], holes[:, 1]] = 0
    return mask


def square(size=40, degrees=0.0):
    mask = np.zeros((2 * size, 2 * size), np.uint8)
    corners = cv2.boxPoints(((size, size), (size, size), degrees)).astype(np.int32)
    cv2.fillPoly(mask, [corners], 1)
    left, top, width, height = cv2.boundingRect(mask)
    return mask[top:top + height, left:left + width]


def test_many_rings_of_one_size_are_of_a_sheet():
    assert drawn.rings([candidate(ring(seed=at)) for at in range(8)]).all()
    sizes = [candidate(ring(size)) for size in range(20, 100, 10)]
    assert not drawn.rings(sizes).any()


def test_zeros_of_a_hand_are_no_rings():
    zeros = [candidate(shape_of("0", 40, seed)) for seed in range(60)]
    assert drawn.rings(zeros).sum() == 0 and drawn.squares(zeros).sum() == 0


def test_squares_lie_as_they_will():
    turned = [candidate(square(degrees=degrees)) for degrees in (0, 3, 20, 45)]
    assert drawn.squares(turned).all()
    assert not drawn.squares([candidate(np.ones((40, 8))), candidate(ring())]).any()


def test_what_stands_in_rings_is_print_if_it_is_even():
    rings = [Box(50 * at, 0, 34, 34) for at in range(8)]
    even = [Box(50 * at + 12, 10, 10, 14) for at in range(8)]
    uneven = [Box(50 * at + 12, 10, 10, 10 + at) for at in range(8)]
    ring_of = np.array([True] * 8 + [False] * 8)
    inside = drawn.in_rings(np.array(rings + even, float), ring_of)
    assert not inside[:8].any() and inside[8:].all()
    assert not drawn.in_rings(np.array(rings + uneven, float), ring_of).any()


def test_a_page_of_nothing_but_rings_takes_little():
    mask = ring()
    many = [candidate(mask, 40 * (at % 200), 40 * (at // 200)) for at in range(20_000)]
    tracemalloc.start()
    assert drawn.rings(many).all()
    assert tracemalloc.get_traced_memory()[1] < 50e6
    tracemalloc.stop()


def corner(size=42):
    """Of a QR code, without its middle: a ring of one module of seven."""
    mask = np.ones((size, size), np.uint8)
    mask[size // 7:-size // 7 + 1, size // 7:-size // 7 + 1] = 0
    return mask


def box_to_tick(size=42):
    mask = np.zeros((size, size), np.uint8)
    cv2.rectangle(mask, (0, 0), (size - 1, size - 1), 1, 2)
    return mask


def between(shape, places):
    """Whether a 5 between the first three of some squares is called part of a code, and one
    outside."""
    squares = [candidate(shape, *place) for place in places]
    digits = [candidate(shape_of("5", 30), 190, 190), candidate(shape_of("5", 30), 320, 190)]
    every = [*squares, *digits]
    return drawn.in_codes(every, drawn.squares(every))[-2:].tolist()


def test_what_lies_between_three_corners_is_of_a_code():
    three = (100, 100), (240, 100), (100, 240)
    for turned in (three, [(x, 340 - y) for x, y in three], [(340 - x, y) for x, y in three]):
        assert between(corner(), turned) == [True, False]
    assert between(corner(), three[:2]) == [False, False]
    assert between(corner(), ((100, 100), (240, 100), (100, 300))) == [False, False]
    assert between(box_to_tick(), three) == [False, False]  # boxes to tick, empty
    assert between(np.ones((42, 42)), three) == [False, False]  # marks in the corners of a sheet
    assert between(corner(), ((0, 0), (600, 0), (0, 600))) == [False, False]
