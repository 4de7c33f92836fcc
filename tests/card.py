"""The figures of the shipped network's card, measured anew: held-out and test digits of MNIST,
plain and as they come from pages, and what is drawn and is no digit.

    python tests/card.py MNIST [MODEL.npz]

MNIST: the folder with its four files. Needs the extra `train`, but not TensorFlow.
"""

from __future__ import annotations

import sys
from pathlib import Path

from scanproc.network import card, data
from scanproc.network.recipe import Recipe
from scanproc.network.train import HELD_OUT
from scanproc.page import classify


def main(mnist: Path, model: str = "") -> None:
    """Print the table."""
    digits, network = data.read(mnist), classify.load(model)
    held_out = digits.train[-(len(digits.train) // HELD_OUT):]
    found = card.figures(network, held_out, digits.test, Recipe())
    names = ("error", "ECE", "on pages", "at 1 %", "lost", "accepted")
    print(f"{'%':24}{'n':>8}" + "".join(f"{name:>10}" for name in names))
    for name, one in found.items():
        rates = (1 - one["accuracy"], one["ece"], one["ece_on_pages"],
                 one["error_at_reject"]["0.01"], one["lost"]["share"], one["accepted"]["share"])
        print(f"{name:24}{one['n']:8}" + "".join(
            f"{'-' if rate is None else f'{100 * rate:.3f}':>10}" for rate in rates))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
