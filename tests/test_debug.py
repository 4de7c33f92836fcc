"""Pictures of what was seen: drawn right, one folder a page, and nothing else changes."""

import shutil
import subprocess
import sys
import time
from dataclasses import replace

import cv2
import numpy as np
import pytest

from scanproc import debug
from scanproc.batch import pictures
from scanproc.debug import labels, overlay, sheet
from scanproc.errors import OutputError, UsageError
from scanproc.page import read as road
from scanproc.page.seen import Seen
from scanproc.page.segment.pieces import SPECK_PX
from scanproc.reasons import INK_FATES
from scanproc.records import Box, Candidate, Cell, Number, PageResult, Reading
from scanproc.settings import Settings

NAMES = ("page.png", "ink.png", "rules.png", "candidates.png", "digits.png")


def candidate(left, top):
    spot = Box(left, top, 20, 30)
    return Candidate(np.ones((30, 20), np.uint8), spot, Box(left + 5, top, 20, 30))


def number(text, confidence, one, reasons=()):
    reading = Reading(1, int(text), confidence, 7, 0.001, one.box)
    return Number(text, confidence, one.box, (reading,), reasons)


def page(height=1200, width=900):
    """A page with a sure digit, two for review, a rejected one, a rule, a comb and a box."""
    found = tuple(candidate(100, top) for top in (100, 300, 500, 700))
    result = PageResult(1, "read", numbers=(
        number("3", 0.99, found[0]), number("4", 0.5, found[1]),
        number("5", 0.99, found[2], ("mark",))))
    gray = np.full((height, width), 255, np.uint8)
    ink, rules = np.zeros_like(gray), np.zeros_like(gray)
    gray[102:128, 102:118], ink[102:128, 102:118] = 0, 1
    gray[1000:1004, 100:800], rules[1000:1004, 100:800] = 0, 1
    probabilities = np.zeros((4, 11))
    probabilities[range(4), (3, 4, 5, 10)] = 0.9
    cells = (Cell(Box(400, 100, 50, 60), 0, 1), Cell(Box(460, 100, 50, 60), 0, 2),
             Cell(Box(600, 100, 200, 60)))
    images = np.random.default_rng(0).random((4, 28, 28)).astype(np.float32)
    return Seen(gray, ink, cells, rules, found, images, probabilities, ("", "", "", "print"),
                result)


def empty(height, width):
    gray, none = np.full((height, width), 255, np.uint8), np.zeros((height, width), np.uint8)
    return Seen(gray, none, (), none, (), np.zeros((0, 28, 28), np.float32), np.zeros((0, 11)), (),
                PageResult(1, "blank"))


def drawn(seen):
    """name -> picture (h, w) or (h, w, 3) BGR."""
    return {name: cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
            for name, png in debug.pictures(seen)}


def written(folder, file="a.png", seen=None):
    pictures.draw(folder, file, Settings(), 1, seen or page())
    return pictures.place(folder, file, 1)


# --- what is drawn ---

def test_the_page_and_its_ink_come_as_they_are():
    seen = page()
    found = drawn(seen)
    assert tuple(found) == NAMES
    assert (found["page.png"] == seen.gray).all()
    assert (found["ink.png"] == np.where(seen.ink, 0, 255)).all()


def test_rules_are_blue_combs_green_and_other_boxes_violet():
    found = drawn(page())["rules.png"]
    assert (found[1001:1003, 100:800] == overlay.RULE).all()
    for left, colour in ((399, overlay.COMB), (459, overlay.COMB), (599, overlay.CELL)):
        assert (found[130, left] == colour).all()
    inside = found[101:159, 401:449], found[101:159, 601:799]
    first, box = ((part == overlay.COMB).all(axis=2).sum() for part in inside)
    assert first > 5 and box == 0  # only a comb has positions


def test_what_was_sure_is_green_what_is_for_review_orange_what_was_rejected_red(tmp_path):
    folder = written(tmp_path)
    found = cv2.imread(str(folder / "candidates.png"))
    for top, colour in ((100, labels.SURE), (300, labels.REVIEW), (500, labels.REVIEW),
                        (700, labels.REJECTED)):
        assert (found[top + 15, 99] == colour).all()
        for text in found[top - 20:top - 2, 99:150], found[top + 33:top + 60, 99:150]:
            assert (text < 250).any()


def test_labels_say_digit_confidence_and_fate():
    one, *_, last = labels.labels_of(page())
    assert one[:3] == ("3", ".99", "") and last[:3] == ("x", ".90", "print")
    certain = replace(page(), probabilities=np.eye(11)[[3, 4, 5, 10]])
    assert labels.labels_of(certain)[3].sure == ".99"


def test_the_sheet_holds_the_images_digits_first():
    seen = replace(page(), fates=("print", "", "", ""), result=PageResult(1, "read"))
    found = sheet.sheet(seen.images, labels.labels_of(seen))
    assert found.shape == (2 * 84, 2 * 64, 3)
    for at, (top, left) in zip((1, 2, 3, 0), ((0, 0), (0, 64), (84, 0), (84, 64)), strict=True):
        tile = found[top:top + 56:2, left:left + 56:2, 0]
        assert np.abs(tile - 255 * seen.images[at]).max() < 1


@pytest.mark.parametrize("size", [(1, 1), (1, 10_000), (10_000, 3), (55, 170), (5000, 3500)])
def test_pages_of_any_size_are_drawn_large_enough_to_see_and_no_larger(size):
    found = drawn(empty(*size))
    shapes = {found[name].shape[:2] for name in NAMES[:-1]}
    assert len(shapes) == 1 and 1000 <= max(shapes.pop()) <= overlay.LONG_PX
    assert found["digits.png"].size


