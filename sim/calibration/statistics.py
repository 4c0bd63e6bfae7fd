"""The thirteen rows: what was measured, by whom, what the world must come to, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np

from sim.calibration import estimators, extracts, simulated
from sim.world.adverts import drawn_gain_db
from sim.world.environments import BENCH, ENVIRONMENTS, METAL, ROOM, YARD, Environment
from sim.world.power import LONG_MS, PUBLISHED, SHORT_MS
from sim.world.site import Plane, Sky
from sim.world.work import ON_FOOT

MIT, NIST = "MIT LL, held-in", "NIST, held-in"
MARGINS_DB = (6.0, 3.0, 0.0, -3.0, -6.0)
LAGS_MS = (200, 1000, 5000)
PERSONS, PLACES = 4, 12
MEASURED_IN = {"yard": "courtyard", "room": "meeting_room"}
Measure = Callable[[Path], float | None]


@dataclass(frozen=True, slots=True)
class Statistic:
    """One figure: `simulate` gives it for a seed, `measure` of the extracts (None: not in them).

    `published` is what the whole data set, or the paper, says; `wanted` bounds the mean over
    the seeds.
    """

    row: int
    name: str
    source: str
    published: str
    wanted: tuple[float, float]
    simulate: Callable[[int], float]
    measure: Measure = lambda folder: None


# 1 to 3: a person turns


@cache
def _person(env: Environment, seed: int, number: int) -> simulated.HeardSeries:
    return simulated.person(env, seed, number, 120.0)


def _front_to_back(env: Environment, seed: int) -> float:
    found = [
        estimators.front_to_back_db(one.t_ms // 15_000, one.rssi)
        for one in (_person(env, seed, number) for number in range(PERSONS))
    ]
    return float(np.mean(found))


def _measured_front_to_back(environment: str, folder: Path) -> float | None:
    found = [
        estimators.front_to_back_db(
            np.repeat(one.facing, one.count.astype(np.int64)),
            np.repeat(one.mean_dbm, one.count.astype(np.int64)),
        )
        for one in extracts.read_turned(folder, dwell_s=60)
        if one.environment == MEASURED_IN.get(environment)
    ]
    return float(np.median(found)) if found else None


def _maxima(seed: int) -> Iterable[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Give the cycles of as many people in a yard as in a room: the data set pools them."""
    for env in (YARD, ROOM):
        for number in range(PERSONS):
            one = _person(env, seed, number)
            yield estimators.cycle_maxima(one.t_ms, one.rssi)


def _hits(margin_db: float, seed: int) -> float:
    return float(np.mean([estimators.hit_share(one, margin_db) for one in _maxima(seed)]))


def _lost(margin_db: float, seed: int) -> float:
    return float(np.mean([estimators.session_lost(one, margin_db) for one in _maxima(seed)]))


def _measured_hits(margin_db: float, folder: Path) -> float:
    return float(np.mean([estimators.hit_share(one, margin_db) for one in _turned(folder)]))


