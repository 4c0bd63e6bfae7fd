"""Fit the hall's radio environment to two recorded walks, write the fit and draw it.

    python -m sim.calibration.fit ../shared/recordings

Fits on the long walk, holds the short one back to judge by.  Writes sim/world/radio_fit.json and
docs/images/radio-fit.png.  Where the radios were is first estimated from the walk alone, as a
check of how little that tells, and then taken from the data set's own configuration
(cnf/tetam.dev of the Position Annotated BLE RSSI data set, CC0).  Needs scipy and matplotlib.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq, curve_fit, least_squares
from scipy.stats import rice, skew

from badge.errors import InputError
from sim.calibration.walks import (
    FixedRadio,
    Walk,
    possible,
    read_walk,
    residuals,
    rewalk,
    variogram,
    wasserstein_db,
)
from sim.world.environments import FIT_FILE, ROOM, Environment
from sim.world.place import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONG, SHORT = "ble-walk-straight-long.csv", "ble-walk-straight.csv"
PLOT_FILE = Path(__file__).parents[2] / "docs" / "images" / "radio-fit.png"
CADENCE_MS = 455.0  # 450 ms and the mean advDelay of 5 ms: the recordings' median gap
EDGES = np.array([0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0])
SEEDS = 40
PUBLISHED = {  # metres in the walker's own frame
    "00:00:00:00:01:01": (7.18, 0.68),
    "00:00:00:00:01:02": (0.71, 6.16),
    "00:00:00:00:02:01": (0.76, 12.13),
    "00:00:00:00:02:02": (7.18, 17.64),
    "00:00:00:00:03:01": (12.82, 16.83),
    "00:00:00:00:03:02": (18.12, 11.93),
    "00:00:00:00:04:01": (17.77, 6.33),
    "00:00:00:00:04:02": (12.76, 0.27),
    "B8:27:EB:45:21:B4": (7.00, 7.09),
    "B8:27:EB:91:7E:19": (7.25, 11.36),
    "B8:27:EB:F7:D0:96": (13.14, 12.33),
    "B8:27:EB:FD:78:11": (13.01, 5.51),
}


@dataclass(frozen=True, slots=True)
class PathLoss:
    """The regression: mean RSSI at 1 m, exponent and its standard error, each radio's gain."""

    rssi_1m_dbm: float
    exponent: float
    exponent_se: float
    gains_db: Floats
    left_db: Floats


def places_from_walk_alone(walk: Walk) -> tuple[float, float, Floats]:
    """Estimate one RSSI at 1 m, one exponent and (along, aside) of each radio from the walk.

    The walk is nearly straight, so the side is not observable: aside is a distance >= 0.
    """
    count, line_y = len(walk.macs), float(np.median(walk.y_m))
    strongest = [_strongest_x(walk, number) for number in range(count)]
    start = np.array([-58.0, 2.0, *strongest, *[4.0] * count])
    low = np.array([-90.0, 0.5, *[-3.0] * count, *[0.3] * count])
    high = np.array([-20.0, 6.0, *[23.0] * count, *[12.0] * count])

    def off(p: Floats) -> Floats:
        along, aside = p[2 : 2 + count][walk.radio], p[2 + count :][walk.radio]
        squared = (walk.x_m - along) ** 2 + aside**2
        short: Floats = walk.rssi - (p[0] - 5.0 * p[1] * np.log10(squared))
        return short

    found = least_squares(off, start, bounds=(low, high), loss="huber", f_scale=6.0).x
    true = np.array([PUBLISHED[mac] for mac in walk.macs])
    apart = np.hypot(
        found[2 : 2 + count] - true[:, 0], found[2 + count :] - abs(true[:, 1] - line_y)
    )
    return float(found[0]), float(found[1]), apart


def _strongest_x(walk: Walk, number: int) -> float:
    mine = walk.radio == number
    best = np.argsort(-walk.rssi[mine])[:10]
    return float(walk.x_m[mine][best].mean())


def path_loss(walk: Walk) -> PathLoss:
    """Regress RSSI on log-distance with an offset for each radio, at the published places."""
    at = np.array([PUBLISHED[mac] for mac in walk.macs])[walk.radio]
    decades = 10.0 * np.log10(np.hypot(walk.x_m - at[:, 0], walk.y_m - at[:, 1]))
    design = np.zeros((len(decades), len(walk.macs) + 1))
    design[np.arange(len(decades)), walk.radio] = 1.0
    design[:, -1] = -decades
    found = np.linalg.lstsq(design, walk.rssi, rcond=None)[0]
    left = walk.rssi - design @ found
    error = np.sqrt(left.var() * np.linalg.inv(design.T @ design)[-1, -1])
    mean = float(found[:-1].mean())
    gains: Floats = np.asarray(found[:-1], dtype=np.float64) - mean
    return PathLoss(mean, float(found[-1]), float(error), gains, left)


