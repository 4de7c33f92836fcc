"""The review threshold from the error asked for and the reject curve in the model's card."""

import csv
import itertools
import json
import re
import subprocess
import sys

import numpy as np
import pytest
from fakes import Pool

from scanproc.batch import run, status
from scanproc.errors import ModelError, UsageError
from scanproc.settings import Settings
from scanproc.threshold import Point, choose, review_below, words

CURVE = {"crops": "drawn", "n": 10_000, "review_below": [0.5, 0.9, 0.97, 0.9871, 0.999],
         "accepted": [9990, 9900, 9850, 9770, 500], "wrong": [90, 25, 12, 8, 0]}


@pytest.fixture
def model(tmp_path):
    """A function: a curve, or None -> the path of a model with that in its card."""
    names = itertools.count()

    def write(curve):
        file = tmp_path / f"own{next(names)}.npz"
        file.touch()
        more = {} if curve is None else {"reject_curve": curve}
        file.with_suffix(".json").write_text(json.dumps({"sha256": "0"} | more))
        return str(file)
    return write


def test_the_lowest_threshold_that_keeps_to_the_error_is_taken(model):
    file = model(CURVE)
    for error, below in [(0.0092, 0.5), (0.0091, 0.9), (0.002, 0.97), (0.001, 0.9871)]:
        assert review_below(Settings(model=file, max_error=error)) == below


def test_without_an_error_it_is_what_is_set(model):
    assert review_below(Settings(model=model(None), review_below=0.8)) == 0.8
    assert words(Settings(model=model(None))) == ""


def test_a_clerk_is_told_what_to_expect(model):
    assert words(Settings(model=model(CURVE), max_error=0.001)) == (
        "asked for at most 0.1 % wrong: digits and numbers less sure than 0.9871 go to review, "
        "2.3 % of the single digits that it was measured on, and so more of the numbers; your "
        "pages may differ")


def test_less_than_can_be_promised_names_the_smallest_that_can(model):
    file = model(CURVE)
    with pytest.raises(UsageError, match="max_error 0.0005.*review_below") as refused:
        review_below(Settings(model=file, max_error=0.0005))
    least = float(re.search(r"smallest is ([0-9.]+)", str(refused.value))[1])
    assert least == pytest.approx(9 / 9771, abs=1e-6)
    assert review_below(Settings(model=file, max_error=least)) == 0.9871


def test_few_digits_without_an_error_promise_little():
    points = [Point(0.9, 500, 0, 1000), Point(0.99, 99, 0, 1000)]
    assert choose(points, 0.001) is None
    assert choose(points, 0.002).review_below == 0.9


def test_a_dip_below_a_point_that_shows_more_is_not_trusted():
    points = [Point(0.5, 10_000, 19, 10_000), Point(0.6, 9000, 30, 10_000),
              Point(0.7, 8000, 8, 10_000)]
    assert choose(points, 0.002).review_below == 0.7


def test_digits_made_from_a_true_curve_keep_to_the_error_on_average():
    rng = np.random.default_rng(3)
    steps = np.array([0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995])

    def measured(count):
        certainty = rng.normal(6.5, 2.5, count)
        confidence = 1 / (1 + np.exp(-certainty))
        wrong = rng.random(count) > 1 / (1 + np.exp(-0.9 * certainty))  # surer than right
        return [Point(step, int((confidence >= step).sum()),
                      int((wrong & (confidence >= step)).sum()), count) for step in steps]

    true = {point.review_below: point.wrong / point.accepted for point in measured(1_000_000)}
    given = [true[choose(measured(5000), 0.005).review_below] for _ in range(200)]
    assert 0.003 < np.mean(given) < 0.005


def test_a_card_without_a_curve_is_wrong_usage(model):
    with pytest.raises(UsageError, match="reject_curve.*own0.npz.*review_below"):
        review_below(Settings(model=model(None), max_error=0.01))


@pytest.mark.parametrize("change", [
    {"n": 9000}, {"n": 0}, {"n": "many"}, {"n": None}, {"accepted": [1, 2]}, {"accepted": 5},
    {"wrong": [90, 25, 12, 8, 501]}, {"wrong": [90, 25, 12, 8, -1]}, {"wrong": ["a"] * 5},
    {"review_below": [0.5, 0.9, 0.97, 0.9871, 1.1]}, {"review_below": [0.5, 0.9, 0.8, 0.95, 1]},
    {"review_below": [0.5, 0.9, 0.97, 0.9871, float("nan")]}, {"review_below": [[]] * 5},
    {"accepted": [9990, 9900, 9850, 500, 9770]},
    {"accepted": [], "wrong": [], "review_below": []},
    {"n": 10**400}, {"n": 10**400, "accepted": [10**400] * 5}, {"n": 10**400, "wrong": [0.5] * 5},
    {"n": float("inf"), "accepted": [float("inf")] * 5, "wrong": [10**400] * 5},
])
def test_a_curve_that_cannot_be_is_a_damaged_card(model, change):
    with pytest.raises(ModelError, match="reject_curve.*own0.npz.*damaged"):
        review_below(Settings(model=model(CURVE | change), max_error=0.01))


@pytest.mark.parametrize("curve", [[], "x", 5, {"crops": "drawn"}])
def test_so_is_one_that_is_none(model, curve):
    with pytest.raises(ModelError, match="damaged"):
        review_below(Settings(model=model(curve), max_error=0.01))


def test_a_missing_card_is_named(tmp_path):
    with pytest.raises(ModelError, match="own.json"):
        review_below(Settings(model=str(tmp_path / "own.npz"), max_error=0.01))


def digits(office):
    """The column `review` of digits.csv."""
    with (office.out / "digits.csv").open(encoding="utf-8") as file:
        return [row["review"] for row in csv.DictReader(file)]


def test_run_export_and_status_take_the_same_and_read_nothing_again(office, model):
    curve = CURVE | {"review_below": [0.5, 0.8, 0.9, 0.95, 0.99]}  # the digits here have 0.875
    strict, loose = ({"model": model(curve), "max_error": error} for error in (0.002, 0.003))
    office.scan("a.pdf", "read 12")
    office.run(knobs=loose)
    assert digits(office) == ["0", "0"]
    office.run(knobs=strict)
    assert digits(office) == ["1", "1"] and Pool.read == []
    run.rewrite(office.out, Settings(**loose))
    assert digits(office) == ["0", "0"]
    assert status.status(office.out, Settings(**strict))["review"] == 1


def test_an_error_that_cannot_be_promised_stops_each_before_anything_is_done(office, model):
    office.scan("a.pdf", "read 12")
    office.run()
    before = sorted((file, file.stat().st_mtime_ns) for file in office.out.iterdir())
    knobs = {"model": model(CURVE), "max_error": 0.0001}
    for asked in (lambda: office.run(knobs=knobs),
                  lambda: run.rewrite(office.out, Settings(**knobs)),
                  lambda: status.status(office.out, Settings(**knobs))):
        with pytest.raises(UsageError, match="smallest"):
            asked()
    assert Pool.read == []
    assert sorted((file, file.stat().st_mtime_ns) for file in office.out.iterdir()) == before


@pytest.mark.parametrize("module", ["scanproc.batch.status", "scanproc.batch.export"])
def test_status_and_export_start_light(module):
    code = f"import sys, {module}; sys.exit('cv2' in sys.modules or 'scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
