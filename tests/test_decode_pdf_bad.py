"""PDFs that are locked, too large, cut or damaged."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from decode_files import image, image_pdf, locked_pdf, page_pdf, pages_pdf, picture, saved

from scanproc.errors import Refused
from scanproc.page.decode import open_scan
from scanproc.records import Page
from scanproc.settings import Settings

PICTURE = picture()
GRAY = image(PICTURE.shape[1], PICTURE.shape[0], PICTURE.tobytes())


def first_page(data: bytes, *passwords: str) -> Page:
    with open_scan(data, Settings(), passwords) as scan:
        return scan.page(1)


def test_an_owner_password_alone_opens():
    page = first_page(locked_pdf(b"", b"boss", GRAY))
    assert np.array_equal(page.gray, PICTURE)


def test_a_user_password_is_needed_and_tried():
    data = locked_pdf(b"open sesame", b"boss", GRAY)
    for passwords in ((), ("", "sesame")):
        with pytest.raises(Refused, match="--pdf-passwords") as caught:
            first_page(data, *passwords)
        assert caught.value.reason == "encrypted"
    for password in ("open sesame", "boss"):
        assert np.array_equal(first_page(data, "wrong", password).gray, PICTURE)


def test_a_lock_that_is_not_known_is_refused_as_encrypted():
    data = locked_pdf(b"", b"boss", GRAY).replace(b"/Standard", b"/Whatever")
    with pytest.raises(Refused) as caught:
        first_page(data)
    assert caught.value.reason == "encrypted"


def test_a_page_of_any_size_is_limited_before_it_is_drawn():
    drawn = page_pdf(b"0 0 m 9 9 l S", media=b"[0 0 1000000 1000000]")
    with pytest.raises(Refused, match="--max-megapixels") as caught:
        first_page(drawn)
    assert caught.value.reason == "too_large"
    with pytest.raises(Refused, match="60,000 x 60,000"):
        first_page(image_pdf(image(60_000, 60_000, b"", bits=1)))


def test_more_pages_than_allowed_are_refused():
    data = pages_pdf([GRAY] * 3)
    with pytest.raises(Refused, match="--max-pages") as caught:
        open_scan(data, Settings(max_pages=2))
    assert caught.value.reason == "too_large"


TEXT = [np.where(np.random.default_rng(n).random((120, 80)) < 0.1, 0, 255).astype(np.uint8)
        for n in range(3)]
STREAMS = {
    "deflate": [image(80, 120, page.tobytes()) for page in TEXT],
    "raw": [image(80, 120, np.packbits(page > 0, axis=1).tobytes(), bits=1, deflate=False)
            for page in TEXT],
    "jpeg": [image(80, 120, saved(page, "JPEG"), extra=b"/Filter /DCTDecode", deflate=False)
             for page in TEXT],
}


def trailer_first(data: bytes) -> bytes:
    """As linearized files are: what pdfium needs to start from is not at the end alone."""
    return data.replace(b"1 0 obj", b"trailer\n<< /Root 1 0 R /Size 12 >>\n1 0 obj", 1)


@pytest.mark.parametrize("name", STREAMS)
def test_a_cut_pdf_shows_whole_pages_or_says_what_is_missing(name):
    data = trailer_first(pages_pdf(STREAMS[name]))
    with open_scan(data, Settings()) as scan:
        whole = [scan.page(n).gray for n in (1, 2, 3)]
    seen = set()
    for length in range(60, len(data), 23):
        try:
            with open_scan(data[:length], Settings()) as scan:
                assert scan.pages == 3 or scan.end.reason == "cut"
                seen.add(scan.pages)
                for n in range(1, scan.pages + 1):
                    assert_whole_or_refused(scan, n, whole[n - 1])
        except Refused as refusal:
            assert refusal.reason in ("cut", "damaged")
    assert seen == {1, 2, 3}


def assert_whole_or_refused(scan, n: int, truth: np.ndarray) -> None:
    try:
        gray = scan.page(n).gray
    except Refused as refusal:
        assert refusal.reason in ("cut", "damaged")
    else:
        assert np.array_equal(gray, truth)


@pytest.mark.parametrize("name", STREAMS)
def test_a_cut_pdf_without_a_start_is_refused(name):
    data = pages_pdf(STREAMS[name])
    for length in range(60, data.rindex(b"trailer"), 97):
        with pytest.raises(Refused) as caught:
            open_scan(data[:length], Settings())
        assert caught.value.reason == "cut"


def test_an_addition_that_ends_too_early_is_told():
    data = image_pdf(GRAY)
    with open_scan(data + b"6 0 obj\n<< /Type /Page", Settings()) as scan:
        assert scan.pages == 1 and scan.end.reason == "cut"
    with open_scan(data + b"\r\n junk of a mail program \0\0", Settings()) as scan:
        assert scan.pages == 1 and scan.end is None


def test_a_page_that_is_not_there_costs_only_itself():
    data = pages_pdf(STREAMS["deflate"]).replace(b"6 0 obj", b"6 0 xxx")
    with open_scan(data, Settings()) as scan:
        assert (scan.pages, scan.end) == (3, None)
        assert scan.page(1).gray.shape == scan.page(3).gray.shape == (120, 80)
        with pytest.raises(Refused) as caught:
            scan.page(2)
        assert caught.value.reason == "damaged"


def test_a_promise_of_more_pages_than_there_are_is_told():
    data = pages_pdf(STREAMS["deflate"]).replace(b"/Count 3", b"/Count 9")
    with open_scan(data, Settings()) as scan:
        assert scan.pages == 3 and scan.end.reason == "cut" and "9 pages" in scan.end.words


def test_a_pdf_of_no_page_is_empty():
    with pytest.raises(Refused) as caught:
        open_scan(pages_pdf([]), Settings())
    assert caught.value.reason == "empty"


def test_a_pdf_without_its_last_word_is_whole():
    data = image_pdf(GRAY)
    for ending in (b"%%EOF\n", b"\n%%EOF\n"):
        with open_scan(data.removesuffix(ending), Settings()) as scan:
            assert (scan.pages, scan.end) == (1, None)


def test_pdfium_is_left_without_a_word():
    code = ("import sys; from scanproc.page.decode import open_scan; "
            "from scanproc.settings import Settings; "
            "scan = open_scan(sys.stdin.buffer.read(), Settings()); scan.page(1)")
    for data in (image_pdf(GRAY), page_pdf(b"0 0 m 9 9 l S")):
        done = subprocess.run([sys.executable, "-W", "error", "-c", code], input=data,
                              capture_output=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
