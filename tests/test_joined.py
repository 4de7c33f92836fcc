"""Joined and broken digits: cuts, lattice, best path and its probability."""

import time

import cv2
import numpy as np
import pytest
from digit_strings import draw, together

from scanproc.labelled.digits import Digits
from scanproc.page import classify, joined, strings
from scanproc.page.clean.frame import Frame
from scanproc.page.joined import cuts, paths, scores
from scanproc.page.segment.groups import Guess
from scanproc.records import Box, Candidate, Cell

HEIGHT = 48


def ring(left, top=0, width=36, height=HEIGHT, shape=(HEIGHT, 160)):
    """A ring of a stroke of 5 to 7 px: a 0."""
    field = np.zeros(shape, np.uint8)
    middle, reach = (left + width // 2, top + height // 2), (width // 2 - 3, height // 2 - 3)
    cv2.ellipse(field, middle, reach, 0, 0, 360, 1, 5)
    return field


def pieces(ink):
    _, names, stats, _ = cv2.connectedComponentsWithStats(ink)
    found = [(name, Box(*map(int, row[:4]))) for name, row in enumerate(stats)][1:]
    return [((names[box.top:box.bottom, box.left:box.right] == name).astype(np.uint8), box)
            for name, box in sorted(found, key=lambda one: one[1])]


def spots(lattice):
    return {tuple(arc.spot) for arc in lattice.arcs}


def holds(lattice, ink):
    """Whether a segment is this ink, but for a seventh."""
    def shared(arc):
        field = np.zeros_like(ink)
        spot = arc.spot
        field[spot.top:spot.bottom, spot.left:spot.right] = arc.mask
        return (field & ink).sum() / (field | ink).sum()
    return max(map(shared, lattice.arcs)) > 0.85


def test_a_narrow_piece_alone_is_one_segment():
    (piece,) = pieces(ring(0, width=26))
    found = joined.lattice([piece], HEIGHT)
    (arc,) = found.arcs
    assert (arc.start, arc.end, arc.cuts, arc.spot) == (0, 1, 0, piece[1])
    assert np.array_equal(arc.mask, piece[0]) and found.nodes == 2


def test_apart_digits_are_segments_of_their_own_and_the_stroke_is_measured():
    found = joined.lattice(pieces(ring(0, width=26) | ring(60, width=26)), HEIGHT)
    assert len(found.arcs) == 2 and found.nodes == 3  # the two together are too far apart
    assert 4.5 < found.stroke < 7.5


@pytest.mark.parametrize("overlap", [1, 3, 5])
def test_two_joined_rings_come_apart(overlap):
    left, right = ring(0), ring(36 - overlap)
    found = joined.lattice(pieces(left | right), HEIGHT)
    assert holds(found, left) and holds(found, right)


def test_three_joined_rings_come_apart():
    rings = [ring(0), ring(35), ring(70)]
    found = joined.lattice(pieces(rings[0] | rings[1] | rings[2]), HEIGHT)
    assert all(holds(found, one) for one in rings)
    assert max(arc.spot.width for arc in found.arcs) <= 1.5 * HEIGHT


def test_a_digit_in_two_parts_is_a_segment_too():
    ink = ring(0, width=26)
    ink[:, 12:15] = 0
    found = joined.lattice(pieces(ink), HEIGHT)
    assert len(found.arcs) == 3 and holds(found, ink)


def test_a_loose_bar_belongs_to_the_digit_it_stands_above():
    """And is cut off with it, though the piece below is two digits."""
    left, right = ring(0, 8, height=40), ring(33, 8, height=40)
    left[:4, 10:28] = 1
    found = joined.lattice(pieces(left | right), HEIGHT)
    assert holds(found, left) and holds(found, right)


def test_cuts_run_from_top_to_bottom_inside_the_piece():
    mask = ring(0)[:, :70] | ring(33)[:, :70]
    found = cuts.cuts(mask, HEIGHT)
    assert len(found) and found.shape[1] == HEIGHT
    assert found.min() >= 0 and found.max() <= mask.shape[1]


def test_a_large_scan_is_cut_like_a_small_one():
    small = ring(0)[:, :70] | ring(33)[:, :70]
    large = cv2.resize(small, None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
    assert np.abs(cuts.cuts(large, 4 * HEIGHT).mean(axis=1)[:, None] / 4
                  - cuts.cuts(small, HEIGHT).mean(axis=1)).min() < 1


def chance(seed, arcs):
    return np.random.default_rng(seed).dirichlet(np.full(11, 0.3), arcs)


def enumerated(every, nodes, table, nothing):
    """text -> probability, by walking every path."""
    sums = {(): np.exp(nothing)}

    def walk(node, text, score):
        if node == nodes - 1:
            sums[text] = sums.get(text, 0) + np.exp(score)
        for at in np.flatnonzero(every.starts == node):
            for digit in np.flatnonzero(every.possible[at]):
                read = text if digit == scores.NONE else (*text, int(digit))
                walk(every.ends[at], read, score + table[at, digit])

    walk(0, (), 0.0)
    total = sum(sums.values())
    return {text: value / total for text, value in sums.items()}


@pytest.mark.parametrize("seed", range(4))
def test_probabilities_are_those_of_all_paths_walked_one_by_one(seed):
    ink = ring(0, width=26)
    ink[:, 12:15] = 0
    found = joined.lattice(pieces(ink | ring(30, width=20)), HEIGHT)
    every = scores.steps(found, chance(seed, len(found.arcs)))
    weights = np.random.default_rng(seed).normal(0, 0.5, len(scores.NAMES))
    table, nothing = paths.scored(every, weights), float(every.nothing @ weights)
    chain = paths.chain(every, found.nodes, table, nothing)
    for text, share in enumerated(every, found.nodes, table, nothing).items():
        given = paths.posterior(chain, text) + (0 if text else chain.nothing)
        assert given == pytest.approx(share, abs=1e-12)


def sure_of(lattice, right):
    """Probabilities by which just the arcs on these spots are digits: {spot: digit}."""
    rows = np.full((len(lattice.arcs), 11), 1e-6)
    for arc, row in zip(lattice.arcs, rows, strict=True):
        row[right.get(tuple(arc.spot), scores.NONE)] = 1
    return rows / rows.sum(axis=1, keepdims=True)


def test_the_best_path_takes_the_digits_that_the_network_is_sure_of():
    left, right = ring(0), ring(33)
    found = joined.lattice(pieces(left | right), HEIGHT)
    halves = sorted(arc.spot for arc in found.arcs if holds_both(arc, left, right))
    known = {tuple(spot): 3 if spot.left == 0 else 8 for spot in halves}
    path = joined.best(found, sure_of(found, known))
    assert path.text == "38" and 0.5 < path.posterior < 1
    assert path.digits.shape == (2, 11) and np.allclose(path.digits.sum(axis=1), 1)
    assert path.digits.argmax(axis=1).tolist() == [3, 8]
    assert path.digits.max(axis=1).prod() == pytest.approx(path.posterior)


def holds_both(arc, left, right):
    field = np.zeros_like(left)
    field[arc.spot.top:arc.spot.bottom, arc.spot.left:arc.spot.right] = arc.mask
    return any((field & one).sum() / (field | one).sum() > 0.7 for one in (left, right))


def test_what_the_network_calls_no_digit_gives_no_path():
    found = joined.lattice(pieces(ring(0) | ring(33)), HEIGHT)
    assert joined.best(found, sure_of(found, {})) is None


@pytest.mark.parametrize("ink", [
    np.ones((60, 3000), np.uint8), np.ones((1, 1), np.uint8), np.ones((400, 20), np.uint8),
    np.ones((60, 60), np.uint8), (np.indices((60, 300)).sum(axis=0) % 2).astype(np.uint8),
    (np.random.default_rng(1).random((60, 600)) < 0.5).astype(np.uint8),
    (np.random.default_rng(1).random((60, 600)) < 0.03).astype(np.uint8),
], ids=["rule", "dot", "bar", "blot", "chess", "noise", "dust"])
def test_any_ink_is_cut_or_refused_quickly(ink):
    run = [(ink, Box(0, 0, ink.shape[1], ink.shape[0]))]
    started = time.process_time()
    for height in (1, 7, 50, 400):
        found = joined.lattice(run, height)
        path = joined.best(found, chance(1, len(found.arcs)).reshape(-1, 11))
        assert path is None or 0 <= path.posterior <= 1
    assert time.process_time() - started < 4


def test_what_is_no_writing_of_this_size_is_refused():
    wide = np.ones((40, 3000), np.uint8)
    assert joined.lattice([(wide, Box(0, 0, 3000, 40))], 40).nodes == 0
    assert joined.lattice([], 40).nodes == 0
    assert joined.best(joined.lattice([], 40), np.zeros((0, 11))) is None


def test_strings_of_mnist_are_read(mnist):
    """Of digits that nothing was fitted on."""
    images, labels = mnist("train")
    drawn = [one for one in draw(Digits(images[55_000:], labels[55_000:]), 60, 5)]
    network = classify.load()
    answers = [together(one, network) for one in drawn]
    right = {touch: np.mean([one.text == one.drawn.text for one in answers
                             if one.drawn.text and one.drawn.touch == touch])
             for touch in (False, True)}
    assert right[False] >= 0.85 and right[True] >= 0.5
    sure = [one for one in answers if one.text and one.confidence >= 0.95]
    assert sum(one.text != one.drawn.text for one in sure) <= 1 + len(sure) // 20


def test_of_too_much_scribble_the_narrower_runs_are_read():
    def run(width, count):
        spots = [Box(100 * at, 0, width, 40) for at in range(count)]
        return [Guess(Candidate(np.ones((40, width), np.uint8), spot, spot), np.ones(11) / 11)
                for spot in spots]

    narrow, wide = run(20, 4), run(400, 14)
    assert strings._affordable(iter([wide, narrow])) == [narrow]
    assert len(strings._affordable(iter([narrow] * 90))) == int(strings.MOST_WIDE / 2)
    assert len(strings._affordable(iter([run(20, 1)] * 200))) == strings.MOST_RUNS


@pytest.mark.parametrize("filled, twice, cut", [(24, 0, False), (12, 0, True), (24, 6, True)])
def test_on_a_sheet_of_single_digits_a_broad_one_is_not_cut_in_two(filled, twice, cut):
    def guess(left, cell, width, surely=1.0):
        row = np.zeros(11, np.float32)
        row[2], row[10] = surely, 1 - surely
        mask = ring(0, width=width, shape=(HEIGHT, width))
        spot = Box(left, 0, width, HEIGHT)
        return Guess(Candidate(mask, spot, spot), row, cell)

    digits = [guess(200 * at, at, 30) for at in range(filled)]
    digits += [guess(200 * at + 100, at, 30) for at in range(twice)]
    digits.append(guess(200 * filled, filled, 90, 0.8))
    cells = [Cell(Box(200 * at, 0, 190, HEIGHT)) for at in range(filled + 1)]
    asked = []

    def answer(masks):
        asked.extend(masks)
        return np.full((len(masks), 11), 1 / 11, np.float32)

    strings.resolve(digits, [], cells, answer, Frame(np.eye(2, 3), 6000, HEIGHT))
    assert bool(asked) is cut


def test_what_the_best_path_passes_over_is_told():
    """A digit, then ink that is none in any part, then a digit: it was lost without a sign."""
    masks = [ring(0), np.ones((HEIGHT, 34), np.uint8), ring(0)]
    guesses, left = [], 0
    for mask in masks:
        spot = Box(left, 0, mask.shape[1], HEIGHT)
        row = np.full(11, 1e-4, np.float32)
        row[0 if mask is not masks[1] else 10] = 0.999
        guesses.append(Guess(Candidate(mask, spot, spot, 0.0, 2), row))
        left = spot.right + 5

    def answer(asked):
        found = np.full((len(asked), 11), 1e-4, np.float32)
        for row, mask in zip(found, asked, strict=True):
            row[0 if mask.shape == masks[0].shape and (mask == masks[0]).all() else 10] = 0.999
        return found

    digits, strange = strings.resolve([guesses[0], guesses[2]], [guesses[1]], (), answer,
                                      Frame(np.eye(2, 3), 600, HEIGHT))
    assert len(digits) == 2 and strange == [guesses[1]]
    assert sum(one.candidate.parts for one in [*digits, *strange]) == 6
