"""Fits the weights of scanproc/page/joined/scores.py on drawn strings and prints them.

    python tests/string_weights.py MNIST [NETWORK.npz]

The probability of the true text over all paths is made greatest, however the text lies on the ink
(segmentation is hidden), on strings of MNIST's first 55,000 digits. Texts that no path reads are
left out; nothing could make them likelier. Then, on the same strings, how sure the best path is of
itself is held against whether it is right.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from digit_strings import Drawn, draw, mnist
from scipy.optimize import minimize

from scanproc.page import classify
from scanproc.page.joined import Lattice, lattice, paths, scores
from scanproc.page.normalize import normalize_all

COUNT, SEED = 1500, 1
TO_ZERO = 0.001         # keeps weights that hardly matter small
NONE = scores.NONE
NEVER = 1e-200          # a text less likely is read by no path


@dataclass(frozen=True)
class Graph:
    """The steps of all strings as one graph, walked node by node in all of them at once.

    starts, ends: (S,) nodes, those of a string follow on another. whose: (S,) the string.
    groups: the steps by how many nodes their end is from the first. texts: (N, 8), NONE behind
    the end. first, last: (N,) nodes. nothing: (N, F).
    """

    starts: np.ndarray
    ends: np.ndarray
    whose: np.ndarray
    features: np.ndarray
    possible: np.ndarray
    groups: list[np.ndarray]
    texts: np.ndarray
    first: np.ndarray
    last: np.ndarray
    nothing: np.ndarray


def learned(drawn: list[Drawn], network: classify.Network) -> Iterator[tuple]:
    """(string, lattice, probabilities of its arcs) of each string."""
    for one in drawn:
        run = lattice(one.pieces, one.height)
        rows = classify.classify(network, normalize_all([arc.mask for arc in run.arcs]))
        yield one, run, rows


def graph(strings: list[tuple[Drawn, Lattice, np.ndarray]]) -> Graph:
    """All strings that have arcs."""
    strings = [one for one in strings if one[1].arcs]
    steps = [scores.steps(run, rows) for _, run, rows in strings]
    nodes = np.array([run.nodes for _, run, _ in strings])
    first = np.cumsum(nodes) - nodes
    level = np.concatenate([one.ends for one in steps])
    whose = np.repeat(np.arange(len(steps)), [len(one.ends) for one in steps])
    order = np.argsort(level, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(level[order])) + 1)
    texts = np.full((len(strings), 8), NONE)
    for row, (one, _, _) in zip(texts, strings, strict=True):
        row[:len(one.text)] = list(map(int, one.text))
    return Graph(np.concatenate([one.starts for one in steps]) + first[whose],
                 level + first[whose], whose,
                 np.concatenate([one.features.astype(np.float32) for one in steps]),
                 np.concatenate([one.possible for one in steps]), groups, texts,
                 first, first + nodes - 1, np.array([one.nothing for one in steps]))


def loss(weights: np.ndarray, every: Graph) -> tuple[float, np.ndarray]:
    """Mean -log probability of the true texts that there are, and its gradient."""
    table = np.where(every.possible, every.features @ weights.astype(np.float32), -np.inf)
    back, total = _back(table.astype(float), every)
    nothing = np.exp(every.nothing @ weights - np.logaddexp(total, every.nothing @ weights))
    real, empty = 1 - nothing, every.texts[:, 0] == NONE
    real = np.where(real > 0, real, 1e-300)
    taken = _visits(back, real, every)
    held, read = _held(back, every)
    right = real * read + empty * nothing
    known = right > NEVER
    share = np.where(known, real / np.where(known, right, 1), 0)
    change = np.where(known[every.whose, None], taken - held * share[every.whose, None], 0)
    slope = np.einsum("sd,sdf->f", change.astype(np.float32), every.features, optimize=True)
    turned = np.where(known, nothing - empty * nothing / np.where(known, right, 1), 0)
    count = known.sum()
    return (-np.log(right[known]).mean() + TO_ZERO * weights @ weights,
            (slope + turned @ every.nothing) / count + 2 * TO_ZERO * weights)


def _back(table: np.ndarray, every: Graph) -> tuple[np.ndarray, np.ndarray]:
    """As `paths.Chain.back`, and the logarithm of the sum over each string's paths: (N,)."""
    whole = np.logaddexp.reduce(table, axis=1)
    reached = np.full(every.last[-1] + 1, -np.inf)
    reached[every.first] = 0
    for group in every.groups:
        np.logaddexp.at(reached, every.ends[group], reached[every.starts[group]] + whole[group])
    ends = np.where(np.isfinite(reached), reached, np.inf)[every.ends]
    return np.exp(table + (reached[every.starts] - ends)[:, None]), reached[every.last]


