"""What this program runs on: versions, the model, cores, limits, and every setting's source."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import Any

from scanproc import __version__
from scanproc.batch.machine import usable_jobs
from scanproc.errors import ModelError
from scanproc.page.classify import load
from scanproc.settings import Settings

BASE = ("numpy", "opencv-python-headless", "scikit-image", "scipy", "pandas", "pillow", "pypdfium2",
        "click", "filelock", "jinja2")
EXTRAS = ("openpyxl", "pyarrow", "tensorflow", "matplotlib", "onnx")


def examine(settings: Settings, sources: dict[str, str]) -> dict[str, Any]:
    """Facts by name; `model` holds what is wrong with it where it cannot be used."""
    return {
        "scanproc": __version__,
        "python": f"{platform.python_version()} on {platform.platform()}",
        "packages": {name: _version(name) for name in BASE + EXTRAS},
        "model": _model(settings),
        "jobs": usable_jobs(settings),
        "settings": {name: {"value": getattr(settings, name), "from": source}
                     for name, source in sources.items()},
    }


def text(facts: dict[str, Any]) -> str:
    """The facts as a page to read or to send with a question."""
    lines = [f"scanproc {facts['scanproc']}, Python {facts['python']}", "", "packages"]
    lines += [f"  {name:<24}{version or 'not installed'}"
              for name, version in facts["packages"].items()]
    lines += ["", f"model     {facts['model']}", f"jobs      {facts['jobs']}", "", "settings"]
    lines += [f"  {name:<18}{'' if knob['value'] == '' else knob['value']!s:<12}{knob['from']}"
              for name, knob in facts["settings"].items()]
    return "\n".join(lines)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _model(settings: Settings) -> str:
    try:
        card = load(settings.model).card
    except ModelError as error:
        return f"cannot be used: {error}"
    return f"sha256 {card['sha256']}"
