import numpy as np
from drawn import drawn

from scanproc.labelled.digits import Digits
from scanproc.network import crops, pool
from scanproc.network.recipe import Recipe

DRAWN = Digits(*drawn(90, 1))
RECIPE = Recipe(copies=2, negatives=0.25)


def test_every_digit_is_there_once_in_every_copy_with_non_digits_among_them():
    told = []
    made = pool.draw(DRAWN, RECIPE, told.append)
    assert told == [1, 2] and made.copy == 120
    assert made.images.shape == (240, 784) and made.images.dtype == np.uint8
    for copy in (made.labels[:120], made.labels[120:]):
        assert np.bincount(copy, minlength=11)[:10].tolist() == np.bincount(
            DRAWN.labels, minlength=10).tolist()
        assert (copy == 10).sum() == 30


def test_each_copy_is_distorted_anew_and_the_seed_decides():
    one, two = (pool.draw(DRAWN, RECIPE, lambda _: None).images for _ in range(2))
    assert (one == two).all()
    assert len({image.tobytes() for image in one}) > 230


def test_crops_carry_their_labels_and_two_draws_differ():
    one, two = (crops.draw(DRAWN, RECIPE, draw=draw, copies=2) for draw in (0, 1))
    again = crops.draw(DRAWN, RECIPE, draw=0, copies=2)
    assert (one.images == again.images).all() and (one.images != two.images).any()
    assert len(one) >= 180 and one.images.dtype == np.uint8
    counts = np.bincount(one.labels, minlength=10) - 2 * np.bincount(DRAWN.labels, minlength=10)
    assert counts[[0, *range(2, 10)]].tolist() == [0] * 9 and counts[1] >= 0
