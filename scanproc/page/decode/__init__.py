"""Bytes -> page images: which formats, within which limits, and how many pages there really are.

    open_scan(data, settings) ─▶ Scan ─ page(n) ─▶ records.Page

    sniff     first bytes -> kind
    limits    what is too large
    guard     what decoders throw -> Refused
    image     PNG, JPEG, BMP, WebP
    tiff      TIFF: ifd finds its pages, fax finds damage in Group 4 data
    pdf       PDF: pdf_image finds pages that are one image, placement lays it on its page
    gray      pixels of any mode -> gray, and colour where there is any
    hints     dpi, which way is up

Pillow and pdfium are used here and nowhere else. Importing this package loads neither.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from scanproc.errors import Refused
from scanproc.page.decode.limits import check_bytes
from scanproc.page.decode.sniff import foreign_kind, kind_of
from scanproc.settings import Settings

if TYPE_CHECKING:
    from scanproc.records import Page

__all__ = ["Scan", "kind_of", "open_scan"]


class Scan(Protocol):
    """An opened file of pages; a context manager.

    pages: how many pages can be reached, at least 1.
    end: why the rest of the file cannot be reached; None where nothing is missing.
    """

    pages: int
    end: Refused | None

    def page(self, n: int) -> Page:
        """Decodes page n, from 1 to `pages`. Raises Refused where that one cannot be decoded."""

    def __enter__(self) -> Scan: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None: ...


def open_scan(data: bytes, settings: Settings, passwords: tuple[str, ...] = ()) -> Scan:
    """Opens the bytes of a file as a scan of what its first bytes say.

    passwords: tried on encrypted PDFs, after the empty one.
    Raises Refused where no page can be reached.
    """
    check_bytes(len(data), settings)
    kind = kind_of(data[:1024])
    if kind is None:
        raise Refused("not_a_scan", f"the file is {foreign_kind(data[:16])}, by its first bytes; "
                      "save it as PNG, JPEG, TIFF or PDF if it is a scan")
    if kind == "pdf":
        from scanproc.page.decode.pdf import PdfScan

        return PdfScan(data, settings, passwords)
    if kind == "tiff":
        from scanproc.page.decode.tiff import TiffScan

        return TiffScan(data, settings)
    from scanproc.page.decode.image import ImageScan

    return ImageScan(data, kind, settings)
