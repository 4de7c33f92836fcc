"""Print is not handwriting: what each sign takes out of a page, and what it leaves."""

import re
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from papers import Paper, row_of, shape_of
from sifted import evidence

from scanproc.page import classify, hand
from scanproc.page.hand.font import in_font_of_print
from scanproc.page.hand.ground import beside_sheet
from scanproc.reasons import INK_FATES


def reasons_of(paper, indices, **more):
    found = paper.sifted(**more)
    return [found[at] for at in indices]


def test_loose_handwriting_stays():
    paper = Paper()
    lines = [paper.write("8025639417", 100, 150 + 150 * at, 60, seed=100 * at) for at in range(8)]
    assert reasons_of(paper, sum(lines, [])) == [""] * 80


def test_printed_digits_are_known_by_their_repetition_and_written_ones_stay():
    paper = Paper()
    printed = [paper.write(text, 150, 100 + 200 * at, 30)
               for at, text in enumerate(("2837", "3728", "8273", "7382"))]
    written = [paper.write("2837", 180, 190 + 200 * at, 44, seed=50 * at) for at in range(4)]
    paper.prose(top=1000)
    assert set(reasons_of(paper, sum(printed, []))) == {"print"}
    assert reasons_of(paper, sum(written, [])) == [""] * 16


def test_a_page_of_letters_alone_has_no_digit():
    paper = Paper()
    paper.prose()
    assert "" not in paper.sifted()


def test_a_cutting_with_equal_digits_stays():
    paper = Paper((100, 800))
    digits = paper.write("0000100", 40, 30, 30)
    assert reasons_of(paper, digits) == [""] * 7


def test_numbers_before_the_rows_of_a_table_are_print_and_those_in_it_are_not():
    paper = Paper()
    head = [paper.write(str(at), 100, 100 + 90 * at, 30)[0] for at in range(2, 10)]
    written = [paper.write("3859", 500 + 7 * at, 90 + 90 * at, 40, seed=9 * at)
               for at in range(2, 10)]
    paper.prose(top=1200)
    assert reasons_of(paper, head) == ["print"] * 8
    assert reasons_of(paper, sum(written, [])) == [""] * 32


def test_the_number_of_a_printed_heading_goes_with_it():
    paper = Paper()
    for top in (100, 400, 700):
        paper.write("BBBB", 300, top, 30)
    alone = paper.write("B7", 100, 900, 30, gap=0.2)
    beside = paper.write("B", 100, 1100, 30) + paper.write("7", 130, 1085, 52, seed=3)
    paper.prose(top=1300)
    assert reasons_of(paper, alone) == ["print", "print"]
    assert reasons_of(paper, beside) == ["print", ""]


def test_where_pens_differ_in_colour_print_has_its_own():
    paper = Paper()
    printed = [at for line in range(6) for at in paper.write(
        "27358", 100, 80 + 70 * line, 30 + 3 * line, colour=(128, 132))]
    blue = [at for line in range(6) for at in paper.write(
        "5283", 700, 80 + 70 * line, 40, seed=20 * line, colour=(140, 90))]
    for top in (700, 900, 1100):
        paper.write("27358", 100, top, 30, colour=(128, 132))
    assert "" in reasons_of(paper, printed)
    assert set(reasons_of(paper, printed, colour=True)) == {"print"}
    assert reasons_of(paper, blue, colour=True) == [""] * 24


def test_a_stain_of_another_colour_makes_no_print_of_the_writing():
    paper = Paper()
    paper.prose()
    written = [at for line in range(10) for at in paper.write(
        "527396", 300, 700 + 80 * line, 40, seed=20 * line)]
    paper.write("52837", 100, 1600, 40, seed=7, colour=(150, 170))
    assert reasons_of(paper, written, colour=True) == [""] * 60


def test_show_through_is_faint_and_pencil_is_not():
    for text, expected in (("xxxxxx3", "faint"), ("6283953", "")):
        paper = Paper()
        paper.prose()
        pale = paper.write(text, 300, 900, 50, seed=4, ink=200)
        dark = paper.write("6283953", 300, 1200, 50, seed=40)
        assert set(reasons_of(paper, pale)) == {expected}
        assert set(reasons_of(paper, dark)) == {""}


def test_blots_are_solid_and_a_1_is_not():
    paper = Paper()
    blot = paper.put(np.ones((40, 36), np.uint8), 100, 100, row_of(0))
    one = paper.put(np.ones((40, 7), np.uint8), 150, 100, row_of(1))
    assert reasons_of(paper, [blot, one]) == ["solid", ""]


@pytest.mark.parametrize("lean, expected", [(60, "not_a_digit"), (20, "")])
def test_a_tick_is_no_1(lean, expected):
    paper = Paper()
    paper.prose()
    mask = np.zeros((50, 10 + lean), np.uint8)
    cv2.line(mask, (5, 45), (4 + lean, 4), 1, 7)
    paper.write("75", 400, 900, 50, seed=1)
    one = paper.put(mask, 300, 900, row_of(1))
    assert reasons_of(paper, [one]) == [expected]


