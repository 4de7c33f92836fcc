"""Boxes, combs, tables and ruled lines are found and taken out; digits stay whole."""

import sys
import time

import cv2
import numpy as np
import pytest

from scanproc.page import rules
from scanproc.page.clean import clean
from scanproc.page.decode import open_scan
from scanproc.page.rules.cells import cells
from scanproc.settings import Settings

WITHOUT_RULES = ("lines.png", "telephone.jpg", "pencil.png", "column.png", "tilted.png",
                 "print.png", "blank.png")


def paper(height=1700, width=1200):
    return np.full((height, width), 255, np.uint8)


def box(page, left, top, width, height, thick=3, gray=60):
    cv2.rectangle(page, (left, top), (left + width, top + height), gray, thick)


def comb(page, left, top, count, width=48, height=60, gap=0, **pen):
    for at in range(count):
        box(page, left + at * (width + gap), top, width, height, **pen)


def table(page, columns, rows, thick=3, gray=60):
    for x in columns:
        cv2.line(page, (x, rows[0]), (x, rows[-1]), gray, thick)
    for y in rows:
        cv2.line(page, (columns[0], y), (columns[-1], y), gray, thick)


def write(page, text, left, bottom, scale=1.4, thick=4):
    """Digits about 30 * scale / 1.4 px high."""
    cv2.putText(page, text, (left, bottom), cv2.FONT_HERSHEY_SIMPLEX, scale, 20, thick)


def tilted(page, degrees):
    height, width = page.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(page, turn, (width, height), borderValue=255)


def ink_of(page):
    return (page < 160).astype(np.uint8)


def found(page):
    return rules.find(ink_of(page), page)


def combs(ruling):
    """How many boxes each comb has; their positions must run from 1."""
    numbered = {}
    for cell in ruling.cells:
        if cell.comb >= 0:
            numbered.setdefault(cell.comb, []).append(cell.position)
    assert all(positions == list(range(1, len(positions) + 1))
               for positions in numbered.values())
    return [len(numbered[at]) for at in sorted(numbered)]


def holds(ruling, left, top, width, height):
    """The cell that lies in a drawn box."""
    (cell,) = [cell for cell in ruling.cells
               if abs(cell.spot.left + cell.spot.width / 2 - left - width / 2) < 5
               and abs(cell.spot.top + cell.spot.height / 2 - top - height / 2) < 5]
    assert width - 14 < cell.spot.width < width and height - 14 < cell.spot.height < height
    return cell


@pytest.mark.parametrize("degrees", [0, 0.4, -1])
@pytest.mark.parametrize("gap", [0, 14])
@pytest.mark.parametrize("thick, gray", [(2, 150), (3, 60), (6, 0)])
def test_combs_are_found(degrees, gap, thick, gray):
    page = paper()
    for at, count in enumerate((9, 5, 3)):
        comb(page, 150, 200 + 400 * at, count, gap=gap, thick=thick, gray=gray)
    assert combs(found(tilted(page, degrees))) == [9, 5, 3]


def test_a_rule_of_the_table_around_parts_two_combs():
    page = paper()
    comb(page, 209, 320, 6, gap=18)
    assert combs(found(page)) == [6]
    table(page, (190, 398, 604), (280, 420))
    assert combs(found(page)) == [3, 3]


def test_boxes_and_cells_are_no_combs():
    page = paper()
    box(page, 200, 150, 300, 70)
    box(page, 620, 150, 60, 60)
    table(page, [200, 380, 620, 900], [400, 470, 540, 610, 680])
    ruling = found(page)
    assert {cell.comb for cell in ruling.cells} == {-1}
    holds(ruling, 200, 150, 300, 70)
    holds(ruling, 620, 150, 60, 60)
    assert len(ruling.cells) == 2 + 12


def test_a_grid_of_squares_is_a_table():
    page = paper()
    edges = [200 + 60 * at for at in range(10)]
    table(page, edges, edges)
    ruling = found(page)
    assert len(ruling.cells) == 81 and not combs(ruling)


def test_a_frame_round_a_section_is_no_cell():
    page = paper()
    box(page, 100, 100, 900, 300)
    comb(page, 200, 200, 6)
    ruling = found(page)
    assert combs(ruling) == [6] and len(ruling.cells) == 6
    assert not rules.remove(ink_of(page), ruling)[0].any()


