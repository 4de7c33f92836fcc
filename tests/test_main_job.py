"""The main job as people run it: the real command, on the sample pages and on real ones."""

import csv
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

EXPECTED = Path(__file__).parent.parent / "samples" / "expected"
TABLES = ("digits.csv", "numbers.csv", "pages.csv")
PLAIN = {"lines", "column", "tilted", "photo", "pencil", "fax", "pdf"}


def scanproc(*words, **options):
    """The command in a process of its own."""
    return subprocess.run([sys.executable, "-m", "scanproc", *map(str, words)], check=False,
                          capture_output=True, text=True, timeout=300, **options)


def table(folder, name):
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """DIR after a run over samples/ with two jobs."""
    out = tmp_path_factory.mktemp("results")
    done = scanproc("run", EXPECTED.parent, "--out", out, "--jobs", 2)
    assert done.returncode == 1, done.stderr  # damaged.png
    assert done.stdout == "" and done.stderr.count("\n") == 1
    return out


def test_one_job_gives_the_same_bytes(results, tmp_path):
    assert scanproc("run", EXPECTED.parent, "--out", tmp_path, "--jobs", 1).returncode == 1
    for name in TABLES:
        assert (tmp_path / name).read_bytes() == (results / name).read_bytes()


@pytest.mark.parametrize("name", TABLES)
def test_the_samples_read_as_committed(results, name):
    found, wanted = table(results, name), table(EXPECTED, name)
    assert len(found) == len(wanted)
    for row, other in zip(found, wanted, strict=True):
        assert list(row) == list(other)
        for column, value in row.items():
            if "confidence" in column:
                assert float(value) == pytest.approx(float(other[column]), abs=0.001), (row, other)
            elif column in ("left", "top", "width", "height"):
                assert abs(int(value) - int(other[column])) <= 1, (row, other)
            else:
                assert value == other[column], (row, other)


def test_a_second_run_reads_nothing_and_writes_nothing(results):
    before = {path: path.stat().st_mtime_ns for path in map(results.joinpath, TABLES)}
    done = scanproc("run", EXPECTED.parent, "--out", results)
    assert done.returncode == 1 and "0 pages read" in done.stderr
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_moving_the_threshold_reads_nothing_and_changes_the_review(results):
    review = sum(int(row["review"]) for row in table(results, "numbers.csv"))
    done = scanproc("run", EXPECTED.parent, "--out", results, "--review-below", 0.5)
    assert done.returncode == 1 and "0 pages read" in done.stderr
    assert sum(int(row["review"]) for row in table(results, "numbers.csv")) < review
    scanproc("run", EXPECTED.parent, "--out", results)
    assert sum(int(row["review"]) for row in table(results, "numbers.csv")) == review


def test_the_figures_on_the_samples():
    done = scanproc("evaluate", "--pages", EXPECTED.parent, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    for page in report["pages"]:
        if page["kind"] in PLAIN:
            assert page["error_rate"] <= 0.01, page
            assert page["numbers"]["reported"] == page["numbers"]["true"], page
        if page["kind"] == "blank":
            assert page["status"] == "blank" and page["numbers"]["reported"] == 0
    assert PLAIN | {"blank", "boxes", "table", "print"} <= {page["kind"]
                                                            for page in report["pages"]}


def test_the_real_pages_all_get_a_row(data, tmp_path):
    pages = data("pages")
    done = scanproc("run", pages, "--out", tmp_path)
    assert done.returncode in (0, 1), done.stderr
    assert len(table(tmp_path, "pages.csv")) == 46
    done = scanproc("evaluate", "--pages", pages, "--truth", data("truth.csv"), "--json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["pages"]) == 43


def best_of(count, *words):
    """Shortest wall time of a command in seconds: the machine may be busy with other things."""
    times = []
    for _ in range(count):
        began = time.monotonic()
        assert scanproc(*words).returncode == 0
        times.append(time.monotonic() - began)
    return min(times)


def test_it_starts_fast(tmp_path):
    assert best_of(5, "--version") < 0.2
    page = EXPECTED.parent / "column.png"
    assert best_of(3, "run", page, "--out", tmp_path, "--reread") < 1.5
