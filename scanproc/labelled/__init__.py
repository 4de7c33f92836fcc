"""Labelled digits from files: what `train --add` learns from and `evaluate --data` measures.

    idx       MNIST's own files
    archive   one .npz of `images` and `labels`
    folder    images named by their label
    fit       images of any size -> 28x28, as MNIST's; aspect, where a set was stretched to a square
    sets      a path -> the digits there

Here labels are 0-9, and 10 for an image of no digit.
"""

from scanproc.labelled.digits import Digits
from scanproc.labelled.sets import read, read_sets

__all__ = ["Digits", "read", "read_sets"]
