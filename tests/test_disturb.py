"""Each disturbance does to a drawn stroke what its name says."""

import cv2
import numpy as np
import pytest

from scanproc.evaluate.disturb import DISTURBANCES, disturbed

RNG = np.random.default_rng(0)


def bar(angle=0.0, thickness=3.0, length=12.0):
    """A stroke through the image's centre, upright at angle 0, degrees anticlockwise."""
    rows, columns = (np.mgrid[:280, :280] + 0.5) / 10 - 14
    angle = np.deg2rad(angle)
    along = columns * np.sin(angle) + rows * np.cos(angle)
    across = columns * np.cos(angle) - rows * np.sin(angle)
    ink = (abs(along) < length / 2) & (abs(across) < thickness / 2)
    return cv2.resize(ink.astype(np.float32), (28, 28), interpolation=cv2.INTER_AREA)


def apply(name, image):
    return DISTURBANCES[name](image, RNG)


def centre(image):
    rows, columns = np.mgrid[:28, :28]
    return np.array([(image * columns).sum(), (image * rows).sum()]) / image.sum()


def slant(image):
    """Columns per row of the stroke; positive leans to the right."""
    rows, columns = np.mgrid[:28, :28] - 13.5
    return -(image * rows * columns).sum() / (image * rows**2).sum()


@pytest.mark.parametrize("angle", [0, 30, 45, 90])
@pytest.mark.parametrize("change", [-1, 1, 2])
def test_strokes_become_thicker_by_so_many_pixels(angle, change):
    length, thickness = 14, 3
    image = bar(angle, thickness, length)
    found = apply(f"thickness{change:+d}", image).sum()
    assert found == pytest.approx((thickness + change) * (length + change), rel=0.1)


@pytest.mark.parametrize("degrees", [-15, 15])
def test_rotation_is_anticlockwise_where_positive(degrees):
    turned = apply(f"rotation{degrees:+d}", bar())
    # What was upright and turns anticlockwise leans to the left.
    assert slant(turned) == pytest.approx(-np.tan(np.deg2rad(degrees)), abs=0.03)
    assert abs(turned - bar(-degrees)).mean() > 3 * abs(turned - bar(degrees)).mean()


@pytest.mark.parametrize("slope", [-0.3, 0.3])
def test_shear_leans_to_the_right_where_positive(slope):
    sheared = apply(f"shear{slope:+.1f}", bar())
    assert slant(sheared) == pytest.approx(slope, abs=0.03)
    assert sheared.sum(axis=1) == pytest.approx(bar().sum(axis=1), abs=0.01)


@pytest.mark.parametrize("factor", [0.8, 1.15])
@pytest.mark.parametrize("angle, axis", [(0, 1), (90, 0)])
def test_scale_is_about_the_centre(factor, angle, axis):
    scaled = apply(f"scale-{factor}", bar(angle, length=14))
    profile = scaled.sum(axis=axis) / scaled.sum()
    length = np.sqrt(12 * profile @ (np.arange(28) - 13.5)**2)  # of an even stroke
    assert length == pytest.approx(14 * factor, rel=0.03)
    assert centre(scaled) == pytest.approx([13.5, 13.5], abs=0.01)


@pytest.mark.parametrize("name, moved", [
    ("left", (-2, 0)), ("right", (2, 0)), ("up", (0, -2)), ("down", (0, 2))])
def test_shifts_are_two_pixels(name, moved):
    shifted = apply(f"shift-{name}", bar())
    assert np.allclose(shifted, np.roll(bar(), moved, axis=(1, 0)), atol=1e-6)


def test_what_leaves_the_image_does_not_come_back():
    image = np.zeros((28, 28), np.float32)
    image[:, 0] = 1
    assert not apply("shift-left", image).any()


def test_blur_spreads_a_point_by_a_pixel():
    image = np.zeros((28, 28), np.float32)
    image[14, 14] = 1
    blurred = apply("blur", image)
    assert blurred.sum() == pytest.approx(1, abs=1e-4)
    assert (blurred * (np.arange(28) - 14)**2).sum() == pytest.approx(1, abs=0.1)


def test_noise_has_its_strength_and_stays_in_range():
    noisy = apply("noise", np.full((28, 28), 0.5, np.float32))
    assert noisy.std() == pytest.approx(0.2, rel=0.1)
    assert noisy.min() >= 0 and noisy.max() <= 1


def test_binarized_knows_two_values():
    image = np.array([[0.0, 0.49, 0.5, 1.0]], np.float32)
    assert apply("binarized", image).tolist() == [[0, 0, 1, 1]]


def test_the_same_images_give_the_same_and_are_left_alone():
    images = np.stack([bar(), bar(20)])
    before = images.copy()
    first, again = dict(disturbed(images)), dict(disturbed(images))
    assert len(first) == 16 and np.array_equal(images, before)
    for name, made in first.items():
        assert made.shape == images.shape and made.dtype == np.float32
        assert made.min() >= 0 and made.max() <= 1 and not np.array_equal(made, images)
        assert np.array_equal(made, again[name])
    assert not np.array_equal(first["noise"][0] - images[0], first["noise"][1] - images[1])
