"""Files as scanners, telephones and hostile people make them, for the tests of decoding."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from hashlib import md5

import numpy as np
from PIL import Image

from scanproc.page.decode import open_scan
from scanproc.records import Page
from scanproc.settings import Settings

WIDTH, HEIGHT = 96, 60


def picture() -> np.ndarray:
    """(HEIGHT, WIDTH) uint8: a ramp from black to white with a dark box, alike in no direction."""
    gray = np.tile(np.linspace(0, 255, WIDTH).round().astype(np.uint8), (HEIGHT, 1))
    gray[10:30, 40:60] = 8
    return gray


def coloured() -> np.ndarray:
    """(HEIGHT, WIDTH, 3) uint8 of many colours."""
    gray = picture()
    return np.dstack([gray, gray[::-1], np.roll(gray, 9, axis=1)])


def luma(rgb: np.ndarray) -> np.ndarray:
    """What an RGB picture is in gray (ITU-R BT.601), (H, W) float."""
    return rgb @ (0.299, 0.587, 0.114)


def saved(pixels: np.ndarray | Image.Image, kind: str, mode: str = "", **how) -> bytes:
    """The picture as a file of that kind, first converted to `mode` where one is given."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    stream = io.BytesIO()
    (image.convert(mode) if mode else image).save(stream, kind, **how)
    return stream.getvalue()


def pages_tiff(pages: Sequence[np.ndarray], mode: str, compression: str | None) -> bytes:
    """A TIFF of several pages."""
    first, *rest = (Image.fromarray(page).convert(mode) for page in pages)
    return saved(first, "TIFF", save_all=True, append_images=rest, compression=compression)


def only_page(data: bytes, **settings) -> Page:
    """The page of a file that holds one."""
    with open_scan(data, Settings(**settings)) as scan:
        assert (scan.pages, scan.end) == (1, None)
        return scan.page(1)


def png(width: int, height: int, bits: int, pixels: bytes, length: int | None = None) -> bytes:
    """A gray PNG whose header and IDAT length may lie."""
    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header)
            + png_chunk(b"IDAT", zlib.compress(pixels), length) + png_chunk(b"IEND", b""))


def png_chunk(name: bytes, data: bytes, length: int | None = None) -> bytes:
    """A part of a PNG; `length` is what it says of itself in place of the truth."""
    size = struct.pack(">I", len(data) if length is None else length)
    return size + name + data + struct.pack(">I", zlib.crc32(name + data))


def directory(tags: dict[int, int], after: int = 0, kinds: dict[int, int] | None = None) -> bytes:
    """A directory of a little-endian TIFF: tag -> number (LONG unless `kinds` has another type)."""
    entries = b"".join(struct.pack("<HHII", tag, (kinds or {}).get(tag, 4), 1, value)
                       for tag, value in sorted(tags.items()))
    return struct.pack("<H", len(tags)) + entries + struct.pack("<I", after)


def gray_tags(width: int, height: int, at: int, **more: int) -> dict[int, int]:
    """The tags of an uncompressed gray page of 8 bits whose one strip begins at `at`."""
    return {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: at, 277: 1, 278: height,
            279: width * height, **{int(tag[1:]): value for tag, value in more.items()}}


def pdf(bodies: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """A PDF of objects 1, 2, ... with these bodies; 1 is the catalog."""
    out, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(bodies) + 1
    return bytes(out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R %s >>"
                 b"\nstartxref\n%d\n%%%%EOF\n" % (size, table, size, trailer, len(out)))


def stream(dictionary: bytes, data: bytes, deflate: bool = False) -> bytes:
    """The body of a stream object."""
    if deflate:
        data, dictionary = zlib.compress(data), dictionary + b" /Filter /FlateDecode"
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (dictionary, len(data), data)


def image(width: int, height: int, data: bytes, space: bytes = b"/DeviceGray", bits: int = 8,
          extra: bytes = b"", deflate: bool = True) -> bytes:
    """The body of an image object."""
    return stream(b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace %s "
                  b"/BitsPerComponent %d %s" % (width, height, space, bits, extra), data, deflate)


def page_pdf(content: bytes, resources: bytes = b"", page: bytes = b"",
             media: bytes = b"[0 0 200 300]", more: Sequence[bytes] = (),
             catalog: bytes = b"") -> bytes:
    """A PDF of one page. Objects: 1 catalog, 2 pages, 3 page, 4 content, 5 ... `more`."""
    return pdf([b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
                b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Contents 4 0 R "
                b"/Resources << %s >> %s >>" % (media, resources, page),
                stream(b"", content), *more])


def image_pdf(image: bytes, content: bytes = b"q 200 0 0 300 0 0 cm /Im Do Q", page: bytes = b"",
              media: bytes = b"[0 0 200 300]", more: Sequence[bytes] = (),
              resources: bytes = b"") -> bytes:
    """A PDF of one page that shows an image. The image is object 5, `more` begin with 6."""
    return page_pdf(content, b"/XObject << /Im 5 0 R >> " + resources, page, media,
                    [image, *more])


def pages_pdf(images: Sequence[bytes]) -> bytes:
    """A PDF with a page of 40 x 60 points for each image."""
    kids = b" ".join(b"%d 0 R" % (3 + 3 * n) for n in range(len(images)))
    bodies = [b"<< /Type /Catalog /Pages 2 0 R >>",
              b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(images))]
    for image in images:
        number = len(bodies) + 1
        bodies += [b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 40 60] /Contents %d 0 R "
                   b"/Resources << /XObject << /Im %d 0 R >> >> >>" % (number + 1, number + 2),
                   stream(b"", b"q 40 0 0 60 0 0 cm /Im Do Q"), image]
    return pdf(bodies)


def locked_pdf(user: bytes, owner: bytes, image: bytes) -> bytes:
    """A PDF of one image under the standard handler, revision 2 (ISO 32000-1, 7.6.3)."""
    filler = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
    padded_user, padded_owner = ((word + filler)[:32] for word in (user, owner or user))
    for_owner = rc4(md5(padded_owner).digest()[:5], padded_user)
    key = md5(padded_user + for_owner + struct.pack("<i", -4) + b"id").digest()[:5]

    def locked(number: int, body: bytes) -> bytes:
        start = body.index(b"stream\n") + 7
        end = body.rindex(b"\nendstream")
        object_key = md5(key + struct.pack("<I", number)[:3] + b"\0\0").digest()[:10]
        return body[:start] + rc4(object_key, body[start:end]) + body[end:]

    bodies = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
              b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] /Contents 4 0 R "
              b"/Resources << /XObject << /Im 5 0 R >> >> >>",
              locked(4, stream(b"", b"q 200 0 0 300 0 0 cm /Im Do Q")), locked(5, image)]
    return pdf(bodies, b"/ID [<%s> <%s>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 "
               b"/O <%s> /U <%s> >>" % (b"id".hex().encode(), b"id".hex().encode(),
                                        for_owner.hex().encode(), rc4(key, filler).hex().encode()))


def rc4(key: bytes, data: bytes) -> bytes:
    """The old cipher of PDF, which no library at hand has any more."""
    box, swap = list(range(256)), 0
    for n in range(256):
        swap = (swap + box[n] + key[n % len(key)]) % 256
        box[n], box[swap] = box[swap], box[n]
    out, swap = bytearray(), 0
    for n, byte in enumerate(data, 1):
        at = n % 256
        swap = (swap + box[at]) % 256
        box[at], box[swap] = box[swap], box[at]
        out.append(byte ^ box[(box[at] + box[swap]) % 256])
    return bytes(out)
