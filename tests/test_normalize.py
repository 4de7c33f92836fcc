"""28x28 as MNIST was made."""

import cv2
import numpy as np
import pytest

from scanproc.page.normalize import normalize, normalize_all


def ring(height, width, pen):
    mask = np.zeros((height, width), np.uint8)
    cv2.ellipse(mask, (width // 2, height // 2), (width // 2 - pen, height // 2 - pen), 0, 0, 360,
                1, pen)
    left, top, wide, tall = cv2.boundingRect(mask)
    return mask[top:top + tall, left:left + wide]


def extent(image):
    rows, columns = np.nonzero(image > 0)
    return np.ptp(rows) + 1, np.ptp(columns) + 1


@pytest.mark.parametrize("height, width", [(90, 60), (60, 90), (200, 200), (24, 12), (200, 100)])
def test_longer_side_is_20_and_the_shape_is_kept(height, width):
    mask = ring(height, width, max(2, min(height, width) // 10))
    image = normalize(mask)
    assert image.shape == (28, 28)
    assert image.dtype == np.float32
    assert image.min() >= 0 and image.max() <= 1
    tall, wide = extent(image)
    assert max(tall, wide) == 20
    assert tall / wide == pytest.approx(mask.shape[0] / mask.shape[1], rel=0.2)


def test_centre_of_mass_is_in_the_middle():
    mask = ring(80, 50, 8)
    mask[-16:] = 1  # heavy foot
    image = normalize(mask)
    rows, columns = np.mgrid[:28, :28]
    assert (image * rows).sum() / image.sum() == pytest.approx(14, abs=0.5)
    assert (image * columns).sum() / image.sum() == pytest.approx(14, abs=0.5)


def test_edges_are_gray():
    image = normalize(ring(93, 71, 9))
    assert ((image > 0.1) & (image < 0.9)).sum() > 20


def test_a_hair_line_is_thickened_to_a_pen():
    thin = normalize(ring(200, 140, 4))
    thick = normalize(ring(200, 140, 18))
    assert 0.5 < thin.sum() / thick.sum() < 1.1
    assert thin.max() > 0.9


def test_a_single_pixel_and_an_empty_batch_work():
    assert normalize(np.ones((1, 1), np.uint8)).max() == 1
    assert normalize_all([]).shape == (0, 28, 28)


def test_mnist_comes_back_as_it_was(mnist):
    images, _ = mnist("t10k")
    scores = []
    for image in images[:200]:
        large = cv2.resize(image, None, fx=5, fy=5, interpolation=cv2.INTER_CUBIC)
        left, top, width, height = cv2.boundingRect((large > 127).astype(np.uint8))
        again = normalize((large > 127).astype(np.uint8)[top:top + height, left:left + width])
        scores.append(np.corrcoef(again.ravel(), image.ravel())[0, 1])
    assert np.median(scores) > 0.95
    assert np.mean(scores) > 0.93
