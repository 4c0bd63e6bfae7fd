"""The cellular network over the site: bars, outages, registration, and how long a POST takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from badge.errors import InputError
from sim.engine.streams import stream
from sim.world.field import Shadowing
from sim.world.movement import Journey
from sim.world.place import PLACES_A_M, Floats, Spot, Times, whole_places
from sim.world.site import Area

BARS_DBM = (-115, -105, -95, -85)  # Android's stock LTE thresholds of RSRP for 1, 2, 3, 4 bars
FLOOR_DBM, ROOF_DBM = -140, -44  # 3GPP TS 36.133 section 9.1.4: what a modem can report
SIGMA_DB, CORR_M = 6.0, 50.0  # 3GPP TR 38.901 table 7.4.1-1: 4 to 7.8 dB; 7.5.6: 37 to 120 m
# By bars: uplink of a Cat-1 or Cat-M modem from the cell's edge to beside the mast (Cat-M1 tops
# at 375 kbit/s half duplex), round trip, and requests that die: decisions within that range
UPLINK_BIT_S = (0, 20_000, 80_000, 200_000, 350_000)
ROUND_TRIP_MS = (0, 600, 250, 150, 100)
LOSS = (1.0, 0.10, 0.02, 0.005, 0.002)
# Modem on, cell search, attach, PDN, TLS and the card's own session: log-normal, median by bars
REGISTRATION_S = (0.0, 45.0, 25.0, 18.0, 14.0)
REGISTRATION_SIGMA = 0.35
REGISTRATION_MOST_S = 300.0
TRIPS_NEW, TRIPS_KEPT = 5, 1  # DNS 1, TCP 1, TLS 2, request 1; then the request alone
TRIP_SIGMA = 0.25
ANSWER_LOST = 0.5  # of the exchanges that die: the request arrived, its answer did not
HEADER_BYTES = 600

Point: TypeAlias = tuple[float, float]
Walk: TypeAlias = Journey | Spot
Levels: TypeAlias = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Link:
    """The network at a place and time; `bars` 0 means that there is none."""

    rsrp_dbm: int
    bars: int

    @property
    def up(self) -> bool:
        """Say whether anything gets through."""
        return self.bars > 0

    @property
    def uplink_bit_s(self) -> int:
        """Bits a second towards the network."""
        return UPLINK_BIT_S[self.bars]

    @property
    def round_trip_ms(self) -> int:
        """Median there and back."""
        return ROUND_TRIP_MS[self.bars]

    @property
    def loss(self) -> float:
        """Share of the requests that get no answer."""
        return LOSS[self.bars]


NO_LINK = Link(FLOOR_DBM, 0)


@dataclass(frozen=True, slots=True)
class Zone:
    """A place where the network is stronger or weaker by `gain_db` (-100: a dead zone)."""

    area: Area
    gain_db: float


@dataclass(frozen=True, slots=True)
class Outage:
    """No network in [t0, t1), in one area or, with None, everywhere."""

    t0_ms: int
    t1_ms: int
    area: Area | None = None

    def __post_init__(self) -> None:
        if self.t1_ms <= self.t0_ms:
            raise InputError(
                f"outage: it ends at {self.t1_ms} ms, before it begins at {self.t0_ms} ms; "
                "swap the two."
            )

    def strikes(self, t_ms: int, x_m: float, y_m: float) -> bool:
        """Say whether it cuts off that place at that time."""
        here = self.area is None or self.area.contains(x_m, y_m)
        return self.t0_ms <= t_ms < self.t1_ms and here


@dataclass(slots=True)
class Coverage:
    """The network of a run: `link_at` is a pure function of place, time and seed."""

    run_seed: int
    base_dbm: float = -92.0
    zones: Sequence[Zone] = ()
    outages: Sequence[Outage] = ()
    sigma_db: float = SIGMA_DB
    _shadowing: Shadowing = field(init=False)

    def __post_init__(self) -> None:
        if not FLOOR_DBM <= self.base_dbm <= ROOF_DBM:
            raise InputError(
                f"coverage: base_dbm {self.base_dbm} is not within {FLOOR_DBM} to {ROOF_DBM}."
            )
        self._shadowing = Shadowing(stream(self.run_seed, "coverage"), self.sigma_db, CORR_M)

    def link_at(self, t_ms: int, x_m: float, y_m: float) -> Link:
        """Give the network there and then."""
        shadow_db = self._shadowing.at_one(round(x_m * PLACES_A_M), round(y_m * PLACES_A_M))
        return self.shadowed_link_at(t_ms, x_m, y_m, shadow_db)

    def along(self, mover: Walk) -> Reception:
        """Give the network where somebody is."""
        return Reception(self, mover)

    def shadows_at(self, xs: Floats, ys: Floats) -> Floats:
        """Give the shadow in dB over many places."""
        ends = np.zeros((len(xs), 4), np.int64)
        ends[:, 0], ends[:, 1] = whole_places(xs), whole_places(ys)
        return self._shadowing.at(ends)

    def shadowed_link_at(self, t_ms: int, x_m: float, y_m: float, shadow_db: float) -> Link:
        """Give the network there and then, the place's shadow known."""
        if self.outages and any(outage.strikes(t_ms, x_m, y_m) for outage in self.outages):
            return NO_LINK
        rsrp_dbm = self.base_dbm + shadow_db
        if self.zones:
            rsrp_dbm += sum(zone.gain_db for zone in self.zones if zone.area.contains(x_m, y_m))
        return link_of(min(max(round(rsrp_dbm), FLOOR_DBM), ROOF_DBM))

    def shadowed_at(self, times: Times, xs: Floats, ys: Floats, shadows_db: Floats) -> Levels:
        """Give the RSRP at many times and places, whose shadows are known; `link_of` reads it."""
        found = self._levels(xs, ys, shadows_db)
        for outage in self.outages:
            struck = (outage.t0_ms <= times) & (times < outage.t1_ms)
            if outage.area is not None:
                struck &= outage.area.contain(xs, ys)
            found[struck] = NO_LINK.rsrp_dbm
        return found

    def bars_without_outage(self, places: Sequence[Point]) -> list[int]:
        """Give the bars at many places, as if no outage ever struck."""
        xs, ys = np.array(places, np.float64).T
        return [bars_of(dbm) for dbm in self._levels(xs, ys, self.shadows_at(xs, ys)).tolist()]

    def changes_after(self, t_ms: int) -> int | None:
        """Give when the next outage begins or ends anywhere; None if none does."""
        edges = [ms for outage in self.outages for ms in (outage.t0_ms, outage.t1_ms)]
        return min((ms for ms in edges if ms > t_ms), default=None)

    def _levels(self, xs: Floats, ys: Floats, shadows_db: Floats) -> Levels:
        """Give the RSRP at many places as if no outage ever struck."""
        gain = np.zeros(len(xs))
        for zone in self.zones:
            gain[zone.area.contain(xs, ys)] += zone.gain_db
        rsrp = np.rint(self.base_dbm + shadows_db + gain)
        return np.clip(rsrp, FLOOR_DBM, ROOF_DBM).astype(np.int16)

    def back_at(self, t_ms: int, x_m: float, y_m: float) -> int:
        """Give when the outages that strike here now are over: `t_ms` itself if none does."""
        again = True
        while again:
            ends = [o.t1_ms for o in self.outages if o.strikes(t_ms, x_m, y_m)]
            again, t_ms = bool(ends), max(ends, default=t_ms)
        return t_ms


