"""Bombs are refused cheaply: small files that would take much time or memory."""

from __future__ import annotations

import os
import re
import struct
import sys
import zlib

import pytest
from decode_files import (
    coloured,
    directory,
    gray_tags,
    image,
    image_pdf,
    page_pdf,
    pages_pdf,
    picture,
    png,
    png_chunk,
    saved,
)
from timed_run import check_whole, costliest, timed_run

SECONDS, MEGABYTES = 1, 300
LIMIT = re.compile(r"too_large: .*, the limit is [\d,.]+; (--max-[a-z-]+) raises it")
HEADER = b"II*\0\x08\0\0\0"


def many_directories(count: int, entries: int = 0) -> bytes:
    tags = gray_tags(8, 8, 8) | {n: 0 for n in range(1000, 1000 + entries)}
    size = len(directory(tags))
    return HEADER + b"".join(directory(tags, 8 + size * (n + 1) if n < count - 1 else 0)
                             for n in range(count))


def wide_jpeg() -> bytes:
    """A JPEG that says of itself that it is 65,500 pixels wide and high."""
    data = bytearray(saved(picture(), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at:at + 4] = struct.pack(">HH", 65_500, 65_500)
    return bytes(data)


def with_text(size: int) -> bytes:
    """A PNG with a compressed text of so many bytes."""
    data = saved(picture(), "PNG")
    return data[:33] + png_chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(size))) + data[33:]


def images() -> dict[str, tuple[bytes, str]]:
    size = 2 ** 31 - 1
    return {
        "pixels of a png": (png(30_000, 30_000, 1, bytes(3751 * 3000)), "--max-megapixels"),
        "more pixels of a png": (png(size, size, 1, b""), "--max-megapixels"),
        "forged length in a png": (png(420, 300, 8, bytes(421 * 300), 0xFFFFFFF0), "cut"),
        "long text in a png": (with_text(100_000_000), "damaged"),
        "pixels of a jpeg": (wide_jpeg(), "--max-megapixels"),
        "pixels of a bmp": (b"BM" + struct.pack(
            "<IHHIIiiHHIIiiII", 100, 0, 0, 54, 40, size, size, 1, 24, 0, 0, 0, 0, 0, 0),
            "--max-megapixels"),
        "pixels of a webp": (b"RIFF" + struct.pack("<I", 30) + b"WEBPVP8X" + struct.pack("<I", 10)
                             + bytes(4) + b"\xff" * 6, "damaged"),
        "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n{} loop\n", "not_a_scan"),
        "postscript with a preview": (b"\xc5\xd0\xd3\xc6" + bytes(40), "not_a_scan"),
        "svg": (b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
                b'<svg xmlns="http://www.w3.org/2000/svg">&b;</svg>', "not_a_scan"),
        "gif": (saved(coloured(), "GIF"), "not_a_scan"),
    }


def tiffs() -> dict[str, tuple[bytes, str]]:
    def asking(tag: int, count: int, tags: dict[int, int]) -> bytes:
        one, many = (struct.pack("<HHI", tag, 4, n) for n in (1, count))
        return HEADER + directory(tags).replace(one, many)

    tags = gray_tags(8, 8, 8)
    return {
        "pixels of a tiff": (HEADER + directory(gray_tags(10 ** 6, 10 ** 6, 8) | {279: 64})
                             + bytes(99), "--max-megapixels"),
        "circle of directories": (HEADER + directory(tags, 8) + bytes(64), "damaged"),
        "10,000 directories": (many_directories(10_000), "--max-pages"),
        "a directory of 30,000 tags": (many_directories(1, 30_000), ""),
        "endless list of strips": (asking(273, 2 ** 32 - 1, tags), "cut"),
        "orientation far away": (asking(274, 2 ** 30, tags | {274: 2 ** 32 - 9}), ""),
    }


def pdfs() -> dict[str, tuple[bytes, str]]:
    page = image(96, 60, saved(picture(), "JPEG"), extra=b"/Filter /DCTDecode", deflate=False)
    one = pages_pdf([page])
    itself = image(1, 1, b"/F Do", extra=b"/BBox [0 0 9 9] /Resources << /XObject << /F 5 0 R >> "
                   b">>", deflate=False).replace(b"/Image", b"/Form")
    return {
        "giant media box": (page_pdf(b"0 0 m 9 9 l S", media=b"[0 0 1000000 1000000]"),
                            "--max-megapixels"),
        "giant image": (image_pdf(image(60_000, 60_000, b"", bits=1)), "--max-megapixels"),
        "10,000 pages": (pages_pdf([page] * 10_000), "--max-pages"),
        "10,000 promised pages": (one.replace(b"/Count 1", b"/Count 10000"), "--max-pages"),
        "5,000 promised pages": (one.replace(b"/Count 1", b"/Count 5000"), "cut"),
        "pages within themselves": (one.replace(b"[3 0 R]", b"[2 0 R]"), "cut"),
        "form within itself": (page_pdf(b"/F Do", b"/XObject << /F 5 0 R >>", more=[itself]), ""),
    }


def holds(reason: str, expected: str) -> bool:
    """expected: the key of the reason, or the option that raises the limit, or "" for harmless."""
    found = LIMIT.match(reason)
    return expected in (found[1] if found else "", reason.partition(":")[0])


@pytest.mark.skipif(sys.platform != "linux", reason="promised on Linux only")
def test_bombs_are_refused_cheaply(tmp_path, promise):
    scans = tmp_path / "scans"
    scans.mkdir()
    made = images() | tiffs() | pdfs()
    for name, (data, _) in made.items():
        (scans / f"{name}.png").write_bytes(data)
    (scans / "zeros.pdf").touch()
    os.truncate(scans / "zeros.pdf", 10 ** 12)
    run = timed_run(scans, tmp_path / "out")
    check_whole(run, scans)
    reasons = {row["file"].removesuffix(".png"): row["reason"] for row in run.rows}
    expected = {name: limit for name, (_, limit) in made.items()} | {"zeros.pdf": "--max-file-mb"}
    assert {name: reasons[name] for name in expected if not holds(reasons[name], expected[name])} \
        == {}
    assert run.seconds <= SECONDS, costliest(run, scans)
    assert run.peak_mb <= MEGABYTES
    promise("bombs are refused cheaply", f"{len(expected)} files, each in {run.seconds:.2f} s and "
            f"{run.peak_mb:.0f} MB at most; what passes a limit names it and its setting")
