"""A PDF page that shows one image and nothing else: found, and taken at its own pixels.

That costs a tenth of rendering the page, and no pixel is lost. Whatever might make the page look
other than its image yields None here; then the page is rendered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ctypes import c_float, c_uint, c_ulong, sizeof
from functools import cached_property

import cv2
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from scanproc.page.decode.placement import Placement, Rect

_LEAST_COVERED = 0.8  # an image that covers less of its page is a picture on it, not a scan of it

# Entries of an image's dictionary that let what lies beneath shine through, or hide the image.
_SEE_THROUGH = re.compile(rb"/(?:SMask(?:InData)?|Mask|OC)\b")

_STREAM_END = re.compile(rb"\s*endstream")

_CLIP_SLACK_PT = 0.5
_INVISIBLE = pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE
_BLACK = (0, 0, 0, 255)


class Images:
    """The images in the bytes of a PDF."""

    def __init__(self, data: bytes):
        self._data = data

    def on(self, page: pdfium.PdfPage) -> tuple[pdfium.PdfImage, Placement] | None:
        """The image that is all there is to see on a page, and where it lies; None where none is.

        Annotations are not looked at.
        """
        drawn = _drawn_last_first(page)
        image = next(drawn, None)
        if not isinstance(image, pdfium.PdfImage) or image.level or self._is_see_through(image):
            return None
        placement = Placement(*image.get_px_size(), image.get_matrix().get(), page.get_bbox())
        if not placement.is_straight or placement.covered < _LEAST_COVERED:
            return None
        if _is_clipped(image, placement):
            return None
        is_stencil = _is_stencil(image)
        if is_stencil and not (self._has_stencils and _fill_colour(image) == _BLACK):
            return None
        hides_all = placement.covered == 1 and not is_stencil
        return (image, placement) if hides_all or next(drawn, None) is None else None

    def are_whole(self, page: pdfium.PdfPage) -> bool:
        """Is something drawn on a page, and has each image on it its end in the file?

        Asked where the file ends too early: pdfium shows the half of an image there, or nothing.
        """
        drawn = list(_drawn_last_first(page))
        images = [thing for thing in drawn if isinstance(thing, pdfium.PdfImage)]
        return bool(drawn) and all(
            any(_STREAM_END.match(self._data, end) for _, end in self._places(image))
            for image in images)

    @cached_property
    def _has_stencils(self) -> bool:
        return b"/ImageMask" in self._data

    @cached_property
    def _may_be_see_through(self) -> bool:
        return any(key in self._data for key in (b"/SMask", b"/Mask", b"/OC"))

    def _is_see_through(self, image: pdfium.PdfImage) -> bool:
        """May something beneath be seen through the image, or the image not be seen at all?

        pdfium does not tell the masks of images. But the dictionary of a stream stands in the
        clear before its bytes, wherever the file holds them.
        """
        if pdfium_c.FPDFPageObj_HasTransparency(image) or _is_optional(image):
            return True
        if not self._may_be_see_through:
            return False
        places = list(self._places(image))
        return not places or any(_SEE_THROUGH.search(self._data, self._data.rfind(b"obj", 0, start),
                                                     start) for start, _ in places)

    def _places(self, image: pdfium.PdfImage) -> Iterator[tuple[int, int]]:
        """Where in the file the stored bytes of an image begin and end; nowhere if encrypted."""
        stored = bytes(image.get_data())
        start = self._data.find(stored) if stored else -1
        while start >= 0:
            yield start, start + len(stored)
            start = self._data.find(stored, start + 1)


def image_pixels(image: pdfium.PdfImage) -> np.ndarray:
    """The image as it is stored: (H, W) uint8 gray or (H, W, 3) uint8 RGB."""
    bitmap = image.get_bitmap()
    pixels = bitmap.to_numpy()
    if bitmap.mode == "L":
        return 255 - pixels if _is_stencil(image) else pixels
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB if bitmap.mode == "BGR" else cv2.COLOR_BGRA2RGB)


def _drawn_last_first(page: pdfium.PdfPage) -> Iterator[pdfium.PdfObject]:
    """What is drawn on a page, the topmost first; without invisible text, as OCR adds it."""
    for thing in reversed(list(page.get_objects())):
        if thing.type == pdfium_c.FPDF_PAGEOBJ_FORM:
            continue  # what it holds is listed too
        is_text = thing.type == pdfium_c.FPDF_PAGEOBJ_TEXT
        if not (is_text and pdfium_c.FPDFTextObj_GetTextRenderMode(thing) == _INVISIBLE):
            yield thing


def _is_optional(image: pdfium.PdfImage) -> bool:
    """Does the image stand in a layer that can be switched off?"""
    name, length = (pdfium_c.FPDF_WCHAR * 3)(), c_ulong()
    for n in range(pdfium_c.FPDFPageObj_CountMarks(image)):
        mark = pdfium_c.FPDFPageObj_GetMark(image, n)
        pdfium_c.FPDFPageObjMark_GetName(mark, name, sizeof(name), length)
        if bytes(name)[:length.value] == "OC\0".encode("utf-16-le"):
            return True
    return False


def _is_stencil(image: pdfium.PdfImage) -> bool:
    """Is it a mask through which a colour is painted? Its bitmap is white where it paints."""
    if "JPXDecode" in image.get_filters():  # cannot be one, and is decoded to tell its metadata
        return False
    told = image.get_metadata()
    return told.bits_per_pixel == 1 and told.colorspace == pdfium_c.FPDF_COLORSPACE_UNKNOWN


def _fill_colour(image: pdfium.PdfImage) -> tuple[int, ...]:
    channels = [c_uint() for _ in range(4)]
    pdfium_c.FPDFPageObj_GetFillColor(image, *channels)
    return tuple(channel.value for channel in channels)


def _is_clipped(image: pdfium.PdfImage, placement: Placement) -> bool:
    """Does a clip path cut off some of what the page would show of the image?"""
    clip = pdfium_c.FPDFPageObj_GetClipPath(image)
    return any(not _holds(_points(clip, n), placement.shown)
               for n in range(max(0, pdfium_c.FPDFClipPath_CountPaths(clip))))


def _holds(points: set[tuple[float, float]], rect: Rect) -> bool:
    """Are these the corners of a rectangle around `rect`?"""
    across, up = sorted({x for x, _ in points}), sorted({y for _, y in points})
    if len(points) != 4 or len(across) != 2 or len(up) != 2:
        return False
    slack = _CLIP_SLACK_PT
    return (across[0] <= rect[0] + slack and up[0] <= rect[1] + slack
            and across[1] >= rect[2] - slack and up[1] >= rect[3] - slack)


def _points(clip: object, n: int) -> set[tuple[float, float]]:
    """The points on the page of a clip path's part."""
    x, y, points = c_float(), c_float(), set()
    for k in range(pdfium_c.FPDFClipPath_CountPathSegments(clip, n)):
        pdfium_c.FPDFPathSegment_GetPoint(pdfium_c.FPDFClipPath_GetPathSegment(clip, n, k), x, y)
        points.add((round(x.value, 2), round(y.value, 2)))
    return points