def test_frames_in_a_row_are_no_comb_that_hides_the_combs_in_them():
    page = paper()
    for left in (100, 430, 760):
        box(page, left, 100, 330, 310)
        for row in range(3):
            comb(page, left + 40, 120 + 95 * row, 3, width=60, height=70, gap=25)
    assert combs(found(page)) == [3] * 9


def test_a_dashed_rule_of_a_table_is_found_though_it_lacks_its_ends():
    page = paper()
    columns, rows = [100, 300, 500, 700], list(range(200, 1001, 80))
    table(page, columns, rows)
    for y in range(226, 985, 20):
        cv2.line(page, (400, y), (400, y + 8), 60, 3)
    for y in (500, 520, 540):  # three strokes as long, one over the other, are no rule
        cv2.line(page, (900, y), (900, y + 8), 60, 3)
    left, cut = rules.remove(ink_of(page), found(page))
    assert not left[290:910, 380:420].any() and left[490:560, 890:910].any()


@pytest.mark.parametrize("gaps", [(6,), (2, 6), (2, 2, 6)])
def test_dashes_that_run_into_each_other_are_one_rule(gaps):
    ink = np.zeros((200, 1100), np.uint8)
    ends = np.cumsum([60] + [part for at in range(45) for part in (14, gaps[at % len(gaps)])])
    for start, end in ends[:-1].reshape(-1, 2):
        ink[100:103, start:end] = 1
    found = rules.lines(ink, 6.0)
    assert found[101, 60:ends[-2]].all() and not found[90].any()


def test_what_is_printed_in_the_boxes_of_a_comb_is_no_cell():
    page = paper()
    comb(page, 200, 200, 5, width=90, height=100, gray=150)
    for at in range(5):
        box(page, 225 + 90 * at, 225, 40, 50, thick=2, gray=190)
    ruling = found(page)
    assert combs(ruling) == [5] and len(ruling.cells) == 5


def test_a_digit_that_hides_a_side_costs_no_box():
    page = paper()
    comb(page, 200, 200, 6)
    cv2.ellipse(page, (203, 230), (20, 16), 0, 0, 360, 20, 9)
    cv2.ellipse(page, (392, 230), (20, 16), 0, 0, 360, 20, 9)
    assert combs(found(page)) == [6]


def test_a_gray_bar_above_boxes_is_their_upper_rule():
    page = paper()
    cv2.rectangle(page, (300, 500), (450, 540), 100, -1)
    for x in range(300, 451, 50):
        cv2.line(page, (x, 540), (x, 600), 60, 3)
    cv2.line(page, (300, 600), (450, 600), 60, 3)
    assert combs(found(page)) == [3]


def test_two_boxes_found_tell_where_the_third_is():
    page = paper()
    comb(page, 300, 500, 3, gap=40)
    page[515:540, 470:490] = 255  # a gap in the third one
    write(page, "407", 310, 550)
    assert combs(found(page)) == [3]


def test_a_stem_from_rule_to_rule_divides_no_comb():
    page = paper()
    comb(page, 200, 200, 7, width=60, height=60)
    cv2.line(page, (285, 190), (285, 270), 20, 5)
    assert combs(found(page)) == [7]


def test_rules_go_and_digits_in_them_stay_whole():
    page, digits = paper(), paper()
    comb(page, 200, 200, 8)
    box(page, 200, 400, 400, 70)
    table(page, [200, 400, 650], [600, 670, 740])
    for place in ((210, 250), (260, 245), (258, 460), (420, 660), (270, 730)):
        write(digits, "36", *place)
    ruling = found(np.minimum(page, digits))
    left, cut = rules.remove(ink_of(np.minimum(page, digits)), ruling)
    written = ink_of(digits)
    assert (left & written).sum() > 0.98 * written.sum()
    assert (left & ~written).sum() < 0.03 * ink_of(page).sum()
    assert np.array_equal(cut, ink_of(np.minimum(page, digits)) & ~left)


