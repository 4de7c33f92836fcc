"""Rules that are hidden in the noise of the paper or under strokes, and paper without any."""

import cv2
import numpy as np
import pytest

from scanproc.page import rules
from scanproc.page.clean import clean
from scanproc.page.decode import open_scan
from scanproc.page.rules.faint import FAINTEST, rule_ink
from scanproc.settings import Settings

NOISE = 3.0


def noisy(page):
    noise = np.random.default_rng(1).normal(0, NOISE, page.shape)
    return np.clip(page - 8.0 + noise, 0, 255).astype(np.uint8)


def combs(page):
    cells = rules.find((page < 160).astype(np.uint8), page).cells
    return sorted(np.bincount([cell.comb for cell in cells if cell.comb >= 0]).tolist())


@pytest.mark.parametrize("fainter_by", [8, 10])
def test_combs_fainter_than_the_noise_threshold_are_found(fainter_by):
    page = np.full((1700, 1200), 255, np.uint8)
    for top in (200, 340, 480):
        for left in (100, 500):
            for box in range(3):
                corner = left + box * 68, top
                cv2.rectangle(page, corner, (corner[0] + 52, top + 56), 255 - fainter_by, 2)
            cv2.putText(page, "4", (left + 68 + 12, top + 45), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 20, 4)
    assert combs(noisy(page)) == [3] * 6


def test_noise_and_the_blur_of_strokes_make_no_rules():
    page = np.full((1700, 1200), 255, np.uint8)
    cv2.putText(page, "1 4 7 5", (200, 400), cv2.FONT_HERSHEY_SIMPLEX, 4, 60, 12)
    page = noisy(cv2.GaussianBlur(page, (0, 0), 3))
    dark = 255 - page
    assert ((rule_ink(dark) > 0) & (dark <= FAINTEST)).sum() < 1e-4 * page.size
    assert not rules.find((page < 160).astype(np.uint8), page).cells


def test_the_pale_boxes_of_a_real_form_stand_in_rows(data):
    """Most of 102 boxes in 34 rows of three; four were found, then none in a row."""
    path = data("pages") / "cdig_data_sample_02.jpg"
    with open_scan(path.read_bytes(), Settings()) as scan:
        page = scan.page(1)
    cleaned = clean(page.gray, page.dpi, page.rotation, page.colour)
    found = rules.find(cleaned.ink, cleaned.gray).cells
    assert sum(cell.comb >= 0 for cell in found) >= 60


def test_a_rule_of_a_table_goes_though_tallies_stand_all_along_it():
    page = np.full((1700, 1200), 255, np.uint8)
    for y in range(600, 801, 20):
        cv2.line(page, (100, y), (1100, y), 60, 2)
    for x in (100, 1100):
        cv2.line(page, (x, 600), (x, 800), 60, 2)
    for x in range(130, 1080, 14):
        cv2.line(page, (x, 704), (x + 2, 716), 40, 4)
    ink = (page < 160).astype(np.uint8)
    left, _ = rules.remove(ink, rules.find(ink, page))
    assert not left[718:723, 144:1070:14].any() and left[710, 130:1080].any()
