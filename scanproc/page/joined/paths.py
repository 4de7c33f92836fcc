"""The best path through a lattice, and how sure it is.

A semi-Markov conditional random field (Sarawagi and Cohen 2004): the score of a path is the sum of
its steps', and its probability is normalized over all paths, among them those that pass over
pieces and the one that calls all of it no digits. A digit is scored by its log-odds against none
(Liu, Sako, Fujisawa 2004) and by its size and place, see `scores`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scanproc.page.joined.lattice import Arc, Lattice
from scanproc.page.joined.scores import NONE, SURENESS, WEIGHTS, Steps, steps

SAME_PLACE = 0.5        # of the ink of two segments together that both hold


@dataclass(frozen=True)
class Path:
    """A reading of a run.

    arcs: its digits from left to right. digits: (n, 11) float64, for each one's place the
    probability, over all paths, of the ten digits and that none of them is just there.
    text: 0-9. posterior: probability of `text`, over all paths.
    """

    arcs: tuple[Arc, ...]
    digits: np.ndarray
    text: str
    posterior: float


@dataclass(frozen=True)
class Chain:
    """All paths, as a walk back from the last node.

    back: (S, 11) float64, probability that a walk at the end of a step comes by it, and as which
    digit. real: probability that the last node is reached at all; nothing: that not.
    """

    steps: Steps
    nodes: int
    back: np.ndarray
    real: float
    nothing: float


def best(lattice: Lattice, probabilities: np.ndarray) -> Path | None:
    """The best path, or None where the run is more probably no digits at all.

    probabilities: (A, 11) of the arcs, as `scanproc.page.classify` gives them.
    """
    found = likeliest(lattice, probabilities, np.array(WEIGHTS))
    return found and _calibrated(found)


def likeliest(lattice: Lattice, probabilities: np.ndarray, weights: np.ndarray) -> Path | None:
    """As `best`, by other weights and with the probabilities that these give as they are."""
    if not lattice.arcs:
        return None
    every = steps(lattice, probabilities)
    scores = scored(every, weights)
    paths = chain(every, lattice.nodes, scores, float(every.nothing @ weights))
    route = [at for at in _best_route(every, lattice.nodes, scores) if every.possible[at, 0]]
    if not route or paths.real - posterior(paths, ()) < 0.5:
        return None
    text = tuple(int(scores[at, :NONE].argmax()) for at in route)
    digits = _places(paths, route, lattice.ink)
    none = np.maximum(1 - digits.sum(axis=1, keepdims=True), 0)
    return Path(tuple(lattice.arcs[at] for at in route), np.hstack([digits, none]),
                "".join(map(str, text)), posterior(paths, text))


def evidence(path: Path) -> np.ndarray:
    """(3,) what its sureness is judged by: log-odds of its posterior, its length, and 1."""
    share = min(max(path.posterior, 1e-9), 1 - 1e-9)
    return np.array([np.log(share / (1 - share)), len(path.text), 1.0])


def _calibrated(path: Path) -> Path:
    """With a posterior that is true of many (Platt 1999), which the digits' multiply to.

    The doubt is dealt out as before: each digit's probability is raised to the same power.
    """
    share = float(1 / (1 + np.exp(-evidence(path) @ SURENESS)))
    rows = np.arange(len(path.text)), np.array([int(digit) for digit in path.text])
    were = np.clip(path.digits[rows], 1e-9, 1 - 1e-9)
    new = were ** (np.log(share) / np.log(were).sum())
    digits = path.digits * ((1 - new) / (1 - were))[:, None]
    digits[rows] = new
    return replace(path, digits=digits, posterior=share)


def scored(every: Steps, weights: np.ndarray) -> np.ndarray:
    """(S, 11) float64, -inf for what there is not."""
    return np.where(every.possible, every.features @ weights, -np.inf)


def chain(every: Steps, nodes: int, scores: np.ndarray, nothing: float) -> Chain:
    """All paths; scores: see `scored`; nothing: of the path that calls all of it no digits."""
    whole = np.logaddexp.reduce(scores, axis=1)
    reached = np.full(nodes, -np.inf)
    reached[0] = 0
    for node, into in by_end(every, nodes):
        reached[node] = np.logaddexp.reduce(reached[every.starts[into]] + whole[into])
    ends = np.where(np.isfinite(reached), reached, np.inf)[every.ends]
    shift = reached[every.starts] - ends  # -inf where no path comes
    total = float(np.logaddexp(reached[-1], nothing))
    return Chain(every, nodes, np.exp(scores + shift[:, None]),
                 float(np.exp(reached[-1] - total)), float(np.exp(nothing - total)))


def posterior(paths: Chain, text: tuple[int, ...]) -> float:
    """Probability of a text over all paths; of () without the path that calls all no digits."""
    return float(paths.real * prefixes(paths, text)[-1, -1])


def prefixes(paths: Chain, text: tuple[int, ...]) -> np.ndarray:
    """(len(text) + 1, nodes) float64: probability that what a walk reads from a node back to the
    first is just the first k digits of the text."""
    every = paths.steps
    found = np.zeros((len(text) + 1, paths.nodes))
    found[0, 0] = 1
    for node, into in by_end(every, paths.nodes):
        before = found[:, every.starts[into]]
        found[:, node] = before @ paths.back[into, NONE]
        if text:
            read = paths.back[np.ix_(into, text)].T
            found[1:, node] += (before[:-1] * read).sum(axis=1)
    return found


def visits(paths: Chain) -> np.ndarray:
    """(nodes,) float64: probability that a walk comes through each node."""
    found = np.zeros(paths.nodes)
    found[-1] = paths.real
    whole = paths.back.sum(axis=1)
    for node, into in reversed(by_end(paths.steps, paths.nodes)):
        np.add.at(found, paths.steps.starts[into], found[node] * whole[into])
    return found


def by_end(every: Steps, nodes: int) -> list[tuple[int, np.ndarray]]:
    """(node, the steps that end there), node by node from the left."""
    order = np.argsort(every.ends, kind="stable")
    edges = np.searchsorted(every.ends[order], np.arange(nodes + 1))
    return [(node, order[edges[node]:edges[node + 1]]) for node in range(1, nodes)]


def _best_route(every: Steps, nodes: int, scores: np.ndarray) -> list[int]:
    """The steps of the path with the greatest score (Viterbi)."""
    most = scores.max(axis=1)
    reached, came = np.full(nodes, -np.inf), np.full(nodes, -1)
    reached[0] = 0
    for node, into in by_end(every, nodes):
        sums = reached[every.starts[into]] + most[into]
        if sums.size and sums.max() > -np.inf:
            reached[node], came[node] = sums.max(), into[sums.argmax()]
    route: list[int] = []
    node = nodes - 1
    while node > 0 and came[node] >= 0:
        route.append(int(came[node]))
        node = int(every.starts[came[node]])
    return route[::-1]


def _places(paths: Chain, route: list[int], ink: np.ndarray) -> np.ndarray:
    """(n, 10) float64: of each step of a route the probability of the digits at its place.

    Two steps stand at one place if they share more than SAME_PLACE of their ink; of one path no
    two can. ink: (nodes,) left of each node.
    """
    every = paths.steps
    shares = visits(paths)[every.ends][:, None] * paths.back[:, :NONE]
    left, right = ink[every.starts], ink[every.ends]
    found = np.zeros((len(route), NONE))
    for row, at in zip(found, route, strict=True):
        both = np.minimum(right, right[at]) - np.maximum(left, left[at])
        either = np.maximum(right, right[at]) - np.minimum(left, left[at])
        row[:] = shares[both > SAME_PLACE * either].sum(axis=0)
    return found
