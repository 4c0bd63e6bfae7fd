"""What the badge's GNSS receiver says: fixes with their errors, late or not at all."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, NamedTuple, TypeAlias

from badge.errors import MisuseError
from sim.engine.draws import KeyedDraws
from sim.world.site import Plane, Sky

UERE_M = 3.0  # contract section 3: accuracy_m = dop * gps_uere_m
INSIDE = 0.95  # of the fixes are to lie within accuracy_m of the truth, in the long run
DOP_LEAST, DOP_MOST = 0.5, 20.0
DOP_TAU_S = 600.0  # the constellation changes over ten minutes
EPHEMERIS_S = 7200.0  # a GPS ephemeris serves two hours either way (IS-GPS-200): then warm
DRAWS_A_POLL = 16  # so many places are kept for the draws of each poll, used or not
FIXING_MS = (80, 900)  # answer of a receiver that is tracking: its 1 Hz beat and the card's poll

Start: TypeAlias = Literal["cold", "warm", "hot"]


@dataclass(frozen=True, slots=True)
class SkyView:
    """How the sky above shapes fixes; `jump_share` is the time spent on a reflected path.

    HDOP is log-normal about its median.  `sigma_m` is the error per axis; None scales it with
    the dop so that 95 % of all fixes are inside `accuracy_m`, which only an open sky keeps: a
    receiver among buildings or trees does not know how wrong it is.  `missed` is the share of
    polls without a fix, in spells of `missed_s` on average.
    """

    dop_median: float
    dop_sigma: float
    tau_s: float
    missed: float
    missed_s: float
    jump_share: float
    jump_s: float
    jump_m: tuple[float, float]
    search_factor: float
    satellites: int
    sigma_m: float | None = None

    @property
    def sigma_per_dop_m(self) -> float:
        """Error per axis and dop, so that with all jumps outside still 95 % are inside.

        P(r < R) = 1 - exp(-R^2 / (2 sigma^2)) for two equal axes, R = dop * 3 m.
        """
        return _sigma_per_dop_m(self.jump_share)


@cache
def _sigma_per_dop_m(jump_share: float) -> float:
    calm = INSIDE / (1.0 - jump_share)
    return UERE_M / math.sqrt(-2.0 * math.log(1.0 - calm))


SKIES: dict[Sky, SkyView] = {
    "open": SkyView(1.1, 0.15, 180.0, 0.001, 30.0, 0.002, 10.0, (8.0, 20.0), 1.0, 11),
    "tree_cover": SkyView(1.3, 0.2, 60.0, 0.005, 30.0, 0.08, 20.0, (8.0, 25.0), 1.5, 9, 3.4),
    "urban": SkyView(1.0, 0.2, 60.0, 0.002, 45.0, 0.18, 25.0, (8.0, 35.0), 2.0, 9, 2.6),
}
"""Outdoors; there is no entry for indoor because there is no fix.

