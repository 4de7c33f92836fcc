"""What the segmenter takes for digits on the real pages, and which of it is none for sure.

data/handwriting.csv holds rectangles drawn by eye, in pixels of the upright page as all boxes
are. Those of kind `hand` together hold every handwritten digit of the pages; those of kind
`printed` hold printed digits, which no shape tells from written ones. Ink outside of both is
`other`: letters, rules, frames, tallies, crosses, bar codes, dirt, the table a page lay on.

    python tests/candidates.py PAGES     how much of it the shipped network takes for digits
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np

from scanproc.page import classify, rules
from scanproc.page.clean import clean
from scanproc.page.decode import open_scan
from scanproc.page.normalize import normalize_all
from scanproc.page.segment import segment
from scanproc.records import Box
from scanproc.settings import Settings

ZONES = Path(__file__).parent / "data" / "handwriting.csv"
KINDS = ("hand", "printed", "other")
LEARNED = ("cdig_", "quexf_")  # forms whose `other` is trained on, see page_negatives.py
SURE = 0.95  # the default of `review_below`: a digit so sure is given without review


@cache
def zones() -> dict[tuple[str, int], list[tuple[str, Box]]]:
    """(file, page) -> its rectangles as (kind, box)."""
    pages = defaultdict(list)
    with ZONES.open(encoding="utf-8", newline="") as stream:
        for file, page, kind, *box in list(csv.reader(stream))[1:]:
            pages[file, int(page)].append((kind, Box(*map(int, box))))
    return dict(pages)


def page_candidates(folder: Path, file: str, page: int
                    ) -> tuple[np.ndarray, list[Box], np.ndarray]:
    """(images, boxes, kinds) of all candidates of a page, in reading order.

    images: (N, 28, 28) float32 as the network gets them. kinds: (N,) str, each one of `KINDS`.
    """
    with open_scan((folder / file).read_bytes(), Settings()) as scan:
        stored = scan.page(page)
    cleaned = clean(stored.gray, stored.dpi, stored.rotation)
    ink, cut = rules.remove(cleaned.ink, rules.find(cleaned.ink, cleaned.gray))
    found = segment(ink, cut, cleaned.frame).candidates
    boxes = [candidate.box for candidate in found]
    kinds = np.array([_kind(box, zones()[file, page]) for box in boxes], str)
    return normalize_all([candidate.mask for candidate in found]), boxes, kinds


def _kind(box: Box, page: list[tuple[str, Box]]) -> str:
    """By the middle of the box; where a page mixes print and hand, the print is marked in it."""
    x, y = box.left + box.width / 2, box.top + box.height / 2
    around = {kind for kind, zone in page
              if zone.left <= x < zone.right and zone.top <= y < zone.bottom}
    return next((kind for kind in ("printed", "hand") if kind in around), "other")


def answers(folder: Path, network: classify.Network) -> dict[tuple[str, str], np.ndarray]:
    """(file, kind) -> the network's probabilities of these candidates: (N, 11) float32.

    Of the pages that nothing was trained on; their layouts are others as well.
    """
    found = defaultdict(list)
    for file, page in zones():
        if file.startswith(LEARNED):
            continue
        images, _, kinds = page_candidates(folder, file, page)
        probabilities = classify.classify(network, images)
        for kind in KINDS:
            found[file, kind].append(probabilities[kinds == kind])
    return {key: np.concatenate(parts) for key, parts in found.items()}


def shares(probabilities: np.ndarray) -> tuple[float, float, float]:
    """Of (N, 11): the share called a digit, surely a digit, and surely one that is no 0 or 1.

    Strokes and rings are 1 and 0 by shape: only what stands round them tells.
    """
    if not len(probabilities):
        return 0.0, 0.0, 0.0
    digits = probabilities[:, :classify.NOT_A_DIGIT]
    called = probabilities.argmax(axis=1) < classify.NOT_A_DIGIT
    sure = digits.max(axis=1) >= SURE
    return called.mean(), sure.mean(), (sure & (digits.argmax(axis=1) > 1)).mean()


def table(found: dict[tuple[str, str], np.ndarray]) -> str:
    """The shares by file and in all, one line each."""
    lines = [f"{'candidates':29}{'kind':8}{'number':>7}{'digit':>8}{'sure':>8}{'not 0, 1':>10}"]
    for kind in ("other", "printed"):
        rows = [(file, part) for (file, its), part in found.items() if its == kind and len(part)]
        rows.append(("all", np.concatenate([part for _, part in rows])))
        for file, part in rows:
            called, sure, shaped = shares(part)
            lines.append(f"{file:29}{kind:8}{len(part):7}{called:8.2%}{sure:8.2%}{shaped:10.2%}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(answers(Path(sys.argv[1]), classify.load())))
