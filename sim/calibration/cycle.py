"""Fit the law of a cycle to the sample model, and say how well: python -m sim.calibration.cycle.

Prints the detection by distance and the lengths of runs beside those of the sample model; exit
code 1 when one is off by more than is allowed.  `--fit` fits first, and writes the fit.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
import numpy as np
from numpy.typing import NDArray

from badge.cli import terminal
from badge.host.files import write_whole
from sim.calibration.plots import DISTANCES_M, THRESHOLD_DBM, Turning, hit_share
from sim.engine.draws import draws
from sim.world.adverts import Tag
from sim.world.cycle import FIT_FILE, CycleFit, cycle_fit
from sim.world.environments import BENCH, HALL, METAL, ROOM, YARD, Environment
from sim.world.movement import Journey, Knot
from sim.world.place import Facing, Spot
from sim.world.radio import Radio, RadioLaw, Receiver
from sim.world.site import area
from sim.world.walker import Walker
from sim.world.work import WORK_KINDS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PERIOD_MS, CYCLES = 5000, 120
SHARE_OFF = 0.02  # of the cycles, at each distance
RUNS, ALPHA = 1000, 0.05  # of the test of the runs' lengths: two samples, Kolmogorov and Smirnov
CRITICAL = math.sqrt(-0.5 * math.log(ALPHA / 2)) * math.sqrt(2.0 / RUNS)
LAWS: tuple[RadioLaw, RadioLaw] = ("sample", "cycle")
FITTED_SEEDS = 24
_ROOMY = area("yard", "parcel", [(0, 0), (15, 0), (15, 12), (0, 12)])
_Levels = NDArray[np.int16]


class Detection(NamedTuple):
    """The share of cycles hit at a distance, by each law."""

    place: str
    distance_m: float
    sampled: float
    drawn: float

    @property
    def holds(self) -> bool:
        """Whether they agree."""
        return abs(self.drawn - self.sampled) <= SHARE_OFF


class RunLengths(NamedTuple):
    """How long the runs of hits, or of misses, are by each law, and how far the two are apart."""

    what: str
    sampled: NDArray[np.int64]
    drawn: NDArray[np.int64]

    @property
    def apart(self) -> float:
        """The greatest difference of the two distribution functions."""
        both = np.unique(np.concatenate([self.sampled, self.drawn]))
        one, other = (
            np.searchsorted(np.sort(lengths), both, "right") / len(lengths)
            for lengths in (self.sampled, self.drawn)
        )
        return float(np.abs(one - other).max())

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against one and the same distribution."""
        return self.apart <= CRITICAL


def detections(seeds: int, distances_m: Iterable[float] = DISTANCES_M) -> Iterable[Detection]:
    """Give the detection by distance in each environment: of who turns, and of a board alone."""
    for env in (BENCH, YARD, ROOM, METAL, HALL):
        worn = env is not BENCH
        place = f"{env.name}, {'worn, turning' if worn else 'nobody near'}"
        for metres in distances_m:
            shares = [hit_share(env, metres, Tag("A0"), worn, seeds, law=law) for law in LAWS]
            yield Detection(place, metres, shares[0], shares[1])


def run_lengths(most: int = RUNS) -> Iterable[RunLengths]:
    """Give the lengths of the first runs, of workers beside a tag, each of another seed."""
    for env, kind in (
        (YARD, "on_foot"),
        (YARD, "standing"),
        (ROOM, "on_foot"),
        (ROOM, "office"),
        (HALL, "trimming"),
        (YARD, "riding"),
    ):
        found = [runs_of(env, kind, law, most) for law in LAWS]
        for number, name in enumerate(("hits", "misses")):
            what = f"{env.name}, {kind}: {name}"
            yield RunLengths(what, found[0][number], found[1][number])


