"""Non-digits of the real pages to train on, as one .npz for `scanproc train --add`.

    python tests/page_negatives.py PAGES OUT.npz

From LEARNED alone; what is measured comes from the other pages. Left out is what only its
surroundings tell from a digit: print marked as digits, upright strokes, rings.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
from candidates import LEARNED, page_candidates, zones

from scanproc.network.negatives.pieces import slim

RING = 0.2                         # of the box is hole


def digit_by_shape(image):
    """image: (28, 28) float32 in [0, 1]."""
    mask = (image > 0.5).astype(np.uint8)
    _, _, width, height = cv2.boundingRect(mask)
    stroke = width < height and slim(mask)
    contours, hierarchy = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    holes = sum(cv2.contourArea(contour) for contour, links
                in zip(contours, hierarchy.reshape(-1, 4), strict=True) if links[3] >= 0)
    return stroke or holes > RING * width * height


def learned(folder):
    """(N, 28, 28) uint8, ink = 255."""
    found = []
    for file, page in zones():
        if file.startswith(LEARNED):
            images, _, kinds = page_candidates(folder, file, page)
            found += [image for image, kind in zip(images, kinds, strict=True)
                      if kind == "other" and not digit_by_shape(image)]
    return np.round(np.array(found) * 255).astype(np.uint8)


if __name__ == "__main__":
    images = learned(Path(sys.argv[1]))
    np.savez_compressed(sys.argv[2], images=images, labels=np.full(len(images), 10, np.uint8))
    print(f"{len(images)} non-digits in {sys.argv[2]}")