Open: Gauss-Markov models of GPS (Rankin, IEEE PLANS 1994).  Urban: two receivers among buildings,
3,132 fixes, of which 41 to 50 % were inside their own radius, at HDOP 0.6 to 1.03, with 0.15 to
0.2 % of the polls missed, in runs.  Trees: published DRMS in leaf, 5.0 to 12.6 m.  How reflected
time is shared out in lengths and distances is a decision within these.
"""

# mean and sd in s under open sky, without assistance: the figures that Quectel prints for its
# EC25 and EG25-G modems are 35, 26 and 2.5 s; the recorded cold start of an EG25 took 37 s
FIRST_FIX_S: dict[Start, tuple[float, float]] = {
    "cold": (35.0, 4.0),
    "warm": (26.0, 3.0),
    "hot": (2.5, 0.7),
}


class Fix(NamedTuple):
    """One answer: made `delay_ms` after the poll at `t_ms`, about the place of the poll."""

    t_ms: int
    delay_ms: int
    lat: float
    lon: float
    dop: float
    satellites: int

    @property
    def accuracy_m(self) -> float:
        """Radius that the badge states, dop * 3.0 (contract section 3).

        It holds 95 % of the fixes under an open sky, and some 40 % of those among buildings.
        """
        return round(self.dop * UERE_M, 1)


@dataclass(slots=True)
class Gnss:
    """One receiver.  Poll it forward in time; same draws and same polls, same fixes.

    It searches from `power_on`, or from the first poll after one indoors, whichever is later;
    going indoors, or `power_off`, loses the fix.
    """

    draws: KeyedDraws
    plane: Plane
    _on: bool = field(default=False, init=False)
    _t_ms: int = field(default=-(10**15), init=False)
    _since_ms: int | None = field(default=None, init=False)
    _ready_ms: int | None = field(default=None, init=False)
    _last_fix_ms: int | None = field(default=None, init=False)
    _error: tuple[float, float] = field(default=(0.0, 0.0), init=False)
    _dop_wave: float = field(default=0.0, init=False)
    _error_ms: int | None = field(default=None, init=False)
    _jump: tuple[float, float] | None = field(default=None, init=False)
    _blind: bool = field(default=False, init=False)
    _lent_until_ms: int = field(default=-(10**15), init=False)
    _polls: int = field(default=0, init=False)

    def power_on(self, t_ms: int, keeps_almanac: bool = True) -> None:
        """Start searching; `keeps_almanac` False is a cold start after the battery was out."""
        self._forward(t_ms)
        self._on = True
        self._since_ms, self._ready_ms = max(t_ms, self._lent_until_ms), None
        if not keeps_almanac:
            self._last_fix_ms = None

    def power_off(self, t_ms: int) -> None:
        """Stop; polls give None until it is switched on again."""
        self._forward(t_ms)
        self._on = False
        self._ready_ms = None

    def suspend(self, t_ms: int, until_ms: int) -> None:
        """Lend the radio to the modem: no fix until then, and a search anew after it.

        On a card with one radio for both, GNSS and modem are never on together (Blues).
        """
        self._forward(t_ms)
        self._lent_until_ms = max(until_ms, self._lent_until_ms)
        self._since_ms, self._ready_ms = self._lent_until_ms, None

    def start_kind(self, t_ms: int) -> Start:
        """Say what a search begun now would be: cold, warm or hot."""
        if self._last_fix_ms is None:
            return "cold"
        age_s = (t_ms - self._last_fix_ms) / 1000.0
        return "hot" if age_s <= EPHEMERIS_S else "warm"

    def poll(self, t_ms: int, true_x_m: float, true_y_m: float, sky: Sky) -> Fix | None:
        """Ask for a fix; None when there is none to be had however long one waits.

        `delay_ms` is when it comes: the caller applies its own time-out.
        """
        self._forward(t_ms)
        if not self._on or t_ms < self._lent_until_ms:
            return None
        if sky == "indoor":
            self._ready_ms = self._since_ms = None
            return None
        view = SKIES[sky]
        self.draws.count = DRAWS_A_POLL * self._polls
        self._polls += 1
        if self._ready_ms is None:
            begun_ms = t_ms if self._since_ms is None else self._since_ms
            self._ready_ms = begun_ms + self._search_ms(begun_ms, view)
        self._drift(t_ms, view)
        if self._blind:
            return None
        least_ms, most_ms = FIXING_MS
        delay_ms = max(self._ready_ms - t_ms, 0) + least_ms
        delay_ms += self.draws.below(most_ms - least_ms)
        if self._ready_ms <= t_ms + delay_ms:
            self._last_fix_ms = t_ms + delay_ms
        return self._fix(t_ms, delay_ms, true_x_m, true_y_m, view)

    def _forward(self, t_ms: int) -> None:
        if t_ms < self._t_ms:
            raise MisuseError(f"GNSS asked about {t_ms} ms after {self._t_ms} ms")
        self._t_ms = t_ms

    def _search_ms(self, t_ms: int, view: SkyView) -> int:
        mean, spread = FIRST_FIX_S[self.start_kind(t_ms)]
        seconds = self.draws.normal(mean, spread) * view.search_factor
        return max(round(seconds * 1000.0), 300)

    def _drift(self, t_ms: int, view: SkyView) -> None:
        """Move the unit Gauss-Markov processes on: exact for any step (exp(-dt / tau))."""
        normal, uniform, exp = self.draws.normal, self.draws.uniform, math.exp
        dt_s = math.inf if self._error_ms is None else (t_ms - self._error_ms) / 1000.0
        keep, keep_dop = exp(-dt_s / view.tau_s), exp(-dt_s / DOP_TAU_S)
        fresh = math.sqrt(1.0 - keep * keep)
        east, north = self._error
        self._error = keep * east + fresh * normal(), keep * north + fresh * normal()
        self._dop_wave = keep_dop * self._dop_wave
        self._dop_wave += math.sqrt(1.0 - keep_dop * keep_dop) * normal()
        self._error_ms = t_ms
        # On a reflected path or not, blind or not: two-state Markov chains, exact for any step too.
        share = view.jump_share
        keep = exp(-dt_s / (view.jump_s * (1.0 - share)))
        if not uniform() < share + ((self._jump is not None) - share) * keep:
            self._jump = None
        elif self._jump is None:
            metres, angle = uniform(*view.jump_m), uniform(0.0, math.tau)
            self._jump = metres * math.cos(angle), metres * math.sin(angle)
        keep = exp(-dt_s / (view.missed_s * (1.0 - view.missed)))
        self._blind = uniform() < view.missed + (self._blind - view.missed) * keep

    def _fix(self, t_ms: int, delay_ms: int, x_m: float, y_m: float, view: SkyView) -> Fix:
        dop = view.dop_median * math.exp(view.dop_sigma * self._dop_wave)
        dop = round(10.0 * min(max(dop, DOP_LEAST), DOP_MOST)) / 10.0
        sigma_m = dop * view.sigma_per_dop_m if view.sigma_m is None else view.sigma_m
        jump = self._jump or (0.0, 0.0)
        lat, lon = self.plane.to_latlon(
            x_m + sigma_m * self._error[0] + jump[0], y_m + sigma_m * self._error[1] + jump[1]
        )
        spread = round(2.0 * self._dop_wave)
        return Fix(t_ms, delay_ms, lat, lon, dop, max(view.satellites - spread, 4))
