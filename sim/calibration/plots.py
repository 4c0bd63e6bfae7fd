"""Draw what the radio and the GNSS models do: python -m sim.calibration.plots DIR."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.engine.draws import draws
from sim.world.adverts import Tag
from sim.world.environments import BENCH, HALL, METAL, ROOM, YARD, Environment
from sim.world.gnss import SKIES, Gnss
from sim.world.place import Floats, Spot, Times
from sim.world.radio import Radio, RadioLaw, Receiver
from sim.world.site import Plane, Sky

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

THRESHOLD_DBM = -70  # contract section 3: ble_rssi_threshold
DISTANCES_M = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15)
INTERVALS_MS = range(40, 1301, 20)


class Turning:
    """A wearer who turns round once a minute: every way to face, equally often."""

    def heading_at(self, t_ms: Times) -> Floats:
        """Give the heading in radians."""
        heading: Floats = t_ms.astype(np.float64) * (math.tau / 60_000.0)
        return heading


def hit_share(
    env: Environment,
    distance_m: float,
    tag: Tag,
    worn: bool,
    seeds: int | Sequence[int] = 60,
    cycles: int = 60,
    law: RadioLaw = "sample",
) -> float:
    """Give the share of 5 s cycles whose strongest sample is at -70 dBm or above.

    `seeds`: how many worlds, or which.
    """
    hits = 0
    worlds = range(seeds) if isinstance(seeds, int) else seeds
    for seed in worlds:
        angle = seed * 2.399963  # the golden angle spreads the tags around the badge
        spot = Spot(distance_m * math.cos(angle), distance_m * math.sin(angle))
        badge = Receiver("badge", Spot(0.0, 0.0), Turning() if worn else None)
        best = Radio(seed, env, law).strongest(0, cycles, tag, spot, badge)
        hits += int((best >= THRESHOLD_DBM).sum())
    return hits / (len(worlds) * cycles)


def gnss_errors(sky: Sky, receivers: int = 12, polls: int = 1000) -> tuple[Floats, Floats]:
    """Poll receivers at one place every 15 s: (n, 2) errors east and north, (n) accuracy, m."""
    plane = Plane(45.0, 15.0)
    errors: list[tuple[float, float]] = []
    stated: list[float] = []
    for number in range(receivers):
        gnss = Gnss(draws(number, "plot", sky), plane)
        gnss.power_on(0)
        for t_ms in range(0, polls * 15_000, 15_000):
            fix = gnss.poll(t_ms, 0.0, 0.0, sky)
            if fix is not None:
                errors.append(plane.to_xy(fix.lat, fix.lon))
                stated.append(fix.accuracy_m)
    return np.array(errors), np.array(stated)


def draw_detection() -> Figure:
    """Draw hits by distance and, close by, by advertising interval."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.2), layout="constrained")
    for env in (BENCH, YARD, ROOM, METAL, HALL):
        worn = env is not BENCH
        shares = [hit_share(env, d, Tag("A0"), worn) for d in DISTANCES_M]
        how = "worn, turning" if worn else "nobody near"
        style = "s--" if worn else "o-"
        left.plot(DISTANCES_M, shares, style, ms=4, label=f"{env.name}, {how}")
    left.plot([5], [0.85], "^k", [10], [0.5], "vk", ms=7)
    left.set(title="Cycles hit, tag of 100 ms", xlabel="m", ylabel="share of 5 s cycles")
    near = [hit_share(BENCH, 1.0, Tag("A0", i), worn=False) for i in INTERVALS_MS]
    right.plot(INTERVALS_MS, near, ".-", lw=0.8, label="bench, at 1 m")
    right.axvline(200, color="grey", lw=0.8)
    right.set(title="Beat of tag and scanner (200 ms)", xlabel="advertising interval in ms")
    return _tidy(figure, [left, right])


def draw_gnss(polls: int = 1000) -> Figure:
    """Draw the errors of fixes under each sky with the circle of the median accuracy."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 3, figsize=(10.5, 3.9), layout="constrained")
    for axis, sky in zip(axes, SKIES, strict=True):
        errors, stated = gnss_errors(sky, polls=polls)
        inside = float((np.hypot(errors[:, 0], errors[:, 1]) <= stated).mean())
        axis.plot(errors[:, 0], errors[:, 1], ".", ms=2, alpha=0.25, label="fixes")
        turn = np.linspace(0.0, 2.0 * math.pi, 90)
        radius = float(np.median(stated))
        axis.plot(radius * np.cos(turn), radius * np.sin(turn), "k", label=f"{radius:.1f} m stated")
        axis.set(title=f"{sky}: {inside:.1%} inside", xlabel="m east", aspect="equal")
        axis.set(xlim=(-30, 30), ylim=(-30, 30))
    return _tidy(figure, list(axes))


def _tidy(figure: Figure, axes: list[Axes]) -> Figure:
    for axis in axes:
        axis.legend(frameon=False, fontsize=8)
        axis.spines[["top", "right"]].set_visible(False)
        if axis.get_ylabel() or "Beat" in axis.get_title():
            axis.set_ylim(0.0, 1.03)
    return figure


def main(folder: Path) -> None:
    """Draw both into the folder."""
    import matplotlib as mpl

    mpl.use("Agg")
    for name, figure in (("radio-detection", draw_detection()), ("gnss-error", draw_gnss())):
        figure.savefig(folder / f"{name}.png", dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
