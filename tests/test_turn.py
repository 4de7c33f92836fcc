"""Which way a page is up: by its writing, and by the file where the writing does not tell."""

import hashlib
import json

import cv2
import numpy as np
import pytest

from scanproc.errors import ModelError
from scanproc.page.clean.light import binarize, even
from scanproc.page.clean.turn import Compass, arrays, load_compass, quarter_turns, turned, votes
from scanproc.page.decode import open_scan
from scanproc.settings import Settings

TURNS = (0, 90, 180, 270)
COMPASS = load_compass()


def written(lines, tilt=0.0):
    """A page of writing: (800, 1000) uint8, 1 = ink."""
    page = np.zeros((800, 1000), np.uint8)
    for at, line in enumerate(lines):
        cv2.putText(page, line, (100, 200 + 120 * at), cv2.FONT_HERSHEY_SIMPLEX, 2, 1, 5)
    turn = cv2.getRotationMatrix2D((500, 400), -tilt, 0.9)
    return cv2.warpAffine(page, turn, (1000, 800), flags=cv2.INTER_NEAREST)


def stored(page, turn):
    """The page so that it has to be turned clockwise by `turn` degrees."""
    return np.ascontiguousarray(np.rot90(page, turn // 90))


def page_ink(file, page=1):
    """A page of a file as stored: (its ink, the file's flag)."""
    with open_scan(file.read_bytes(), Settings()) as scan:
        found = scan.page(page)
    return binarize(even(found.gray)), found.rotation


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("lines", [
    ("4073 2259", "5247 325"), ("Hand made figures", "of some week")])
def test_the_writing_decides_whatever_the_file_says(lines, turn):
    page = stored(written(lines), turn)
    assert [quarter_turns(page, flag, COMPASS) for flag in TURNS] == [turn] * 4


@pytest.mark.parametrize("tilt", [-9.0, 9.0])
def test_a_tilted_page_is_turned_too(tilt):
    page = written(("4073 2259 635", "5247 3254 926", "2354 4729 235"), tilt)
    assert [quarter_turns(stored(page, turn), 0, COMPASS) for turn in TURNS] == list(TURNS)


@pytest.mark.parametrize("flag", TURNS)
@pytest.mark.parametrize("lines", [(), ("25",), ("808",), ("- - - - - - -", "= + - = + -")])
def test_the_file_decides_where_the_writing_tells_little(lines, flag):
    assert quarter_turns(written(lines), flag, COMPASS) == flag


def test_rules_and_frames_have_no_vote():
    page = np.zeros((900, 900), np.uint8)
    for at in range(50, 900, 70):
        page[at:at + 3, 50:850] = 1
        page[50:850, at:at + 3] = 1
    assert quarter_turns(page, 90, COMPASS) == 90


@pytest.mark.parametrize("shape", [(1, 1), (1, 10_000), (10_000, 3), (2500, 2000)])
@pytest.mark.parametrize("share", [0.2, 0.5, 1.0])
def test_what_is_no_page_is_left_to_the_file(shape, share):
    noise = (np.random.default_rng(1).random(shape) < share).astype(np.uint8)
    assert quarter_turns(noise, 270, COMPASS) == 270


@pytest.mark.parametrize("name", ["lines.png", "print.png", "table.png", "tilted.png"])
def test_sample_pages_are_set_upright(samples, name):
    ink, _ = page_ink(samples / name)
    assert [quarter_turns(stored(ink, turn), 0, COMPASS) for turn in TURNS] == list(TURNS)


@pytest.mark.parametrize("name, turn", [
    ("artexam.pdf", 180),           # a fax-like scan, upside down, no flag
    ("laneston_a.jpg", 270),        # nine loose digits, flag right
    ("kawal_4217.jpg", 0), ("sudoku_2004.jpg", 0),      # flags wrong
    ("cdig_dpr10_sample_02.jpg", 90), ("quexf_2.pdf", 0)])
def test_real_pages_are_set_upright(data, name, turn):
    ink, flag = page_ink(data("pages") / name)
    assert quarter_turns(ink, flag, COMPASS) == turn


def test_a_turned_crop_gets_the_same_votes_for_the_other_turn():
    crops = np.zeros((5, 28, 28), np.float32)
    crops[:, 4:24, 4:24] = np.random.default_rng(1).random((5, 20, 20))
    found = votes(COMPASS, crops)
    assert np.allclose(np.exp(votes(COMPASS, crops)).sum(axis=1) <= 1.0001, True)
    assert np.allclose(votes(COMPASS, turned(crops, 1)), np.roll(found, 1, axis=1), atol=1e-4)


def saved(folder, compass, **more):
    """The files of a network: the .npz and a card that names it."""
    file = folder / "mine.npz"
    np.savez(file, **arrays(compass), **more)
    card = {"sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    file.with_suffix(".json").write_text(json.dumps(card))
    return file


def test_a_network_is_read_as_it_was_written(tmp_path):
    found = load_compass(str(saved(tmp_path, COMPASS)))
    assert all(np.array_equal(found_array, array) for found_array, array in zip(
        arrays(found).values(), arrays(COMPASS).values(), strict=True))


def test_a_file_that_its_card_does_not_name_is_refused(tmp_path):
    file = saved(tmp_path, COMPASS)
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(ModelError, match="sha256 differs"):
        load_compass(str(file))


@pytest.mark.parametrize("layers", [
    (), ((784, 3),), ((700, 4),), ((784, 8), (9, 4)), ((784, 4), (4, 5))])
def test_layers_that_do_not_fit_are_refused(tmp_path, layers):
    weights = tuple(np.zeros(shape, np.float32) for shape in layers)
    compass = Compass(weights, tuple(weight[0] for weight in weights), {})
    with pytest.raises(ModelError, match="layers of a network"):
        load_compass(str(saved(tmp_path, compass)))


@pytest.mark.parametrize("more", [
    {"weight3": np.zeros((4, 4), np.float32)}, {"other": np.zeros(2, np.float32)}])
def test_arrays_that_belong_to_no_layer_are_refused(tmp_path, more):
    with pytest.raises(ModelError, match="layers of a network"):
        load_compass(str(saved(tmp_path, COMPASS, **more)))


def test_values_that_are_no_numbers_are_refused(tmp_path):
    weights = (np.full((784, 4), np.nan, np.float32),)
    with pytest.raises(ModelError, match="layers of a network"):
        load_compass(str(saved(tmp_path, Compass(weights, (np.zeros(4, np.float32),), {}))))


def test_a_file_that_could_run_code_is_refused(tmp_path):
    file = tmp_path / "mine.npz"
    np.savez(file, weight0=np.array([print], dtype=object))
    file.with_suffix(".json").write_text(json.dumps(
        {"sha256": hashlib.sha256(file.read_bytes()).hexdigest()}))
    with pytest.raises(ModelError, match="damaged"):
        load_compass(str(file))


def test_the_card_says_what_the_network_can_do():
    figures = COMPASS.card["figures"]
    for kind in ("printed", "written", "hand"):
        assert figures[kind]["right"] > 0.7 and figures[kind]["right_ten_together"] > 0.99


def test_crops_are_drawn_upright_and_always_the_same():
    pytest.importorskip("matplotlib")
    import drawn

    from scanproc.labelled.digits import Digits
    from scanproc.network import upright

    digits, kinds = Digits(*drawn.drawn(20, 1)), list(upright.SHARES) * 3
    first, again = (upright.draw(digits, upright.FONTS[:2], kinds, np.random.default_rng(1))
                    for _ in range(2))
    assert first.shape == (15, 28, 28) and np.array_equal(first, again)
    assert first.reshape(15, -1).max(axis=1).min() > 200
