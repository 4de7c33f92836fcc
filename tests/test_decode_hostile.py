"""Whatever the bytes: a page or Refused, soon and in little memory, and no word of it printed."""

from __future__ import annotations

import resource
import struct
import time

import numpy as np
import pytest
from decode_files import (
    coloured,
    directory,
    gray_tags,
    image,
    image_pdf,
    page_pdf,
    pages_pdf,
    pages_tiff,
    picture,
    png,
    saved,
)

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


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """Cut, or with some bytes changed, or with some taken out."""
    out, how = bytearray(data), rng.integers(3)
    if how == 0:
        return bytes(out[:rng.integers(1, len(out))])
    for at in rng.integers(0, rng.choice([min(300, len(out)), len(out)]), rng.integers(1, 9)):
        out[at] = rng.choice([0, 255, rng.integers(256), out[at] ^ (1 << rng.integers(8))])
    if how == 2:
        start = rng.integers(len(out))
        del out[start:start + rng.integers(1, 20)]
    return bytes(out)


@pytest.mark.parametrize("name", SEEDS)
def test_mutated_files_are_read_or_refused(name):
    rng = np.random.default_rng(list(name.encode()))
    assert set(outcomes(SEEDS[name])) == {"read"}
    for _ in range(50):
        outcomes(mutated(SEEDS[name], rng), max_megapixels=5)


HEADER = b"II*\0\x08\0\0\0"


def many_directories(count: int, entries: int = 0) -> bytes:
    tags = gray_tags(8, 8, 8) | {n: 0 for n in range(1000, 1000 + entries)}
    size = len(directory(tags))
    return HEADER + b"".join(directory(tags, 8 + size * (n + 1) if n < count - 1 else 0)
                             for n in range(count))


BOMBS = {
    "pixels of a png": (png(30_000, 30_000, 1, bytes(3751 * 3000)), "too_large"),
    "more pixels of a png": (png(2 ** 31 - 1, 2 ** 31 - 1, 1, b""), "too_large"),
    "forged length in a png": (png(420, 300, 8, bytes(421 * 300), 0xFFFFFFF0), "cut"),
    "pixels of a tiff": (HEADER + directory(gray_tags(10 ** 6, 10 ** 6, 8) | {279: 64}) + bytes(99),
                         "too_large"),
    "pixels of a bmp": (b"BM" + struct.pack("<IHHIIiiHHIIiiII", 100, 0, 0, 54, 40, 2 ** 31 - 1,
                                            2 ** 31 - 1, 1, 24, 0, 0, 0, 0, 0, 0), "too_large"),
    "pixels of a webp": (b"RIFF" + struct.pack("<I", 30) + b"WEBPVP8X" + struct.pack("<I", 10)
                         + bytes(4) + b"\xff" * 6, "damaged"),
    "circle of directories": (HEADER + directory(gray_tags(8, 8, 8), 8) + bytes(64), "damaged"),
    "10,000 directories": (many_directories(10_000), "too_large"),
    "a directory of 30,000 tags": (many_directories(1, 30_000), "read"),
    "endless list of strips": (HEADER + directory(gray_tags(8, 8, 8)).replace(
        struct.pack("<HHI", 273, 4, 1), struct.pack("<HHI", 273, 4, 2 ** 32 - 1)), "cut"),
    "orientation far away": (HEADER + directory(gray_tags(8, 8, 8) | {274: 2 ** 32 - 9}).replace(
        struct.pack("<HHI", 274, 4, 1), struct.pack("<HHI", 274, 4, 2 ** 30)), "read"),
    "postscript named png": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "not_a_scan"),
    "giant media box": (page_pdf(b"0 0 m 9 9 l S", media=b"[0 0 1000000 1000000]"), "too_large"),
    "giant image": (image_pdf(image(60_000, 60_000, b"", bits=1)), "too_large"),
    "100,000 pages": (pages_pdf([JPEG]).replace(b"/Count 1", b"/Count 100000"), "too_large"),
    "5,000 promised pages": (pages_pdf([JPEG]).replace(b"/Count 1", b"/Count 5000"), "cut"),
    "pages within themselves": (pages_pdf([JPEG]).replace(b"[3 0 R]", b"[2 0 R]"), "cut"),
    "form within itself": (page_pdf(b"/F Do", b"/XObject << /F 5 0 R >>", more=[
        image(1, 1, b"/F Do", extra=b"/BBox [0 0 9 9] /Resources << /XObject << /F 5 0 R >> >>",
              deflate=False).replace(b"/Image", b"/Form")]), "read"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_soon_and_in_little_memory(name):
    data, expected = BOMBS[name]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    assert expected in outcomes(data)
    assert time.process_time() - start < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # kB


def test_decoders_print_nothing_of_what_they_refuse(capfd, recwarn):
    rng = np.random.default_rng(3)
    for name in ("png", "jpeg", "group 4", "pdf"):
        for _ in range(40):
            outcomes(mutated(SEEDS[name], rng), max_megapixels=5)
    assert capfd.readouterr() == ("", "") and not recwarn.list
