"""PDF, by pdfium: a page is its one image, or is rendered with annotations and typed fields.

pdfium is not safe in threads; pages are read in processes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from scanproc.errors import Refused
from scanproc.page.decode.gray import gray_and_colour
from scanproc.page.decode.guard import decoding
from scanproc.page.decode.hints import believed_dpi
from scanproc.page.decode.limits import check_pages, check_pixels
from scanproc.page.decode.pdf_image import Images, image_pixels
from scanproc.page.decode.placement import Placement
from scanproc.records import Page
from scanproc.settings import Settings

_POINTS_PER_INCH = 72
_OBJECT = re.compile(rb"\d\s+\d+\s+obj\b")
_ADVICE = "copy the file again, or scan the sheets again"
_NEVER_DRAWN = pdfium_c.FPDF_ANNOT_FLAG_HIDDEN | pdfium_c.FPDF_ANNOT_FLAG_NOVIEW


class PdfScan:
    """A PDF of one or many pages."""

    def __init__(self, data: bytes, settings: Settings, passwords: Iterable[str]):
        self._data, self._settings, self._images = data, settings, Images(data)
        with decoding():
            self._pdf = _opened(data, passwords)
            try:
                self._survey()
            except Refused:
                self._pdf.close()
                raise

    def _survey(self) -> None:
        """Counts the pages, and finds out whether some may be missing or halved."""
        promised, is_cut = len(self._pdf), _is_cut(self._data)
        if is_cut and not promised:
            raise _cut_at_once()
        check_pages(promised, self._settings)
        is_pieced = not pdfium_c.FPDF_DocumentHasValidCrossReferenceTable(self._pdf)
        self._may_lack_parts = is_cut and is_pieced
        self.pages = _reached(self._pdf)
        self.end = _end(self.pages, promised, is_older=is_cut and not is_pieced)
        if self.end and not self.pages:
            raise self.end
        self._pdf.init_forms()

    def __enter__(self) -> PdfScan:
        return self

    def __exit__(self, *_: object) -> None:
        self._pdf.close()

    def page(self, n: int) -> Page:
        """Page n, from 1, turned as a viewer shows it. Raises Refused."""
        with decoding():
            page = self._pdf[n - 1]
            try:
                return self._decoded(page)
            finally:
                page.close()

    def _decoded(self, page: pdfium.PdfPage) -> Page:
        if self._may_lack_parts and not self._images.are_whole(page):
            raise Refused("cut", f"parts of the page are missing; {_ADVICE}")
        for image in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE]):
            check_pixels(*image.get_px_size(), self._settings)
        found = None if _has_annotations(page) else self._images.on(page)
        return _as_image(*found, page.get_rotation()) if found else self._rendered(page)

    def _rendered(self, page: pdfium.PdfPage) -> Page:
        dpi = float(self._settings.pdf_dpi)
        scale = dpi / _POINTS_PER_INCH
        check_pixels(page.get_width() * scale, page.get_height() * scale, self._settings)
        rgb = page.render(scale=scale, rev_byteorder=True).to_numpy()
        return Page(*gray_and_colour(np.ascontiguousarray(rgb)), dpi=(dpi, dpi))


def _as_image(image: pdfium.PdfImage, placement: Placement, rotation: int) -> Page:
    pixels = np.rot90(placement.lay(image_pixels(image)), -rotation // 90)
    across, down = (density * _POINTS_PER_INCH for density in placement.density)
    if rotation in (90, 270):
        across, down = down, across
    pixels = np.ascontiguousarray(pixels)
    gray, colour = (pixels, None) if pixels.ndim == 2 else gray_and_colour(pixels)
    return Page(gray, colour, believed_dpi(across, down, *gray.shape[::-1]))


def _opened(data: bytes, passwords: Iterable[str]) -> pdfium.PdfDocument:
    """Raises Refused where it cannot be opened, with no password or with these."""
    for password in ("", *passwords):
        word = password.encode(errors="surrogateescape") + b"\0"
        handle = pdfium_c.FPDF_LoadMemDocument64(data, len(data), word)
        if handle:
            return pdfium.PdfDocument(handle)
        code = pdfium_c.FPDF_GetLastError()
        if code == pdfium_c.FPDF_ERR_SECURITY:
            raise Refused("encrypted", "the PDF is locked in a way that is not known here; open "
                          "it in a viewer and print it to a new PDF")
        if code != pdfium_c.FPDF_ERR_PASSWORD:
            if _is_cut(data):
                raise _cut_at_once()
            raise Refused("damaged", f"the PDF cannot be opened; {_ADVICE}")
    raise Refused("encrypted", "the PDF needs a password to be opened; write it into a file and "
                  "name that with --pdf-passwords")


def _cut_at_once() -> Refused:
    return Refused("cut", f"the PDF ends before its first page can be found; {_ADVICE}")


def _is_cut(data: bytes) -> bool:
    """Does an object begin after the last place that ends a PDF?"""
    return _OBJECT.search(data, max(0, data.rfind(b"startxref"))) is not None


def _reached(pdf: pdfium.PdfDocument) -> int:
    """The last page, from 1, of which there is more than a promise; 0 where there is none."""
    size = pdfium_c.FS_SIZEF()
    return max((n for n in range(1, len(pdf) + 1)
                if pdfium_c.FPDF_GetPageSizeByIndexF(pdf, n - 1, size)), default=0)


def _end(reached: int, promised: int, is_older: bool) -> Refused | None:
    """Why the rest cannot be reached. is_older: what was opened is an older state of the PDF."""
    if reached < promised:
        return Refused("cut", f"the PDF promises {promised} pages, of which {reached} can be "
                       f"reached; {_ADVICE}")
    if is_older:
        return Refused("cut", f"something was added to the PDF and ends too early; {_ADVICE}")
    return None


def _has_annotations(page: pdfium.PdfPage) -> bool:
    """Are there notes, stamps or form fields, which are drawn over the page?"""
    return any(_is_drawn(page, n) for n in range(pdfium_c.FPDFPage_GetAnnotCount(page)))


def _is_drawn(page: pdfium.PdfPage, n: int) -> bool:
    annotation = pdfium_c.FPDFPage_GetAnnot(page, n)
    try:
        kind = pdfium_c.FPDFAnnot_GetSubtype(annotation)
        if kind == pdfium_c.FPDF_ANNOT_POPUP:
            return False
        if kind == pdfium_c.FPDF_ANNOT_LINK:  # drawn only where it brings its own looks: 2 is none
            normal = pdfium_c.FPDF_ANNOT_APPEARANCEMODE_NORMAL
            return pdfium_c.FPDFAnnot_GetAP(annotation, normal, None, 0) > 2
        return not pdfium_c.FPDFAnnot_GetFlags(annotation) & _NEVER_DRAWN
    finally:
        pdfium_c.FPDFPage_CloseAnnot(annotation)
