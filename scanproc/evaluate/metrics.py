"""The figures of one page, and of many.

Digit edits
    Score `numbers` and `digits`: the digits of the page in reading order, as one string, are
    compared with the digits read, as one string. Edits are the fewest digits to be changed, left
    out or put in to make one of the other (Levenshtein 1966). How digits group into numbers
    costs nothing here; a number read in the wrong place of the reading order does.
    Score `bag`: order is free, so edits are the fewest over all orders: the larger of the number
    of digits missed and the number of digits not there.
    The error rate is edits / true digits; it can pass 1. A page without digits has no rate of its
    own, its edits count in the totals.
Right digits
    Digits that stand against an equal one in the comparison. Where several comparisons have the
    fewest edits, the one with the most right digits counts, and among those the one with the
    most right accepted digits.
Numbers (score `numbers` only)
    A reported number is right if its whole text is that of a true number on the page, wherever
    on the page; each true number makes one reported number right. A text with `_` is never right.
Invented numbers (score `numbers` only)
    Reported numbers that read nothing on the page, not even badly. Each of the others has a true
    number of its own: an equal one, or one at no more edits than half of the longer's digits,
    rounded up. Text alone tells them apart, so an invented number can hide behind a lost one.
Accepted
    Reported with review 0; a digit counts by its own flag, not by its number's. Of two equal
    reported numbers where one is true, the accepted one is the right one.
`?` in the truth stands against any one digit (not against none, nor `_`) and counts as a true
digit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass
from functools import lru_cache

import numpy as np

from scanproc.evaluate.truth import TruthPage
from scanproc.records import Number

ANY = "?"


@dataclass(frozen=True)
class Tally:
    """Counts of digits or of numbers, and their rates (0 to 1; None where there is no whole)."""

    true: int = 0
    reported: int = 0
    right: int = 0
    accepted: int = 0
    accepted_right: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*map(sum, zip(astuple(self), astuple(other), strict=True)))

    @property
    def recall(self) -> float | None:
        """Right, of the true ones."""
        return ratio(self.right, self.true)

    @property
    def precision(self) -> float | None:
        """Right, of the reported ones."""
        return ratio(self.right, self.reported)

    @property
    def accepted_share(self) -> float | None:
        """Accepted without review, of the reported ones."""
        return ratio(self.accepted, self.reported)

    @property
    def accepted_right_share(self) -> float | None:
        """Accepted without review and right, of the true ones."""
        return ratio(self.accepted_right, self.true)

    @property
    def accepted_wrong_share(self) -> float | None:
        """Silent errors: wrong, of the accepted ones."""
        return ratio(self.accepted - self.accepted_right, self.accepted)


@dataclass(frozen=True)
class Score:
    """The figures of a page, or of several.

    numbers, invented: of the pages where numbers are compared.
    """

    edits: int = 0
    digits: Tally = Tally()
    numbers: Tally | None = None
    invented: int = 0

    @property
    def error_rate(self) -> float | None:
        """Digit edits, of the true digits."""
        return ratio(self.edits, self.digits.true)

    @property
    def invented_share(self) -> float | None:
        """Invented numbers, of the reported ones."""
        return ratio(self.invented, self.numbers.reported) if self.numbers else None


def ratio(part: float, whole: int) -> float | None:
    """part / whole, or None where there is no whole."""
    return part / whole if whole else None


def score(truth: TruthPage, reported: Sequence[Number]) -> Score:
    """The figures of one page; `reported` in reading order, with `review` decided."""
    true = "".join(truth.numbers)
    readings = [reading for number in reported for reading in number.readings]
    read = "".join(str(reading.digit) for reading in readings)
    accepted = [not reading.review for reading in readings]
    compare = compare_bags if truth.score == "bag" else compare_strings
    edits, right, accepted_right = compare(true, read, accepted)
    digits = Tally(len(true), len(read), right, sum(accepted), accepted_right)
    if truth.score != "numbers":
        return Score(edits, digits)
    return Score(edits, digits, _numbers(truth.numbers, reported),
                 invented(truth.numbers, [number.text for number in reported]))


def total(scores: Iterable[Score]) -> Score:
    """The sum; its rates are over all digits (numbers), not means of the pages' rates."""
    scores = list(scores)
    numbers = [one.numbers for one in scores if one.numbers is not None]
    return Score(sum(one.edits for one in scores),
                 sum((one.digits for one in scores), Tally()),
                 sum(numbers, Tally()) if numbers else None,
                 sum(one.invented for one in scores))


