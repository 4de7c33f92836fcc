"""The audit sample says the true error: what it takes, and what its interval is worth."""

import hashlib
import random

from scanproc import audit
from scanproc.records import Box


def places(count, seed=0):
    """So many numbers: sha256 of the file, page and box."""
    draw = random.Random(seed)
    for at in range(count):
        sha256 = hashlib.sha256(f"{seed} {at // 300}".encode()).hexdigest()
        yield sha256, 1 + at // 30 % 10, Box(draw.randrange(2000), 40 * (at % 30), 120, 38)


def test_the_sample_is_as_large_as_asked_for_and_grows(promise, large):
    numbers = list(places(1_000_000 if large else 50_000))
    before, shares = set(), []
    for share in (0, 0.001, 0.01, 0.1, 1):
        sample = {at for at, place in enumerate(numbers) if audit.taken(share, *place)}
        assert before <= sample
        assert abs(len(sample) / len(numbers) - share) <= 5 * (share / len(numbers)) ** 0.5
        before = sample
        shares.append(f"{len(sample):,} for {share:g}")
    promise(f"an audit takes its share of {len(numbers):,} numbers, and a larger one the same and "
            "more", ", ".join(shares))


def test_the_interval_holds_the_true_error(promise, large):
    trials, draw = (100_000 if large else 10_000), random.Random(1)
    held = {}
    for error in (0.002, 0.01, 0.05, 0.2):
        seen = [sum(draw.random() < error for _ in range(100)) for _ in range(trials // 10)]
        intervals = {wrong: audit.interval(wrong, 100) for wrong in set(seen)}
        held[error] = sum(intervals[wrong][0] <= error <= intervals[wrong][1] for wrong in seen)
    promise("the interval of an audit of 100 numbers holds the true error", ", ".join(
        f"{1000 * count / trials:.1f} % of times where it is {100 * error:g} %"
        for error, count in held.items()))
    assert min(held.values()) * 10 >= 0.95 * trials