def test_a_page_full_of_specks_takes_seconds():
    seen = empty(2000, 2000)
    many = 20_000
    found = tuple(candidate(at % 1900, at % 1800) for at in range(many))
    seen = replace(seen, candidates=found, images=np.zeros((many, 28, 28), np.float32),
                   probabilities=np.full((many, 11), 1 / 11), fates=("speck",) * many)
    began = time.monotonic()
    assert max(drawn(seen)["digits.png"].shape) < 4000
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("name", ["lines.png", "boxes.png", "table.png", "print.png"])
def test_every_piece_of_ink_has_one_fate(samples, name):
    met = []
    road.read_pages((samples / name).read_bytes(), 1, 1, Settings(), road.load(),
                    seen=lambda page, one: met.append(one))
    (one,) = met
    fates = dict(one.result.ink)
    assert set(fates) <= set(INK_FATES) and list(fates) == sorted(fates)
    *_, stats, _ = cv2.connectedComponentsWithStats(one.ink)
    sides = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    assert sum(fates.values()) == (sides > SPECK_PX).sum() > 0


# --- where it goes ---

HOSTILE = ("a.png", "a.png-1", "a/b.png", "a%2Fb.png", "../../b.png", "..", ".", "/etc/x", "\n",
           "a\\xff.png", "a.png#2", "CON", "é" * 120, "x" * 250, "x" * 251, "x" * 183 + "y" * 68)


def test_every_page_of_any_file_has_a_folder_of_its_own_inside(tmp_path):
    places = [pictures.place(tmp_path, file, page) for file in HOSTILE for page in (1, 11)]
    assert len(set(places)) == len(places)
    for path in places:
        assert path.parent == tmp_path and path.resolve() == path
        path.mkdir()
    assert len(list(tmp_path.iterdir())) == len(places)


def test_pictures_are_written_over_older_ones(tmp_path):
    folder = written(tmp_path)
    assert {path.name for path in folder.iterdir()} == set(NAMES)
    (folder / "page.png").write_bytes(b"older")
    assert written(tmp_path) == folder and (folder / "page.png").stat().st_size > 100


def test_pictures_that_cannot_be_written_are_said(tmp_path):
    (tmp_path / "a.png-1").write_bytes(b"a file")
    with pytest.raises(OutputError, match=r"a\.png-1 cannot be written: .*--debug"):
        written(tmp_path)
    with pytest.raises(OutputError, match="No such file"):
        written(tmp_path / "gone")


def test_pictures_that_cannot_be_drawn_are_said_and_are_no_fault_of_the_page(tmp_path):
    with pytest.raises(OutputError, match="cannot be drawn.*without --debug"):
        written(tmp_path, seen=replace(page(), fates=()))


@pytest.mark.parametrize("name", ["scans", "scans/new/folder", "link", "out", "out/debug"])
def test_pictures_in_the_input_or_in_the_output_are_wrong_usage(tmp_path, name):
    scans, out = tmp_path / "scans", tmp_path / "out"
    scans.mkdir()
    (tmp_path / "link").symlink_to(scans)
    with pytest.raises(UsageError, match="--debug .* lies in"):
        pictures.prepare(tmp_path / name, [scans], out)
    assert not list(scans.iterdir()) and not out.exists()


def test_the_folder_is_made_or_taken_as_it_is(tmp_path):
    folder = tmp_path / "scans2" / "debug"
    for _ in range(2):
        assert pictures.prepare(folder, [tmp_path / "scans"], tmp_path / "out") == folder
        (folder / "mine").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        pictures.prepare(folder / "mine", [tmp_path / "scans"], tmp_path / "out")


# --- the command ---

def run(scans, out, *words):
    return subprocess.run([sys.executable, "-m", "scanproc", "run", scans, "--out", out, *words],
                          check=False, capture_output=True, text=True, timeout=120)


@pytest.fixture
def scans(tmp_path, samples):
    """A folder with three pages, one of which cannot be read."""
    folder = tmp_path / "scans" / "deep"
    folder.mkdir(parents=True)
    shutil.copy(samples / "column.png", folder / "a..%2f\n.png")
    shutil.copy(samples / "blank.png", folder)
    shutil.copy(samples / "damaged.png", folder)
    return folder.parent


def test_the_command_draws_each_page_and_changes_no_result(scans, tmp_path):
    plain = run(scans, tmp_path / "plain")
    done = run(scans, tmp_path / "out", "--debug", tmp_path / "debug")
    assert (done.returncode, plain.returncode) == (1, 1), done.stderr  # damaged.png
    for name in ("digits.csv", "numbers.csv", "pages.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "plain" / name).read_bytes()
    folders = sorted(path.name for path in (tmp_path / "debug").iterdir())
    assert folders == ["deep%2Fa..%252f%0A.png-1", "deep%2Fblank.png-1"]
    for folder in folders:
        assert {path.name for path in (tmp_path / "debug" / folder).iterdir()} == set(NAMES)


def test_a_run_that_cannot_write_its_pictures_ends_with_4_and_can_go_on(scans, tmp_path):
    (tmp_path / "debug").mkdir()
    (tmp_path / "debug" / "deep%2Fblank.png-1").touch()
    done = run(scans, tmp_path / "out", "--debug", tmp_path / "debug")
    assert done.returncode == 4 and done.stderr.count("\n") == 1
    assert "blank.png-1 cannot be written" in done.stderr and "--debug" in done.stderr
    assert run(scans, tmp_path / "out").returncode == 1
    done = run(scans, tmp_path / "out", "--debug", scans)
    assert done.returncode == 2 and "lies in" in done.stderr
