"""Strings of digits that touch or are broken, drawn from MNIST with their truth.

One writer each: slant, pen, heights and baseline vary little within a string. Kinds: `gray` and
`bit` as office scanners give them, `cheque` small, on textured paper and as a JPEG, nearly all
digits joined, `other` no digits at all: words, letters, marks.

    python tests/digit_strings.py MNIST [NETWORK.npz]    how well such strings are read
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from scanproc.evaluate.metrics import compare_strings
from scanproc.labelled import idx
from scanproc.labelled.digits import Digits
from scanproc.network.negatives import letters, marks
from scanproc.page import classify, joined
from scanproc.page.clean.light import binarize, even
from scanproc.page.normalize import normalize_all
from scanproc.records import Box

KINDS = {"gray": 0.35, "bit": 0.25, "cheque": 0.25, "other": 0.15}
STRANGE = 0.08  # of the strings have a letter or a mark at one end, which is not read
SHARED = 0.15  # of a digit's ink in a piece that it shares with another: the two touch


@dataclass(frozen=True)
class Drawn:
    """text: the truth, empty for `other`. touch: whether two digits are in one piece of ink.

    pieces: masks and boxes from left to right. height: of the usual digit, in pixels.
    """

    kind: str
    text: str
    touch: bool
    pieces: tuple[tuple[np.ndarray, Box], ...]
    height: float


def draw(digits: Digits, count: int, seed: int) -> list[Drawn]:
    """So many strings; each is drawn by its own seed, so that fewer are the first of more."""
    found = []
    for at in range(count):
        rng = np.random.default_rng((seed, at))
        kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
        found.append(_string(kind, digits, rng))
    return found


def _string(kind: str, digits: Digits, rng: np.random.Generator) -> Drawn:
    height = rng.uniform(25, 37) if kind == "cheque" else rng.uniform(30, 70)
    picks = rng.integers(len(digits), size=rng.integers(2, 8, endpoint=True))
    text = "" if kind == "other" else "".join(str(digits.labels[at]) for at in picks)
    signs = _hand([digits.images[at] for at in picks], text, height, rng) if text else \
        _others(len(picks), height, rng)
    if kind in ("gray", "bit") and rng.random() < STRANGE:
        signs.insert(rng.choice([0, len(signs)]), _others(1, height, rng)[0])
    owner = _side_by_side(signs, kind, height, rng)
    if text:
        _break(owner, height, rng)
    ink = binarize(even(_scanned(owner > 0, kind, rng)))
    pieces = _pieces(ink)
    heights = np.array([box.height for _, box in pieces] or [1])
    usual = float(np.median(heights[heights >= 0.55 * heights.max()]))
    return Drawn(kind, text, _touch(ink, owner), pieces, usual)


def _hand(images: list[np.ndarray], text: str, height: float, rng: np.random.Generator
          ) -> list[np.ndarray]:
    """The digits by one writer, as masks cut to their ink."""
    slant, pen = rng.normal(0.05, 0.15), height * rng.uniform(0.06, 0.15)
    jitter = rng.uniform(0.02, 0.1)
    loose = rng.random() < 0.3  # a hand that leaves the bar of a 5 loose
    masks = [_pen_drawn(image, height * np.exp(rng.normal(0, jitter)), slant, pen)
             for image in images]
    return [_loose_bar(mask, pen) if loose and digit == "5" else mask
            for mask, digit in zip(masks, text, strict=True)]


def _pen_drawn(image: np.ndarray, height: float, slant: float, pen: float) -> np.ndarray:
    """One MNIST digit so high, its stroke brought to the pen by its signed distance."""
    _, _, width, tall = cv2.boundingRect((image > 127).astype(np.uint8))
    scale = min(height / tall, 1.2 * height / width)
    side = 28 * scale
    shear = np.array([[scale, -slant * scale, side * (0.5 + slant / 2)], [0, scale, side / 2]])
    large = cv2.warpAffine(image, shear, (round(2 * side), round(2 * side)), flags=cv2.INTER_CUBIC)
    inside, outside = ((large > 127).astype(np.uint8), (large <= 127).astype(np.uint8))
    deep = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    distance = deep - cv2.distanceTransform(outside, cv2.DIST_L2, 5)
    ridge = deep[(deep > 0) & (deep >= cv2.dilate(deep, np.ones((3, 3))))]
    stroke = 2 * float(np.median(ridge)) - 0.5
    return _cropped(distance > np.clip((stroke - pen) / 2, -pen, 0.25 * stroke))


def _loose_bar(mask: np.ndarray, pen: float) -> np.ndarray:
    """A 5 without the ink between its stem and its bar."""
    height, width = mask.shape
    mask = mask.copy()
    mask[:int(0.3 * height), int(0.45 * width):int(0.45 * width + pen)] = 0
    return mask


def _others(count: int, height: float, rng: np.random.Generator) -> list[np.ndarray]:
    makers = (letters.printed, letters.written, letters.words, marks.mark)
    maker, found = makers[rng.integers(len(makers))], []
    while len(found) < (1 + count // 4 if maker in (letters.words, marks.mark) else count):
        mask = maker(None, rng)
        if mask is not None and mask.any():
            mask = _cropped(mask > 0)
            scale = height * rng.uniform(0.7, 1.1) / max(mask.shape[0], mask.shape[1] / 3)
            size = [max(2, round(side * scale)) for side in mask.shape[::-1]]
            found.append(_cropped(cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > 0))
    return found


def _side_by_side(signs: list[np.ndarray], kind: str, height: float, rng: np.random.Generator
                  ) -> np.ndarray:
    """(H, W) uint8: 0 = paper, else the number of the sign whose ink it is, from 1."""
    touching = rng.uniform(0.6, 1) if kind == "cheque" else \
        rng.choice([0, rng.uniform(0.1, 0.8)], p=[0.35, 0.65])
    wander, margin = rng.uniform(0.01, 0.09) * height, round(height)
    canvas = np.zeros((round(3.2 * height), sum(sign.shape[1] for sign in signs)
                       + round((len(signs) + 1) * 1.2 * height)), np.uint8)
    right = margin
    for number, sign in enumerate(signs, 1):
        tall, wide = sign.shape
        top = int(np.clip(2.1 * height - tall + rng.normal(0, wander), 0, canvas.shape[0] - tall))
        meet = number > 1 and rng.random() < touching
        gap = 0.01 - abs(rng.normal(0, 0.04)) if meet else min(0.04 + rng.gamma(1, 0.09), 0.8)
        left = max(0, right + round(gap * height)) if number == 1 else \
            _left(canvas, sign, top, gap * height, number)
        place = canvas[top:top + tall, left:left + wide]
        place[(sign > 0) & (place == 0)] = number
        if meet and rng.random() < 0.15:
            _joining_stroke(canvas, number, height, rng)
        right = left + wide
    return canvas[:, :min(canvas.shape[1], right + margin)]


def _left(canvas: np.ndarray, sign: np.ndarray, top: int, gap: float, number: int) -> int:
    """Where a sign starts so that its ink stands `gap` pixels from the sign before."""
    tall, wide = sign.shape
    before = canvas[top:top + tall] == number - 1
    columns = np.arange(1, before.shape[1] + 1)
    ends, starts = (before * columns).max(axis=1), sign.argmax(axis=1)
    rows = before.any(axis=1) & sign.any(axis=1)
    edge = columns[(canvas == number - 1).any(axis=0)].max(initial=0)
    reach = (ends - starts)[rows].max() if rows.any() else edge
    return int(np.clip(reach + round(gap), 0, canvas.shape[1] - wide))


def _joining_stroke(canvas: np.ndarray, number: int, height: float, rng: np.random.Generator
                    ) -> None:
    """From the right end of the digit before to the left end of this one, as a quick pen does."""
    before, here = (np.argwhere(canvas == part)[:, ::-1] for part in (number - 1, number))
    if not len(before) or not len(here):
        return
    start, end = before[before[:, 0].argmax()], here[here[:, 0].argmin()]
    line = np.zeros_like(canvas)
    cv2.line(line, start.tolist(), end.tolist(), 1, max(2, round(height * rng.uniform(.05, .1))))
    canvas[(line > 0) & (canvas == 0)] = number


def _break(owner: np.ndarray, height: float, rng: np.random.Generator) -> None:
    """Gaps of a bad pen, and now and then the trace of a rule that was taken out."""
    rows, columns = np.nonzero(owner)
    for _ in range(rng.poisson(0.06 * owner.max())):
        at = rng.integers(len(rows))
        cv2.circle(owner, (int(columns[at]), int(rows[at])),
                   round(height * rng.uniform(0.04, 0.09)), 0, -1)
    if rng.random() < 0.04:
        top = round(rng.uniform(rows.min(), rows.max()))
        owner[top:top + max(1, round(0.05 * height))] = 0


def _scanned(ink: np.ndarray, kind: str, rng: np.random.Generator) -> np.ndarray:
    """(H, W) uint8, as a scanner gives it."""
    blurred = cv2.GaussianBlur(ink.astype(np.float32), (0, 0), rng.uniform(0.5, 0.9))
    if kind == "cheque":
        return _cheque(blurred, rng)
    paper, dark = rng.uniform(215, 250), rng.uniform(20, 110)
    gray = paper - (paper - dark) * blurred + rng.normal(0, 4, ink.shape)
    if kind == "bit" or rng.random() < 0.3:
        return np.where(gray > (paper + dark) / 2, 255, 0).astype(np.uint8)
    return np.clip(gray, 0, 255).astype(np.uint8)


def _cheque(blurred: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Small, on paper with a pattern, and stored as a JPEG."""
    down, across = np.mgrid[:blurred.shape[0], :blurred.shape[1]]
    waves = sum(np.sin(across * rng.normal(0, 0.5) + down * rng.normal(0, 0.5)) for _ in range(3))
    paper = rng.uniform(190, 225) + rng.uniform(1, 6) * waves + rng.normal(0, 5, blurred.shape)
    gray = paper - (paper - rng.uniform(40, 100)) * np.minimum(blurred * 1.05, 1)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(55, 85))]
    stored = cv2.imencode(".jpg", np.clip(gray, 0, 255).astype(np.uint8), quality)[1]
    return cv2.imdecode(stored, cv2.IMREAD_GRAYSCALE)


