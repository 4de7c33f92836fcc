"""The plots of the page of `evaluate`, as SVG on a transparent ground.

Each is drawn twice, for light and for dark screens.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from scipy.stats import binomtest

SIZE_IN = (4.6, 3.6)
TICKS = (0.1, 0.5, 0.9, 0.99, 0.999, 0.9999)
LEAST, MOST = 0.02, 0.99995  # 0 and 1 are infinitely far on a logit scale


@dataclass(frozen=True)
class Palette:
    """Colours: of text and axes, of the grid, and of what is measured."""

    ink: str
    grid: str
    line: str


PALETTES = (Palette(ink="#26303a", grid="#d5d8db", line="#1f5f99"),
            Palette(ink="#d9dde1", grid="#3d454d", line="#7db8ee"))


def reliability(claimed: np.ndarray, right: np.ndarray, counts: np.ndarray) -> list[bytes]:
    """Reliability diagram (DeGroot and Fienberg 1983), its scales spread towards 1 (logit).

    claimed, right: (B,) mean confidence and share right of each bin, in [0, 1]. counts: (B,) how
    many are in it. Bars are Wilson's 95 % intervals. SVG for light and for dark screens.
    """
    chance = [binomtest(round(share * count), int(count)).proportion_ci(method="wilson")
              for share, count in zip(right, counts, strict=True)]
    lows, highs = np.transpose([(interval.low, interval.high) for interval in chance])
    least = max(LEAST, 0.8 * min(0.5, lows.min(), claimed.min()))
    x, y, lows, highs = (np.clip(shares, least, MOST) for shares in (claimed, right, lows, highs))

    def draw(axes: Axes, palette: Palette) -> None:
        axes.set(xlabel="confidence claimed", xscale="logit", xlim=(least, MOST),
                 ylabel="share that is right", yscale="logit", ylim=(least, MOST))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(FixedLocator(TICKS))
            axis.set_minor_locator(NullLocator())
        axes.plot([least, MOST], [least, MOST], "--", color=palette.ink, linewidth=0.8)
        axes.vlines(x, lows, highs, color=palette.line, linewidth=1.2, alpha=0.6)
        axes.plot(x, y, "o", color=palette.line, markersize=4.5, clip_on=False)
        axes.text(0.97, 0.05, "too sure", ha="right", transform=axes.transAxes)
        axes.text(0.03, 0.91, "too modest", transform=axes.transAxes)

    return _drawn(draw)


def reject_curve(errors: np.ndarray, marks: Sequence[float]) -> list[bytes]:
    """Error-reject curve (Chow 1970), and dashed the best there can be: only errors are rejected.

    errors: (N,) share wrong, in [0, 1], of what is kept when 0, 1, 2, ... N-1 are rejected. marks:
    the shares rejected that get a dot; the last ends the axis. SVG for light and dark screens.
    """
    rejected = np.arange(len(errors)) / len(errors)
    shown = rejected <= marks[-1]
    best = np.maximum(0, errors[0] - rejected) / (1 - rejected)
    dots = [round(mark * len(errors)) for mark in marks]

    def draw(axes: Axes, palette: Palette) -> None:
        axes.plot(rejected[shown], best[shown], "--", color=palette.ink, linewidth=0.8)
        axes.plot(rejected[shown], errors[shown], color=palette.line, linewidth=1.8)
        axes.plot(rejected[dots], errors[dots], "o", color=palette.line, markersize=4.5,
                  clip_on=False)
        axes.set(xlabel="given to a person", xlim=(0, marks[-1]),
                 ylabel="wrong among the rest", ylim=(0, 1.1 * max(errors[0], 1e-4)))

    return _drawn(draw)


def _drawn(draw: Callable[[Axes, Palette], None]) -> list[bytes]:
    return [_svg(draw, palette) for palette in PALETTES]


def _svg(draw: Callable[[Axes, Palette], None], palette: Palette) -> bytes:
    colours = dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color",
                             "ytick.color"), palette.ink)
    with matplotlib.rc_context(colours | {"grid.color": palette.grid, "axes.spines.top": False,
                                          "axes.spines.right": False, "svg.hashsalt": "scanproc"}):
        figure = Figure(SIZE_IN, layout="constrained", facecolor="none")
        axes = figure.subplots()
        axes.set_facecolor("none")
        axes.grid(linewidth=0.6)
        draw(axes, palette)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.4g} %"))
        stream = io.BytesIO()
        figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()
