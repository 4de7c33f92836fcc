"""One image per file: PNG, JPEG, BMP and WebP, decoded by Pillow.

Of animations (APNG, WebP) and of a telephone's second pictures (MPO) only the first frame is a
page: no scanner writes pages that way.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import BinaryIO

from PIL import ExifTags, Image

from scanproc.errors import Refused
from scanproc.page.decode.gray import pixels_of
from scanproc.page.decode.guard import FAULTS, decoding
from scanproc.page.decode.hints import believed_dpi, unmirrored
from scanproc.page.decode.limits import check_pixels
from scanproc.records import Page
from scanproc.settings import Settings


class ImageScan:
    """A file that holds one page. Its bytes are decoded anew for each call of `page`."""

    pages = 1
    end: Refused | None = None

    def __init__(self, data: bytes, kind: str, settings: Settings):
        self._data, self._kind, self._settings = data, kind, settings

    def __enter__(self) -> ImageScan:
        return self

    def __exit__(self, *_: object) -> None:
        """Holds nothing that needs closing."""

    def page(self, n: int) -> Page:
        """Page 1. Raises Refused."""
        with decoding():
            if self._kind == "png":
                self._check_sums()
            with self._opened() as image:
                image.load()
                pixels, rotation = unmirrored(pixels_of(image), _orientation_of(image))
                return Page(*pixels, dpi=dpi_of(image), rotation=rotation)

    def _opened(self) -> AbstractContextManager[Image.Image]:
        return opened(io.BytesIO(self._data), self._kind, self._settings)

    def _check_sums(self) -> None:
        # Pillow decodes over wrong checksums: digits from flipped bits would be quietly wrong
        with self._opened() as image:
            image.verify()


@contextmanager
def opened(stream: BinaryIO, kind: str, settings: Settings) -> Iterator[Image.Image]:
    """An image whose header has been read, of no other kind and no larger than is allowed.

    Pillow's own limit of pixels is put aside meanwhile: the setting takes its place.
    """
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        with Image.open(stream, formats=(kind,)) as image:
            check_pixels(*image.size, settings)
            yield image
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _orientation_of(image: Image.Image) -> int:
    with suppress(*FAULTS):  # broken EXIF does not make a picture unreadable
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    return 1


def dpi_of(image: Image.Image) -> tuple[float, float] | None:
    """(across, down) as the file gives them, or None where it does not or they are absurd."""
    given = image.info.get("dpi")
    return believed_dpi(*given, *image.size) if given else None