class Reception:
    """The network where somebody is who is on a journey, or at a spot."""

    __slots__ = ("_coverage", "_mover")

    def __init__(self, coverage: Coverage, mover: Walk) -> None:
        self._coverage, self._mover = coverage, mover

    def at(self, t_ms: int) -> Link:
        """Give it at a moment."""
        return self._coverage.link_at(t_ms, *self._mover.position_at(t_ms))

    def levels(self, from_ms: int, step_ms: int, count: int) -> Levels:
        """Give the RSRP at so many moments; `link_of` reads it."""
        times = from_ms + step_ms * np.arange(count)
        xs, ys = self._mover.places_at(times)
        shadows_db = self._coverage.shadows_at(xs, ys)
        return self._coverage.shadowed_at(times, xs, ys, shadows_db)


@lru_cache(maxsize=256)
def link_of(rsrp_dbm: int) -> Link:
    """Give the network of a strength; there is none at the floor."""
    return Link(rsrp_dbm, bars_of(rsrp_dbm))


def are_up(levels: Levels) -> NDArray[np.bool_]:
    """Say of many strengths whether there is a network, as `Link.up` says of one."""
    return levels >= BARS_DBM[0]


def bars_of(rsrp_dbm: int) -> int:
    """Give 0 to 4 bars."""
    return sum(rsrp_dbm >= least for least in BARS_DBM)


def registration_ms(link: Link, rng: np.random.Generator) -> int | None:
    """Draw how long the modem takes from off to connected; None without network."""
    if not link.up:
        return None
    drawn = rng.lognormal(math.log(REGISTRATION_S[link.bars]), REGISTRATION_SIGMA)
    return round(min(float(drawn), REGISTRATION_MOST_S) * 1000.0)


def upload_duration_ms(
    body_bytes: int, link: Link, rng: np.random.Generator, connected: bool = False
) -> int | None:
    """Draw how long one POST takes on a registered modem; None when its answer never comes.

    Round trips (5 with a new connection, 1 on a kept one; log-normal, sigma 0.25) plus the bytes
    over the uplink.
    """
    if not link.up or rng.random() < link.loss:
        return None
    trips = TRIPS_KEPT if connected else TRIPS_NEW
    waiting = trips * link.round_trip_ms * float(rng.lognormal(0.0, TRIP_SIGMA))
    sending = (body_bytes + HEADER_BYTES) * 8000.0 / link.uplink_bit_s
    return max(round(waiting + sending), 1)


class Exchange(NamedTuple):
    """How a batch fares: ms of registration, and then of the POST, None where no answer comes.

    `arrives`: the cloud gets it, whether or not its answer comes back.
    """

    before_ms: int
    takes_ms: int | None
    arrives: bool


def exchange(body_bytes: int, link: Link, rng: np.random.Generator, connected: bool) -> Exchange:
    """Draw how a batch fares on a modem that is registered, or is off."""
    before_ms = 0 if connected else (registration_ms(link, rng) or 0)
    takes_ms = upload_duration_ms(body_bytes, link, rng, connected)
    return Exchange(before_ms, takes_ms, takes_ms is not None or rng.random() < ANSWER_LOST)