def rice_k_of(sigma_db: float) -> float:
    """Find the Rician K whose power in dB has that standard deviation (Rayleigh: 5.57)."""

    def spread(k: float) -> float:
        nu, scale = np.sqrt(k / (k + 1.0)), np.sqrt(0.5 / (k + 1.0))
        density = rice(nu / scale, scale=scale)

        def moment(power: int) -> float:
            value = quad(lambda r: (20 * np.log10(r)) ** power * density.pdf(r), 1e-6, 6)[0]
            return float(value)

        return float(np.sqrt(moment(2) - moment(1) ** 2))

    return float(brentq(lambda k: spread(k) - sigma_db, 1e-3, 15.0))


def spatial(walk: Walk, left: Floats) -> tuple[float, float, float]:
    """Fit nugget + sill * (1 - exp(-h / d)): fast sigma, shadowing sigma (dB), distance (m)."""
    half, pairs = variogram(walk, left, EDGES)

    def shape(h: Floats, nugget: float, sill: float, d: float) -> Floats:
        curve: Floats = nugget + sill * (1.0 - np.exp(-h / d))
        return curve

    middle = np.sqrt(EDGES[1:] * EDGES[:-1])
    fit = curve_fit(
        shape, middle, half, p0=(18.0, 6.0, 1.0), sigma=half / np.sqrt(pairs), bounds=(0.01, 60.0)
    )[0]
    return float(np.sqrt(fit[0])), float(np.sqrt(fit[1])), float(fit[2])


def heard_share(walk: Walk) -> float:
    """Give the share of the adverts that a radio heard."""
    sent = (walk.t_ms.max() - walk.t_ms.min()) / CADENCE_MS
    return float(np.bincount(walk.radio).mean() / sent)


def fit_environment(walk: Walk) -> tuple[Environment, list[FixedRadio], PathLoss, float]:
    """Fit everything on one walk; also gives the fast fading's sigma in dB."""
    loss = path_loss(walk)
    fast_db, shadowing_db, corr_m = spatial(walk, loss.left_db)
    rounding = 1.0 / 12.0  # whole dBm add this variance to the fast part, and so does each reading
    env = Environment(
        name="hall",
        source="fitted by sim/calibration/fit.py to a recorded walk past 12 radios in a hall "
        "(Position Annotated BLE RSSI data set, CC0); sway, error of a "
        "reading and body are the room's",
        rssi_1m_dbm=round(loss.rssi_1m_dbm, 2),
        exponent=round(loss.exponent, 3),
        shadowing_db=round(shadowing_db, 2),
        corr_m=round(corr_m, 2),
        rice_k=round(rice_k_of(float(np.sqrt(fast_db**2 - rounding - ROOM.error_db**2))), 2),
        sway_rad_s=ROOM.sway_rad_s,
        body_db=ROOM.body_db,
        irregular=ROOM.irregular,
        error_db=ROOM.error_db,
        loss=round(1.0 - heard_share(walk), 3),
        sensitivity_dbm=float(walk.rssi.min()),
    )
    radios = [
        FixedRadio(mac, *PUBLISHED[mac], round(float(gain), 2))
        for mac, gain in zip(walk.macs, loss.gains_db, strict=True)
    ]
    return env, radios, loss, fast_db


def write_fit(env: Environment, radios: list[FixedRadio]) -> None:
    """Write what the world loads as its hall."""
    fitted = {key: value for key, value in asdict(env).items() if key != "name"}
    body = {"environment": fitted, "radios": [asdict(one) for one in radios]}
    FIT_FILE.write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")


