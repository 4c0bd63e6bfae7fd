"""Gate 3 as a picture: the share of cycles that detect the tag, by distance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from badge.errors import InputError
from badge.host.files import whole_file
from hil.gates.law import BEYOND_M, CYCLES, SURE_M

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = (".svg", ".png", ".pdf")
_LINE, _PASS, _FAIL = "#1f5fa8", "#2e7d32", "#c62828"
_Z = 1.96  # 95 %


def wilson(share: float, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of `count` trials (Wilson 1927)."""
    square = _Z * _Z / count
    middle = (share + square / 2) / (1 + square)
    half = _Z * math.sqrt(share * (1 - share) / count + square / (4 * count)) / (1 + square)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def check_plot(path: Path) -> Path:
    """Return a path whose ending is a picture's; InputError for another."""
    if path.suffix.lower() not in FORMATS:
        raise InputError(f"--plot {path}: name it .svg, .png or .pdf")
    return path


def draw(path: Path, shares: Mapping[int, float], where: str, cycles: int = CYCLES) -> None:
    """Write the picture; `shares` are 0…1 by metres, each of so many cycles."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    metres, percent = list(shares), [100 * share for share in shares.values()]
    bounds = [wilson(share, cycles) for share in shares.values()]
    below = [max(100 * (s - low), 0.0) for s, (low, _) in zip(shares.values(), bounds, strict=True)]
    above = [max(100 * (hi - s), 0.0) for s, (_, hi) in zip(shares.values(), bounds, strict=True)]
    figure = Figure(figsize=(7.5, 4.2), layout="constrained")
    axes = figure.add_subplot()
    axes.errorbar(
        metres,
        percent,
        yerr=[below, above],
        color=_LINE,
        marker="o",
        markersize=5,
        linewidth=1.5,
        capsize=3,
        elinewidth=1,
    )
    _limit(axes, SURE_M, 85, 100, "at least 85 %", met=shares.get(SURE_M, 0.0) >= 0.85)
    _limit(axes, BEYOND_M, 0, 50, "below 50 %", met=shares.get(BEYOND_M, 1.0) < 0.5)
    axes.set(xlabel="distance in metres", ylabel="cycles that detect the tag, %", ylim=(-3, 103))
    axes.set_title(
        f"Gate 3, {where}: {cycles} scan cycles at each distance", fontsize=11, loc="left"
    )
    axes.set_xticks(metres)
    axes.set_yticks(range(0, 101, 10))
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    # Without a date and with fixed ids the same shares give the same bytes.
    undated = {name: None for ending, name in _DATES.items() if path.suffix.lower() == ending}
    with rc_context({"svg.hashsalt": "badge"}), whole_file(path) as file:
        figure.savefig(file, format=path.suffix[1:].lower(), dpi=150, metadata=undated)


_DATES = {".svg": "Date", ".pdf": "CreationDate"}


def _limit(axes: Axes, metres: int, low: int, high: int, words: str, *, met: bool) -> None:
    """Draw a goal as the stretch of the distance's line in which the share has to be."""
    colour = _PASS if met else _FAIL
    left = low > 0  # where the curve is not
    axes.plot(
        [metres, metres],
        [low, high],
        color=colour,
        linewidth=9,
        alpha=0.25,
        zorder=0,
        solid_capstyle="butt",
    )
    axes.annotate(
        f"{words}: {'met' if met else 'NOT met'}",
        (metres, low + 2 if left else high - 2),
        xytext=(-8 if left else 8, 0),
        textcoords="offset points",
        color=colour,
        fontsize=9,
        va="center",
        ha="right" if left else "left",
    )
