"""What is no digit on the real pages, and what the shipped network makes of it."""

import csv

import numpy as np
import pytest
from candidates import answers, page_candidates, shares, table, zones

from scanproc.page import classify
from scanproc.page.decode import open_scan
from scanproc.settings import Settings

# Of all candidates that are no digit, on pages not trained on: as many may be given as one
# without review. Strokes and rings are among `other`; the last bound is without what is read 0, 1.
OTHER, PRINTED, SHAPED = 0.13, 0.43, 0.018


def test_every_page_is_labelled_and_every_zone_lies_on_it(data):
    for path in sorted(data("pages").iterdir()):
        with open_scan(path.read_bytes(), Settings()) as scan:
            for number in range(1, scan.pages + 1):
                page = scan.page(number)
                height, width = page.gray.shape[::-1 if page.rotation % 180 else 1]
                for kind, zone in zones()[path.name, number]:
                    assert kind in ("hand", "printed")
                    assert 0 <= zone.left < zone.right <= width
                    assert 0 <= zone.top < zone.bottom <= height
    assert len(zones()) == 46


@pytest.mark.parametrize("name", ["rajdeep_1.jpg", "laneston_a.jpg", "markus_1.jpg", "hsf_1.png"])
def test_where_digits_are_loose_the_hand_zones_hold_them(data, name):
    with data("truth.csv").open(encoding="utf-8", newline="") as stream:
        digits = next(int(row["n_digits"]) for row in csv.DictReader(stream)
                      if row["file"] == name)
    _, _, kinds = page_candidates(data("pages"), name, 1)
    assert abs(np.count_nonzero(kinds == "hand") - digits) <= 2


def test_what_is_no_digit_is_seldom_given_as_one(data):
    found = answers(data("pages"), classify.load())
    print("\n" + table(found))
    other, printed = (shares(np.concatenate([part for (_, its), part in found.items()
                                             if its == kind])) for kind in ("other", "printed"))
    assert other[1] <= OTHER and other[2] <= SHAPED
    assert printed[1] <= PRINTED
