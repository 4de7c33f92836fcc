"""The one place where what a decoder throws at a bad file becomes Refused."""

from __future__ import annotations

import logging
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from scanproc.errors import Refused

# What Pillow and pdfium raise on bytes that are not what they say; PdfiumError is a RuntimeError.
FAULTS = (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, RuntimeError,
          EOFError, struct.error)

# Without a handler of their own their complaints of bad files would go to standard error.
for _library in ("PIL", "pypdfium2"):
    logging.getLogger(_library).addHandler(logging.NullHandler())


@contextmanager
def decoding() -> Iterator[None]:
    """Within it bad bytes raise Refused and nothing else, and decoders warn of nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except MemoryError as error:
        raise Refused("too_large", "the page needs more memory than one page may take; "
                      "--page-memory-mb raises the limit") from error
    except FAULTS as error:
        if "truncated" in str(error).lower():
            raise Refused("cut", "the image ends before its last line does; "
                          "copy the file again, or scan the sheet again") from error
        raise Refused("damaged", "the page cannot be decoded: it is damaged, or of a rare kind; "
                      "copy the file again, scan the sheet again, or save it as PNG") from error
