"""TIFF: pages are found by walking the chain of directories and decoded by Pillow, one by one."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from scanproc.errors import Refused
from scanproc.page.decode.fax import GROUP_4, is_plausible, listening
from scanproc.page.decode.gray import Pixels, pixels_of
from scanproc.page.decode.guard import decoding
from scanproc.page.decode.hints import unmirrored
from scanproc.page.decode.ifd import COMPRESSION, ORIENTATION, Directory, Field, Tiff
from scanproc.page.decode.image import dpi_of, opened
from scanproc.page.decode.limits import check_pages
from scanproc.records import Page
from scanproc.settings import Settings

_BITS, _PHOTOMETRIC, _PLANES = 258, 262, 284
_WHITE_IS_ZERO, _APART = 0, 2


class TiffScan:
    """A TIFF of one or many pages."""

    def __init__(self, data: bytes, settings: Settings):
        self._tiff, self._settings = Tiff(data), settings
        self._directories, self.end = self._tiff.pages(settings.max_pages)
        self.pages = len(self._directories)
        check_pages(self.pages, settings)
        self._stream = io.BytesIO(data)
        self._first = self._tiff.first

    def __enter__(self) -> TiffScan:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def page(self, n: int) -> Page:
        """Page n, from 1. Raises Refused."""
        directory = self._directories[n - 1]
        if not self._tiff.is_whole(directory):
            raise Refused("damaged", "the page's data does not lie inside the file; "
                          "copy the file again, or scan the sheet again")
        self._prepare(directory)
        with decoding(), opened(self._stream, "tiff", self._settings) as image:
            _check_usual(image)
            dpi = dpi_of(image)
            self._load(image, directory)
            pixels, rotation = unmirrored(
                _positive(image), self._tiff.number(directory, ORIENTATION, 1))
            return Page(*pixels, dpi=dpi, rotation=rotation)

    def _load(self, image: Image.Image, directory: Directory) -> None:
        if self._tiff.number(directory, COMPRESSION, 1) != GROUP_4:
            image.load()
        elif not all(map(is_plausible, self._tiff.parts(directory))):
            raise ValueError("zeros where there are none in Group 4 data")
        else:
            with listening():
                image.load()

    def _prepare(self, directory: Directory) -> None:
        """Makes a page the first of the file, and upright, so that Pillow takes it as it lies."""
        if directory.offset != self._first:  # the first write copies the whole file
            self._write(self._tiff.link, directory.offset)
            self._first = directory.offset
        if self._tiff.number(directory, ORIENTATION, 1) != 1:
            self._write(directory.fields[ORIENTATION], 1)
        self._stream.seek(0)

    def _write(self, field: Field, value: int) -> None:
        self._stream.seek(field.at)
        self._stream.write(np.array([value]).astype(field.dtype).tobytes())


def _check_usual(image: Image.Image) -> None:
    """Raises ValueError for the kinds that Pillow decodes to other pixels than were stored."""
    tags = image.tag_v2
    bits = max(tags.get(_BITS, (1,)))
    is_raw = image.info["compression"] == "raw"
    if (bits == 12 or (bits > 8 and is_raw and tags.get(_PLANES) == _APART)
            or (image.mode in ("I", "F") and tags.prefix == b"MM" and not is_raw)):
        raise ValueError("a rare kind of TIFF")


def _positive(image: Image.Image) -> Pixels:
    """The pixels, turned where zero means white and Pillow leaves that to its caller."""
    gray, colour = pixels_of(image)
    if image.mode in ("1", "L") or image.tag_v2.get(_PHOTOMETRIC) != _WHITE_IS_ZERO:
        return gray, colour
    return 255 - gray, colour
