import cv2
import numpy as np
import pytest
from drawn import drawn

from scanproc.labelled.digits import Digits
from scanproc.network import negatives
from scanproc.network.negatives import letters, marks, pieces
from scanproc.page.stroke import holes

DRAWN = Digits(*drawn(200, 1))
SOURCE = pieces.Source(DRAWN)


def test_there_are_as_many_as_asked_for_and_they_look_like_crops():
    found = negatives.draw(DRAWN, 500, seed=1)
    assert len(found) == 500 and set(found.labels) == {10}
    assert found.images.shape == (500, 28, 28) and found.images.dtype == np.uint8
    assert (found.images.reshape(500, -1).max(axis=1) > 100).all()
    assert len({image.tobytes() for image in found.images}) > 300


def test_the_seed_decides():
    one, two, three = (negatives.draw(DRAWN, 100, seed).images for seed in (1, 1, 2))
    assert (one == two).all() and (one != three).any()


@pytest.mark.parametrize("kind", [kind for kind, _ in negatives.KINDS], ids=lambda k: k.__name__)
def test_every_kind_draws_ink_and_does_not_always_fail(kind):
    rng = np.random.default_rng(0)
    found = [kind(SOURCE, rng) for _ in range(100)]
    masks = [mask for mask in found if mask is not None]
    assert len(masks) > 10
    assert all(mask.any() and set(np.unique(mask)) <= {0, 1} for mask in masks)


def test_shares_add_up():
    assert sum(share for _, share in negatives.KINDS) == pytest.approx(1)


def test_joined_digits_are_wider_than_one_and_one_piece():
    rng = np.random.default_rng(0)
    masks = [mask for _ in range(50) if (mask := pieces.joined(SOURCE, rng)) is not None]
    assert all(cv2.connectedComponents(mask)[0] == 2 for mask in masks)
    single = np.median([np.divide(*SOURCE.any(rng).shape[::-1]) for _ in range(50)])
    assert np.median([np.divide(*mask.shape[::-1]) for mask in masks]) > 1.5 * single


def test_a_piece_is_no_bare_stroke_and_nothing_round():
    rng = np.random.default_rng(0)
    for _ in range(100):
        mask = pieces.piece(SOURCE, rng)
        if mask is not None:
            assert not pieces.slim(mask)
            assert not holes(mask)


def test_no_piece_is_of_a_one_or_a_seven():
    assert not set(DRAWN.labels[SOURCE.long]) & {1, 7} and set(DRAWN.labels) >= {1, 7}


def test_two_digits_of_which_one_hides_in_the_other_are_not_joined_ones():
    whole, hair = np.ones((40, 30), np.uint8), np.ones((40, 4), np.uint8)
    rng = np.random.default_rng(0)
    assert pieces._meet(whole, hair, rng) is None
    both = pieces._meet(whole, whole, rng)
    assert both.shape[1] > 1.5 * whole.shape[1]


def test_letters_that_are_digits_by_shape_are_left_out():
    assert not set("OoIiljQDSsZzBbgq0123456789|!/()") & set(letters.LETTERS + letters.OTHERS)


def test_no_mark_is_an_upright_stroke():
    for shape in marks.SHAPES:
        if len(shape) == 1 and len(shape[0]) == 2:
            (x0, y0), (x1, y1) = shape[0]
            assert abs(x1 - x0) > abs(y1 - y0)


@pytest.mark.parametrize("end, is_slim", [((2, 60), True), ((40, 60), True), ((60, 2), True)])
def test_a_stroke_is_slim_however_it_leans(end, is_slim):
    mask = cv2.line(np.zeros((64, 64), np.uint8), (2, 2), end, 1, 5)
    assert pieces.slim(mask) is is_slim
    assert not pieces.slim(cv2.line(mask, (2, 60), (60, 30), 1, 5))
