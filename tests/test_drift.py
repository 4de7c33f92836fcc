"""What a run says that is unlike those before it, and when that is exit code 7."""

from dataclasses import replace

import pytest
from promises.drift import Office

from scanproc.batch import drift, shares
from scanproc.batch import status as look
from scanproc.errors import TooManyFailures
from scanproc.settings import Settings


@pytest.fixture
def usual():
    """Summaries of 30 nights."""
    return Office(5).nights(30, numbers=400)


def told(usual, **kinds):
    return drift.judged(Office(6).night(400, **kinds), usual).drift


def test_a_clause_says_what_is_unlike(usual):
    assert told(usual) == ()
    (review,) = told(usual, review=0.5)
    assert review.endswith("of the numbers are for review (before: 20 %)")
    (refused,) = told(usual, refused=0.5)
    assert "of the pages could not be read (before: " in refused
    (blurred,) = told(usual, blur=2)
    assert "of the numbers are less sure than 0.98 (before: 2" in blurred
    summary = replace(Office(6).night(), drift=(review, refused))
    assert f"; unlike the runs before: {review}, {refused}; " in summary.line()


def test_small_runs_and_first_runs_are_not_judged(usual):
    assert drift.judged(Office(6).night(49, review=1, blur=9), usual).drift == ()
    assert drift.judged(Office(6).night(400, review=1, blur=9), usual[:9]).drift == ()
    assert drift.judged(Office(6).night(400, review=1, blur=9), usual[:10]).drift != ()


def test_a_share_is_compared_with_those_of_the_same_threshold(usual):
    before = [run | {"review_below": 0.5} for run in usual]
    assert told(before, review=0.5) == ()


def test_runs_of_an_older_program_are_left_out(usual):
    older = [{"pages": {"read": 9}, "numbers": 90, "review": 3}] * 30
    assert told(older, review=0.5) == () and told(older + usual, review=0.5)


def test_numbers_for_the_audit_are_not_counted(usual):
    night = Office(6).night(400)
    audited = replace(night, review=night.review + 200, audit=200)
    assert drift.judged(audited, usual).drift == ()
    assert drift.alarm(audited, Settings(max_review=0.3)) == ""


def test_a_share_stands_in_the_middle_of_its_likes():
    earlier = [(20, 100), (25, 100), (15, 100), (22, 100), (18, 100)] * 4
    low, high = shares.tails(20, 100, earlier)
    assert 0.4 < low < 0.7 and 0.4 < high < 0.7 and low + high > 1  # both hold the 20 itself
    assert shares.tails(0, 100, earlier).high == pytest.approx(1)
    assert shares.tails(100, 100, earlier).low == pytest.approx(1)
    assert shares.tails(60, 100, earlier).high < 1e-3 < shares.tails(60, 100, earlier).low
    assert 0.5 < shares.tails(0, 100, [(0, 100)] * 10).low <= 1


@pytest.mark.parametrize("knobs", [{"max_failures": 9}, {"max_review": 1.0}])
def test_drift_is_exit_7_where_somebody_waits_for_it(office, knobs):
    for night in range(10):
        office.scan(f"{night}.pdf", *[f"read {night} 12"] * 30)
        assert office.run(knobs={"review_below": 0}).drift == ()
    office.scan("odd.pdf", *["blank"] * 30, *["refused damaged"] * 9)
    with pytest.raises(TooManyFailures, match="unlike those before.*23 % of the pages could not"):
        office.run(knobs={"review_below": 0, **knobs})
    assert look.status(office.out, Settings())["last_run"]["exit_code"] == 7
    office.scan("odd.pdf", *["blank"] * 31, *["refused damaged"] * 9)
    summary = office.run(knobs={"review_below": 0})
    assert summary.drift and summary.exit_code == 1


def test_more_for_review_than_allowed_is_exit_7(office):
    office.scan("a.pdf", "read 12 3")
    with pytest.raises(TooManyFailures, match=r"--max-review 0.5 is for .*numbers.csv: 1 page"):
        office.run(knobs={"max_review": 0.5})
    office.scan("b.pdf", "blank")
    assert office.run(knobs={"max_review": 0.0}).exit_code == 0
