"""Which way a page is up, by its own letters and digits.

A small dense network says of every piece of ink how it is turned, and all have a vote. Each piece
is asked in all four turns, so that a leaning of the network to one of them counts for nothing.
What a file says of its turn (EXIF, TIFF) is wrong about half the time that it says anything, but
it decides where the page does not.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from scanproc.errors import ModelError
from scanproc.page import classify
from scanproc.page.normalize import FIELD_PX, normalize_all

SHIPPED = "upright.npz"
MAX_RUNS = 400_000  # of ink in rows: no writing fills a page with so many
MIN_CORNERS = 8  # of a piece's outline: every scanned letter has more
ASKED = 300  # how many pieces vote, evenly chosen
MIN_PX = 9  # a piece must have so many rows or columns to tell anything ...
SMALLEST = 0.5  # ... and this share of the page's usual piece: less is dirt
LARGEST = 0.1  # of the page's longer side, where there are FEW or more pieces as small as that
LARGEST_OF_FEW = 0.8
FEW = 20
SLIM = 3.0  # longer than so many breadths is a stroke, which tells nothing
BOX_LIKE = 0.93  # share of its bounding box that a frame or a blot takes
CLEAR = 8.0  # the log-probabilities by which the best turn must lead over the file's, in all ...
STEADY = 1.8  # ... and times what chance would make of such leads: 4 pieces at least, if they agree


@dataclass(frozen=True, eq=False)
class Compass:
    """The network that says how a crop is turned: dense layers with ReLU between them.

    weights: (inputs, outputs) float32 each, the first with 784 inputs, the last with 4 outputs:
        how many quarters clockwise the crop is turned.
    biases: (outputs,) float32 each; both are stored as float16.
    card: what is known of the network: data, figures, sha256.
    """

    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    card: dict[str, Any]


def load_compass(path: str = "") -> Compass:
    """The network in the .npz file `path`, or the shipped one.

    Raises ModelError where a file is missing, damaged, or not the one its card names. Nothing in
    either file can run code.
    """
    file = Path(path) if path else classify.path_of("").with_name(SHIPPED)
    card, content = classify.card(str(file)), classify.content_of(file)
    if hashlib.sha256(content).hexdigest() != card["sha256"]:
        raise ModelError(f"model {file} is not the one its card {file.with_suffix('.json').name} "
                         "names (sha256 differs); put both files back as they were delivered")
    found = classify.unpacked(file, content)
    compass = _compass(found, card)
    if not compass or not _fits(compass) or len(arrays(compass)) != len(found):
        raise ModelError(f"model {file} does not hold the layers of a network that says how a "
                         "crop is turned; put it back as it was delivered")
    return compass


def _compass(found: dict[str, np.ndarray], card: dict[str, Any]) -> Compass | None:
    """What `arrays` would give these names to, or None."""
    layers = range(sum(name.startswith("weight") for name in found))
    try:
        weights, biases = (tuple(np.asarray(found[f"{kind}{layer}"], np.float32)
                                 for layer in layers) for kind in ("weight", "bias"))
    except (KeyError, ValueError, TypeError):
        return None
    return Compass(weights, biases, card)


def _fits(compass: Compass) -> bool:
    sizes = [FIELD_PX**2, *(bias.size for bias in compass.biases)]
    shapes = [weight.shape == (taken, given) and bias.shape == (given,)
              for weight, bias, taken, given
              in zip(compass.weights, compass.biases, sizes[:-1], sizes[1:], strict=True)]
    numbers = all(np.isfinite(array).all() for array in arrays(compass).values())
    return all(shapes) and sizes[-1] == 4 and numbers


def arrays(compass: Compass) -> dict[str, np.ndarray]:
    """What the .npz file of a compass holds, by name."""
    return {f"{kind}{layer}": array
            for kind, its in (("weight", compass.weights), ("bias", compass.biases))
            for layer, array in enumerate(its)}


def quarter_turns(ink: np.ndarray, flag: int, compass: Compass) -> int:
    """Degrees clockwise that make the page upright: 0, 90, 180 or 270.

    ink: (H, W) uint8, 1 = ink, as stored. flag: degrees clockwise that the file says.
    """
    crops = _crops(ink)
    if not len(crops):
        return flag
    vote = votes(compass, crops)
    best = int(vote.sum(axis=0).argmax())
    lead = vote[:, best] - vote[:, -flag // 90 % 4]
    overruled = lead.sum() >= max(CLEAR, STEADY * float(np.sqrt(np.square(lead).sum())))
    return -90 * best % 360 if overruled else flag


def votes(compass: Compass, crops: np.ndarray) -> np.ndarray:
    """Log-probabilities that each crop is turned by 0 to 3 quarters clockwise: (N, 4) float32.

    crops: (N, 28, 28) float32 in [0, 1], ink = 1.0.
    """
    parts = [np.roll(_answers(compass, turned(crops, turn).reshape(-1, 784)), -turn, axis=1)
             for turn in range(4)]
    return np.mean(parts, axis=0)


def turned(crops: np.ndarray, quarters: int) -> np.ndarray:
    """(N, 28, 28) turned clockwise about the middle of pixel 14, where the centre of mass is."""
    odd = np.pad(crops, ((0, 0), (0, 1), (0, 1)))
    return np.rot90(odd, -quarters, axes=(1, 2))[:, :FIELD_PX, :FIELD_PX]


def _answers(compass: Compass, values: np.ndarray) -> np.ndarray:
    values = classify.logits(compass.weights, compass.biases, values)
    values -= values.max(axis=1, keepdims=True)
    return values - np.log(np.exp(values).sum(axis=1, keepdims=True))


def _crops(ink: np.ndarray) -> np.ndarray:
    """Some hundred pieces that may be letters or digits, from all over the page: (N, 28, 28)."""
    if np.count_nonzero(ink[:, 1:] > ink[:, :-1]) > MAX_RUNS:
        return np.empty((0, FIELD_PX, FIELD_PX), np.float32)
    found, _ = cv2.findContours(ink, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    contours = [contour for contour in found if len(contour) >= MIN_CORNERS]
    boxes = np.array([cv2.boundingRect(contour) for contour in contours]).reshape(-1, 4)
    # OpenCV goes round ink one way, round holes the other way
    areas = np.array([cv2.contourArea(contour, oriented=True) for contour in contours])
    chosen = _letter_like(boxes, areas, max(ink.shape))
    chosen = chosen[::-(-len(chosen) // ASKED) or 1]
    return normalize_all([_mask(ink, contours[at], boxes[at]) for at in chosen])


def _letter_like(boxes: np.ndarray, areas: np.ndarray, side: int) -> np.ndarray:
    """Places of the boxes (N, 4) that a letter or digit may fill, whichever way it is turned."""
    long, short = boxes[:, 2:].max(axis=1), boxes[:, 2:].min(axis=1)
    fits = ((long >= MIN_PX) & (long <= SLIM * short) & (areas < 0)
            & (-areas < BOX_LIKE * (long - 1) * (short - 1)))
    few = np.count_nonzero(fits & (long <= LARGEST * side)) < FEW
    fits &= long <= (LARGEST_OF_FEW if few else LARGEST) * side
    return np.flatnonzero(fits & (long >= SMALLEST * _usual(long[fits])))


def _usual(sizes: np.ndarray) -> float:
    """The median weighted by size, which dirt and texture, many but small, do not pull down."""
    sizes = np.sort(sizes)
    weight = np.cumsum(sizes)
    return float(sizes[np.searchsorted(weight, weight[-1] / 2)]) if sizes.size else 0.0


def _mask(ink: np.ndarray, contour: np.ndarray, box: np.ndarray) -> np.ndarray:
    left, top, width, height = map(int, box)
    mask = np.zeros((height, width), np.uint8)
    cv2.drawContours(mask, [contour], 0, 1, cv2.FILLED, offset=(-left, -top))
    return mask & ink[top:top + height, left:left + width]
