"""The sheet in a photograph, laid flat; borders of scanners; ways back to the page's pixels."""

import cv2
import numpy as np
import pytest

from scanproc.page.clean import clean
from scanproc.page.clean.border import borders
from scanproc.page.clean.frame import Frame, upright
from scanproc.page.clean.light import binarize, even
from scanproc.page.clean.sheet import outside, sheet

CORNERS = np.array([(180, 130), (820, 170), (900, 1180), (90, 1090)], np.float32)


def written(height=1400, width=1000, paper=225):
    """A page with lines of digits, (height, width) uint8."""
    page = np.full((height, width), paper, np.uint8)
    for row in range(150, height - 60, 110):
        cv2.putText(page, "407 118 25 963", (90, row), cv2.FONT_HERSHEY_SIMPLEX, 2.2, 40, 5,
                    cv2.LINE_AA)
    return page


def photographed(page, corners=CORNERS, desk=60, size=(1000, 1300), grain=4.0):
    """A page on a desk: (photograph (H, W) uint8, matrix from pixel centres to it)."""
    height, width = page.shape
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, corners)
    photo = np.full(size[::-1], desk, np.uint8)
    cv2.warpPerspective(page, matrix, size, photo, cv2.INTER_AREA, cv2.BORDER_TRANSPARENT)
    noise = np.random.default_rng(1).normal(0, grain, photo.shape)
    return np.clip(cv2.GaussianBlur(photo, (0, 0), 0.8) + noise, 0, 255).astype(np.uint8), matrix


def coloured(gray, desk_hue=(1.0, 0.8, 0.55), paper_from=120):
    """A gray photograph whose dark parts are brown: (H, W, 3) uint8."""
    tint = np.where((gray < paper_from)[..., None], desk_hue, 1.0)
    return (gray[..., None] * tint).astype(np.uint8)


