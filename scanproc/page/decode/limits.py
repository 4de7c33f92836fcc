"""What is too large, said with the figure, the limit and the setting that moves it."""

from __future__ import annotations

from scanproc.errors import Refused
from scanproc.settings import Settings


def check_bytes(size: int, settings: Settings) -> None:
    """Raises Refused where a file of `size` bytes is empty or larger than is allowed."""
    if size == 0:
        raise Refused("empty", "the file has no bytes; scan or copy it again")
    if size > settings.max_file_mb * 1e6:
        raise Refused("too_large", f"the file has {_figure(size / 1e6)} MB, the limit is "
                      f"{settings.max_file_mb:g}; --max-file-mb raises it")


def check_pages(pages: int, settings: Settings) -> None:
    """Raises Refused where a file has no page or more than are allowed."""
    if pages == 0:
        raise Refused("empty", "the file holds no page; scan or copy it again")
    if pages > settings.max_pages:
        raise Refused("too_large", f"the file has {pages:,} pages or more, the limit is "
                      f"{settings.max_pages:,}; --max-pages raises it")


def check_pixels(width: float, height: float, settings: Settings) -> None:
    """Raises Refused where a page of width x height pixels is not to be decoded."""
    megapixels = width * height / 1e6
    if megapixels > settings.max_megapixels:
        raise Refused("too_large", f"the page has {width:,.0f} x {height:,.0f} pixels, that is "
                      f"{_figure(megapixels)} megapixels, the limit is "
                      f"{settings.max_megapixels:g}; --max-megapixels raises it")


def _figure(value: float) -> str:
    return f"{value:,.1f}" if value >= 1 else f"{value:.2g}"
