"""Rules that a pen has joined to other rules, or that a stroke runs along."""

import cv2
import numpy as np

from scanproc.page.rules.bands import bands
from scanproc.page.rules.components import components
from scanproc.page.rules.tracks import tracks

WIDE = 400


def runs(*parts):
    """(owner, x, y) of runs, ordered as they come: parts are (owner, xs, ys)."""
    rows = np.concatenate([np.stack([np.full(len(x), owner), x, y + 0 * x], axis=1)
                           for owner, x, y in parts])
    owner, x, y = rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))].T
    return owner.astype(int), x.astype(int), y


X = np.arange(WIDE)
BENT = 100 + 6 * (X / WIDE) ** 2


def test_a_rule_alone_stays_whole_though_it_is_bent():
    owner, x, y = runs((1, X, BENT), (2, X, 150))
    found, keep = tracks(owner, x, y, 3)
    assert keep.all() and np.array_equal(found, owner)


def test_a_stroke_along_a_rule_is_left_out():
    stroke = np.arange(100, 160)
    owner, x, y = runs((1, X, BENT), (1, stroke, BENT[stroke] + 8))
    found, keep = tracks(owner, x, y, 2)
    assert np.array_equal(y[keep], BENT) and (found == 1).all()


def test_two_rules_joined_by_strokes_are_two():
    between = np.arange(200, 260)
    apart = np.delete(X, between)
    owner, x, y = runs((1, apart, BENT[apart]), (1, apart, BENT[apart] + 17),
                       (1, between, BENT[between] + 8))
    found, keep = tracks(owner, x, y, 4)
    assert np.array_equal(y[keep & (found == 1)], BENT[apart])
    assert np.array_equal(y[keep & (found == 5)], BENT[apart] + 17)
    assert not keep[(x >= 200) & (x < 260)].any()


def test_no_rules_at_all():
    none = np.zeros(0, int)
    found, keep = tracks(none, none, none.astype(float), 1)
    assert len(found) == len(keep) == 0


def test_both_of_two_joined_rules_are_bands():
    ink = np.zeros((200, 1000), np.uint8)
    for y in (100, 117):
        cv2.line(ink, (50, y), (950, y), 1, 2)
    for x in range(100, 900, 50):  # a tally
        cv2.line(ink, (x, 100), (x + 14, 117), 1, 3)
    found = components(cv2.dilate(ink, np.ones((3, 1), np.uint8)), 10)
    drawn = bands(found, np.ones(len(found.owner), bool), ink, 1, 5.0).draw(ink.shape)
    assert found.count == 2 and drawn[99:102].any(axis=0).sum() > 500
    assert drawn[116:119].any(axis=0).sum() > 500 and not drawn[104:114].any()
