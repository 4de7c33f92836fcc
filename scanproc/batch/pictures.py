"""The folder of `--debug`: what was seen on each page that is read, a folder of pictures a page."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from scanproc.batch.folder import shown
from scanproc.decide import decide
from scanproc.errors import OutputError, UsageError
from scanproc.settings import Settings

if TYPE_CHECKING:
    from scanproc.page.read import Seen

LONGEST = 200  # signs of a folder's name: file systems take 255 bytes


def prepare(folder: Path, inputs: Sequence[Path], out: Path) -> Path:
    """Makes the folder for pictures, if need be, and gives its absolute path.

    Raises UsageError where pictures would come to lie in an input folder, where the next run
    would take them for scans, or in `out`; OutputError where the folder cannot be made.
    """
    real = Path(os.path.realpath(folder))
    for other in (*inputs, out):
        if real.is_relative_to(os.path.realpath(other)):
            raise UsageError(f"--debug {shown(folder)} lies in {shown(other)}; choose a folder "
                             "outside the input and --out")
    try:
        real.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_written(folder, error) from error
    return real


def place(folder: Path, file: str, page: int) -> Path:
    """Where the pictures of a page go: a folder in `folder` of its own, whatever `file` is called.

    The name is percent-encoded, so it holds no slash; one too long ends in its hash behind a `+`,
    which no encoded name has.
    """
    name = quote(file, safe="")
    if len(name) > LONGEST:
        name = f"{name[:LONGEST - 17]}+{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    return folder / f"{name}-{page}"


def draw(folder: Path, file: str, settings: Settings, page: int, seen: Seen) -> None:
    """Writes the pictures of one page, `review` on them as the settings decide it.

    Raises OutputError where they cannot be drawn or written: to go on would change the result of
    the page, or hide that there are none.
    """
    from scanproc import debug  # heavy, and seldom needed

    target = place(folder, file, page)
    try:
        target.mkdir(exist_ok=True)
        for name, png in debug.pictures(replace(seen, result=decide(seen.result, settings))):
            (target / name).write_bytes(png)
    except OSError as error:
        raise _not_written(target, error) from error
    except Exception as error:
        raise OutputError(f"the pictures in {shown(target)} cannot be drawn ({type(error).__name__}"
                          f": {error}); run again without --debug") from error


def _not_written(path: Path, error: OSError) -> OutputError:
    return OutputError(f"the pictures in {shown(path)} cannot be written: "
                       f"{error.strerror or error}; see to that, or run without --debug")
