"""What a run reads, counted page by page: what its summary says, and later runs are compared with.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter

from scanproc.reasons import AUDIT
from scanproc.records import PageResult

# Numbers are counted by how sure they are; most are very sure, so the steps are finer there.
EDGES = (0.3, 0.5, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.965, 0.975, 0.98, 0.985, 0.988, 0.99, 0.992,
         0.994, 0.995, 0.996, 0.997, 0.998, 0.9985, 0.999, 0.9995, 0.9998)


class Tally:
    """Pages by status; of their numbers how many, for review, among these for the audit alone.

    confidence: how many numbers are less sure than the first of EDGES, than the second, ...
    """

    def __init__(self) -> None:
        self.pages: Counter[str] = Counter()
        self.numbers = self.review = self.audit = 0
        self.confidence = [0] * (len(EDGES) + 1)

    def add(self, result: PageResult) -> None:
        """Counts a page. result: with `review` set."""
        self.pages[result.status] += 1
        self.numbers += len(result.numbers)
        for number in result.numbers:
            self.review += number.review
            self.audit += AUDIT in number.reasons
            self.confidence[bisect(EDGES, number.confidence)] += 1
