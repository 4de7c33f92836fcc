"""What kind of scan do these bytes begin? Imports nothing heavy: every file met is asked."""

from __future__ import annotations

import re

HEAD_BYTES = 1024  # a PDF header may stand behind this much of anything; 26 do for the others

_MAGIC = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpeg",
    b"II*\0": "tiff", b"MM\0*": "tiff",
    b"II+\0": "tiff", b"MM\0+": "tiff",  # BigTIFF
}
# A text that only talks of PDF has a printable sign before the header; a PDF has none.
_PDF = re.compile(rb"(?:^|[^!-~])%PDF-\d")
_BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)

_FOREIGN = (
    (b"GIF8", 0, "a GIF image"),
    (b"ftyphei", 4, "a HEIC photograph"), (b"ftypmif1", 4, "a HEIC photograph"),
    (b"ftypavif", 4, "an AVIF image"),
    (b"\0\0\0\x0cjP  ", 0, "a JPEG 2000 image"), (b"\xff\x4f\xff\x51", 0, "a JPEG 2000 image"),
    (b"%!PS", 0, "a PostScript file"), (b"\xc5\xd0\xd3\xc6", 0, "a PostScript file"),
    (b"PK\x03\x04", 0, "a ZIP archive or office document"),
)


def kind_of(first_bytes: bytes) -> str | None:
    """png, jpeg, tiff, bmp, webp or pdf; None where the bytes begin none of these.

    first_bytes: the start of the file, best HEAD_BYTES of it.
    """
    for magic, kind in _MAGIC.items():
        if first_bytes.startswith(magic):
            return kind
    if first_bytes[:4] == b"RIFF" and first_bytes[8:12] == b"WEBP":
        return "webp"
    # "BM" alone begins many a text: the size of the second header must be a known one.
    if first_bytes[:2] == b"BM" and int.from_bytes(first_bytes[14:18], "little") in _BMP_HEADERS:
        return "bmp"
    return "pdf" if _PDF.search(first_bytes[:HEAD_BYTES]) else None


def foreign_kind(first_bytes: bytes) -> str:
    """Words for a file that is no scan, from its first bytes: `a HEIC photograph`."""
    for magic, at, words in _FOREIGN:
        if first_bytes.startswith(magic, at):
            return words
    return "not an image or PDF"
