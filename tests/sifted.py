"""How much print, and how little handwriting, `hand.sift` takes out on the real pages.

    python tests/sifted.py PAGES [FILE ...]

Of what the network calls a digit, by page, before and after: what lies in the rectangles of
data/handwriting.csv for handwriting (rests of rules in them count as well: those are strokes, so
it is told again without what is called a 1), and all the rest, which is no handwritten digit; of
that also what is so sure that it would be given without review.
"""

import sys
import time
from pathlib import Path

import numpy as np
from candidates import SURE, _kind, zones

from scanproc.page import classify, hand, rules
from scanproc.page.clean import clean
from scanproc.page.decode import open_scan
from scanproc.page.normalize import normalize_all
from scanproc.page.segment import segment
from scanproc.page.segment.places import fitting, place
from scanproc.records import Box
from scanproc.settings import Settings

# degrees clockwise that make a page upright, where its file says something else
TURNED = {"artexam": 180, "sudoku_2000": 0, "sudoku_2001": 0, "sudoku_2002": 0, "sudoku_2004": 0,
          "sudoku_2005": 0, "kawal_4217": 0, "kawal_4218": 0, "laneston_s": 270}
COLUMNS = ("candidates", "hand", "kept", "not 1", "kept", "other", "left", "sure", "left", "ms")


def evidence(folder: Path, file: str, page: int, network: classify.Network
             ) -> tuple[hand.Evidence, np.ndarray]:
    """(evidence of a page, (N,) str: the kind of each candidate, as in candidates.py)."""
    with open_scan((folder / file).read_bytes(), Settings()) as scan:
        stored = scan.page(page)
    turn = next((turn for start, turn in TURNED.items() if file.startswith(start)),
                stored.rotation)
    cleaned = clean(stored.gray, stored.dpi, turn, stored.colour)
    ruling = rules.find(cleaned.ink, cleaned.gray)
    found = segment(*rules.remove(cleaned.ink, ruling), cleaned.frame).candidates
    images = normalize_all([candidate.mask for candidate in found])
    colours = ()
    if stored.colour is not None:
        upright = np.ascontiguousarray(np.rot90(stored.colour, -turn // 90))
        colours = hand.cores(upright, found), hand.grounds(upright, found)
    boxes = [_turned(candidate.box, cleaned.frame, (stored.rotation - turn) % 360)
             for candidate in found]
    kinds = np.array([_kind(box, zones()[file, page]) for box in boxes], str)
    spots = [candidate.spot for candidate in found]
    cells, _ = fitting(ruling.cells, spots)
    return hand.Evidence(found, images, classify.classify(network, images), place(spots, cells),
                         cells, cleaned.gray, *colours), kinds


def _turned(box: Box, frame, degrees: int) -> Box:
    """A box on the page turned clockwise, as the rectangles lie on the page as its file says."""
    height, width = frame.height, frame.width
    for _ in range(degrees // 90):
        box = Box(height - box.bottom, box.left, box.height, box.width)
        height, width = width, height
    return box


def counts(seen: hand.Evidence, kinds: np.ndarray) -> np.ndarray:
    """(10,) int: a row of the table, see `COLUMNS`."""
    started = time.process_time()
    kept = np.array(hand.sift(seen)) == ""
    ms = 1000 * (time.process_time() - started)
    called = seen.probabilities.argmax(axis=1) < classify.NOT_A_DIGIT
    written, shaped = kinds == "hand", seen.probabilities.argmax(axis=1) != 1
    sure = seen.probabilities[:, :classify.NOT_A_DIGIT].max(axis=1) >= SURE
    of = (called & written, called & written & shaped, called & ~written, sure & ~written)
    return np.array([len(kept), *(int((part & by).sum()) for part in of for by in (True, kept)),
                     ms]).astype(int)


def main(folder: Path, files: list[str]) -> None:
    """Print the table."""
    network, total = classify.load(), np.zeros(len(COLUMNS), int)
    print(f"{'page':30}" + "".join(f"{name:>11}" for name in COLUMNS))
    for file, page in zones():
        if not files or file in files:
            row = counts(*evidence(folder, file, page, network))
            total += row
            print(f"{file:27}{page:3}" + "".join(f"{number:11}" for number in row), flush=True)
    print(f"{'all':30}" + "".join(f"{number:11}" for number in total))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