def spots(ink, least=20):
    """The pixels, (N, 2) x and y, of each piece of ink as high as a digit."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink)
    found = []
    for index in range(1, count):
        left, top, width, height, _ = stats[index]
        rows, columns = np.nonzero(labels[top:top + height, left:left + width] == index)
        if height >= least:
            found.append(np.stack([columns + left, rows + top], axis=1))
    return found


def boxes(found):
    """The pieces of a cleaned page, on the page."""
    return [found.frame.box(points) for points in spots(found.ink)]


def off(outline, corners):
    """The greatest distance of a corner to the nearest corner of the outline, in pixels."""
    return max(np.hypot(*(outline - corner).T).min() for corner in corners)


def turned(degrees):
    """Corners of a sheet that lies at an angle."""
    sheet_corners = np.array([(-300, -420), (300, -420), (300, 420), (-300, 420)], float)
    angle = np.deg2rad(degrees)
    turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    return (sheet_corners @ turn.T + (500, 650)).astype(np.float32)


@pytest.mark.parametrize("desk", [15, 60, 130, 170])
def test_the_outline_of_a_sheet_is_found(desk):
    photo, _ = photographed(written(), desk=desk)
    assert off(sheet(photo), CORNERS) < 5


def test_the_outline_is_found_in_a_falling_light():
    photo, _ = photographed(written(), desk=60)
    lit = (photo * np.linspace(1.0, 0.45, photo.shape[1])).astype(np.uint8)
    assert off(sheet(lit), CORNERS) < 5


def test_a_sheet_that_the_picture_cuts_is_cut_out():
    photo, _ = photographed(written(), desk=60)
    cut = photo[:, 300:]
    outline = sheet(cut, coloured(cut))
    assert off(outline, [(520, 170), (600, 1180)]) < 5
    found = clean(cut, None, 0, coloured(cut))
    assert len(boxes(found)) > 30
    for box in boxes(found):
        middle = box.left + box.width / 2 + 300, box.top + box.height / 2
        assert cv2.pointPolygonTest(CORNERS, middle, True) > -3


def shaded(photo, kind):
    rows, columns = np.mgrid[:photo.shape[0], :photo.shape[1]]
    inside = {"half": rows > 700, "slant": rows + columns > 1100,
              "telephone": (abs(rows - 600) < 300) & (abs(columns - 500) < 200),
              "lamp": (abs(rows - 600) > 450) | (abs(columns - 500) > 350)}[kind]
    return np.where(inside, photo * 0.45, photo).astype(np.uint8)


@pytest.mark.parametrize("kind", ["half", "slant", "telephone", "lamp"])
def test_a_shadow_is_no_desk(kind):
    page = written()
    noise = np.random.default_rng(2).normal(0, 3, page.shape)
    photo = np.clip(shaded(page, kind) + noise, 0, 255).astype(np.uint8)
    assert sheet(photo) is None
    assert sheet(photo, np.repeat(photo[..., None], 3, axis=2)) is None


def test_a_white_field_on_a_tinted_form_is_no_sheet():
    page = np.minimum(written(), 190)
    page[300:1100, 150:850] = np.where(written()[300:1100, 150:850] > 190, 235, 40)
    assert sheet(page) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (5, 9000), (70, 70), (400, 300)])
@pytest.mark.parametrize("level", [None, 0, 255])
def test_a_picture_of_nothing_has_no_sheet(shape, level):
    page = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    if level is not None:
        page[:] = level
    assert sheet(page) is None
    assert sheet(page, np.repeat(page[..., None], 3, axis=2)) is None
    assert not borders((page < 128).astype(np.uint8)).all() or level == 0


def test_what_is_outside_is_the_desk_and_the_edge():
    mask = outside((400, 400), np.array([(100, 100), (300, 100), (300, 300), (100, 300)], float))
    assert mask[:99].all() and mask[301:].all() and not mask[105:295, 105:295].any()


@pytest.mark.parametrize("corners", [CORNERS, turned(30), turned(-20), turned(4)])
def test_digits_of_a_photographed_sheet_come_back_to_their_place(corners):
    page = written()
    photo, matrix = photographed(page, corners)
    found = clean(photo, None, 0)
    given = np.array([(box.left, box.top, box.right, box.bottom) for box in boxes(found)])
    truth = spots((page < 130).astype(np.uint8))
    assert len(given) == len(truth)
    for points in truth:
        at = cv2.perspectiveTransform(points[None].astype(np.float32), matrix)[0]
        place = (*(at.min(axis=0) - 0.5), *(at.max(axis=0) + 0.5))
        assert np.abs(given - place).max(axis=1).min() < 2


def test_a_tilted_sheet_is_upright_when_cleaned():
    found = clean(photographed(written(), turned(30))[0], None, 0)
    assert found.skew == pytest.approx(30, abs=0.3)
    bottoms = sorted(points[:, 1].max() for points in spots(found.ink))
    lines = 1 + np.count_nonzero(np.diff(bottoms) > 8)  # digits of a line share their baseline
    assert lines == len(range(150, 1340, 110))


def test_nothing_around_the_sheet_gives_ink():
    photo, _ = photographed(written(), desk=90)
    cv2.putText(photo, "8836", (50, 90), cv2.FONT_HERSHEY_SIMPLEX, 3, 0, 9)
    cv2.line(photo, (0, 1250), (1000, 1200), 0, 12)
    found = clean(photo, None, 0, coloured(photo))
    assert len(spots(found.ink)) == len(spots((written() < 130).astype(np.uint8)))


def test_a_homography_leads_back_to_the_page():
    matrix = np.array([(1.1, 0.1, 20), (-0.05, 0.9, 30), (1e-4, 2e-4, 1)])
    box = Frame(matrix, 2000, 2000).box(np.array([(100, 200), (139, 200), (100, 259), (139, 259)]))
    corners = np.array([(100, 200), (140, 200), (100, 260), (140, 260)], float)
    at = cv2.perspectiveTransform(corners[None], matrix)[0]
    assert np.allclose((box.left, box.top), at.min(axis=0), atol=1)
    assert np.allclose((box.right, box.bottom), at.max(axis=0), atol=1)


def test_an_affine_frame_and_the_same_as_homography_agree():
    affine = np.array([(0.9, 0.2, 5), (-0.2, 0.9, 40)])
    points = np.random.default_rng(1).integers(50, 400, (30, 2))
    projective = np.vstack([affine, (0, 0, 1)])
    assert Frame(affine, 600, 600).box(points) == Frame(projective, 600, 600).box(points)


def bordered(kind):
    """A page with a dark rim: (gray (H, W) uint8, its ink without the rim)."""
    page = written(1700, 1200, paper=235)
    clear = (page < 130).astype(np.uint8)
    shapes = {
        "frame": [(0, 0, 1200, 40), (0, 0, 30, 1700), (1165, 0, 35, 1700), (0, 1650, 1200, 50)],
        "left": [(0, 0, 45, 1700)], "gutter": [(580, 0, 30, 1700)],
        "sliver": [(0, 300, 5, 900), (200, 1692, 700, 8)]}
    if kind == "gutter":
        page[:, 540:650], clear[:, 540:650] = 235, 0
    if kind == "wedge":
        cv2.fillPoly(page, [np.array([(0, 0), (1200, 0), (0, 70)])], 10)
    for left, top, width, height in shapes.get(kind, []):
        page[top:top + height, left:left + width] = 10
    return page, clear


@pytest.mark.parametrize("kind", ["frame", "left", "wedge", "sliver", "gutter"])
@pytest.mark.parametrize("bits", [1, 8])
def test_borders_give_no_ink(kind, bits):
    page, truth = bordered(kind)
    page = np.where(page < 130, 0, 255).astype(np.uint8) if bits == 1 else page
    ink = binarize(even(page))
    found = borders(ink)
    rest = ink & (1 - found)
    near = cv2.dilate(truth, np.ones((3, 3), np.uint8))
    assert not (rest & (1 - near)).any()
    assert (rest & truth).sum() > 0.97 * truth.sum()


def test_writing_and_rules_at_the_rim_are_no_border():
    ink = np.zeros((1700, 1200), np.uint8)
    cv2.putText(ink, "407", (-20, 400), cv2.FONT_HERSHEY_SIMPLEX, 3, 1, 9)
    cv2.line(ink, (0, 800), (1199, 800), 1, 4)
    cv2.line(ink, (500, 0), (500, 1699), 1, 4)
    assert not borders(ink).any()


def test_a_strip_cut_out_of_a_page_keeps_all_its_ink():
    strip = np.ones((55, 170), np.uint8)
    assert not borders(strip).any()


def test_the_page_handed_over_is_not_written_to():
    page, _ = bordered("frame")
    page = np.where(page < 130, 0, 255).astype(np.uint8)
    before = page.copy()
    assert clean(page, None, 0).ink.any()
    assert (page == before).all()


@pytest.mark.parametrize("name, few", [("kawal_4218.jpg", 120), ("cdig_pwp_sample_02.jpg", 1200)])
def test_real_sheets_are_found(data, name, few):
    from scanproc.page.decode import open_scan
    from scanproc.settings import Settings

    with open_scan((data("pages") / name).read_bytes(), Settings()) as scan:
        page = scan.page(1)
    found = clean(page.gray, page.dpi, page.rotation, page.colour)
    assert max(found.ink.shape) < 0.97 * max(page.gray.shape)
    image, _ = upright(page.gray, page.dpi, page.rotation)
    assert len(spots(found.ink, 12)) < min(few, len(spots(binarize(even(image)), 12)))


@pytest.mark.parametrize("name", ["laneston_a.jpg", "sudoku_2002.jpg", "rajdeep_1.jpg"])
def test_real_pages_that_fill_the_picture_have_no_outline(data, name):
    from scanproc.page.decode import open_scan
    from scanproc.settings import Settings

    with open_scan((data("pages") / name).read_bytes(), Settings()) as scan:
        page = scan.page(1)
    assert sheet(page.gray, page.colour) is None
