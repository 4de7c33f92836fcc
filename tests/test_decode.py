"""Bytes -> one page: kinds, modes, dpi, orientation, limits."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from decode_files import HEIGHT, WIDTH, coloured, luma, only_page, picture, saved
from PIL import Image

from scanproc.errors import Refused
from scanproc.page.decode import kind_of, open_scan
from scanproc.reasons import PAGE_REASONS
from scanproc.settings import Settings

KINDS = {"PNG": "png", "JPEG": "jpeg", "TIFF": "tiff", "BMP": "bmp", "WEBP": "webp"}


def refused(data: bytes, **settings) -> Refused:
    with pytest.raises(Refused) as caught, open_scan(data, Settings(**settings)) as scan:
        scan.page(1)
    assert caught.value.reason in PAGE_REASONS
    return caught.value


def test_finding_the_kind_of_a_file_loads_nothing_heavy():
    code = ("import sys; from scanproc.page.decode.sniff import kind_of; "
            "sys.exit(any(name in sys.modules for name in ('PIL', 'numpy', 'cv2', 'pypdfium2')))")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", KINDS)
def test_the_first_bytes_tell_the_kind(name):
    assert kind_of(saved(picture(), name)[:26]) == KINDS[name]


@pytest.mark.parametrize("head", [
    b"%PDF-1.4\n", b"\xef\xbb\xbf%PDF-1.7", b"\x1b%-12345X@PJL\r\n" * 9 + b"%PDF-1.4", b"II+\0",
    b"MM\0+", b"MM\0*"])
def test_rare_beginnings_are_known(head):
    assert kind_of(head) in ("pdf", "tiff")


@pytest.mark.parametrize("head", [
    b"", b"B", b"BM", b"BMW is a car, and so is the Mini", b"RIFF\0\0\0\0WAVEfmt ", b"%!PS-Adobe",
    b"GIF89a", b"a text on b'%PDF-1.4' and how it begins", b"PK\x03\x04", b"\x89PNX\r\n\x1a\n"])
def test_other_files_are_no_scans(head):
    assert kind_of(head) is None
    assert refused(head + bytes(1)).reason == "not_a_scan"


def test_an_empty_file_is_refused_as_empty():
    assert refused(b"").reason == "empty"


def test_what_another_program_could_read_is_named():
    assert "HEIC photograph" in refused(b"\0\0\0\x18ftypheic" + bytes(16)).words


GRAY = picture()
RGB = coloured()
HALF = np.tile(np.where(np.arange(WIDTH) < WIDTH // 2, 255, 0).astype(np.uint8), (HEIGHT, 1))
OVER_WHITE = np.where(HALF == 255, GRAY, 255)
FOUR = GRAY // 64 * 64
INDEXED = Image.fromarray(FOUR).quantize(4)
LIGHTEST = INDEXED.getpixel((WIDTH - 1, 0))

MODES = {
    "1": (saved(GRAY > 99, "PNG"), np.where(GRAY > 99, 255, 0)),
    "L": (saved(GRAY, "PNG"), GRAY),
    "P": (saved(INDEXED, "PNG"), FOUR),
    "P with a clear colour": (saved(INDEXED, "PNG", transparency=LIGHTEST),
                              np.where(FOUR == 192, 255, FOUR)),
    "PA": (saved(INDEXED, "TIFF", "PA"), FOUR),
    "RGB": (saved(RGB, "PNG"), luma(RGB)),
    "RGB of gray": (saved(GRAY, "PNG", "RGB"), GRAY),
    "LA": (saved(np.dstack([GRAY, HALF]), "PNG"), OVER_WHITE),
    "RGBA": (saved(np.dstack([GRAY, GRAY, GRAY, HALF]), "PNG"), OVER_WHITE),
    "L with a clear gray": (saved(GRAY, "PNG", transparency=8), np.where(GRAY == 8, 255, GRAY)),
    "CMYK": (saved(RGB, "TIFF", "CMYK"), luma(RGB)),
    "I;16": (saved(GRAY.astype(np.uint16) * 257, "PNG"), GRAY),
    "I;16B": (saved(GRAY.astype(">u2") * 257, "TIFF"), GRAY),
    "I": (saved(GRAY.astype(np.int32) * 257, "TIFF"), GRAY),
    "F up to 1": (saved(GRAY.astype(np.float32) / 255, "TIFF"), GRAY),
    "F up to 255": (saved(GRAY.astype(np.float32), "TIFF"), GRAY),
    "F with holes": (saved(np.where(GRAY == 8, np.nan, GRAY).astype(np.float32), "TIFF"),
                     np.where(GRAY == 8, 255, GRAY)),
}


@pytest.mark.parametrize(("data", "truth"), MODES.values(), ids=MODES)
def test_every_mode_becomes_the_same_gray_page(data, truth):
    gray = only_page(data).gray
    assert gray.dtype == np.uint8 and gray.flags.c_contiguous and gray.shape == (HEIGHT, WIDTH)
    assert np.abs(gray - truth.astype(float)).max() <= 1


@pytest.mark.parametrize(("kind", "mode", "how"), [
    ("JPEG", "L", {"quality": 95}), ("JPEG", "RGB", {"quality": 95, "progressive": True}),
    ("JPEG", "CMYK", {"quality": 95}), ("WEBP", "RGB", {"lossless": True}),
    ("WEBP", "RGBA", {"quality": 95}), ("BMP", "1", {}), ("BMP", "L", {}), ("BMP", "RGB", {})])
def test_every_kind_is_decoded(kind, mode, how):
    gray = only_page(saved(RGB, kind, mode, **how)).gray
    truth = np.asarray(Image.fromarray(RGB).convert(mode).convert("L"))
    assert np.abs(gray - truth.astype(float)).mean() < 2.5


def test_a_page_has_colour_only_where_there_is_some():
    assert only_page(saved(GRAY, "PNG", "RGB")).colour is None
    assert only_page(saved(GRAY, "JPEG")).colour is None
    assert np.array_equal(only_page(saved(RGB, "PNG")).colour, RGB)
    marked = np.full((3508, 2480, 3), 235, np.uint8)
    marked[100:108, 100:700] = 200, 30, 30  # one stroke of a red pen
    assert only_page(saved(marked, "PNG")).colour is not None


def test_only_the_first_frame_of_an_animation_is_a_page():
    for kind in ("WEBP", "PNG"):
        data = saved(Image.fromarray(GRAY), kind, save_all=True, lossless=True,
                     append_images=[Image.fromarray(255 - GRAY)])
        assert np.array_equal(only_page(data).gray, GRAY)


@pytest.mark.parametrize("dpi", [(300, 300), (204, 98), (600, 600), (72, 72)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP"])
def test_dots_per_inch_are_kept(kind, dpi):
    assert only_page(saved(GRAY, kind, dpi=dpi)).dpi == pytest.approx(dpi, abs=0.02)


def test_dots_per_centimetre_are_understood():
    data = saved(GRAY, "TIFF", resolution=118.11, resolution_unit="cm")
    assert only_page(data).dpi == pytest.approx((300, 300), abs=0.01)


@pytest.mark.parametrize("data", [
    saved(GRAY, "PNG"), saved(GRAY, "PNG", dpi=(1, 1)), saved(GRAY, "BMP", dpi=(0, 0)),
    saved(GRAY, "TIFF", dpi=(0, 0)), saved(GRAY, "JPEG"), saved(GRAY, "PNG", dpi=(30000, 30000)),
    saved(GRAY, "TIFF", dpi=(300, 40)),
    saved(np.zeros((10, 2000), np.uint8), "JPEG", dpi=(72, 72))])
def test_absurd_dots_per_inch_are_unknown(data):
    assert only_page(data).dpi is None


# orientation flag -> how the upright picture is stored (EXIF 2.3, tag 274)
STORED = {1: GRAY, 2: GRAY[:, ::-1], 3: GRAY[::-1, ::-1], 4: GRAY[::-1], 5: GRAY.T,
          6: np.rot90(GRAY), 7: GRAY[::-1, ::-1].T, 8: np.rot90(GRAY, -1)}


@pytest.mark.parametrize("flag", STORED)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_orientation_is_told_and_mirrored_pages_are_mirrored_back(kind, flag):
    exif = Image.Exif()
    exif[274] = flag
    how = {"tiffinfo": {274: flag}} if kind == "TIFF" else {"exif": exif}
    page = only_page(saved(np.ascontiguousarray(STORED[flag]), kind, **how))
    upright = np.rot90(page.gray, -page.rotation // 90)
    assert np.abs(upright - GRAY.astype(float)).mean() < 4
    if flag in (1, 3, 6, 8):
        assert page.gray.shape == STORED[flag].shape


@pytest.mark.parametrize("exif", [b"Exif\0\0MM\0*\0\0\0\x08\0\x09broken", b"Exif\0\0nonsense"])
def test_broken_exif_does_not_cost_the_page(exif):
    page = only_page(saved(GRAY, "JPEG", exif=exif))
    assert page.rotation == 0


@pytest.mark.parametrize("flag", [0, 9, 99])
def test_a_flag_that_does_not_exist_says_nothing(flag):
    assert only_page(saved(GRAY, "TIFF", tiffinfo={274: flag})).rotation == 0


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "WEBP"])
def test_a_cut_image_is_refused(kind):
    data = saved(np.tile(RGB, (5, 5, 1)), kind)
    for part in (0.1, 0.5, 0.9):
        assert refused(data[:int(len(data) * part)]).reason in ("cut", "damaged")


def test_a_png_with_one_wrong_byte_is_refused():
    data = bytearray(saved(np.random.default_rng(1).integers(0, 256, (99, 99), np.uint8), "PNG",
                           compress_level=0))
    data[len(data) // 2] ^= 1
    assert refused(bytes(data)).reason == "damaged"


@pytest.mark.parametrize(("name", "limit", "figure"), [
    ("max_megapixels", 0.01, "200 x 100 pixels, that is 0.02 megapixels"),
    ("max_file_mb", 0.002, "0.021 MB")])
def test_what_is_too_large_is_refused_with_figure_limit_and_setting(name, limit, figure):
    refusal = refused(saved(np.zeros((100, 200), np.uint8), "BMP"), **{name: limit})
    assert refusal.reason == "too_large"
    assert figure in refusal.words
    assert f"limit is {limit}" in refusal.words
    assert f"--{name.replace('_', '-')}" in refusal.words


def test_the_limit_of_pixels_that_pillow_has_for_others_stays():
    before = Image.MAX_IMAGE_PIXELS
    refused(saved(np.zeros((100, 200), np.uint8), "PNG"), max_megapixels=0.01)
    assert before == Image.MAX_IMAGE_PIXELS is not None