def _pieces(ink: np.ndarray) -> tuple[tuple[np.ndarray, Box], ...]:
    count, names, stats, _ = cv2.connectedComponentsWithStats(ink)
    boxes = {name: Box(*map(int, stats[name, :4])) for name in range(1, count)}
    return tuple(((names[box.top:box.bottom, box.left:box.right] == name).astype(np.uint8), box)
                 for name, box in sorted(boxes.items(), key=lambda item: item[1])
                 if max(box.width, box.height) > 2)


def _touch(ink: np.ndarray, owner: np.ndarray) -> bool:
    count, names = cv2.connectedComponents(ink)
    inside = np.bincount(names[owner > 0] * 256 + owner[owner > 0], minlength=256 * count)
    table = inside.reshape(count, 256)[:, 1:]
    shares = table / np.maximum(table.sum(axis=0), 1)
    return bool(((shares[1:] > SHARED).sum(axis=1) > 1).any())


def _cropped(mask: np.ndarray) -> np.ndarray:
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return mask[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1].astype(np.uint8)


def mnist(folder: Path) -> Digits:
    """The 60,000 training digits; strings to measure are drawn from the last 5,000."""
    return idx.read(folder, "train")[0]


@dataclass(frozen=True)
class Answer:
    """What was read of a string: its text, empty where it is none, and the probability of that."""

    drawn: Drawn
    text: str
    confidence: float


