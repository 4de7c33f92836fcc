"""Print is as regular as no hand: heights, baselines and columns that agree to the pixel."""

from __future__ import annotations

import numpy as np

from scanproc.page.neighbours import Pairs, in_columns, linked, on_lines

LIKE = 0.06  # of the height, by which heights and baselines on a line of print differ
NEARLY = 0.1  # the same of what stands in a list: the rest of a rule may hang on it
MANY = 6  # neighbours so alike make a line of print
EXACT = 0.03  # the same beside print and in lists; one pixel is always allowed
STRAIGHT, SLOPE = 0.08, 0.01  # the same for edges of a list; photographs are bent and slope
LIST, HIGH_LIST = 4, 6  # others of a list, and where they are HIGH times as high as letters:
HIGH = 1.5  # neat hands have lists as well
SHARE = 0.75  # of the digits in a row or column that make it a list
REACH = 30.0  # heights from one of a list to any other
# Items that are numbered; heights from one to the next; share of these that it stands aside.
ITEMS, ITEM_GAP, FAR, ASIDE = 4, 1.5, 100.0, 0.05
WORD_GAP = 0.6  # heights between the letters of a word


def in_print_line(pairs: Pairs, spots: np.ndarray) -> np.ndarray:
    """(N,) bool: which candidates have many neighbours of their height on their baseline.

    pairs: neighbours on a line. spots: (N, 4) float, left, top, width, height.
    """
    height, bottom = spots[:, 3], spots[:, 1] + spots[:, 3]
    one, other = pairs.one, pairs.other
    like = ((np.abs(height[one] - height[other]) < LIKE * height[one])
            & (np.abs(bottom[one] - bottom[other]) < LIKE * height[one]))
    return pairs.sums(like, len(spots)) >= MANY


def in_list(spots: np.ndarray, stroke: np.ndarray, letter: float) -> np.ndarray:
    """(N,) bool: which digits stand with others in a row or a column, nearly all of one height and
    on one baseline or edge: 1 to 12 over a table, 1 to 9 before its rows.

    spots: (N, 4) float of what may be digits, left, top, width, height. stroke: (N,) bool, which
    may be pieces of rules as well. letter: usual height of the page's letters.
    """
    left, top, width, height = spots.T
    rows, columns = on_lines(spots, REACH), in_columns(spots, REACH)
    least = np.where(height > HIGH * letter, HIGH_LIST, LIST)
    return (_listed(rows, height, stroke, (top + height,), least)
            | _listed(columns, height, stroke, (left, left + width, left + width / 2), least))


def enumerated(spots: np.ndarray, digits: np.ndarray) -> np.ndarray:
    """(N,) bool: which digits number the items of a printed list: each is one more than the next of
    its height above it, or on its left.

    spots: (N, 4) float, left, top, width, height. digits: (N,) int, what each is read as.
    """
    left, top, width, height = spots.T
    middle, bottom = left + width / 2, top + height
    return (_counting(in_columns(spots, FAR), digits, height, bottom, middle)
            | _counting(on_lines(spots, FAR), digits, height, middle, bottom))


def beside_print(pairs: Pairs, spots: np.ndarray, printed: np.ndarray) -> np.ndarray:
    """(N,) bool: which stand close to print, as high as it and on its baseline: the 2 of B2.

    pairs: neighbours on a line. printed: (N,) bool, what is print for sure.
    """
    beside = pairs.where(printed[pairs.other] & (pairs.gap < WORD_GAP))
    height, bottom = spots[:, 3], spots[:, 1] + spots[:, 3]
    return beside.sums(_alike(beside, height, height, EXACT)
                       & _alike(beside, bottom, height, EXACT), len(spots)) > 0


def _listed(pairs: Pairs, height: np.ndarray, stroke: np.ndarray, edges: tuple[np.ndarray, ...],
            least: np.ndarray) -> np.ndarray:
    straight = np.zeros(len(pairs.one), bool)
    for edge in edges:
        straight |= _alike(pairs, edge, height, STRAIGHT + SLOPE * np.maximum(pairs.gap, 0))
    same = straight & _alike(pairs, height, height, EXACT)
    count = pairs.sums(same, len(height))
    listed = (count >= least) & (count >= SHARE * pairs.sums(same | ~stroke[pairs.other],
                                                            len(height)))
    nearly = straight & _alike(pairs, height, height, NEARLY) & listed[pairs.other]
    return listed | (pairs.sums(nearly, len(height)) >= least)


def _counting(pairs: Pairs, digits: np.ndarray, height: np.ndarray, along: np.ndarray,
              across: np.ndarray) -> np.ndarray:
    """along, across: (N,), where each stands on the way from item to item, and beside that way."""
    after = pairs.where((along[pairs.other] > along[pairs.one])
                        & _alike(pairs, height, height, NEARLY)
                        & _alike(pairs, across, height, ASIDE * np.maximum(6, pairs.gap)))
    order = np.lexsort((after.gap, after.one))
    after = after.where(order[np.diff(after.one[order], prepend=-1) > 0])  # the nearest
    after = after.where((digits[after.other] == digits[after.one] + 1) & (after.gap > ITEM_GAP))
    chain = linked(Pairs(np.append(after.one, after.other), np.append(after.other, after.one),
                         np.tile(after.gap, 2)), len(digits))
    return np.bincount(chain, minlength=len(digits))[chain] >= ITEMS


def _alike(pairs: Pairs, value: np.ndarray, height: np.ndarray, share: float | np.ndarray
           ) -> np.ndarray:
    """(P,) bool: of each pair, whether a value differs by a share of the height or a pixel."""
    return (np.abs(value[pairs.one] - value[pairs.other])
            <= np.maximum(1, share * height[pairs.one]))