def _measured_lost(margin_db: float, folder: Path) -> float:
    """A person may begin with any facing: each is tried."""
    found = [
        estimators.session_lost(np.roll(one, 3 * first), margin_db)
        for one in _turned(folder)
        for first in range(len(one) // 3)
    ]
    return float(np.mean(found))


def _turned(folder: Path) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    return [estimators.cycle_maxima(one.t_ms, one.most_dbm) for one in extracts.read_turned(folder)]


# 4 to 7: nobody turns


def _within(seed: int) -> float:
    one = simulated.boards(BENCH, seed, 120.0)
    return estimators.scatter_db(one.channel, one.rssi)


def _between(seed: int) -> float:
    places = [simulated.boards(BENCH, 1000 * seed + n, 10.0).rssi.mean() for n in range(PLACES)]
    return float(np.std(places, ddof=1))


def _measured_within(folder: Path) -> float:
    """Ten minutes at a time, parted into three levels, since no channel is told."""
    left = []
    for one in extracts.read_bench(folder):
        for at in range(0, len(one.rssi) - 60, 60):
            rssi = one.rssi[at : at + 60]
            left.append(estimators.scatter_db(estimators.levels_of(rssi), rssi))
    return float(np.median(left))


@cache
def _standing(seed: int, number: int) -> simulated.HeardSeries:
    return simulated.person(YARD, seed, number, 36.0, dwell_s=1e6)


def _spread(seed: int) -> float:
    people = [_standing(seed, number) for number in range(PERSONS)]
    return float(np.mean([estimators.channel_spread_db(p.channel, p.rssi) for p in people]))


def _measured_spread(folder: Path) -> float:
    found = [
        estimators.channel_spread_db(one.channel, one.rssi)
        for one in extracts.read_standing(folder)
    ]
    return float(np.mean(found))


def _correlation(lag_ms: int, seed: int) -> float:
    found = [
        estimators.autocorrelation(one.t_ms[mine], one.rssi[mine], lag_ms)
        for one in (_standing(seed, number) for number in range(2))
        for mine in ((one.channel == number) & (one.t_ms < 30_000) for number in range(3))
    ]
    return float(np.mean(found))


def _measured_correlation(lag_ms: int, folder: Path) -> float:
    found = [
        estimators.autocorrelation(one.t_ms[mine], one.rssi[mine], lag_ms)
        for one in extracts.read_standing(folder)
        for mine in (one.channel == number for number in (37, 38, 39))
    ]
    return float(np.median(found))


def _gains(seed: int) -> float:
    gains = [drawn_gain_db(seed, f"AA:BB:CC:DD:EE:{n:02X}", 2.0) for n in range(100)]
    return float(np.std(gains, ddof=1))


# 8 to 13: receivers, workers, currents


_receiver = cache(simulated.receiver)


def _drms_of_route(folder: Path) -> float:
    """Across the way alone: a rider's place along the route is not surveyed."""
    route, fixes = extracts.read_route(folder)
    plane = Plane(*route[0])
    xs, ys = np.array([plane.to_xy(*fix) for fix in fixes]).T
    off = estimators.off_route_m(xs, ys, [plane.to_xy(*corner) for corner in route])
    return estimators.drms_m(off)


def _across(seed: int) -> float:
    return estimators.drms_m(_receiver("open", seed).error_m) / float(np.sqrt(2.0))


def _walking(seed: int) -> float:
    return estimators.walking_share(simulated.worker(ON_FOOT, seed), 4 * simulated.HOUR_MS)


def _still(seed: int) -> float:
    return estimators.still_spells_an_hour(simulated.worker(ON_FOOT, seed).changes(), 4.0)


def _sync_mah(for_ms: int, seed: int) -> float:
    return PUBLISHED.upload_ua_ms(for_ms) / 1000.0 / simulated.HOUR_MS


def _rows_1_to_3() -> list[Statistic]:
    found = [
        Statistic(
            1,
            f"front to back, {env.name} (dB)",
            source,
            published,
            wanted,
            partial(_front_to_back, env),
            partial(_measured_front_to_back, env.name),
        )
        for env, source, published, wanted in (
            (YARD, MIT, "12.7-22.7, median 17.5", (15.0, 19.0)),
            (ROOM, MIT, "9.5", (8.0, 11.0)),
            (METAL, "MIT LL", "6.8", (6.0, 8.0)),
        )
    ]
    hits, lost = (0.87, 0.72, 0.52, 0.30, 0.13), (0.08, 0.41, 0.75, 0.47, 0.20)
    for row, what, published, slack, simulate, measure in (
        (2, "cycles hit", hits, 0.05, _hits, _measured_hits),
        (3, "session lost", lost, 0.12, _lost, _measured_lost),
    ):
        found += [
            Statistic(
                row,
                f"{what}, {margin:+.0f} dB",
                MIT,
                f"{value:.2f}",
                (value - slack, value + slack),
                partial(simulate, margin),
                partial(measure, margin),
            )
            for margin, value in zip(MARGINS_DB, published, strict=True)
        ]
    return found


def _rows_4_to_7() -> list[Statistic]:
    correlations = [
        Statistic(
            6,
            f"autocorrelation at {lag / 1000:g} s",
            MIT,
            f"{value:.2f}",
            (value - 0.08, value + 0.08),
            partial(_correlation, lag),
            partial(_measured_correlation, lag),
        )
        for lag, value in zip(LAGS_MS, (0.74, 0.37, 0.05), strict=True)
    ]
    return [
        Statistic(
            4,
            "at rest, within a place (dB)",
            NIST,
            "1.4-1.7",
            (1.4, 2.0),
            _within,
            _measured_within,
        ),
        Statistic(4, "at rest, between places (dB)", "NIST", "3.4-4.2", (3.0, 4.2), _between),
        Statistic(
            5,
            "spread of channels, 36 s (dB)",
            MIT,
            "4.9-6.6",
            (4.5, 6.5),
            _spread,
            _measured_spread,
        ),
        *correlations,
        Statistic(
            7, "tags of one kind, gain sd (dB)", "data sheets", "1.3-2.6", (1.3, 2.6), _gains
        ),
    ]


def _rows_8_to_13() -> list[Statistic]:
    urban, trees = "two receivers, 3,132 fixes", "published, in leaf"
    hallman, blues = "Hallman 2015", "Blues"

    def of(sky: Sky, figure: Callable[[simulated.Polled], float]) -> Callable[[int], float]:
        return lambda seed: figure(_receiver(sky, seed))

    def inside(one: simulated.Polled) -> float:
        return estimators.inside_share(one.error_m, one.accuracy_m)

    def median_dop(one: simulated.Polled) -> float:
        return float(np.median(one.dop))

    def drms(one: simulated.Polled) -> float:
        return estimators.drms_m(one.error_m)

    def missed(one: simulated.Polled) -> float:
        return estimators.missed_share(one.missed)

    def same(value: float) -> Callable[[int], float]:
        return lambda seed: value

    return [
        Statistic(
            8, "inside accuracy_m, urban", urban, "0.41-0.50", (0.35, 0.55), of("urban", inside)
        ),
        Statistic(
            8,
            "HDOP, urban",
            urban,
            "0.6-1.03",
            (0.9, 1.1),
            of("urban", median_dop),
        ),
        Statistic(
            8, "inside accuracy_m, open", "definition", "0.95", (0.93, 0.97), of("open", inside)
        ),
        Statistic(
            8,
            "off the route, open (m)",
            "a rider, held-in",
            "the extract alone",
            (1.0, 3.5),
            _across,
            _drms_of_route,
        ),
        Statistic(
            9,
            "DRMS under trees (m)",
            trees,
            "5.0-12.6",
            (5.0, 8.0),
            of("tree_cover", drms),
        ),
        Statistic(
            10,
            "polls missed, urban",
            urban,
            "0.0015-0.002",
            (0.0, 0.01),
            of("urban", missed),
        ),
        Statistic(11, "walking share, on foot", hallman, "0.33 (sd 0.12)", (0.25, 0.40), _walking),
        Statistic(11, "still spells over 30 s an hour", hallman, "7-26", (7.0, 26.0), _still),
        Statistic(
            12,
            "card between syncs (µA)",
            blues,
            "8-18",
            (8.0, 18.0),
            same(PUBLISHED.modem_idle_ua),
        ),
        Statistic(
            12, "a sync of 30 s (mAh)", blues, "0.28", (0.28, 0.49), partial(_sync_mah, SHORT_MS)
        ),
        Statistic(
            12, "a sync of 2 min (mAh)", blues, "0.49", (0.28, 0.49), partial(_sync_mah, LONG_MS)
        ),
        Statistic(12, "GNSS (mA)", blues, "20-50", (20.0, 50.0), same(PUBLISHED.gps_ua / 1000.0)),
        Statistic(
            12,
            "scanner receiving (mA)",
            "its maker",
            "6.26",
            (6.2, 6.3),
            same(PUBLISHED.scan_ua * 4 / 1000.0),
        ),
        Statistic(
            13,
            "polls lost to a 2 min upload",
            blues,
            "GNSS excluded",
            (8.0, 9.0),
            lambda seed: simulated.polls_lost_to_upload(seed, LONG_MS),
        ),
    ]


STATISTICS = (*_rows_1_to_3(), *_rows_4_to_7(), *_rows_8_to_13())
assert set(ENVIRONMENTS) >= {"yard", "room", "metal", "hall", "bench"}