def _visits(back: np.ndarray, real: np.ndarray, every: Graph) -> np.ndarray:
    """(S, 11) probability that a path takes a step as a digit."""
    found = np.zeros(every.last[-1] + 1)
    found[every.last] = real
    whole = back.sum(axis=1)
    for group in reversed(every.groups):
        np.add.at(found, every.starts[group], found[every.ends[group]] * whole[group])
    return found[every.ends][:, None] * back


def _held(back: np.ndarray, every: Graph) -> tuple[np.ndarray, np.ndarray]:
    """((S, 11) probability that a path takes a step and reads the text, (N,) that it reads it)."""
    texts = every.texts[every.whose]
    read = np.where(texts < NONE, np.take_along_axis(back, texts, axis=1), 0)
    passed = back[:, NONE:]
    before, after = (np.zeros((every.last[-1] + 1, 9)) for _ in range(2))
    before[every.first, 0] = 1
    after[every.last, (every.texts < NONE).sum(axis=1)] = 1
    for group in every.groups:
        came = before[every.starts[group]]
        went = came * passed[group]
        went[:, 1:] += came[:, :-1] * read[group]
        np.add.at(before, every.ends[group], went)
    for group in reversed(every.groups):
        comes = after[every.ends[group]]
        went = comes * passed[group]
        went[:, :-1] += comes[:, 1:] * read[group]
        np.add.at(after, every.starts[group], went)
    held = np.zeros_like(back)
    came, comes = before[every.starts], after[every.ends]
    held[:, NONE] = (came * comes).sum(axis=1) * passed[:, 0]
    rows = np.arange(len(back))
    for at in range(8):
        np.add.at(held, (rows, np.minimum(texts[:, at], NONE - 1)),
                  came[:, at] * comes[:, at + 1] * read[:, at])
    return held, (before[every.last] * after[every.last]).sum(axis=1)


def fitted(every: Graph) -> np.ndarray:
    """(F,) the weights."""
    return minimize(loss, np.array(scores.WEIGHTS), (every,), "L-BFGS-B", jac=True,
                    options={"maxiter": 80}).x


def sureness(strings: list[tuple], weights: np.ndarray) -> np.ndarray:
    """(3,) of the logistic curve from what paths tell of themselves to whether they are right."""
    read = [(paths.likeliest(run, rows, weights), one.text) for one, run, rows in strings]
    tells = np.array([paths.evidence(path) for path, _ in read if path])
    right = np.array([path.text == text for path, text in read if path])

    def curve(values: np.ndarray) -> float:
        odds = tells @ values
        return float(np.logaddexp(0, np.where(right, -odds, odds)).mean())

    return minimize(curve, np.array(scores.SURENESS)).x


def line(name: str, values: np.ndarray) -> str:
    return f"{name} = (" + ", ".join(f"{value:.3f}" for value in values) + ")"


if __name__ == "__main__":
    drawn = draw(mnist(Path(sys.argv[1]))[:55_000], COUNT, SEED)
    strings = list(learned(drawn, classify.load(*sys.argv[2:3])))
    weights = fitted(graph(strings))
    print(line("WEIGHTS", weights))
    print(line("SURENESS", sureness(strings, weights)))