def draw(walk: Walk, env: Environment, radios: list[FixedRadio], bound_db: float) -> None:
    """Draw fit, residuals, variogram and one radio along the held-back walk."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    ours = rewalk(walk, radios, env, seed=1)
    real, made = residuals(walk, radios, env), residuals(ours, radios, env)
    figure, axes = plt.subplots(2, 2, figsize=(10.5, 7.5), layout="constrained")
    _draw_distance(axes[0, 0], walk, env, radios)
    axes[0, 1].hist(
        [real, made], bins=np.arange(-22, 15, 1.5), density=True, label=["measured", "simulated"]
    )
    axes[0, 1].set(title=f"Residuals on the held-back walk ({bound_db:.2f} dB apart)", xlabel="dB")
    _draw_variogram(axes[1, 0], walk, env, radios)
    number = 3
    for one, name in ((walk, "measured"), (ours, "simulated")):
        mine = one.radio == number
        axes[1, 1].plot(one.x_m[mine], one.rssi[mine], ".-", lw=0.6, ms=4, label=name)
    axes[1, 1].set(
        title=f"Radio {number + 1} along the walk", xlabel="x in m", ylabel="RSSI in dBm"
    )
    for axis in axes.flat:
        axis.legend(frameon=False)
        axis.spines[["top", "right"]].set_visible(False)
    PLOT_FILE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PLOT_FILE, dpi=110, metadata={"Software": None})


def _draw_distance(axis: Axes, walk: Walk, env: Environment, radios: list[FixedRadio]) -> None:
    at = np.array([(r.x_m, r.y_m, r.gain_db) for r in radios])[walk.radio]
    distance = np.hypot(walk.x_m - at[:, 0], walk.y_m - at[:, 1])
    axis.plot(distance, walk.rssi - at[:, 2], ".", ms=3, alpha=0.4, label="measured, less gain")
    line = np.geomspace(1.2, 20.0, 50)
    axis.plot(line, [env.mean_dbm(d) for d in line], "k", label=f"fit, exponent {env.exponent}")
    axis.set(xscale="log", title="RSSI by distance", xlabel="m", ylabel="dBm")
    axis.set_xticks([1, 2, 5, 10, 20], ["1", "2", "5", "10", "20"])


def _draw_variogram(axis: Axes, walk: Walk, env: Environment, radios: list[FixedRadio]) -> None:
    middle = np.sqrt(EDGES[1:] * EDGES[:-1])
    axis.plot(
        middle, variogram(walk, residuals(walk, radios, env), EDGES)[0], "o", label="measured"
    )
    many = [rewalk(walk, radios, env, seed) for seed in range(8)]
    curves = np.array([variogram(w, residuals(w, radios, env), EDGES)[0] for w in many])
    axis.plot(middle, curves.mean(axis=0), "-", label="simulated, mean of 8 seeds")
    axis.set(title="Variogram: fast fading, then shadowing", xlabel="m apart", ylabel="dB²")
    axis.set(xscale="log", ylim=(0, None))


def main(argv: list[str] | None = None) -> int:
    """Fit, judge, write and draw; 2 when a recording cannot be read."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recordings", type=Path, help=f"the folder with {LONG} and {SHORT}")
    folder = parser.parse_args(argv).recordings
    try:
        raw, held_back = read_walk(folder / LONG), possible(read_walk(folder / SHORT))
    except (InputError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    walk = possible(raw)
    env, radios, loss, fast_db = fit_environment(walk)
    real = residuals(held_back, radios, env)
    apart = [
        wasserstein_db(real, residuals(rewalk(held_back, radios, env, s), radios, env))
        for s in range(SEEDS)
    ]
    _tell(raw, walk, loss, fast_db, env, float(skew(real)), apart)
    write_fit(env, radios)
    draw(held_back, env, radios, float(np.median(apart)))
    return 0


def _tell(
    raw: Walk,
    walk: Walk,
    loss: PathLoss,
    fast_db: float,
    env: Environment,
    skewness: float,
    apart: list[float],
) -> None:
    alone = places_from_walk_alone(walk)
    print(f"rows {len(raw.t_ms)}, impossible readings dropped {len(raw.t_ms) - len(walk.t_ms)}")
    print(
        f"from the walk alone: RSSI at 1 m {alone[0]:.1f} dBm, exponent {alone[1]:.2f}, radios off "
        f"by {np.median(alone[2]):.1f} m (median), {alone[2].max():.1f} m (worst)"
    )
    print(f"exponent {loss.exponent:.3f} ± {loss.exponent_se:.3f}, fast fading {fast_db:.2f} dB")
    print(f"spread of the radios' gains {loss.gains_db.std(ddof=1):.2f} dB")
    for each in fields(env):
        print(f"  {each.name} = {getattr(env, each.name)}")
    print(f"held-back walk: skewness {skewness:.2f}; measured to simulated residuals, Wasserstein")
    print(f"  median {np.median(apart):.2f} dB, worst {max(apart):.2f} dB over {len(apart)} seeds")


if __name__ == "__main__":
    raise SystemExit(main())
