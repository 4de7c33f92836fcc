"""Train the small network that says how a letter or digit is turned.

    python -m scanproc.network.upright --data MNIST --out models

Drawn by code, but for the digits of MNIST: letters and digits in the fonts that matplotlib brings
along, some run together, the same as a pen draws them, and marks, of which nothing is to be
learned but that they tell nothing. Each is tilted and slanted a little, and then turned by
quarters at random. The last twelfth of MNIST and two of the fonts are held out to measure it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from scanproc.labelled import idx
from scanproc.labelled.digits import Digits
from scanproc.network import card
from scanproc.network.negatives import letters, marks
from scanproc.network.negatives.pieces import Source
from scanproc.page.clean.turn import SHIPPED, Compass, arrays, load_compass, turned, votes
from scanproc.page.normalize import normalize

# About as often as in the languages of Europe: u is an n upside down, d a p, q a b.
OFTEN = {"etaonirs": 7, "dhlucm": 4, "fgpwvybk": 2, "jxqz": 1}
SMALL = "".join(letter * often for some, often in OFTEN.items() for letter in some)
DIGITS = "0123456789"
HELD_OUT_FONTS = ("DejaVuSerif", "cmss10")
FONTS = tuple(name for name in letters.FAMILIES if name not in HELD_OUT_FONTS)
MARK = "mark"
SHARES = {"printed": 0.46, "together": 0.14, "written": 0.12, "hand": 0.16, MARK: 0.12}
CASES = (0.4, 0.35, 0.25)  # of what is printed: small letters, capitals, digits
SEED, DRAWN, STEPS, BATCH = 1, 120_000, 10_000, 256
LAYERS = (256, 128)
SMOOTHING = 0.03
MEASURED = 2000  # crops of each kind
TILT_DEG, FAR_TILT_DEG, FAR_SHARE = 10.0, 32.0, 0.15
SLANT, ASPECT = 0.2, 0.15
SHIFT_PX = 1


def draw(digits: Digits, fonts: Sequence[str], kinds: Sequence[str], rng: np.random.Generator
         ) -> np.ndarray:
    """Upright crops of these kinds as `normalize` makes them: (N, 28, 28) uint8, ink = 255."""
    source = Source(digits)
    images = [_crop(_mask(kind, source, fonts, rng), rng) for kind in kinds]
    return np.array(images, np.uint8)


def _mask(kind: str, source: Source, fonts: Sequence[str], rng: np.random.Generator) -> np.ndarray:
    if kind == "hand":
        return source.any(rng)
    if kind == MARK:
        found = (marks.mark, marks.texture, _stroke)[rng.integers(3)](source, rng)
        return _mask(kind, source, fonts, rng) if found is None else found
    if kind == "written":
        return letters.written(source, rng)
    signs = (SMALL, SMALL.upper(), DIGITS)[rng.choice(3, p=CASES)]
    count = 1 if kind == "printed" else rng.integers(2, 6)
    text = "".join(signs[at] for at in rng.integers(len(signs), size=count))
    mask = np.pad(letters.lettering(text, fonts[rng.integers(len(fonts))]), 8)
    mask = cv2.dilate(mask, np.ones(rng.integers(1, 6, 2), np.uint8))
    return cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 9), np.uint8)) if count > 1 else mask


def _stroke(source: Source, rng: np.random.Generator) -> np.ndarray:
    """One straight stroke, however it leans: a 1, a dash, a slash, a bit of texture."""
    mask = np.zeros((marks.SIDE, marks.SIDE), np.uint8)
    ends = rng.integers(8, marks.SIDE - 8, (2, 2))
    return cv2.line(mask, ends[0].tolist(), ends[1].tolist(), 1, int(rng.integers(3, 12)))


def _crop(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Tilted, slanted, scanned at some resolution, cut out and normalized: (28, 28) uint8."""
    far = rng.random() < FAR_SHARE
    tilt = np.deg2rad(rng.uniform(-1, 1) * (FAR_TILT_DEG if far else TILT_DEG))
    height = float(np.exp(rng.uniform(np.log(10), np.log(60))))
    aspect = np.exp(rng.uniform(-ASPECT, ASPECT))
    shape = np.array([[aspect, rng.uniform(-SLANT, SLANT)], [0, 1]]) * height / mask.shape[0]
    turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]]) @ shape
    corners = turn @ np.array([[0, mask.shape[1], 0, mask.shape[1]], [0, 0, *mask.shape[:1] * 2]])
    low, size = corners.min(axis=1), np.ceil(np.ptp(corners, axis=1)).astype(int) + 4
    matrix = np.column_stack([turn, 2 - low])
    gray = cv2.warpAffine(mask * np.uint8(255), matrix, size.tolist(), flags=cv2.INTER_AREA)
    ragged = gray + rng.normal(0, 20 * rng.random(), gray.shape) > rng.uniform(60, 190)
    return np.round(normalize(_largest(ragged.astype(np.uint8))) * 255).astype(np.uint8)


