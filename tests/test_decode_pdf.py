"""PDF pages: taken as their image where that is all there is to see, rendered otherwise."""

from __future__ import annotations

import numpy as np
import pypdfium2 as pdfium
import pytest
from decode_files import image, image_pdf, luma, page_pdf, saved, stream

from scanproc.page.decode import open_scan
from scanproc.records import Page
from scanproc.settings import Settings

WIDTH, HEIGHT = 400, 600  # the image on a page of 200 x 300 points: 144 dots per inch
PICTURE = np.tile(np.linspace(60, 250, WIDTH).astype(np.uint8), (HEIGHT, 1))
PICTURE[50:200, 50:150] = 0
PICTURE[400:500, 200:380] = 30
BITS = np.packbits(PICTURE > 127, axis=1).tobytes()
COLOURS = np.dstack([PICTURE, PICTURE[::-1], np.roll(PICTURE, 40, axis=1)])

GRAY = image(WIDTH, HEIGHT, PICTURE.tobytes())
STENCIL = stream(b"/Type /XObject /Subtype /Image /ImageMask true /BitsPerComponent 1 "
                 b"/Width 400 /Height 600", BITS, deflate=True)
SHOW = b"q 200 0 0 300 0 0 cm /Im Do Q "
FONT = b"/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
RENDERED = 150  # the resolution asked for where a page is rendered


def first_page(data: bytes, *passwords: str, **settings) -> Page:
    with open_scan(data, Settings(**{"pdf_dpi": RENDERED, **settings}), passwords) as scan:
        return scan.page(1)


def rendering(data: bytes, dpi: float) -> np.ndarray:
    """The first page in gray, (H, W) float, as pdfium renders it, with its form filled in."""
    document = pdfium.PdfDocument(data)
    document.init_forms()
    page = document[0]
    bgr = page.render(scale=dpi / 72).to_numpy()
    gray = luma(bgr[..., ::-1].astype(float))
    page.close()
    document.close()
    return gray


def is_as_rendered(page: Page, data: bytes) -> bool:
    """Is it what pdfium renders at the page's own resolution?"""
    assert page.dpi is not None and page.rotation == 0
    truth = rendering(data, page.dpi[0])
    return page.gray.shape == truth.shape and float(np.abs(page.gray - truth).mean()) < 0.6


PLACEMENTS = {
    "upright": b"200 0 0 300 0 0", "mirrored": b"-200 0 0 300 200 0",
    "upside down": b"-200 0 0 -300 200 300", "flipped": b"200 0 0 -300 0 300",
    "right": b"0 -300 200 0 0 300", "left": b"0 300 -200 0 200 0",
    "transposed": b"0 300 200 0 0 0", "transversed": b"0 -300 -200 0 200 300",
}


@pytest.mark.parametrize("crop", [b"", b"/CropBox [10 20 150 280]", b"/CropBox [-50 -50 150 280]"])
@pytest.mark.parametrize("turn", [0, 90, 180, 270, -90])
@pytest.mark.parametrize("name", PLACEMENTS)
def test_an_image_is_laid_on_its_page_as_a_viewer_lays_it(name, turn, crop):
    matrix = PLACEMENTS[name]
    stored = GRAY if b"00 0 0" in matrix[:8] else image(HEIGHT, WIDTH, PICTURE.T.tobytes())
    data = image_pdf(stored, b"q %s cm /Im Do Q" % matrix, b"/Rotate %d %s" % (turn, crop))
    page = first_page(data)
    assert page.dpi == (144, 144) and is_as_rendered(page, data)


def jpeg(mode: str, space: bytes, extra: bytes = b"") -> bytes:
    return image(WIDTH, HEIGHT, saved(COLOURS, "JPEG", mode), space,
                 extra=b"/Filter /DCTDecode " + extra, deflate=False)


def jpx(pixels: np.ndarray) -> bytes:
    return stream(b"/Type /XObject /Subtype /Image /Width 400 /Height 600 /Filter /JPXDecode",
                  saved(pixels, "JPEG2000"))


