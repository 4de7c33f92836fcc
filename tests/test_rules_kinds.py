"""Boxes that are too faint to be found by themselves, beside others of their kind."""

import cv2
import numpy as np
import pytest

from scanproc.page.rules.kinds import completed

SIZE, PITCH, GROUP, ROW = (34, 33), 50, 64, 48


def places(rows=4, groups=2):
    """(N, 2): three boxes in a group, groups side by side, rows below each other."""
    return np.array([(60 + group * (2 * PITCH + GROUP) + at * PITCH, 80 + row * ROW)
                     for row in range(rows) for group in range(groups) for at in range(3)], float)


def page(spots, gray, noise=6, slope=0.0):
    """Darkness of a page with boxes; what they are given as is the paper in them."""
    dark = np.zeros((1000, 700), np.float32)
    for x, y in spots:
        corner = np.array([x, y + slope * x])
        first, last = np.rint(corner - 2).astype(int), np.rint(corner + SIZE + 1).astype(int)
        cv2.rectangle(dark, first.tolist(), last.tolist(), gray, 2)
    return np.clip(dark + np.random.default_rng(1).normal(0, noise, dark.shape), 0, 255
                   ).astype(np.uint8)


def boxes(spots, slope=0.0):
    spots = np.asarray(spots, float) + [[0, slope * x] for x, _ in spots]
    return np.column_stack([spots, np.tile(SIZE, (len(spots), 1))])


def missed(found, spots, slope=0.0, within=2):
    """How many of the places have no box within so many pixels."""
    away = np.abs(boxes(spots, slope)[:, None, :2] - found[None, :, :2]).max(axis=2)
    return int((away.min(axis=1) > within).sum())


@pytest.mark.parametrize("slope", [0.0, 0.03])
@pytest.mark.parametrize("gray", [14, 60])
def test_all_boxes_are_found_from_a_few(gray, slope):
    spots = places()
    known = boxes(spots[[0, 1, 3, 4, 6, 12]], slope)
    found = completed(known, page(spots, gray, slope=slope))
    assert len(found) == len(spots) and missed(found, spots, slope) == 0


def test_a_column_of_boxes_shows_its_neighbours_by_one_pair():
    spots = places(rows=6, groups=1)
    found = completed(boxes(spots[[0, *range(1, 18, 3)]]), page(spots, 40))
    assert len(found) == len(spots) and missed(found, spots) == 0


def test_nothing_is_found_where_nothing_is():
    spots = places()
    known = spots[[0, 1, 2, 6, 7, 8]]
    assert len(completed(boxes(known), page(known, 60))) == len(known)


def test_a_rule_of_the_table_is_no_side():
    spots = places(groups=1)
    dark = page(spots, 40)
    dark[40:400, [20, 21, 22]] = 250
    cv2.line(dark, (20, 70), (400, 70), 250, 3)
    found = completed(boxes(spots), dark)
    assert len(found) == len(spots) and missed(found, spots) == 0


def test_a_box_of_another_size_makes_way_and_a_frame_stays():
    spots = places(groups=1)
    half, frame = [spots[4, 0] + 10, spots[4, 1], 24, 33], [40, 60, 170, 230]
    known = np.concatenate([np.delete(boxes(spots), 4, axis=0), [half, frame]])
    found = completed(known, page(spots, 60))
    assert len(found) == len(spots) + 1 and missed(found, spots) == 0
    assert (found == frame).all(axis=1).any() and not (found == half).all(axis=1).any()


def test_two_cells_in_one_are_no_kind():
    """Where the rule between two was too faint, they are found one by one all the same."""
    spots = places(rows=6, groups=1)
    double = np.array([(x, y, 34, 33 + ROW) for x, y in spots[:4]])
    dark = page(spots, 60)
    found = completed(np.concatenate([boxes(spots[9:]), boxes(spots[6:8]), double]), dark)
    assert missed(found, spots) == 0


def test_a_pen_does_not_divide_faint_boxes():
    """The stem of a 4 is as long as three fifths of its box, and far darker than the sides."""
    spots = places()
    dark = page(spots, 14, noise=2)
    for x, y in spots.astype(int):
        cv2.line(dark, (x + 18, y + 4), (x + 18, y + 27), 220, 4)
    found = completed(boxes(spots[[0, 1, 3, 4, 6, 12]]), dark)
    assert len(found) == len(spots) and missed(found, spots) == 0


@pytest.mark.parametrize("corner", [(0, 0), (-20, -20), (690, 990)])
def test_boxes_at_the_edge_of_the_page_are_looked_for_beyond_it(corner):
    spots = np.add(corner, [(x * PITCH * way[0], y * ROW * way[1]) for way in (
        [(1, 1)] if corner[0] <= 0 else [(-1, -1)]) for x in range(3) for y in range(3)])
    found = completed(boxes(spots), page(spots, 60))
    assert len(found) == len(spots)


def test_what_makes_no_kind_is_left_alone():
    three = boxes(places()[:3])
    dark = page(places(), 60)
    assert np.array_equal(completed(three, dark), three)
    assert completed(three[:0], dark).shape == (0, 4)
    flat = np.zeros_like(dark)
    assert len(completed(boxes(places()), flat)) == len(places())
