"""The audit sample: which numbers are taken, and what their errors say."""

import pytest
from test_decide import number, page

from scanproc import audit
from scanproc.batch import run, status
from scanproc.decide import decide
from scanproc.records import Box
from scanproc.settings import Settings

ALL = Settings(audit=1.0)


def test_a_number_is_taken_by_its_file_page_and_box_alone():
    place = ("ab" * 32, 3, Box(1, 2, 3, 4))
    shares = [share / 1000 for share in range(1001)]
    taken = [audit.taken(share, *place) for share in shares]
    assert taken == sorted(taken) and not taken[0] and taken[-1]  # once in, always in
    assert shares[taken.index(True)] == 0.374  # the same on every machine
    for other in (("ac" * 32, *place[1:]), (place[0], 4, place[2]), (*place[:2], Box(1, 2, 3, 5))):
        assert [audit.taken(share, *other) for share in shares] != taken


def test_an_accepted_number_goes_to_review_and_its_digits_do_not():
    (found,) = decide(page(number(0.99, 0.99)), ALL, "ab").numbers
    assert found.review and found.reasons == ("audit",)
    assert not any(reading.review for reading in found.readings)


def test_what_goes_to_review_anyway_is_no_audit_number():
    for doubted in (number(0.5), number(0.99, reasons=("joined",))):
        assert decide(page(doubted), ALL, "ab") == decide(page(doubted), Settings())


def test_without_the_bytes_nothing_is_audited():
    assert not decide(page(number(0.99)), ALL).numbers[0].review


@pytest.mark.parametrize(("wrong", "of", "low", "high"), [
    (0, 37, 0, 0.0949), (0, 1, 0, 0.975), (1, 10, 0.0025, 0.4450), (10, 10, 0.6915, 1),
    (0, 0, 0, 1), (2, 37, 0.0066, 0.1819)])
def test_the_interval_is_that_of_clopper_and_pearson(wrong, of, low, high):
    assert audit.interval(wrong, of) == pytest.approx((low, high), abs=5e-5)


def test_no_more_can_be_wrong_than_were_looked_at():
    with pytest.raises(ValueError, match="3 wrong numbers of 2"):
        audit.interval(3, 2)


def test_the_csv_status_and_the_summary_agree(office, monkeypatch):
    monkeypatch.setattr("fakes.number", lambda text: number(0.99))
    office.scan("a.pdf", *["read 7"] * 60)
    office.run()
    taken = []
    for share in (0.1, 0.3):
        run.rewrite(office.out, Settings(audit=share))
        rows = (office.out / "numbers.csv").read_text().splitlines()[1:]
        taken.append({row for row in rows if ",1,audit," in row})
        assert status.status(office.out, Settings(audit=share))["audit"] == len(taken[-1])
    assert 0 < len(taken[0]) < len(taken[1]) < 60 and taken[0] < taken[1]
    summary = office.run(knobs={"audit": 0.3}, reread=True)
    assert summary.audit == summary.review == len(taken[1])
    assert f"60 numbers, {summary.review} for review ({summary.review} of them for the audit)" \
        in summary.line()


def test_a_clerk_is_told_what_to_do():
    assert audit.words(0, 10) == []
    words = " ".join(audit.words(37, 3660))
    assert "the 37 with the reason 'audit'" in words and "all 3,660 numbers" in words
    assert "none wrong: 0 to 9.5 %; 1 wrong: 0.068 to 14 %; 2 wrong: 0.66 to 18 %" in words
