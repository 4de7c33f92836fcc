"""Whatever happens to the runs, each page is answered once and only the guilty are blamed."""

import random

import pytest

from scanproc.batch.runs import RUN, Fault, Task, after_answer, after_fault, first_runs
from scanproc.records import PageResult

CRASH = Fault("crashed", "died")
TIMEOUT = Fault("timeout", "too long")


def play(task, rows, fates):
    """Runs a task to its end. fates: page -> faults it meets, one at each try; 0 is counting.

    Returns ({page: status}, totals given with results, runs that went out).
    """
    fates = {page: list(faults) for page, faults in fates.items()}
    waiting, runs, answers, totals = list(first_runs(task)), [], {}, set()
    while waiting:
        run = waiting.pop(0)
        runs.append(run)
        pages = [] if run.counting else [page for page in run.pages if page <= rows]
        faults = [fates[page].pop(0) for page in pages or [0] if fates.get(page)]
        if faults:
            total, more, results = after_fault(run, faults[0])
        else:
            total, more, results = after_answer(run, rows, [PageResult(page, "read")
                                                            for page in pages])
        waiting += more
        for result in results:
            assert result.page not in answers
            answers[result.page] = result.status
            totals.add(total)
    return answers, totals, runs


def test_a_file_goes_out_as_one_page_and_then_in_runs():
    answers, totals, runs = play(Task(0, b"", ""), 20, {})
    assert [(run.first, run.count) for run in runs] == [(1, 1), (2, 8), (10, 8), (18, 3)]
    assert answers == dict.fromkeys(range(1, 21), "read") and totals == {20}


def test_pages_asked_for_go_out_in_unbroken_stretches():
    _, _, runs = play(Task(0, b"", "", (1, 2, 5, *range(10, 20))), 19, {})
    assert [(run.first, run.count) for run in runs] == [(1, 2), (5, 1), (10, RUN), (18, 2)]


@pytest.mark.parametrize(("fates", "expected"), [
    ({1: [CRASH]}, "read"), ({1: [CRASH] * 2}, "crashed"),
    ({1: [TIMEOUT]}, "timeout"), ({1: [CRASH, TIMEOUT]}, "timeout"),
    ({5: [CRASH] * 2}, "read"), ({5: [CRASH] * 3}, "crashed"),
    ({5: [TIMEOUT]}, "read"), ({5: [TIMEOUT] * 2}, "timeout")])
def test_how_often_a_page_may_fail(fates, expected):
    answers, totals, _ = play(Task(0, b"", ""), 12, fates)
    assert answers == dict.fromkeys(range(1, 13), "read") | dict.fromkeys(fates, expected)
    assert totals == {12}


@pytest.mark.parametrize("fault", [CRASH, TIMEOUT])
def test_a_file_that_cannot_be_counted_has_one_row(fault):
    answers, totals, runs = play(Task(0, b"", ""), 12, {1: [CRASH], 0: [fault]})
    assert (answers, totals, len(runs)) == ({1: fault.status}, {1}, 2)


def test_any_mixture_of_faults_ends_with_every_page_answered_once():
    chance = random.Random(7)
    for _ in range(500):
        rows = chance.randint(1, 40)
        fates = {page: [chance.choice([CRASH, TIMEOUT])] * chance.randint(1, 3)
                 for page in chance.sample(range(1, rows + 1), min(rows, 3))}
        wanted = tuple(sorted(chance.sample(range(1, rows + 1), min(rows, 5))))
        pages = chance.choice([None, wanted])
        answers, totals, _ = play(Task(0, b"", "", pages), rows, fates)
        assert sorted(answers) == list(pages or range(1, rows + 1))
        assert {page for page, status in answers.items() if status != "read"} <= set(fates)
        assert totals == {rows}
