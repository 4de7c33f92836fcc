"""Digits that are joined or broken: over-segmentation, recognition, best path.

    run = lattice(pieces, height)
    path = best(run, classify(network, normalize_all([arc.mask for arc in run.arcs])))
"""

from scanproc.page.joined.lattice import Arc, Lattice, lattice
from scanproc.page.joined.paths import Path, best

__all__ = ["Arc", "Lattice", "Path", "best", "lattice"]
