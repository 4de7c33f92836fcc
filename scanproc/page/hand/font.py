"""Print is of one font: as high and as thick as digits that are print for sure."""

from __future__ import annotations

import numpy as np

from scanproc.page.hand.pen import side_of_print

APART, COMPACT = 0.4, 4.0  # logarithm of thicknesses; times their spread: two pens
WRITTEN = 0.5  # of what is print by this alone: less of the other pen's is dirt
HIGH, MOST = 0.06, 0.6  # of the height, by which that share of print differs at most


def in_font_of_print(thickness: np.ndarray, height: np.ndarray, printed: np.ndarray
                     ) -> np.ndarray:
    """(N,) bool: which digits are of the font of print, where two pens wrote on the page.

    thickness, height: (N,) float, pixels, of digits but 1s. printed: (N,) bool, what other signs
    call print.
    Of 735 handwritten digits on real pages it takes none, nor where these are cropped; of 20
    printed ones on a photograph, where print differs too much to have twins, 19.
    """
    shade = np.log(np.maximum(thickness, 0.5)).reshape(-1, 1)
    found = side_of_print(shade, printed, _two_pens)
    sure = height[found & printed]
    usual = np.median(sure) if sure.size else 0.0
    alike = np.abs(height - usual) <= np.maximum(1, HIGH * usual)
    new = np.count_nonzero(found & alike & ~printed)
    return found & alike & (np.count_nonzero(found & printed & alike) >= MOST * sure.size
                            and np.count_nonzero(~found) >= WRITTEN * new)


def _two_pens(first: np.ndarray, other: np.ndarray) -> bool:
    """first, other: (N, 1) logarithms of thicknesses."""
    spread = max(np.median(np.abs(part - np.median(part))) for part in (first, other))
    return bool(abs(np.median(first) - np.median(other)) >= max(APART, COMPACT * spread))
