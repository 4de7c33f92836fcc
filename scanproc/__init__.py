"""scanproc reads the handwritten numbers on scanned pages.

    >>> import scanproc
    >>> page = scanproc.read("page.png")            # doctest: +SKIP
    >>> page.numbers[0].text                        # doctest: +SKIP
    '2026'
    >>> scanproc.to_pandas(page, "digits")          # doctest: +SKIP
    >>> scanproc.classify(images)                   # doctest: +SKIP
"""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"
__all__ = ["classify", "read", "to_pandas"]


def __getattr__(name: str) -> Any:
    """The functions of `api`, imported when first used: the command line starts without them."""
    if name in __all__:
        from scanproc import api

        return getattr(api, name)
    raise AttributeError(f"module 'scanproc' has no attribute '{name}'")