def alone(drawn: Drawn, network: classify.Network) -> Answer:
    """Every piece taken for a digit or for none."""
    rows = classify.classify(network, normalize_all([mask for mask, _ in drawn.pieces]))
    text = "".join(str(at) for at in rows.argmax(axis=1) if at != classify.NOT_A_DIGIT)
    return Answer(drawn, text, float(rows.max(axis=1).prod()))


def together(drawn: Drawn, network: classify.Network) -> Answer:
    """Cut and put together."""
    run = joined.lattice(drawn.pieces, drawn.height)
    rows = classify.classify(network, normalize_all([arc.mask for arc in run.arcs]))
    path = joined.best(run, rows)
    return Answer(drawn, path.text, path.posterior) if path else Answer(drawn, "", 1.0)


def row(name: str, answers: list[Answer]) -> str:
    """Share of strings right and of digits wrong, calibration, what passes without review."""
    right = np.array([one.text == one.drawn.text for one in answers])
    sure = np.array([one.confidence for one in answers])
    digits = sum(len(one.drawn.text) for one in answers)
    edits = digits and sum(compare_strings(one.drawn.text, one.text, [False] * len(one.text))[0]
                for one in answers)
    read = np.flatnonzero([one.text != "" for one in answers])
    bins = np.array_split(read[np.argsort(sure[read], kind="stable")], 10)
    ece = sum(abs(right[part].mean() - sure[part].mean()) * len(part) for part in bins if len(part))
    given = (sure >= SURE) & np.isin(np.arange(len(answers)), read)
    return (f"{name:22}{len(answers):6}{right.mean():9.1%}{edits / max(digits, 1):8.1%}"
            f"{ece / max(len(read), 1):7.1%}{given.mean():9.1%}{(given & ~right).sum():6}"
            f"{(given & ~right).sum() / max(given.sum(), 1):8.2%}")


GROUPS = {
    "all strings": lambda one: one.text != "",
    "no touch": lambda one: one.text != "" and not one.touch,
    "touch": lambda one: one.touch and one.kind not in ("cheque", "other"),
    "cheque": lambda one: one.kind == "cheque",
    "no digits": lambda one: one.text == "",
}
SURE = 0.95  # the default of `review_below`


if __name__ == "__main__":
    network, drawn = classify.load(*sys.argv[2:3]), draw(mnist(Path(sys.argv[1]))[55_000:], 1500, 2)
    print(f"{'':22}{'n':>6}{'right':>9}{'digits':>8}{'ECE':>7}{'given':>9}{'wrong':>6}{'of it':>8}")
    for read in (alone, together):
        started = time.process_time()
        answers = [read(one, network) for one in drawn if one.pieces]
        took = (time.process_time() - started) / len(answers)
        for name, belongs in GROUPS.items():
            print(row(f"{read.__name__}: {name}", [one for one in answers if belongs(one.drawn)]))
        print(f"{1000 * took:.1f} ms each")
