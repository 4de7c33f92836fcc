"""Distorted digits: what they must keep, and what makes them like digits of a page."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

from scanproc.network import augment
from scanproc.page.normalize import normalize

STILL = augment.Distortion(turn=0, slant=0, aspect=0, elastic=0, gray_zoom=(1, 1),
                           gray_shift_px=0, gray_gain=(1, 1), gray_cut=(0, 0), gray_spoilt=0,
                           gray_repenned=0, clipped=0,
                           scan_noise=0, pen_noise=0, box_px=(20, 20), centre_px=0)


def digits(count: int) -> np.ndarray:
    """Hooks of various slant, as in MNIST: 20 pixels high, ink = 255."""
    images = np.zeros((count, 28, 28), np.uint8)
    for at, image in enumerate(images):
        points = np.array([[8, 6], [19, 6], [12 + at % 4, 22]]) * 16 + 8
        cv2.polylines(image, [points.astype(np.int32)], False, 255, 2, cv2.LINE_AA, 4)
    return images


@pytest.fixture(scope="module")
def source() -> augment.Sources:
    return augment.sources(digits(40))


def extent(image: np.ndarray) -> int:
    ink = image > 0
    return max(np.ptp(np.flatnonzero(ink.any(axis))) + 1 for axis in (0, 1))


def test_images_come_in_the_form_the_network_takes(source: augment.Sources) -> None:
    picks = np.arange(40)
    found = augment.batch(source, picks, augment.Distortion(), np.random.default_rng(0))
    assert found.shape == (40, 28, 28) and found.dtype == np.float32
    assert found.min() >= 0 and found.max() <= 1
    assert (found.reshape(40, -1).max(axis=1) > 0.5).all()


def test_the_same_seed_draws_the_same(source: augment.Sources) -> None:
    how, picks = augment.Distortion(), np.arange(10)
    first, again, other = (augment.batch(source, picks, how, np.random.default_rng(seed))
                           for seed in (3, 3, 4))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_without_distortion_the_gray_road_keeps_the_image(source: augment.Sources) -> None:
    found = augment.gray(source, np.arange(6), STILL, np.random.default_rng(0))
    np.testing.assert_allclose(found, source.gray[:6] / 255, atol=0.02)


def test_more_digits_than_a_mosaic_holds_are_each_their_own(source: augment.Sources) -> None:
    picks = np.arange(augment.MOSAIC * 2 + 1) % 40
    found = augment.gray(source, picks, STILL, np.random.default_rng(0))
    np.testing.assert_allclose(found, source.gray[picks] / 255, atol=0.02)


@pytest.mark.parametrize(("gray_share", "pen_share"), [(0, 0), (0, 1), (1, 0)])
def test_any_road_may_be_left_out(source: augment.Sources, gray_share: float, pen_share: float
                                  ) -> None:
    how = augment.Distortion(gray_share=gray_share, pen_share=pen_share)
    found = augment.batch(source, np.arange(5), how, np.random.default_rng(0))
    assert found.shape == (5, 28, 28)


def test_the_box_is_that_of_the_page_pipeline() -> None:
    large = np.stack([cv2.resize(image, (112, 112)) for image in digits(4)]) > 127
    found = augment.to_box(large.astype(np.float32), STILL, np.random.default_rng(0))
    for image, mask in zip(found, large, strict=True):
        ink = mask[np.ix_(mask.any(1), mask.any(0))].astype(np.uint8)
        # normalize() centres to the whole pixel, so half a pixel may lie between the two.
        shift = np.float32([[1, 0, 0], [0, 1, 0]])
        gaps = []
        for shift[0, 2] in np.arange(-0.5, 0.51, 0.1):
            for shift[1, 2] in np.arange(-0.5, 0.51, 0.1):
                moved = cv2.warpAffine(normalize(ink), shift, (28, 28))
                gaps.append(np.abs(moved - image).mean())
        assert min(gaps) < 0.015


def test_page_like_digits_are_centred_and_fill_the_box(source: augment.Sources) -> None:
    picks, places = np.arange(40), np.arange(28)
    found = augment.page_like(source, picks, augment.Distortion(), np.random.default_rng(5))
    mass = found.sum((1, 2))
    for axis in (1, 2):
        centre = found.sum(axis) @ places / mass
        assert np.abs(centre - 14).max() <= 0.6
    assert all(19 <= extent(image) <= 23 for image in found)


def test_pens_are_thinner_and_thicker_than_the_writers_own(source: augment.Sources) -> None:
    def ink(radius: float) -> float:
        how = augment.Distortion(pen_share=1.0, pen_radius=(radius, radius))
        rng = np.random.default_rng(6)
        return float(augment.page_like(source, np.arange(40), how, rng).mean())

    own = augment.Distortion(pen_share=0.0)
    kept = augment.page_like(source, np.arange(40), own, np.random.default_rng(6)).mean()
    assert ink(1.0) < 0.7 * kept < 1.3 * kept < ink(6.0)


def test_some_strokes_become_thicker_and_some_thinner(source: augment.Sources) -> None:
    how = dataclasses.replace(STILL, gray_repenned=1.0)
    picks = np.arange(40)
    ink = augment.gray(source, picks, how, np.random.default_rng(0)).sum((1, 2))
    before = augment.gray(source, picks, STILL, np.random.default_rng(0)).sum((1, 2))
    assert (ink > 1.2 * before).any() and (ink < 0.9 * before).any()


def test_a_clipped_crop_has_lost_an_edge_and_little_more(source: augment.Sources) -> None:
    masks = np.zeros((50, 48, 48), np.float32)
    masks[:, 10:40, 14:30] = 1
    how = dataclasses.replace(STILL, clipped=1.0)
    left = augment._clipped(masks.copy(), how, np.random.default_rng(0)).sum((1, 2))
    assert (left < 480).mean() > 0.8 and (left > 0.75 * 480).all()
