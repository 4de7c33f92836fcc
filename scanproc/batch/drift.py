"""Alarm on drift: is this run like those before it?

Compared are the share of pages that could not be read, the share of numbers for review (the audit
left out), and how the confidences are spread: the share of the numbers that are less sure than
three quarters of those of the runs before. A run is said to be unlike them where a share is one
that less than one usual night in LIMIT has, see `shares`. Two shares can be too high or too low,
the first too high only; by chance that makes one false alarm in a hundred nights, or fewer.

A change that lasts is told PATIENCE + 1 times; then it is what is usual. A run of few pages is not
judged, nor are the first runs: there is nothing yet to be unlike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from statistics import median
from typing import Any

from scanproc.batch.summary import Summary
from scanproc.batch.tally import EDGES
from scanproc.settings import Settings

LIMIT = 500
LEAST_PAGES, LEAST_NUMBERS = 20, 50  # a smaller run is not judged, and no measure for others
LEAST_RUNS = 10
RUNS = 30  # what is longer ago than so many runs is not usual any more
PATIENCE = 7  # of them; more that are unlike the others, and it is the usual that has changed
FAILED = ("refused", "crashed", "timeout")

Count = tuple[int, int]  # so many of so many
Facts = Mapping[str, Any]  # a summary, of this run or from the ledger


def judged(summary: Summary, earlier: Iterable[Facts]) -> Summary:
    """The summary with `drift`: clauses for a clerk, on what is unlike the runs before.

    earlier: summaries of runs under the same reading settings, the last one first; those of
    programs that counted otherwise are left out.
    """
    facts = summary.as_dict()
    earlier = _usual([run for run in earlier if len(run.get("confidence", ())) == len(EDGES) + 1])
    alike = [run for run in earlier if run["review_below"] == summary.review_below]
    found = (_refused(facts, earlier), _review(facts, alike), _confidence(facts, earlier))
    return replace(summary, drift=tuple(filter(None, found)))


def alarm(summary: Summary, settings: Settings) -> str:
    """Why a run ends with exit code 7, for a clerk; empty where it does not."""
    watched = settings.max_failures >= 0 or settings.max_review >= 0
    doubted = summary.review - summary.audit
    causes = (
        (0 <= settings.max_failures < summary.failed,
         f"more pages than --max-failures {settings.max_failures} could not be read, see "
         "pages.csv"),
        (summary.numbers and 0 <= settings.max_review < doubted / summary.numbers,
         f"a larger share of the numbers than --max-review {settings.max_review:g} is for review, "
         "see numbers.csv"),
        (watched and summary.drift, "this run is unlike those before it, look at its scans"))
    return "; ".join(words for holds, words in causes if holds)


def _usual(earlier: list[Facts]) -> list[Facts]:
    """The runs without those that were unlike others; all, where so many were that they are usual.
    """
    odd = sum(bool(run["drift"]) for run in earlier[:RUNS])
    return [run for run in earlier if not run["drift"]] if odd <= PATIENCE else earlier


def _refused(facts: Facts, earlier: Sequence[Facts]) -> str:
    def count(run: Facts) -> Count:
        pages = run["pages"]
        return sum(pages.get(status, 0) for status in FAILED), sum(pages.values())
    return _far(count, LEAST_PAGES, facts, earlier, "of the pages could not be read", False)


def _review(facts: Facts, earlier: Sequence[Facts]) -> str:
    def count(run: Facts) -> Count:
        return run["review"] - run["audit"], run["numbers"]
    return _far(count, LEAST_NUMBERS, facts, earlier, "of the numbers are for review")


def _confidence(facts: Facts, earlier: Sequence[Facts]) -> str:
    known = [run["confidence"] for run in earlier if run["numbers"] >= LEAST_NUMBERS][:RUNS]
    if not known:
        return ""
    less = list(accumulate(sum(counts[at] / sum(counts) for counts in known) / len(known)
                           for at in range(len(EDGES))))
    quarter = min(range(len(EDGES)), key=lambda at: abs(less[at] - 0.25))

    def count(run: Facts) -> Count:
        return sum(run["confidence"][:quarter + 1]), run["numbers"]
    return _far(count, LEAST_NUMBERS, facts, earlier,
                f"of the numbers are less sure than {EDGES[quarter]:g}")


def _far(count: Callable[[Facts], Count], least: int, facts: Facts, earlier: Sequence[Facts],
         what: str, low_counts: bool = True) -> str:
    """A clause on a share that is far from the usual one, else nothing."""
    known = [one for one in map(count, earlier) if one[1] >= least][:RUNS]
    part, whole = count(facts)
    if whole < least or len(known) < LEAST_RUNS:
        return ""
    from scanproc.batch.shares import tails  # heavy

    low, high = tails(part, whole, known)
    if not (high * LIMIT < 1 or (low_counts and low * LIMIT < 1)):
        return ""
    before = median(some / of for some, of in known)
    return f"{_percent(part / whole)} {what} (before: {_percent(before)})"


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.1 else f"{100 * share:.0f} %"