IMAGES = {
    "gray": GRAY,
    "gray, decoded": image(WIDTH, HEIGHT, PICTURE.tobytes(), extra=b"/Decode [1 0]"),
    "16 bits": image(WIDTH, HEIGHT, (PICTURE.astype(">u2") * 257).tobytes(), bits=16),
    "4 bits": image(WIDTH, HEIGHT, (PICTURE[:, ::2] // 16 * 17).tobytes(), bits=4),
    "1 bit": image(WIDTH, HEIGHT, BITS, bits=1),
    "1 bit, decoded": image(WIDTH, HEIGHT, BITS, bits=1, extra=b"/Decode [1 0]"),
    "colour": image(WIDTH, HEIGHT, COLOURS.tobytes(), b"/DeviceRGB"),
    "colour, decoded": image(WIDTH, HEIGHT, COLOURS.tobytes(), b"/DeviceRGB",
                             extra=b"/Decode [1 0 0 1 0 0.5]"),
    "palette": image(WIDTH, HEIGHT, (PICTURE // 64).tobytes(),
                     b"[/Indexed /DeviceRGB 3 <000000ff000000ff00ffffff>]"),
    "lab": image(WIDTH, HEIGHT, COLOURS.tobytes(), b"[/Lab << /WhitePoint [0.95 1 1.09] >>]"),
    "jpeg gray": jpeg("L", b"/DeviceGray"), "jpeg": jpeg("RGB", b"/DeviceRGB"),
    "jpeg cmyk": jpeg("CMYK", b"/DeviceCMYK"),
    "jpeg cmyk, decoded": jpeg("CMYK", b"/DeviceCMYK", b"/Decode [1 0 1 0 1 0 1 0]"),
    "jpeg 2000": jpx(COLOURS), "stencil": STENCIL,
}


@pytest.mark.parametrize("name", IMAGES)
def test_every_kind_of_image_is_taken_as_it_is_shown(name):
    data = image_pdf(IMAGES[name])
    page = first_page(data)
    assert page.dpi == (144, 144) and is_as_rendered(page, data)


@pytest.mark.parametrize("name", ["1 bit", "1 bit, decoded", "stencil"])
def test_one_bit_stays_exact(name):
    gray = first_page(image_pdf(IMAGES[name])).gray
    truth = np.where(PICTURE > 127, 255, 0)
    assert np.array_equal(gray, 255 - truth if name == "1 bit, decoded" else truth)


def test_colour_is_kept_and_gray_has_none():
    assert np.array_equal(first_page(image_pdf(IMAGES["colour"])).colour, COLOURS)
    assert first_page(image_pdf(GRAY)).colour is None
    assert first_page(image_pdf(GRAY, SHOW + b"0 0 m 9 9 l S")).colour is None
    assert first_page(image_pdf(GRAY, SHOW + b"1 0 0 rg 0 0 50 50 re f")).colour is not None


def test_fax_pixels_stay_as_they_are_stored():
    page = first_page(image_pdf(image(WIDTH, HEIGHT // 2, PICTURE[::2].tobytes())))
    assert page.dpi == (144, 72)
    assert np.array_equal(page.gray, PICTURE[::2])
    page = first_page(image_pdf(image(WIDTH, HEIGHT // 2, PICTURE[::2].tobytes()),
                                page=b"/Rotate 90"))
    assert page.dpi == (72, 144)


@pytest.mark.parametrize("content", [
    SHOW + b"BT 3 Tr /F 12 Tf 20 20 Td (hidden) Tj ET", b"1 g 0 0 200 300 re f " + SHOW,
    b"BT /F 12 Tf 20 20 Td (beneath) Tj ET " + SHOW, b"0 0 200 300 re W n " + SHOW,
    b"/G gs " + SHOW])
def test_what_changes_nothing_to_see_does_not_matter(content):
    data = image_pdf(GRAY, content,
                     resources=FONT + b"/ExtGState << /G << /SMask /None /BM /Normal >> >>")
    page = first_page(data)
    assert page.dpi == (144, 144) and is_as_rendered(page, data)


def test_a_page_with_margins_around_its_image_is_white_there():
    data = image_pdf(GRAY, b"q 1 0 0 1 10 15 cm " + SHOW, media=b"[0 0 220 330]")
    page = first_page(data)
    assert page.dpi == (144, 144) and is_as_rendered(page, data)


def test_hidden_text_in_a_form_object_does_not_matter():
    text = stream(b"/Type /XObject /Subtype /Form /BBox [0 0 200 300] /Resources << %s >>" % FONT,
                  b"BT 3 Tr /F 12 Tf 20 20 Td (hidden) Tj ET")
    data = page_pdf(SHOW + b"/Fm Do", b"/XObject << /Im 5 0 R /Fm 6 0 R >>", more=[GRAY, text])
    assert first_page(data).dpi == (144, 144)


MASK = b"/Type /XObject /Subtype /Image /ImageMask true /BitsPerComponent 1 /Width 400 /Height 600"
SHOWN_OTHERWISE = {
    "text": image_pdf(GRAY, SHOW + b"BT /F 12 Tf 20 20 Td (seen) Tj ET", resources=FONT),
    "line": image_pdf(GRAY, SHOW + b"0 0 m 100 100 l S"),
    "second image": image_pdf(GRAY, SHOW + b"q 100 0 0 100 0 0 cm /Im Do Q"),
    "small": image_pdf(GRAY, b"q 100 0 0 150 0 0 cm /Im Do Q"),
    "frame around": image_pdf(GRAY, b"0 0 200 300 re f q 190 0 0 285 5 5 cm /Im Do Q"),
    "leaning": image_pdf(GRAY, b"q 200 4 -4 300 0 0 cm /Im Do Q"),
    "clipped": image_pdf(GRAY, b"q 20 20 100 200 re W n " + SHOW + b"Q"),
    "clipped askew": image_pdf(GRAY, b"q 0 0 m 200 0 l 200 300 l h W n " + SHOW + b"Q"),
    "soft mask": image_pdf(image(WIDTH, HEIGHT, PICTURE.tobytes(), extra=b"/SMask 6 0 R"),
                           more=[image(WIDTH, HEIGHT, PICTURE.T.tobytes())]),
    "mask": image_pdf(image(WIDTH, HEIGHT, PICTURE.tobytes(), extra=b"/Mask 6 0 R"),
                      more=[stream(MASK, BITS, True)]),
    "clear colour": image_pdf(image(WIDTH, HEIGHT, PICTURE.tobytes(), extra=b"/Mask [20 40]")),
    "same bytes masked elsewhere": image_pdf(
        GRAY, more=[image(WIDTH, HEIGHT, PICTURE.tobytes(), extra=b"/SMask 5 0 R")]),
    "half clear": image_pdf(GRAY, b"/G gs " + SHOW,
                            resources=b"/ExtGState << /G << /ca 0.5 >> >>"),
    "blended": image_pdf(GRAY, b".5 g 0 0 200 300 re f /G gs " + SHOW,
                         resources=b"/ExtGState << /G << /BM /Multiply >> >>"),
    "layer": image_pdf(GRAY, b"/OC /L BDC " + SHOW + b"EMC",
                       resources=b"/Properties << /L << /Type /OCG /Name (x) >> >>"),
    "image in a layer": image_pdf(image(WIDTH, HEIGHT, PICTURE.tobytes(),
                                        extra=b"/OC << /Type /OCG /Name (x) >>")),
    "red stencil": image_pdf(STENCIL, b"1 0 0 rg " + SHOW),
    "stencil on gray": image_pdf(STENCIL, b".5 g 0 0 200 300 re f 0 g " + SHOW),
    "no colour space": image_pdf(stream(MASK.replace(b"/ImageMask true", b""), BITS, True)),
    "note": image_pdf(GRAY, page=b"/Annots [<< /Type /Annot /Subtype /Square /C [1 0 0] "
                                 b"/IC [0 0 0] /Rect [20 20 100 100] >>]"),
    "in a form object": page_pdf(
        b"q 1 0 0 1 5 5 cm /Fm Do Q", b"/XObject << /Fm 6 0 R >>",
        more=[GRAY, stream(b"/Type /XObject /Subtype /Form /BBox [0 0 100 100] "
                           b"/Matrix [2 0 0 3 0 0] /Resources << /XObject << /Im 5 0 R >> >>",
                           b"q 100 0 0 100 0 0 cm /Im Do Q")]),
}


@pytest.mark.parametrize("data", SHOWN_OTHERWISE.values(), ids=SHOWN_OTHERWISE)
def test_a_page_that_shows_other_than_its_image_is_rendered(data):
    page = first_page(data)
    assert page.dpi == (RENDERED, RENDERED) and is_as_rendered(page, data)


@pytest.mark.parametrize("annotation", [
    b"/Subtype /Link /Border [0 0 1]", b"/Subtype /Popup /Open true /Contents (x)",
    b"/Subtype /Square /IC [0 0 0] /F 2"])
def test_notes_that_are_not_drawn_do_not_matter(annotation):
    data = image_pdf(GRAY, page=b"/Annots [<< /Type /Annot /Rect [20 20 100 100] %s >>]"
                     % annotation)
    assert first_page(data).dpi == (144, 144) and is_as_rendered(first_page(data), data)


def test_typed_form_fields_are_drawn():
    field = (b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (n) /V (12345) /DA (/F 24 Tf 0 g) "
             b"/Rect [20 150 180 200] /F 4 /P 3 0 R >>")
    data = page_pdf(b"", page=b"/Annots [5 0 R]", more=[field],
                    catalog=b"/AcroForm << /Fields [5 0 R] /DR << %s >> >>" % FONT)
    gray = first_page(data).gray
    assert is_as_rendered(first_page(data), data)
    assert (gray[210:310, 40:370] < 100).sum() > 500
