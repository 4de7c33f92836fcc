"""Ordinary print: sentences, dates, telephone numbers, QR-like codes."""

from __future__ import annotations

import re

import numpy as np

# body and heading, of matplotlib's fonts
FAMILIES = (("DejaVuSans", "DejaVuSans-Bold"), ("DejaVuSerif", "DejaVuSerif-Bold"),
            ("STIXGeneral", "STIXGeneralBol"), ("cmr10", "cmb10"), ("cmss10", "DejaVuSans-Bold"),
            ("DejaVuSansMono", "DejaVuSansMono-Bold"))
WORDS = re.findall(r"\w+", """
    the of and to in a is that for on with as by this be are at from or an not which all form
    office number page please write answer each box only one question points total name date
    student exam signature room course mark letter value account branch department report result
    hours following sheet return before after statement between calculate describe figure
    section example customer address street payment amount order delivery service company
    information may must shall have been given other same first second third last during until
    under above when there would could work year month week day time part case place right left
    small large""")


def family(rng: np.random.Generator) -> tuple[str, str]:
    """The fonts of a page: body, heading."""
    return FAMILIES[rng.integers(len(FAMILIES))]


def some_word(rng: np.random.Generator) -> str:
    """A word."""
    return WORDS[rng.integers(len(WORDS))]


def figure(rng: np.random.Generator) -> str:
    """A date, a time, a telephone number, an amount, a count."""
    a, b, c, d = (int(high * rng.random()) for high in (28, 12, 60, 10_000))
    return (f"{a + 1}.{b + 1}.{2000 + c % 30}", f"{b + 8}:{c:02}", f"0{a + 20} {d + 10000}",
            f"{d / 100:.2f}", f"{d:,}", f"{a}", f"({c})", f"{c} %")[rng.integers(8)]


def title(rng: np.random.Generator) -> str:
    """Two to four words with capitals, and often a number."""
    words = [some_word(rng) for _ in range(rng.integers(2, 5))]
    return " ".join(words).title() + (f" {rng.integers(1, 300)}" if rng.random() < 0.5 else "")


def sentence(rng: np.random.Generator, words: int) -> str:
    """So many words, one of ten a figure, the first with a capital."""
    text = " ".join(figure(rng) if rng.random() < 0.1 else some_word(rng) for _ in range(words))
    return text[0].upper() + text[1:] + "."


def code(rng: np.random.Generator) -> np.ndarray:
    """(n, n) bool: squares by chance with the three corners of a QR code (ISO/IEC 18004)."""
    size = 21 + 4 * int(rng.integers(0, 4))
    dark = rng.random((size, size)) < 0.5
    eye = np.pad(np.pad(np.pad(np.ones((3, 3), bool), 1), 1, constant_values=True), 1)
    for top, left in ((0, 0), (0, size - 8), (size - 8, 0)):
        part = eye[1 if top == 0 else 0:, 1 if left == 0 else 0:][:8, :8]
        dark[top:top + 8, left:left + 8] = part
    return dark
