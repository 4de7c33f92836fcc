"""Package metadata. `models/` is packed into the wheel as `scanproc/models`."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION = re.search(r'__version__ = "(.+?)"', (HERE / "scanproc/__init__.py").read_text()).group(1)

TRAIN = ["tensorflow>=2.18", "matplotlib>=3.9", "onnx>=1.19"]
EXPORT = ["openpyxl>=3.1", "pyarrow>=17"]
DEV = ["pytest>=8", "pytest-xdist>=3.6", "ruff>=0.8", "build>=1.2", "onnxruntime>=1.20",
       "nbclient>=0.10", "ipykernel>=7", "nbformat>=5.10"]

setup(
    name="scanproc",
    version=VERSION,
    description="Folders of scanned pages in, CSV of the handwritten numbers on them out",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    python_requires=">=3.11,<3.14",
    packages=[*find_packages(include=["scanproc", "scanproc.*"]), "scanproc.models"],
    package_dir={"scanproc.models": "models"},
    package_data={"scanproc.models": ["*.npz", "*.json"],
                  "scanproc.evaluate": ["*.html", "*.css"]},
    install_requires=[
        "numpy>=2.0",
        "opencv-python-headless>=4.12,<6",
        "scikit-image>=0.25",
        "scipy>=1.13",  # scikit-image brings it in any case
        "pandas>=2.2",
        "pillow>=11",
        "pypdfium2>=5",
        "click>=8.1",
        "filelock>=3.16",
        "jinja2>=3.1",
    ],
    extras_require={"train": TRAIN, "export": EXPORT, "dev": DEV + EXPORT},
    entry_points={"console_scripts": ["scanproc = scanproc.__main__:main"]},
)
