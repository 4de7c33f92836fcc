"""The audit sample: accepted numbers that a person looks at all the same, to learn their error.

Which numbers are taken follows from the bytes of the file and the place on the page alone: the
same ones whatever the jobs and the order of reading. A larger share takes the same and more.
"""

from __future__ import annotations

import hashlib

from scanproc.records import Box

LEVEL = 0.95  # how often the interval holds the true error, at least


def taken(share: float, sha256: str, page: int, box: Box) -> bool:
    """Whether a number is one of the `share` (0 to 1) that are looked at.

    sha256: of the file, hex digits. box: of the number, on page `page` of the file.
    """
    place = " ".join(map(str, map(int, (page, *box))))
    digest = hashlib.sha256(f"{sha256} {place}".encode()).digest()
    return int.from_bytes(digest[:8]) < share * 2**64


def interval(wrong: int, audited: int) -> tuple[float, float]:
    """The error, in [0, 1], of all accepted numbers, when `wrong` of the `audited` ones are.

    The lowest and the highest error that the count allows for; in at least 95 of 100 such
    samples the true one lies between them (Clopper and Pearson 1934). Where none is wrong the
    highest is about 3.7 / audited; 3 / audited, the rule of three, leaves all doubt on one side.
    Raises ValueError for counts that cannot be.
    """
    if not 0 <= wrong <= audited:
        raise ValueError(f"{wrong} wrong numbers of {audited} cannot be")
    from scipy.special import betaincinv

    doubt = (1 - LEVEL) / 2
    low = betaincinv(wrong, audited - wrong + 1, doubt) if wrong else 0.0
    high = betaincinv(wrong + 1, audited - wrong, 1 - doubt) if wrong < audited else 1.0
    return float(low), float(high)


def words(audited: int, accepted: int) -> list[str]:
    """What to do with the audit numbers, for a clerk, in lines; none where there are none.

    accepted: numbers given without review, but for the audit.
    """
    if not audited:
        return []
    found = "; ".join(f"{wrong or 'none'} wrong: {_percent(wrong, audited)}"
                      for wrong in range(min(audited, 2) + 1))
    return [f"audit: look up the {audited} with the reason 'audit' in numbers.csv, and count the "
            "wrong ones.",
            f"  They stand for all {accepted:,} numbers that were sure enough; the error of these "
            f"is then, with 95 % certainty:",
            f"  {found}; for other counts see --audit in the README."]


def _percent(wrong: int, audited: int) -> str:
    low, high = interval(wrong, audited)
    return f"{100 * low:.2g} to {100 * high:.2g} %"