def test_what_the_network_alone_takes_for_no_digit_says_so():
    paper = Paper()
    written = paper.write("3x5", 100, 100, 50, seed=3)
    assert reasons_of(paper, written) == ["", hand.NOT_A_DIGIT, ""]


def test_every_reason_is_explained():
    given = set(re.findall(r'_mark\(reasons, "(\w+)"', Path(hand.__file__).read_text("utf-8")))
    assert given == {"border", "print", "word", "faint", "solid", "pattern"}
    assert given | {hand.NOT_A_DIGIT} <= set(INK_FATES)


def test_an_empty_page_and_one_of_noise_alone():
    assert Paper().sifted() == []
    paper = Paper()
    paper.put(np.ones((1, 1), np.uint8), 0, 0, row_of(None))
    assert len(paper.sifted(colour=True)) == 1
    random = np.random.default_rng(1)
    for left, top in random.integers(0, 1550, (3000, 2)):
        mask = (random.random((12, 9)) < 0.5).astype(np.uint8)
        paper.put(mask, int(left), int(top), row_of(int(random.integers(-1, 10))))
    started = time.process_time()
    assert len(paper.sifted(colour=True)) == 3001
    assert time.process_time() - started < 5


def test_more_candidates_than_a_page_holds_are_a_pattern():
    one = Paper()
    one.put(np.ones((9, 3), np.uint8), 5, 5, row_of(1))
    count = hand.MOST + 1
    many = hand.Evidence(tuple(one.candidates) * count, np.zeros((count, 28, 28), np.float32),
                         np.tile(row_of(1), (count, 1)), np.full(count, -1), (), one.gray)
    assert set(hand.sift(many)) == {"pattern"}


def test_the_colour_of_a_candidate_is_that_of_its_ink():
    paper = Paper((100, 200))
    paper.put(shape_of("8", 60), 20, 20, row_of(8))
    rgb = np.dstack([np.where(paper.gray == 0, value, 240) for value in (30, 30, 200)])
    ((_, a, b),) = hand.cores(rgb.astype(np.uint8), paper.candidates)
    assert b < 100 and abs(a - 128) < 60


def test_what_lies_beside_the_sheet_is_not_written_and_shadows_are_on_it():
    colour = np.full((400, 800, 3), (215, 205, 180), np.uint8)  # by the light of a lamp
    colour[:, 300:500] //= 2  # a shadow
    colour[:, 600:] = 120, 80, 50  # wood
    paper = Paper((400, 800))
    for left in (50, 150, 350, 420, 650, 700):
        paper.put(shape_of("8", 60), left, 100, row_of(8))
        colour[100:160, left:left + 12] = 40
    assert hand.grounds(colour, ()).shape == (0, 3)
    assert beside_sheet(hand.grounds(colour, paper.candidates)).tolist() == [False] * 4 + [True] * 2


@pytest.mark.parametrize("file, page, hand_kept, most_left", [
    ("laneston_a.jpg", 1, 1.0, 0), ("markus_1.jpg", 1, 1.0, 2), ("hsf_1.png", 1, 0.97, 40),
    ("sudoku_2003.jpg", 1, 0.9, 6), ("artexam.pdf", 13, 1.0, 20)])
def test_real_pages(data, file, page, hand_kept, most_left):
    """Shares of what the network calls a digit; see sifted.py for all pages."""
    seen, kinds = evidence(Path(data("pages")), file, page, classify.load())
    kept = np.array(hand.sift(seen)) == ""
    called = seen.probabilities.argmax(axis=1) < classify.NOT_A_DIGIT
    written = called & (kinds == "hand")
    assert (kept & written).sum() >= hand_kept * written.sum()
    assert (kept & called & (kinds != "hand")).sum() <= most_left


def font_page(rng, high=40.0, thick=9.0, hands=20, fine=4.0):
    """(thickness, height, printed) of 24 printed digits, 6 of them known, and of written ones."""
    prints, others = rng.normal(1, 0.01, 24), rng.normal(1, 0.2, hands)
    return (np.concatenate([thick * rng.normal(1, 0.05, 24), fine * rng.normal(1, 0.05, hands)]),
            np.concatenate([high * prints, high * others]), np.arange(24 + hands) < 6)


@pytest.mark.parametrize("page, found", [
    ({}, 24), ({"fine": 8.0}, 0),  # the pen is no finer
    ({"hands": 4}, 0), ({"hands": 8}, 0)])  # dirt
def test_print_is_as_high_and_as_thick_as_print(page, found):
    thickness, height, printed = font_page(np.random.default_rng(1), **page)
    font = in_font_of_print(thickness, height, printed)
    assert font[:24].sum() == found and not font[24:].any()
    assert not in_font_of_print(thickness, height, np.zeros_like(printed)).any()
    uneven = height * np.append([0.7, 1.4, 0.8, 1.25, 0.9, 1.1], np.ones(len(height) - 6))
    assert not in_font_of_print(thickness, uneven, printed).any()


def test_no_digits_are_of_no_font():
    none = np.zeros(0)
    assert in_font_of_print(none, none, none > 0).shape == (0,)