@pytest.mark.parametrize("shift", [0, 20, 46, -4])
def test_a_digit_that_touches_crosses_or_leaves_its_box_stays_whole(shift):
    page, digits = paper(), paper()
    for top in (200, 400, 600):
        box(page, 200, top, 300, 62)
        write(digits, "2580346", 215, top + shift + 12, 1.1)
    ruling = found(np.minimum(page, digits))
    left, cut = rules.remove(ink_of(np.minimum(page, digits)), ruling)
    written = ink_of(digits)
    assert len(ruling.cells) == 3
    lost = written & ~left
    assert lost.sum() < 0.06 * written.sum() and not (lost & ~cut).any()
    pieces = cv2.connectedComponents(left)[0]
    assert pieces <= 21 + 12 + 1


@pytest.mark.parametrize("x", [203, 206, 209, 214])
def test_a_one_along_the_edge_of_its_box_does_not_vanish(x):
    page = paper()
    for top in (200, 400, 600):
        box(page, 200, top, 300, 70)
    one = paper()
    cv2.line(one, (x, 412), (x, 458), 20, 6)
    ink = ink_of(np.minimum(page, one))
    left, _ = rules.remove(ink, found(np.minimum(page, one)))
    assert (left & ink_of(one)).sum() > 0.6 * ink_of(one).sum()


def test_a_dark_one_on_a_faint_guide_stays():
    page = paper()
    comb(page, 200, 200, 6, gray=190, thick=2)
    one = paper()
    cv2.line(one, (296, 202), (296, 258), 20, 5)
    ink = ink_of(np.minimum(page, one))
    left, _ = rules.remove(ink, found(np.minimum(page, one)))
    assert (left & ink_of(one)).sum() > 0.9 * ink_of(one).sum()


def test_ruled_lines_go_and_what_stands_on_them_stays():
    page, digits = paper(), paper()
    for y in range(200, 1500, 90):
        cv2.line(page, (100, y), (1100, y), 120, 2)
        write(digits, "1 27 480", 200, y + 4)
    ruling = found(np.minimum(page, digits))
    left, _ = rules.remove(ink_of(np.minimum(page, digits)), ruling)
    written = ink_of(digits)
    assert not ruling.cells
    assert (left & written).sum() > 0.95 * written.sum()
    assert (left & ~written).sum() < 0.1 * ink_of(page).sum()


@pytest.mark.parametrize("name", WITHOUT_RULES)
def test_a_sample_without_rules_keeps_its_ink(samples, name):
    ruling, cleaned = ruled(samples / name)
    assert not ruling.cells and not rules.remove(cleaned.ink, ruling)[1].any()


@pytest.mark.parametrize("name", ["laneston_a.jpg", "laneston_s.jpg", "rajdeep_1.jpg"])
def test_a_photograph_without_rules_keeps_its_ink(data, name):
    ruling, cleaned = ruled(data("pages") / name)
    assert not ruling.cells and not rules.remove(cleaned.ink, ruling)[1].any()


def test_the_sample_form_and_table(samples):
    ruling, _ = ruled(samples / "boxes.png")
    assert combs(ruling) == [9, 5, 8, 3] and len(ruling.cells) == 25 + 6
    ruling, _ = ruled(samples / "table.png")
    assert not combs(ruling) and len(ruling.cells) == 4 * 9


@pytest.mark.parametrize("name, boxes, in_combs", [
    ("markus_1.jpg", 16, [16]), ("hsf_1.png", 30, []), ("sudoku_2000.jpg", 75, []),
    ("sudoku_2003.jpg", 75, []), ("quexf_1.pdf", 16, [])])
def test_real_forms(data, name, boxes, in_combs):
    ruling, _ = ruled(data("pages") / name)
    assert len(ruling.cells) >= boxes and combs(ruling) == in_combs


def test_what_is_taken_out_of_a_real_form_is_no_digit(data):
    """A digit that touched its box was once lost with it."""
    ruling, cleaned = ruled(data("pages") / "hsf_1.png")
    left, cut = rules.remove(cleaned.ink, ruling)
    inner = [cell.spot for cell in ruling.cells]
    for spot in inner:
        inside = np.s_[spot.top + 6:spot.bottom - 6, spot.left + 6:spot.right - 6]
        assert not cut[inside].any()
    assert cut.sum() > 150_000 and left.any()


