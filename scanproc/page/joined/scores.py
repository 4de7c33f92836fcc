"""What speaks for and against an arc being a digit, as numbers that weights are fitted to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scanproc.page.joined.lattice import Lattice

NONE = 10               # the column of what is no digit
ODDS = 12.0             # log-odds are cut off here: no network is surer
UNLIKELY = -8.0         # and the logarithm of a digit's share among the digits here
NAMES = ("odds", "cut_odds", "among", "digit", "cut", "cut_cost", "width", "off", "passed",
         "passed_ink", "nothing", "nothing_ink")
# Fitted by `python tests/string_weights.py MNIST`, which says how. Every digit has `digit`, cut
# sides have those with `cut`, a piece passed over `passed`, calling all no digits `nothing`.
WEIGHTS = (0.545, -0.135, 0.885, -2.285, -0.470, -0.183, 0.896, -0.300, -1.025, -0.582, 0.594,
           -0.222)
SURENESS = (1.253, 0.156, 0.008)    # the log-odds that a text is right, of what `evidence` gives


@dataclass(frozen=True)
class Steps:
    """What paths are made of: the arcs, then the pieces that may be passed over.

    starts, ends: (S,) nodes. features: (S, 11, F) float64, F as in NAMES, for each digit and, in
    the last column, for passing over; possible: (S, 11) which of these there are.
    nothing: (F,) of the path that calls all of it no digits.
    """

    starts: np.ndarray
    ends: np.ndarray
    features: np.ndarray
    possible: np.ndarray
    nothing: np.ndarray


def steps(lattice: Lattice, probabilities: np.ndarray) -> Steps:
    """The steps of all paths. probabilities: (A, 11) of the arcs, rows summing to 1."""
    arcs, pieces = lattice.arcs, lattice.pieces
    count = len(arcs) + len(pieces)
    found = np.zeros((count, NONE + 1, len(NAMES)))
    columns = {**_readings(np.asarray(probabilities, float)), **_shapes(lattice)}
    columns["cut_odds"] = columns["odds"] * (columns["cut"] > 0)
    for name, values in columns.items():
        found[:len(arcs), :NONE, NAMES.index(name)] = values
    ink = np.array([piece.ink for piece in pieces]) / (lattice.stroke * lattice.height)
    found[len(arcs):, NONE, NAMES.index("passed")] = 1
    found[len(arcs):, NONE, NAMES.index("passed_ink")] = np.minimum(ink, 3)
    possible = np.zeros((count, NONE + 1), bool)
    possible[:len(arcs), :NONE] = possible[len(arcs):, NONE] = True
    nothing = np.zeros(len(NAMES))
    nothing[[NAMES.index("nothing"), NAMES.index("nothing_ink")]] = 1, ink.sum()
    return Steps(np.array([step.start for step in (*arcs, *pieces)]),
                 np.array([step.end for step in (*arcs, *pieces)]), found, possible, nothing)


def _readings(probabilities: np.ndarray) -> dict[str, np.ndarray]:
    """By the network: log-odds of the digit against none, the share of each among the digits."""
    tiny = np.exp(-2 * ODDS)
    digits, none = probabilities[:, :NONE], probabilities[:, NONE]
    best = np.log(digits.max(axis=1) + tiny) - np.log(none + tiny)
    odds = np.clip(best, -ODDS, ODDS)[:, None]
    among = np.log(digits + tiny) - np.log(digits.sum(axis=1, keepdims=True) + tiny)
    return {"odds": odds, "among": np.maximum(among, UNLIKELY)}


def _shapes(lattice: Lattice) -> dict[str, np.ndarray]:
    """By size and place, in digit heights; the line is the middle of what is as high as digits."""
    left, top, width, height = (np.array([arc.spot for arc in lattice.arcs], float)
                                / lattice.height).T
    usual = (height > 0.7) & (height < 1.4)
    usual = usual if usual.any() else np.ones_like(usual)
    line = np.median(top[usual]), np.median((top + height)[usual])
    off = np.abs(top - line[0]) + np.abs(top + height - line[1])
    cost = [lattice.cost[[arc.start, arc.end]].sum() / lattice.stroke for arc in lattice.arcs]
    found = {"digit": np.ones(len(off)), "cut": np.array([arc.cuts for arc in lattice.arcs]),
             "cut_cost": np.array(cost), "width": np.minimum(width, 1.2),
             "off": np.minimum(off, 1)}
    return {name: values[:, None] for name, values in found.items()}
