"""Numbers in mirror writing are of the back of the page; others stay."""

import numpy as np
import pytest
from papers import row_of

from scanproc.page.mirror import without_back
from scanproc.page.segment.groups import Group, Guess
from scanproc.records import Box, Candidate


def guess(digit, sure=0.999):
    """Its first column is inked: the network below knows from that which way it is seen."""
    mask, spot = np.zeros((20, 10), np.uint8), Box(0, 0, 10, 20)
    mask[:, 0] = 1
    return Guess(Candidate(mask, spot, spot), row_of(digit, sure))


def parted(numbers, left_out, behind):
    """behind: what each is said to be when it is seen mirrored, digits of numbers first."""
    found = [Group((one,)) for one in numbers]

    def answer(masks):
        mirrored = all(mask.shape == (20, 10) and mask[:, -1].all() for mask in masks)
        return np.array([row_of(digit if mirrored else -1) for digit in behind])
    return found, without_back(found, left_out, answer)


NONE = guess(-1)


@pytest.mark.parametrize("numbers, none, behind, is_back", [
    (4, 10, [3] * 14, True),                    # digits from both sides, and many from behind alone
    (4, 10, [-1] * 2 + [3] * 12, True),
    (4, 10, [-1] * 3 + [3] * 11, False),        # three are digits only as they are
    (4, 7, [3] * 11, False),                    # too few tell
    (4, 10, [3] * 4 + [-1] * 3 + [3] * 7, False), (4, 10, [3] * 4 + [1] * 10, False)])
def test_what_is_digits_from_behind_alone_tells(numbers, none, behind, is_back):
    found, (kept, back) = parted([guess(5)] * numbers, [NONE] * none, behind)
    assert (kept, back) == (([], found) if is_back else (found, []))


def test_a_page_of_letters_without_a_number_is_not_asked_for():
    assert without_back([], [NONE] * 20, None) == ([], [])