def ruled(file):
    with open_scan(file.read_bytes(), Settings()) as scan:
        stored = scan.page(1)
    cleaned = clean(stored.gray, stored.dpi, stored.rotation)
    return rules.find(cleaned.ink, cleaned.gray), cleaned


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (3, 3), (40, 30)])
@pytest.mark.parametrize("gray", [0, 255])
def test_tiny_and_plain_pages(shape, gray):
    page = np.full(shape, gray, np.uint8)
    ruling = found(page)
    left, cut = rules.remove(ink_of(page), ruling)
    assert not ruling.cells and np.array_equal(left | cut, ink_of(page))


@pytest.mark.parametrize("pattern", [
    [[0, 255], [255, 0]], [[0, 0, 0], [0, 255, 0]], np.kron([[0, 0], [0, 255]], np.ones((9, 9)))])
def test_a_picture_full_of_holes_takes_seconds(pattern):
    tile = np.array(pattern, np.uint8)
    page = np.tile(tile, (3508 // len(tile), 2480 // len(tile[0])))
    started = time.process_time()
    rules.remove(ink_of(page), found(page))
    assert time.process_time() - started < 8


def test_noise_and_strips_take_seconds():
    random = np.random.default_rng(3)
    started = time.process_time()
    for shape in ((2500, 2500), (60, 10_000)):
        page = random.choice(np.array([0, 255], np.uint8), shape)
        assert not found(page).cells
    assert time.process_time() - started < 8


def test_boxes_are_the_same_where_a_mesh_is_left_out(monkeypatch):
    page = ink_of(paper())
    page[900:1500:3, 100:1100] = page[900:1500, 100:1100:3] = 1
    table(page, range(100, 1000, 90), range(100, 800, 70), gray=1)
    room = sys.modules["scanproc.page.rules.holes"]
    left_out = room.holes(page, 10, 300)
    monkeypatch.setattr(room, "MANY_RUNS", room.MOST_RUNS)
    assert len(left_out) == 81 and np.array_equal(room.holes(page, 10, 300), left_out)


@pytest.mark.parametrize("block, cells", [(False, 1), (True, 0)])
def test_a_square_of_a_qr_code_is_no_box(block, cells):
    page = paper()
    cv2.rectangle(page, (300, 300), (400, 400), 0, 6)
    if block:
        cv2.rectangle(page, (325, 325), (375, 375), 0, cv2.FILLED)
    assert len(found(page).cells) == cells


@pytest.mark.parametrize("part", [0.07, 0.1, 0.15, 0.2])
def test_a_bar_from_side_to_side_of_a_box_is_of_its_digit(part):
    page, bare = paper(), paper()
    comb(page, 150, 200, 9)
    cells = found(page).cells
    spot = cells[4].spot
    down = spot.top + round(part * spot.height)
    for canvas in (page, bare):
        cv2.line(canvas, (spot.left - 2, down), (spot.right + 1, down + 4), 0, 5)
        cv2.line(canvas, (spot.right - 3, down + 4), (spot.left + 15, spot.bottom - 9), 0, 5)
    left, _ = rules.remove(ink_of(page), found(page))
    assert [cell.position for cell in found(page).cells] == list(range(1, 10))
    inside = np.s_[spot.top + 4:spot.bottom - 4, spot.left + 4:spot.right - 4]
    assert left[inside].sum() > 0.97 * ink_of(bare)[inside].sum()


def test_a_box_as_wide_as_four_of_a_comb_is_four():
    page = paper()
    comb(page, 150, 200, 9)
    whole = [tuple(cell.spot) for cell in found(page).cells]
    row = np.array([whole[0], whole[1], whole[2], *whole[6:]], float)
    row[2, 2] = whole[5][0] + whole[5][2] - whole[2][0]  # the third to the sixth
    (boxes,) = (boxes for boxes, is_comb in cells(row, ink_of(page)) if is_comb)
    assert np.allclose(boxes, whole, atol=2)


def test_a_comb_seen_in_two_parts_is_one():
    page = paper()
    comb(page, 150, 200, 9)
    whole = np.array([tuple(cell.spot) for cell in found(page).cells], float)
    (boxes,) = (boxes for boxes, is_comb in cells(np.delete(whole, [3, 4, 5], axis=0), ink_of(page))
                if is_comb)
    assert np.allclose(boxes, whole, atol=2)
