"""The real pages beside the project: how many there are, and what is known of them."""

from __future__ import annotations

import pytest

from scanproc.page.decode import open_scan
from scanproc.settings import Settings


def opened(path):
    return open_scan(path.read_bytes(), Settings())


def test_all_pages_are_decoded(data):
    count = 0
    for path in sorted(data("pages").iterdir()):
        with opened(path) as scan:
            assert scan.end is None
            for n in range(1, scan.pages + 1):
                page = scan.page(n)
                assert page.gray.std() > 5, f"{path.name} page {n} is blank"
                assert page.dpi is None or 100 < min(page.dpi) <= max(page.dpi) <= 400
                count += 1
    assert count == 46


@pytest.mark.parametrize(("name", "pages", "shape", "dpi"), [
    ("quexf_1.pdf", 2, (3488, 2480), 300), ("quexf_3.pdf", 2, (3488, 2480), 300),
    ("artexam.pdf", 18, (4400, 3400), 400)])
def test_scanned_pdfs_are_taken_as_their_images(data, name, pages, shape, dpi):
    with opened(data("pages") / name) as scan:
        assert scan.pages == pages
        page = scan.page(pages)
    assert page.gray.shape == shape and page.colour is None
    assert page.dpi == (dpi, dpi)
    assert set(page.gray[::7, ::7].ravel().tolist()) == {0, 255}


def test_what_photographs_say_of_their_orientation_is_told(data):
    turned = [path.name for path in sorted(data("pages").glob("*.jp*g"))
              if opened(path).page(1).rotation]
    assert len(turned) == 14