def _largest(mask: np.ndarray) -> np.ndarray:
    """The largest connected piece, cut to its ink; where there is none, one pixel."""
    count, names, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count < 2:
        return np.ones((1, 1), np.uint8)
    at = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    left, top, width, height = stats[at, :4]
    return (names[top:top + height, left:left + width] == at).astype(np.uint8)


def fit(images: np.ndarray, told: np.ndarray) -> list[np.ndarray]:
    """Weights and biases in turn, learned from upright crops.

    images: (N, 28, 28) uint8, ink = 255. told: (N,) bool, whether a crop tells how it is turned.
    """
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential([keras.Input((784,)), *(
        keras.layers.Dense(units, "relu") for units in LAYERS), keras.layers.Dense(4)])
    rate = keras.optimizers.schedules.CosineDecay(2e-3, STEPS)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=0.01),
                  keras.losses.CategoricalCrossentropy(from_logits=True))
    rng = np.random.default_rng(SEED)
    for _ in range(STEPS):
        picks = rng.integers(0, len(images), BATCH)
        turns, crops = _turned(images[picks], rng)
        sure = ((1 - SMOOTHING) * told[picks])[:, None].astype(np.float32)
        model.train_on_batch(crops, sure * np.eye(4, dtype=np.float32)[turns] + (1 - sure) / 4)
    return [np.asarray(array) for array in model.get_weights()]


def _turned(images: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(quarters clockwise (N,), images so turned and shifted (N, 784) float32)."""
    turns = rng.integers(0, 4, len(images))
    shifts = rng.integers(-SHIFT_PX, SHIFT_PX, (len(images), 2), endpoint=True)
    found = [np.roll(turned(image[None], turn)[0], shift, (0, 1))
             for image, turn, shift in zip(images, turns, shifts, strict=True)]
    return turns, np.array(found, np.float32).reshape(-1, 784) / 255


def figures(compass: Compass, held_out: Digits) -> dict[str, dict[str, float]]:
    """By kind, the share of upright crops that it calls upright: one by one, and ten together."""
    found = {}
    for at, kind in enumerate(kind for kind in SHARES if kind != MARK):
        rng = np.random.default_rng((SEED, 1, at))
        crops = draw(held_out, HELD_OUT_FONTS, [kind] * MEASURED, rng)
        vote = votes(compass, crops.astype(np.float32) / 255)
        tens = vote.reshape(-1, 10, 4).sum(axis=1)
        found[kind] = {"right": float((vote.argmax(axis=1) == 0).mean()),
                       "right_ten_together": float((tens.argmax(axis=1) == 0).mean())}
    return found


def train(folder: Path, out: Path) -> dict[str, Any]:
    """Train on the digits of `folder`, write upright.npz and upright.json into `out`; the card."""
    digits, hashes = idx.read(folder, "train")
    held_out = len(digits) // 12
    rng = np.random.default_rng((SEED, 0))
    kinds = rng.choice(list(SHARES), DRAWN, p=list(SHARES.values()))
    learned = fit(draw(digits[:-held_out], FONTS, kinds, rng), kinds != MARK)
    weights = [array.astype(np.float16) for array in learned]
    compass = Compass(tuple(weights[::2]), tuple(weights[1::2]), {})
    model = out / SHIPPED
    np.savez_compressed(model, **arrays(compass))
    paper = {
        "command": f"python -m scanproc.network.upright --data DIR, with seed {SEED}",
        "data": {"sha256": hashes, "train": len(digits) - held_out, "held_out": held_out,
                 "drawn": DRAWN, "shares": SHARES, "fonts": FONTS,
                 "held_out_fonts": HELD_OUT_FONTS},
        "network": "-".join(map(str, (784, *LAYERS, 4))) + "; ReLU",
        "figures": figures(compass, digits[-held_out:]),
        "versions": card.versions(),
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest()}
    model.with_suffix(".json").write_text(json.dumps(paper, indent=2) + "\n", encoding="utf-8")
    load_compass(str(model))
    return paper


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the files of MNIST")
    parser.add_argument("--out", type=Path, default=Path("models"))
    given = parser.parse_args()
    print(json.dumps(train(given.data, given.out)["figures"], indent=2))
