"""The figures of sets of labelled digits as text to read and as JSON for scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scanproc.evaluate import classes
from scanproc.evaluate.measured import Measured
from scanproc.evaluate.report import aligned, percent
from scanproc.page.classify import NOT_A_DIGIT

NAMES = (*map(str, range(NOT_A_DIGIT)), "x")

_NOTES = """\
error%  wrong answers, of all
ece%    expected calibration error, 15 bins of equal mass: how far confidences are from the truth,
        where the network is told that a set of digits holds nothing else
page%   the same as on a page, where it expects that some of what it sees is no digit
@1%     error% of the rest when the least sure 1 % are given to a person
lost%   digits said to be no digit, of all digits
x       not a digit"""


@dataclass(frozen=True)
class Report:
    """All sets measured; digits less sure than `review_below` go to review."""

    sets: tuple[Measured, ...]
    review_below: float

    @property
    def summaries(self) -> dict[str, dict[str, Any]]:
        """What `classes.summary` gives for each set, by name."""
        return {one.name: classes.summary(one, self.review_below) for one in self.sets}


def as_json(report: Report) -> dict[str, Any]:
    """What `--json` prints: by the name of each set what `classes.summary` gives, and

    digits: by class, `x` is not a digit: `n, precision, recall, f1`.
    confusion: 11 rows by label of 11 counts by what was said, not a digit last.
    """
    found = report.summaries
    return {one.name: found[one.name] | _details(one) for one in report.sets}


def _details(measured: Measured) -> dict[str, Any]:
    table = classes.confusion(measured)
    digits = {name: {"n": one.n, "precision": one.precision, "recall": one.recall, "f1": one.f1}
              for name, one in zip(NAMES, classes.by_class(table), strict=True)}
    return {"digits": digits, "confusion": table.tolist()}


def text(report: Report) -> str:
    """A table of all sets, what came of the disturbed ones, then each set by itself."""
    found = report.summaries
    rows = [["set", "n", "error%", "ece%", "page%", "@1%", "lost%"],
            *([name, str(one["n"]), _error(one), *map(percent, (
                one["ece"], one["ece_on_pages"], one["error_at_reject"]["0.01"],
                one["lost"]["share"]))] for name, one in found.items())]
    lines = [*aligned(rows), "", *_disturbed(report.sets, found), *_NOTES.splitlines()]
    for one in report.sets:
        if not one.of:
            lines += _by_itself(one, found[one.name], report.review_below)
    return "\n".join(lines)


def _error(summary: dict[str, Any]) -> str:
    return percent(1 - summary["accuracy"])


def _disturbed(sets: Sequence[Measured], found: dict[str, dict[str, Any]]) -> Iterator[str]:
    for name in dict.fromkeys(one.of for one in sets if one.of):
        errors = {one.name: 1 - found[one.name]["accuracy"] for one in sets if one.of == name}
        worst = max(errors, key=errors.__getitem__)
        yield (f"{name}, disturbed in {len(errors)} ways: mean error "
               f"{percent(np.mean(list(errors.values())))} %, worst {percent(errors[worst])} % "
               f"({worst})")
        yield ""


def _by_itself(measured: Measured, summary: dict[str, Any], review_below: float) -> Iterator[str]:
    table = classes.confusion(measured)
    rejects = summary["error_at_reject"]
    yield from ("", f"{measured.name}: {summary['n']} images, error {_error(summary)} %, "
                f"loss {summary['loss']:.4f}", "")
    yield from aligned([["given to a person %", *(percent(float(share)) for share in rejects)],
                        ["error% of the rest", *map(percent, rejects.values())]])
    yield from ("", *_promises(summary["sure"]), *_not_digits(summary, review_below), "")
    yield from _by_digit(table, summary)
    yield from ("", "confusion: a row for each label, a column for what was said")
    yield from aligned([["", *NAMES], *([name, *(str(count) if count else "." for count in row)]
                                        for name, row in zip(NAMES, table, strict=True)
                                        if row.any())])


def _promises(sure: dict[str, dict[str, Any]]) -> Iterator[str]:
    for limit, one in sure.items():
        if one["n"]:
            verdict = "kept" if one["kept"] else "BROKEN"
            yield (f"given as a digit >= {limit}: {one['n']}, of them wrong {one['wrong']} = "
                   f"{percent(one['error'])} %; claimed {percent(one['claimed'])} % + "
                   f"{percent(one['two_standard_errors'])} %: {verdict}")


def _not_digits(summary: dict[str, Any], review_below: float) -> Iterator[str]:
    for words, one in (("digits said to be none", summary["lost"]),
                       (f"no digits, but given as one >= {review_below:g}", summary["accepted"])):
        if one["n"]:
            yield f"{words}: {one['count']} of {one['n']} = {percent(one['share'])} %"


def _by_digit(table: np.ndarray, summary: dict[str, Any]) -> list[str]:
    rows = [[name, str(one.n), percent(one.precision), percent(one.recall), percent(one.f1)]
            for name, one in zip(NAMES, classes.by_class(table), strict=True) if one.n or one.said]
    means = [percent(summary[f"macro_{name}"]) for name in ("precision", "recall", "f1")]
    return aligned([["digit", "n", "precision%", "recall%", "F1%"], *rows, ["mean", "", *means]])
