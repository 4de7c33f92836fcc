"""Whatever the bytes: a page or Refused, and no word of it printed."""

from __future__ import annotations

import numpy as np
import pytest
from decode_files import (
    coloured,
    image,
    image_pdf,
    pages_pdf,
    pages_tiff,
    picture,
    saved,
)
from mutations import mutated

from scanproc.errors import Refused
from scanproc.page.decode import open_scan
from scanproc.reasons import PAGE_REASONS
from scanproc.settings import Settings

GRAY, RGB = picture(), coloured()
JPEG = image(GRAY.shape[1], GRAY.shape[0], saved(GRAY, "JPEG"), extra=b"/Filter /DCTDecode",
             deflate=False)
SEEDS = {
    "png": saved(GRAY, "PNG", dpi=(300, 300)), "png palette": saved(RGB, "PNG", "P"),
    "jpeg": saved(RGB, "JPEG", progressive=True), "jpeg cmyk": saved(RGB, "JPEG", "CMYK"),
    "bmp": saved(GRAY, "BMP"), "webp": saved(RGB, "WEBP"),
    "group 4": pages_tiff([GRAY] * 3, "1", "group4"),
    "lzw": pages_tiff([RGB] * 2, "RGB", "tiff_lzw"),
    "tiff jpeg": pages_tiff([RGB] * 2, "RGB", "jpeg"), "tiff": pages_tiff([GRAY] * 2, "P", None),
    "pdf": pages_pdf([JPEG] * 2),
    "pdf drawn": image_pdf(JPEG, b"q 200 0 0 300 0 0 cm /Im Do Q BT /F 9 Tf (x) Tj ET",
                           b"/Annots [<< /Type /Annot /Subtype /Square /Rect [9 9 50 50] >>]"),
}


def outcomes(data: bytes, **settings) -> list[str]:
    """What becomes of each page: `read`, or the reason for which it is refused."""
    found = []
    try:
        with open_scan(data, Settings(**{"pdf_dpi": 50, **settings})) as scan:
            assert scan.pages > 0
            for n in range(1, scan.pages + 1):
                try:
                    gray = scan.page(n).gray
                    assert gray.dtype == np.uint8 and gray.ndim == 2 and gray.size
                    found.append("read")
                except Refused as refusal:
                    found.append(refusal.reason)
            if scan.end:
                found.append(scan.end.reason)
    except Refused as refusal:
        found.append(refusal.reason)
    assert set(found) <= {"read", *PAGE_REASONS}
    return found


@pytest.mark.parametrize("name", SEEDS)
def test_mutated_files_are_read_or_refused(name):
    rng = np.random.default_rng(list(name.encode()))
    assert set(outcomes(SEEDS[name])) == {"read"}
    for _ in range(50):
        outcomes(mutated(SEEDS[name], rng), max_megapixels=5)


def test_decoders_print_nothing_of_what_they_refuse(capfd, recwarn):
    rng = np.random.default_rng(3)
    for name in ("png", "jpeg", "group 4", "pdf"):
        for _ in range(40):
            outcomes(mutated(SEEDS[name], rng), max_megapixels=5)
    assert capfd.readouterr() == ("", "") and not recwarn.list
