"""Files as chance and strangers damage them: seeded, so that each can be made again."""

from __future__ import annotations

import numpy as np

HEAD = 300  # bytes, in which half of the changes fall: there a format says what the rest means


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """Cut, or with some bytes changed, or taken out, or a stretch wiped, doubled, moved."""
    out = bytearray(data)
    how = rng.choice([_cut, _changed, _taken_out, _wiped, _doubled, _moved])
    how(out, rng)
    return bytes(out)


def _cut(out: bytearray, rng: np.random.Generator) -> None:
    del out[rng.integers(1, len(out)):]


def _changed(out: bytearray, rng: np.random.Generator) -> None:
    reach = rng.choice([min(HEAD, len(out)), len(out)])
    for at in rng.integers(0, reach, rng.integers(1, 9)):
        out[at] = rng.choice([0, 255, rng.integers(256), out[at] ^ (1 << rng.integers(8))])


def _taken_out(out: bytearray, rng: np.random.Generator) -> None:
    _changed(out, rng)
    del out[_stretch(out, rng, 20)]


def _wiped(out: bytearray, rng: np.random.Generator) -> None:
    place = _stretch(out, rng, 4096)
    out[place] = bytes([rng.choice([0, 255])]) * len(out[place])


def _doubled(out: bytearray, rng: np.random.Generator) -> None:
    place = _stretch(out, rng, 4096)
    out[place.stop:place.stop] = out[place]


def _moved(out: bytearray, rng: np.random.Generator) -> None:
    place = _stretch(out, rng, 512)
    piece = out[place]
    del out[place]
    at = rng.integers(len(out) + 1)
    out[at:at] = piece


def _stretch(out: bytearray, rng: np.random.Generator, most: int) -> slice:
    start = int(rng.integers(len(out)))
    return slice(start, min(len(out), start + int(rng.integers(1, most))))