def runs_of(
    env: Environment, kind: str, law: RadioLaw, most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the lengths, in cycles, of the first runs of hits, and of those of misses."""
    lengths: tuple[list[int], list[int]] = ([], [])
    seed = 0
    while min(map(len, lengths)) < most:
        walker = Walker(draws(seed, "cycles", kind), (7.0, 6.0), 0)
        day = walker.work(_ROOMY, 2 * 3_600_000, WORK_KINDS[kind]).journey()
        badge, tag = Receiver(f"worker {seed}", day, day), Spot(9.3, 6.1)
        best = Radio(seed, env, law).strongest(0, 1440, Tag("A0"), tag, badge, PERIOD_MS)
        hit = best >= THRESHOLD_DBM
        ends = np.flatnonzero(hit[1:] != hit[:-1])
        for place, length in zip(ends[1:].tolist(), np.diff(ends).tolist(), strict=True):
            lengths[0 if hit[place] else 1].append(length)
        seed += 1
    return np.array(lengths[0][:most]), np.array(lengths[1][:most])


# ---- The fit ----


@dataclass(frozen=True, slots=True)
class FittedCase:
    """Somebody beside a tag: each parameter is fitted where it counts."""

    env: Environment
    badge: Callable[[int], Receiver]
    distance_m: float = 4.0

    def levels(self, seeds: int, fit: CycleFit | None = None) -> _Levels:
        """Give the strongest of (seed, cycle), by the sample model or by a fit."""
        rows = []
        for seed in range(seeds):
            radio = Radio(seed, self.env, "sample" if fit is None else "cycle")
            if fit is not None:
                radio.use(fit)
            tag = Spot(9.0 * seed + self.distance_m, 3.0)
            rows.append(radio.strongest(0, CYCLES, Tag("A0"), tag, self.badge(seed), PERIOD_MS))
        return np.array(rows)


class FacingEast:
    """A `Facing` that stays."""

    def heading_at(self, t_ms: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give the heading in radians."""
        return np.zeros(len(t_ms))


def standing(facing: Facing) -> Callable[[int], Receiver]:
    """Stand by the tag of each seed, facing that way."""
    return lambda seed: Receiver("standing", Spot(9.0 * seed, 3.0), facing)


def _round(metres_a_s: float) -> Callable[[int], Receiver]:
    """Walk round the tag, 4 m from it."""

    def badge(seed: int) -> Receiver:
        knots = []
        for number in range(CYCLES * PERIOD_MS // 1000 + 2):
            angle = metres_a_s * number / 4.0
            x_m, y_m = 9.0 * seed + 4.0 * (1.0 + math.cos(angle)), 3.0 + 4.0 * math.sin(angle)
            knots.append(Knot(1000 * number, x_m, y_m, angle + math.pi / 2.0, "walk"))
        day = Journey(knots)
        return Receiver("walking", day, day)

    return badge


def fitted(seeds: int = FITTED_SEEDS) -> CycleFit:
    """Fit each parameter so that the mean of the strongest samples is the sample model's."""
    places = (YARD, ROOM, HALL)
    at_rest, turning = (
        [FittedCase(env, standing(facing)) for env in places]
        for facing in (FacingEast(), Turning())
    )
    walking = [FittedCase(env, _round(speed)) for env in (YARD, HALL) for speed in (0.5, 1.0, 1.7)]
    fit = replace(cycle_fit(), moving_share=1.0)
    for name, cases, most in (
        ("worn_share", at_rest, 2.0),
        ("span_share", turning, 2.0),
        ("moving_shadow", walking, 1.0),
        ("moving_share", walking, 1.5),
    ):
        fit = fit_one(fit, name, cases, most, seeds)
    return replace(fit, source="python -m sim.calibration.cycle --fit, to the sample model")


def fit_one(fit: CycleFit, name: str, cases: list[FittedCase], most: float, seeds: int) -> CycleFit:
    """Find the value of one parameter with which the means agree, to a hundredth."""
    sampled = [_mean(case.levels(seeds)) for case in cases]
    low, high = 0.0, most
    for _ in range(8):
        value = {name: round(0.5 * (low + high), 3)}
        middle = replace(fit, **value)  # type: ignore[arg-type]  # all that are fitted are numbers
        off_db = [_mean(case.levels(seeds, middle)) for case in cases]
        if sum(off_db) < sum(sampled):  # what is fitted makes it stronger
            low = 0.5 * (low + high)
        else:
            high = 0.5 * (low + high)
        fit = middle
    return fit


def _mean(levels: _Levels) -> float:
    return float(levels[levels > -128].mean())


# ---- What is told ----


def draw(found: list[Detection], runs: list[RunLengths]) -> Figure:
    """Draw detection by distance and the lengths of runs, by both laws."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.2), layout="constrained")
    for place in dict.fromkeys(one.place for one in found):
        mine = [one for one in found if one.place == place]
        metres = [one.distance_m for one in mine]
        (line,) = left.plot(metres, [one.sampled for one in mine], "-", lw=1.0, label=place)
        left.plot(metres, [one.drawn for one in mine], "o", ms=4, color=line.get_color())
    left.set(title="Cycles hit: line sampled, dots drawn at once", xlabel="m", ylabel="share")
    for one in runs[:6]:
        lengths = np.arange(1, 61)
        (line,) = right.plot(lengths, _longer(one.sampled, lengths), "-", lw=1.0, label=one.what)
        right.plot(lengths, _longer(one.drawn, lengths), ".", ms=3, color=line.get_color())
    right.set(title="Runs that are longer", xlabel="cycles", ylabel="share", yscale="log")
    right.set_xscale("log")
    for axis in (left, right):
        axis.legend(frameon=False, fontsize=8)
        axis.spines[["top", "right"]].set_visible(False)
    return figure


def _longer(lengths: NDArray[np.int64], than: NDArray[np.int64]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = (lengths[:, None] > than).mean(axis=0)
    shares[shares == 0.0] = np.nan
    return shares


def _verdict(holds: bool) -> str:
    return "holds" if holds else "FALLS SHORT"


@click.command()
@click.option("--fit", "fits", is_flag=True, help=f"Fit first, and write {FIT_FILE.name}.")
@click.option("--seeds", type=click.IntRange(2, 1000), default=60, show_default=True)
@click.option("--pictures", type=click.Path(file_okay=False, path_type=Path), help="Draw there.")
def main(fits: bool, seeds: int, pictures: Path | None) -> None:
    """Hold the law of a cycle against the sample model; exit code 1 where it falls short."""
    if fits:
        fit = fitted()
        write_whole(FIT_FILE, (json.dumps(asdict(fit), indent=1) + "\n").encode())
        cycle_fit.cache_clear()
        click.echo(f"{FIT_FILE}: {fit}")
    screen = terminal.out()
    found, runs = list(detections(seeds)), list(run_lengths())
    shown = (
        (
            ("cycles hit", "m", "sampled", "drawn", f"within {SHARE_OFF:.0%}"),
            [
                (
                    one.place,
                    f"{one.distance_m:g}",
                    f"{one.sampled:.1%}",
                    f"{one.drawn:.1%}",
                    _verdict(one.holds),
                )
                for one in found
            ],
        ),
        (
            ("run lengths", "sampled", "drawn", "apart", f"at most {CRITICAL:.3f}"),
            [
                (
                    one.what,
                    f"{one.sampled.mean():.2f}",
                    f"{one.drawn.mean():.2f}",
                    f"{one.apart:.3f}",
                    _verdict(one.holds),
                )
                for one in runs
            ],
        ),
    )
    for headings, rows in shown:
        screen.print(terminal.table("", headings, rows))
    if pictures is not None:
        import matplotlib as mpl

        mpl.use("Agg")
        picture = draw(found, runs)
        picture.savefig(pictures / "radio-cycle.png", dpi=110, metadata={"Software": None})
    verdicts = [*(one.holds for one in found), *(one.holds for one in runs)]
    click.echo(f"{sum(verdicts)} of {len(verdicts)} hold")
    sys.exit(0 if all(verdicts) else 1)


if __name__ == "__main__":
    main()
