"""What tests share: the data beside the project, where there is any."""

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

pytest.register_assert_rewrite("promises")
os.environ["SCANPROC_STILL_S"] = "0"  # files are read as soon as they are written


def _folder(name):
    if "SCANTEST_DATA" not in os.environ:
        pytest.skip("SCANTEST_DATA names no folder with test data")
    folder = Path(os.environ["SCANTEST_DATA"]) / name
    assert folder.exists(), f"SCANTEST_DATA is set but holds no {name}"
    return folder


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Commands that are called in this process set variables for what they import."""
    monkeypatch.setattr("scanproc.batch.still.touched", lambda stamp, still_s: False)
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys():
        del os.environ[name]


def pytest_addoption(parser):
    """Promises are measured in small, unless asked for otherwise."""
    parser.addoption("--large", action="store_true", help="the large figures of the promises")


def pytest_terminal_summary(terminalreporter):
    """Prints what was promised, and the figure that was measured."""
    kept = [value for reports in terminalreporter.stats.values() for report in reports
            if getattr(report, "when", "") == "call"
            for name, value in report.user_properties if name == "promise"]
    if kept:
        terminalreporter.section("promises")
    for words, figure in kept:
        terminalreporter.line(f"{words}: {figure}")


@pytest.fixture
def large(request):
    """Whether the large figures are asked for."""
    return request.config.getoption("--large")


@pytest.fixture
def promise(record_property):
    """A function: what is promised, the figure measured -> a line at the end of all tests."""
    return lambda words, figure: record_property("promise", (words, figure))


@pytest.fixture
def data():
    """A function: name -> the path of it in the test data, or the test is skipped."""
    return _folder


@pytest.fixture
def mnist():
    """A function: train or t10k -> (images (N, 28, 28) uint8, labels (N,) uint8)."""
    def load(part):
        folder = _folder("mnist")
        images = gzip.decompress((folder / f"{part}-images-idx3-ubyte.gz").read_bytes())
        labels = gzip.decompress((folder / f"{part}-labels-idx1-ubyte.gz").read_bytes())
        return (np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28),
                np.frombuffer(labels, np.uint8, offset=8))
    return load


@pytest.fixture
def samples():
    """The folder of sample pages."""
    return Path(__file__).parent.parent / "samples"


@pytest.fixture
def office(tmp_path, monkeypatch):
    """A folder of scans that say themselves how they are read: see `fakes`."""
    import fakes

    monkeypatch.setattr("scanproc.batch.workers.Pool", fakes.Pool)
    monkeypatch.setattr(fakes.Pool, "outcomes", {})
    monkeypatch.setattr(fakes.Pool, "stop_after", None)
    return fakes.Office(tmp_path)
