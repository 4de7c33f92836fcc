"""TIFF: every way a scanner writes it, how many pages there really are, and which are damaged."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tifffile
from decode_files import (
    HEIGHT,
    WIDTH,
    coloured,
    directory,
    gray_tags,
    luma,
    only_page,
    pages_tiff,
    picture,
)
from PIL import Image

from scanproc.errors import Refused
from scanproc.page.decode import open_scan
from scanproc.settings import Settings

GRAY, RGB = picture(), coloured()
BILEVEL = np.where(GRAY > 127, 255, 0).astype(np.uint8)
TEXT = [np.where(np.random.default_rng(n).random(size) < 0.1, 0, 255).astype(np.uint8)
        for n, size in enumerate([(120, 80), (80, 120), (64, 64)])]
HEADER = b"II*\0\x08\0\0\0"


def written(pages: list[np.ndarray], order: str = "<", big: bool = False, **how) -> bytes:
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream, byteorder=order, bigtiff=big) as tiff:
        for page in pages:
            tiff.write(page, **{"photometric": "minisblack", **how})
    return stream.getvalue()


def refused(data: bytes, page: int = 1, **settings) -> str:
    with pytest.raises(Refused) as caught, open_scan(data, Settings(**settings)) as scan:
        scan.page(page)
    return caught.value.reason


def read(data: bytes) -> tuple[list[np.ndarray | None], str | None]:
    """The pages of a file, None where one is refused, and why the rest is missing."""
    with open_scan(data, Settings()) as scan:
        return [gray_or_none(scan, n) for n in range(1, scan.pages + 1)], getattr(
            scan.end, "reason", None)


def gray_or_none(scan, n: int) -> np.ndarray | None:
    try:
        return scan.page(n).gray
    except Refused:
        return None


@pytest.mark.parametrize("compression", ["group3", "group4", "packbits", "tiff_lzw",
                                         "tiff_adobe_deflate", None])
def test_black_and_white_in_every_compression(compression):
    page = only_page(pages_tiff([BILEVEL], "1", compression))
    assert np.array_equal(page.gray, BILEVEL)
    assert page.colour is None


def bilevel_tiff(data: bytes, compression: int, photometric: int = 1, fill_order: int = 1) -> bytes:
    tags = gray_tags(WIDTH, HEIGHT, 0) | {258: 1, 259: compression, 262: photometric,
                                          266: fill_order, 279: len(data)}
    tags[273] = len(HEADER + directory(tags))
    return HEADER + directory(tags) + data


def group_4(pixels: np.ndarray) -> bytes:
    """The strip of a page, with 1 for black."""
    data = pages_tiff([pixels], "1", "group4")
    with Image.open(io.BytesIO(data)) as tiff:
        return data[tiff.tag_v2[273][0]:][:tiff.tag_v2[279][0]]


@pytest.mark.parametrize("photometric", [0, 1])
@pytest.mark.parametrize("fill_order", [1, 2])
@pytest.mark.parametrize("compression", [1, 4])
def test_bits_in_every_order_and_polarity(compression, fill_order, photometric):
    data = group_4(BILEVEL) if compression == 4 else np.packbits(BILEVEL > 0, axis=1).tobytes()
    if fill_order == 2:
        data = bytes(int(f"{byte:08b}"[::-1], 2) for byte in data)
    gray = only_page(bilevel_tiff(data, compression, photometric, fill_order)).gray
    assert np.array_equal(gray, BILEVEL if photometric else 255 - BILEVEL)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("dtype", ["u1", "u2"])
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
def test_gray_of_every_depth_order_and_polarity(photometric, dtype, compression, order):
    pixels = GRAY if dtype == "u1" else GRAY.astype("u2") * 257
    data = written([pixels], order, photometric=photometric, compression=compression)
    if (photometric, dtype, order) == ("miniswhite", "u2", ">"):
        assert refused(data) == "damaged"  # Pillow has no word for it
    else:
        truth = GRAY if photometric == "minisblack" else 255 - GRAY
        assert np.array_equal(only_page(data).gray, truth)


@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize("how", [{}, {"compression": "zlib"}, {"tile": (16, 32)},
                                 {"compression": "zlib", "predictor": 2}, {"rowsperstrip": 7}],
                         ids=str)
def test_colour_in_every_layout(how, planes):
    pixels = RGB if planes == "contig" else RGB.transpose(2, 0, 1)
    page = only_page(written([pixels], photometric="rgb", planarconfig=planes, **how))
    assert np.abs(page.gray - luma(RGB)).max() <= 1
    assert np.array_equal(page.colour, RGB)


def test_a_palette_is_looked_up():
    colours = np.tile(np.arange(256, dtype="u2")[::-1] * 257, (3, 1))
    gray = only_page(written([GRAY], photometric="palette", colormap=colours)).gray
    assert np.array_equal(gray, 255 - GRAY)


@pytest.mark.parametrize("pixels", [RGB, GRAY])
def test_jpeg_within_tiff(pixels):
    mode, truth = ("RGB", luma(pixels)) if pixels.ndim == 3 else ("L", pixels.astype(float))
    assert np.abs(only_page(pages_tiff([pixels], mode, "jpeg")).gray - truth).mean() < 4


@pytest.mark.parametrize("data", [
    written([RGB.transpose(2, 0, 1).astype("u2")], photometric="rgb", planarconfig="separate"),
    written([GRAY.astype("f4")], ">", compression="zlib"),
    written([GRAY.astype("i2")], ">", compression="zlib")])
def test_what_pillow_decodes_wrongly_is_refused(data):
    assert refused(data) == "damaged"


FILES = {
    "group 4": pages_tiff(TEXT, "1", "group4"), "group 3": pages_tiff(TEXT, "1", "group3"),
    "lzw": pages_tiff(TEXT, "L", "tiff_lzw"), "big endian": written(TEXT, ">", compression="zlib"),
    "big": written(TEXT, big=True, compression="zlib"),
    "tiles": written(TEXT, tile=(16, 16), compression="zlib"),
    "strips": written(TEXT, rowsperstrip=16, compression="zlib"),
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_each_page_is_read_in_any_order_at_its_own_size(data):
    with open_scan(data, Settings()) as scan:
        assert (scan.pages, scan.end) == (3, None)
        for n in (3, 1, 2, 2):
            assert np.array_equal(scan.page(n).gray, TEXT[n - 1])


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_a_cut_file_is_never_quietly_short(data):
    step = 1 if data is FILES["group 4"] else 7
    for length in range(1, len(data), step):
        try:
            pages, end = read(data[:length])
        except Refused as refusal:
            assert refusal.reason == ("cut" if length >= 4 else "not_a_scan")
            continue
        assert (len(pages) == 3 or end == "cut") and (end in (None, "cut"))
        for page, truth in zip(pages, TEXT, strict=False):
            assert np.array_equal(page, truth)


def test_mixed_orientations_are_told_page_by_page():
    stored = [np.full((20, 30), 200, np.uint8) for _ in range(4)]
    for page in stored:
        page[:5, :5] = 0
    stream, flags = io.BytesIO(), (1, 6, 3, 2)
    with tifffile.TiffWriter(stream) as tiff:
        for page, flag in zip(stored, flags, strict=True):
            tiff.write(page, photometric="minisblack", extratags=[(274, 3, 1, flag, True)])
    with open_scan(stream.getvalue(), Settings()) as scan:
        pages = [scan.page(n) for n in (1, 2, 3, 4)]
    assert [page.rotation for page in pages] == [0, 90, 180, 0]
    for page in pages[:3]:
        assert np.array_equal(page.gray, stored[0])
    assert np.array_equal(pages[3].gray, stored[0][:, ::-1])


def chain(*pages: dict[int, int], after: int = 0) -> bytes:
    """A TIFF of 8 x 8 pixel pages with these further tags; the last links to `after`."""
    out, at = HEADER, len(HEADER)
    for n, more in enumerate(pages):
        tags = gray_tags(8, 8, 0) | {258: 8} | more
        size = len(directory(tags))
        tags[273] = more.get(273, at + size)
        link = after if n == len(pages) - 1 else at + size + 64
        out += directory(tags, link) + bytes([n]) * 64
        at = len(out)
    return out


def test_thumbnails_and_masks_are_no_pages():
    pages, end = read(chain({254: 1}, {254: 0}, {254: 4}, {254: 2}))
    assert [page[0, 0] for page in pages] == [1, 3] and end is None


def test_a_file_of_thumbnails_alone_is_read_as_pages():
    assert len(read(chain({254: 1}, {254: 1}))[0]) == 2


def test_a_page_whose_data_lies_elsewhere_is_damaged_and_the_others_are_read():
    pages, end = read(chain({}, {273: 1 << 30}, {}))
    assert [page is None for page in pages] == [False, True, False] and end is None
    assert refused(chain({}, {273: 1 << 30}, {}), 2) == "damaged"


def test_what_follows_the_last_whole_page_is_cut():
    pages, end = read(chain({}, {273: 1 << 30}))
    assert len(pages) == 1 and end == "cut"


def test_a_circle_of_pages_ends():
    pages, end = read(chain({}, {}, after=8))
    assert len(pages) == 2 and end == "damaged"


@pytest.mark.parametrize("after", [1 << 31, 20])
def test_a_chain_that_leads_nowhere_is_cut(after):
    pages, end = read(chain({}, {}, after=after))
    assert len(pages) == 2 and end == "cut"


def test_more_pages_than_allowed_are_refused():
    data = chain(*[{}] * 4)
    assert len(read(data)[0]) == 4
    assert refused(data, max_pages=3) == "too_large"


def test_a_page_of_too_many_pixels_costs_only_itself():
    pages, end = read(chain({}, {256: 100_000, 257: 100_000}, {}))
    assert [page is None for page in pages] == [False, True, False] and end is None


@pytest.mark.parametrize("spoil", [lambda part: bytes(len(part)), lambda part: b"\xff" * len(part),
                                   lambda part: part[::-1]], ids=["zeros", "ones", "backwards"])
def test_damage_in_group_4_is_seen(spoil, capfd):
    rng = np.random.default_rng(5)
    page = np.full((400, 300), 255, np.uint8)
    for left, top in zip(rng.integers(0, 290, 200), rng.integers(0, 390, 200), strict=True):
        page[top:top + 8, left:left + 4] = 0
    data = pages_tiff([page, page], "1", "group4")
    start, size = data.index(group_4(page)), len(group_4(page))
    middle = slice(start + size // 3, start + size // 2)
    damaged = data[:middle.start] + spoil(data[middle]) + data[middle.stop:]
    pages, end = read(damaged)
    assert pages[0] is None and np.array_equal(pages[1], page) and end is None
    assert refused(damaged) == "damaged"
    assert capfd.readouterr().err == ""


def test_white_group_4_pages_and_padded_strips_are_not_taken_for_damage():
    white = np.full((3508, 2480), 255, np.uint8)
    assert only_page(pages_tiff([white], "1", "group4")).gray.min() == 255
    assert np.array_equal(only_page(bilevel_tiff(group_4(BILEVEL) + bytes(500), 4)).gray, BILEVEL)
