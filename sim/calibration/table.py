"""The table of what was measured and what the world does, and a picture of each of its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.calibration.statistics import STATISTICS, Statistic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SEEDS, FAST_SEEDS = 40, 8
ROUNDING = 1e-9  # of bounds that are sums of decimals


@dataclass(frozen=True, slots=True)
class Finding:
    """One statistic after its simulation; `spread` is the sd over the seeds, `held_in` real."""

    statistic: Statistic
    held_in: float | None
    mean: float
    spread: float

    @property
    def holds(self) -> bool:
        """Say whether the mean over the seeds is where it is wanted."""
        low, high = self.statistic.wanted
        return low - ROUNDING <= self.mean <= high + ROUNDING


def find(
    seeds: int = SEEDS,
    folder: Path | None = None,
    tell: Callable[[Statistic], None] = lambda statistic: None,
) -> list[Finding]:
    """Simulate every statistic over the seeds, and measure those that the extracts hold."""
    found = []
    for one in STATISTICS:
        tell(one)
        values = [one.simulate(seed) for seed in range(seeds)]
        held_in = None if folder is None else one.measure(folder)
        found.append(Finding(one, held_in, float(np.mean(values)), float(np.std(values))))
    return found


def rows_of(findings: Sequence[Finding]) -> list[tuple[str, ...]]:
    """Give the table's cells: row, statistic, source, real, held in, simulated, wanted, verdict."""
    return [
        (
            str(one.statistic.row),
            one.statistic.name,
            one.statistic.source,
            one.statistic.published,
            "-" if one.held_in is None else _short(one.held_in),
            f"{_short(one.mean)} ± {_short(one.spread)}",
            f"{_short(one.statistic.wanted[0])} to {_short(one.statistic.wanted[1])}",
            "holds" if one.holds else "falls short",
        )
        for one in findings
    ]


HEADINGS = ("", "statistic", "source", "real", "held in", "simulated", "wanted", "verdict")


def text_of(findings: Sequence[Finding]) -> str:
    """Set the table as Markdown, as docs/world.md has it."""
    lines = ["| " + " | ".join(cells) + " |" for cells in (HEADINGS, *rows_of(findings))]
    return "\n".join([lines[0], "|---" * len(HEADINGS) + "|", *lines[1:]]) + "\n"


def _short(value: float) -> str:
    return f"{value + 0.0:.3f}" if abs(value) < 0.01 else f"{value + 0.0:.2f}"


def draw(findings: Sequence[Finding], folder: Path) -> list[Path]:
    """Draw one picture a row of the table: wanted as a band, real and simulated beside it."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for row in sorted({one.statistic.row for one in findings}):
        mine = [one for one in findings if one.statistic.row == row]
        width = max(2.3 * len(mine), 4.0)
        figure, axes = plt.subplots(1, len(mine), figsize=(width, 2.8), layout="constrained")
        for axis, one in zip(np.atleast_1d(axes), mine, strict=True):
            _draw(axis, one)
        path = folder / f"calibration-{row:02}.png"
        figure.savefig(path, dpi=90, metadata={"Software": None})
        plt.close(figure)
        drawn.append(path)
    return drawn


def _draw(axis: Axes, one: Finding) -> None:
    low, high = one.statistic.wanted
    axis.axhspan(low, high, color="0.88")
    colour = "C0" if one.holds else "C3"
    axis.errorbar([1], [one.mean], yerr=[one.spread], fmt="o", color=colour, capsize=4)
    places, names = [1], ["simulated"]
    if one.held_in is not None:
        axis.plot([0], [one.held_in], "ks")
        places, names = [0, 1], ["measured", "simulated"]
    axis.set_xticks(places, names, fontsize=8)
    axis.set_xlim(-0.6, 1.6)
    axis.set_title(f"{one.statistic.name}\nreal: {one.statistic.published}", fontsize=8)
    axis.spines[["top", "right"]].set_visible(False)