def compare_strings(true: str, read: str, accepted: Sequence[bool]) -> tuple[int, int, int]:
    """Edits, right digits and right accepted digits of the best comparison in order.

    true: 0-9 and `?`; read: 0-9; accepted: one flag for each character of `read`.
    One row of the edit matrix per true digit. Three figures are minimized one after the other in
    a single integer: edits * base**2 - right * base - accepted right.
    """
    base = max(len(true), len(read)) + 1
    edit = base**2
    digits = np.frombuffer(read.encode("ascii"), dtype=np.uint8)
    gain = base + np.asarray(accepted, dtype=np.int64)
    inserted = edit * np.arange(len(read) + 1, dtype=np.int64)
    row = inserted
    for digit in true:
        equal = (digits == ord(digit)) | (digit == ANY)
        best = row + edit
        best[1:] = np.minimum(best[1:], row[:-1] + np.where(equal, -gain, edit))
        row = np.minimum.accumulate(best - inserted) + inserted
    edits = -(-int(row[-1]) // edit)
    return edits, *divmod(edits * edit - int(row[-1]), base)


def compare_bags(true: str, read: str, accepted: Sequence[bool]) -> tuple[int, int, int]:
    """As `compare_strings`, but with the order of the digits free."""
    right = _shared(true, read)
    sure = "".join(digit for digit, flag in zip(read, accepted, strict=True) if flag)
    return max(len(true), len(read)) - right, right, _shared(true, sure)


def _shared(true: str, read: str) -> int:
    wanted = Counter(true)
    anything = wanted.pop(ANY, 0)
    exact = (wanted & Counter(read)).total()
    return exact + min(anything, len(read) - exact)


def _numbers(true: Sequence[str], reported: Sequence[Number]) -> Tally:
    texts = [number.text for number in reported]
    sure = [number.text for number in reported if not number.review]
    return Tally(len(true), len(texts), matched(true, texts), len(sure), matched(true, sure))


def matched(true: Sequence[str], texts: Sequence[str]) -> int:
    """The most pairs of a true number and a reported text that fit, each used once.

    Numbers without `?` fit their own text only, so pairing them first loses no pair.
    """
    plain = Counter(number for number in true if ANY not in number)
    exact = plain & Counter(texts)
    masks = [number for number in true if ANY in number]
    rest = list((Counter(texts) - exact).elements())
    return exact.total() + _pairs(masks, rest, _fits)


def invented(true: Sequence[str], texts: Sequence[str]) -> int:
    """How many reported texts are left without a true number that they could be readings of."""
    lost = list((Counter(true) - Counter(texts)).elements())
    wrong = list((Counter(texts) - Counter(true)).elements())
    return len(wrong) - _pairs(lost, wrong, _near)


def _pairs(true: Sequence[str], texts: Sequence[str], alike: Callable[[str, str], bool]) -> int:
    """The most pairs of one of each that are alike, each used once."""
    if not true or not texts:
        return 0
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    fits = csr_array([[alike(one, text) for text in texts] for one in true], dtype=np.int8)
    return int((maximum_bipartite_matching(fits) >= 0).sum())


@lru_cache(maxsize=100_000)
def _near(true: str, text: str) -> bool:
    most = (max(len(true), len(text)) + 1) // 2
    return (abs(len(true) - len(text)) <= most
            and compare_strings(true, text, [False] * len(text))[0] <= most)


def _fits(mask: str, text: str) -> bool:
    return len(mask) == len(text) and all(
        wanted == got or (wanted == ANY and got.isdigit())
        for wanted, got in zip(mask, text, strict=True))
