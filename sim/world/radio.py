"""What a badge's scanner hears of a tag: sightings (ms, dBm) out of geometry, time and a seed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.engine.draws import normal_of, salt_of, uniform_of
from sim.engine.streams import seed_of, stream
from sim.world.adverts import CHANNEL_STEP_US, AdvertClock, ScanPattern, Tag
from sim.world.cycle import ALONE, DRAWS_A_MS, MOVING, WORN, WORN_SPAN, CycleFit, CycleLaw
from sim.world.environments import YARD, Environment
from sim.world.field import COSINES, STEPS, Fading, Shadowing, decibels, turns
from sim.world.place import (
    FULL_TURN,
    WHOLE_M,
    Facing,
    Floats,
    Mover,
    Spot,
    Times,
    gap_m,
    whole_angles,
    whole_places,
    whole_turns,
)

NEAREST_M = 0.3  # a badge does not get closer to a tag's antenna
RSSI_MIN_DBM, RSSI_MAX_DBM = -127, -20
UNHEARD_DBM = -128  # in an array of cycles: nothing heard, one below the least RSSI of the air
CHEST_M = 0.2  # from the axis that a body turns about to the badge on its chest
_ROUNDED_DB = 0.51  # what rounding to whole dBm may add
TURN_STEPS = 256  # of a turn: 1.4 degrees, below what a body turns in a breath
CHEST = round(CHEST_M / WHOLE_M)
_TO_COSINE = (FULL_TURN // STEPS).bit_length() - 1
HARMONICS = np.array([2.0, 3.0, 4.0, 5.0])
_ANGLES = (np.arange(TURN_STEPS) + 0.5) * (2.0 * np.pi / TURN_STEPS)
_WAVES, _SHADOW = _ANGLES[:, None] * HARMONICS, 0.5 * (1.0 - np.cos(_ANGLES))
RadioLaw: TypeAlias = Literal["sample", "cycle"]


@dataclass(frozen=True, slots=True)
class Receiver:
    """A badge: its name (for its own randomness), where it is, and which way it faces.

    `facing` None means no body behind it, as on a test bench; `body` names whose body it is,
    where that is not the badge's own wearer.
    """

    name: str
    mover: Mover
    facing: Facing | None = None
    scanner: ScanPattern | None = None
    body: str | None = None


@dataclass(slots=True)
class _Voice:
    """What the radio keeps of one tag."""

    clock: AdvertClock
    fading_phase: NDArray[np.uint32]


@dataclass(slots=True)
class Radio:
    """The air of one run: every answer is a pure function of (seed, places, time, names).

    So a span asked in one call or in many gives the same sightings, in any order.  `law` says how
    the strongest of a cycle is had: sample by sample, or drawn at once (`sim.world.cycle`).
    """

    run_seed: int
    environment: Environment = YARD
    law: RadioLaw = "sample"
    _shadowing: Shadowing = field(init=False)
    _fading: Fading = field(init=False)
    _voices: dict[str, _Voice] = field(default_factory=dict, init=False)
    _lobes: dict[str, Lobe] = field(default_factory=dict, init=False)
    _salts: dict[tuple[str, str, str], int] = field(default_factory=dict, init=False)
    _scanners: dict[str, ScanPattern] = field(default_factory=dict, init=False)
    _held: dict[tuple[str, int], NDArray[np.uint16]] = field(default_factory=dict, init=False)
    _laws: dict[int, CycleLaw] = field(default_factory=dict, init=False)
    _fit: CycleFit | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        env = self.environment
        rng = stream(self.run_seed, "shadowing", env.name)
        self._shadowing = Shadowing(rng, env.shadowing_db, env.corr_m)
        rng = stream(self.run_seed, "fading", env.name)
        self._fading = Fading(rng, env.rice_k, env.sway_rad_s, channels=3)

    def sightings(
        self,
        t0_ms: int,
        t1_ms: int,
        tag: Tag,
        where: Mover,
        badge: Receiver,
        floor_dbm: int = RSSI_MIN_DBM,
        windows: tuple[Times, Times] | None = None,
    ) -> tuple[Times, NDArray[np.int16]]:
        """Give what the badge hears of the tag in [t0, t1): whole ms and whole dBm, in order.

        Two arrays of one length.  A call costs the same for one cycle as for ten: ask by the
        minute.  What is surely below `floor_dbm` is left out, and not worked out; so is what is in
        none of the `windows` [first, second), in order of time, where these are given.
        """
        if self._are_far(t0_ms, t1_ms, where, badge):
            return np.empty(0, np.int64), np.empty(0, np.int16)
        t_ms, number, channel = self._heard(t0_ms, t1_ms, tag, badge, windows)
        least_dbm = max(float(floor_dbm), self.environment.sensitivity_dbm)
        rssi = self._levels(t_ms, number, channel, tag, where, badge, least_dbm)
        heard = rssi >= least_dbm
        return t_ms[heard], rssi[heard]

    def _are_far(self, t0_ms: int, t1_ms: int, where: Mover, badge: Receiver) -> bool:
        """Say whether the two are out of each other's reach for the whole of a span."""
        boxes = [mover.box_over(t0_ms, t1_ms) for mover in (badge.mover, where)]
        return gap_m(*boxes) > self.environment.reach_m

    def _heard(
        self,
        t0_ms: int,
        t1_ms: int,
        tag: Tag,
        badge: Receiver,
        windows: tuple[Times, Times] | None,
    ) -> tuple[Times, Times, Times]:
        """Give time (ms), number and channel of each PDU that the badge would hear, if strong."""
        voice = self._voice(tag)
        first, starts = voice.clock.between(t0_ms * 1000 - 2 * CHANNEL_STEP_US, t1_ms * 1000)
        if windows is None:
            index, at_us, channel = self._scanner(badge).hears(starts)
            t_ms = at_us // 1000
            kept = (t_ms >= t0_ms) & (t_ms < t1_ms)
        else:
            low = starts.searchsorted(windows[0] * 1000 - 2 * CHANNEL_STEP_US)
            counts = starts.searchsorted(windows[1] * 1000) - low
            ends = np.cumsum(counts)
            inside = np.arange(ends[-1]) + np.repeat(low + counts - ends, counts)
            index, at_us, channel = self._scanner(badge).hears(starts[inside])
            t_ms = at_us // 1000
            window = np.repeat(np.arange(len(counts)), counts)[index]
            kept = (t_ms >= windows[0][window]) & (t_ms < windows[1][window])
            index = inside[index]
        t_ms, channel, number = t_ms[kept], channel[kept], (first + index)[kept]
        kept = uniform_of(self._salt(badge, tag), number) >= self.environment.loss
        return t_ms[kept], number[kept], channel[kept]

    def strongest(
        self,
        t0_ms: int,
        count: int,
        tag: Tag,
        where: Mover,
        badge: Receiver,
        period_ms: int = 5000,
        floor_dbm: int = RSSI_MIN_DBM,
        wanted: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.int16]:
        """Give the strongest RSSI of each of `count` cycles from t0; UNHEARD_DBM when none.

        A cycle whose strongest is below `floor_dbm` counts as one that hears nothing; so does one
        that is not `wanted`, where cycles are chosen.
        """
        end_ms, windows = t0_ms + count * period_ms, None
        if wanted is not None:
            if not wanted.any():
                return np.full(count, UNHEARD_DBM, dtype=np.int16)
            begins = t0_ms + np.flatnonzero(wanted) * period_ms
            windows = begins, begins + period_ms
        if self.law == "cycle":
            return self._drawn(t0_ms, count, tag, where, badge, period_ms, floor_dbm, windows)
        t_ms, rssi = self.sightings(t0_ms, end_ms, tag, where, badge, floor_dbm, windows)
        best = np.full(count, UNHEARD_DBM, dtype=np.int16)
        np.maximum.at(best, (t_ms - t0_ms) // period_ms, rssi)
        return best

    def levels(
        self, t_ms: Times, number: Times, channel: Times, tag: Tag, where: Mover, badge: Receiver
    ) -> NDArray[np.int16]:
        """Give the whole dBm of adverts at those times, whether or not anything hears them.

        `number` names each advert (its own measuring error comes of it), `channel` is 0, 1 or 2;
        arrays of one length.  Each value depends on its own row alone.
        """
        return self._levels(t_ms, number, channel, tag, where, badge, -math.inf)

    def _levels(
        self,
        t_ms: Times,
        number: Times,
        channel: Times,
        tag: Tag,
        where: Mover,
        badge: Receiver,
        least_dbm: float,
    ) -> NDArray[np.int16]:
        """Give the levels as `levels` does; what no shadow and no fading lifts to `least_dbm` is
        RSSI_MIN_DBM.
        """
        env = self.environment
        ends = np.empty((len(t_ms), 5), np.int64)
        here, there = badge.mover.xy_at(t_ms), where.xy_at(t_ms)
        ends[:, 0], ends[:, 1] = whole_places(here[0]), whole_places(here[1])
        ends[:, 2], ends[:, 3] = whole_places(there[0]), whole_places(there[1])
        ends[:, 4] = t_ms
        heading = None if badge.facing is None else whole_turns(badge.facing.heading_at(t_ms))
        squared, lost = self._lost(ends, heading, badge)
        error = env.error_db * normal_of(self._salt(badge, tag), 3 * number + channel)
        resting = badge.facing is None and isinstance(badge.mover, Spot) and isinstance(where, Spot)
        whole = np.full(len(t_ms), RSSI_MIN_DBM, dtype=np.int16)
        # First what a shadow may still lift, then what fading may: most of what is far is neither.
        steady = env.rssi_1m_dbm + tag.gain_db - lost
        least = least_dbm - _ROUNDED_DB - self._fading.most_db
        kept = np.flatnonzero(
            (squared <= env.reach_m**2) & (steady + error + self._shadowing.most_db >= least)
        )
        if not len(kept):
            return whole
        ends = ends[kept]
        shadow = self._shadowing.at(ends[:1, :4] if resting else ends[:, :4])
        steady, error = steady[kept] + shadow, error[kept]
        near = np.flatnonzero(steady + error >= least)
        fading = self._fading.at(ends[near], channel[kept][near], self._voice(tag).fading_phase)
        rssi = np.rint(steady[near] + fading + error[near])
        whole[kept[near]] = np.clip(rssi, RSSI_MIN_DBM, RSSI_MAX_DBM).astype(np.int16)
        return whole

    def _lost(self, ends: Times, heading: Times | None, badge: Receiver) -> tuple[Floats, Floats]:
        """Give the distance squared (m²) and what is lost over it and by the body (dB).

        `ends` (n, 5) of near x, y, far x, y and ms are moved on: the near end to the badge before
        its wearer's chest, and time stands still where nobody is near.
        """
        taken: Floats | float = 0.0
        if heading is None:
            ends[:, 4] = 0  # what nothing moves does not change
        else:
            steps = heading >> _TO_COSINE
            ends[:, 0] += (CHEST * COSINES[steps].astype(np.int64)) >> 14
            ends[:, 1] += (
                CHEST * COSINES[(steps - STEPS // 4) & (STEPS - 1)].astype(np.int64)
            ) >> 14
        dx, dy = ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1]
        if heading is not None:
            taken = self.lobe(badge).lost_db(heading, dx, dy)
        squared = (dx * dx + dy * dy) * (WHOLE_M * WHOLE_M)
        nearest = np.maximum(squared, NEAREST_M**2)
        return squared, 0.5 * self.environment.exponent * decibels(nearest) + taken

    def _drawn(
        self,
        t0_ms: int,
        count: int,
        tag: Tag,
        where: Mover,
        badge: Receiver,
        period_ms: int,
        floor_dbm: int,
        windows: tuple[Times, Times] | None,
    ) -> NDArray[np.int16]:
        """Draw the strongest RSSI of each cycle, as `strongest` gives it.

        A cycle in which both rest and nobody turns is one stretch, else each of its spans is.
        """
        env, law = self.environment, self._law(period_ms)
        best, end_ms = np.full(count, UNHEARD_DBM, np.int16), t0_ms + count * period_ms
        if self._are_far(t0_ms, end_ms, where, badge):
            return best
        t_ms, _, channel = self._heard(t0_ms, end_ms, tag, badge, windows)
        cycle, into_ms = np.divmod(t_ms - t0_ms, period_ms)
        counts = np.zeros((count, law.spans, 3), np.int64)
        np.add.at(counts, (cycle, into_ms * law.spans // period_ms, channel), 1)
        begins = t0_ms + period_ms * np.arange(count)
        edges = begins[:, None] + np.arange(law.spans + 1) * period_ms // law.spans
        middles = (edges[:, :-1] + edges[:, 1:]) >> 1
        walks = [
            whole_places(metres).reshape(edges.shape)
            for mover in (badge.mover, where)
            for metres in mover.xy_at(edges.ravel())
        ]
        ends = np.stack([*((walk[:, :-1] + walk[:, 1:]) >> 1 for walk in walks), middles], axis=2)
        steps = [np.diff(walk, axis=1) for walk in walks]
        moved = _lengths(*steps[:2]) + _lengths(*steps[2:])
        kinds = np.where(moved > 0.0, MOVING, ALONE if badge.facing is None else WORN_SPAN)
        rests, heading = (moved == 0.0).all(axis=1), None
        if badge.facing is not None:
            heading = whole_turns(badge.facing.heading_at(middles.ravel())).reshape(middles.shape)
            rests &= (heading == heading[:, :1]).all(axis=1)
            kinds[rests] = WORN
        counts[rests, 0], counts[rests, 1:] = counts[rests].sum(axis=1), 0
        ends[rests, 0, 4] = begins[rests] + period_ms // 2
        asked = np.nonzero((counts > 0).any(axis=2))
        chosen = ends[asked]
        squared, lost = self._lost(chosen, None if heading is None else heading[asked], badge)
        steady = env.rssi_1m_dbm + tag.gain_db - lost + self._shadowing.at(chosen[:, :4])
        numbers = begins[asked[0]] * DRAWS_A_MS + 3 * asked[1]
        salt, phase = self._salt(badge, tag, "cycle"), self._voice(tag).fading_phase
        what = (kinds[asked], chosen, moved[asked] * WHOLE_M, counts[asked], numbers)
        rssi = np.rint(steady + law.above(*what, salt, phase)).clip(RSSI_MIN_DBM, RSSI_MAX_DBM)
        kept = (squared <= env.reach_m**2) & (rssi >= max(float(floor_dbm), env.sensitivity_dbm))
        np.maximum.at(best, asked[0][kept], rssi[kept].astype(np.int16))
        return best

    def use(self, fit: CycleFit) -> None:
        """Draw cycles by another fit from now on."""
        self._fit = fit
        self._laws.clear()

    def _law(self, period_ms: int) -> CycleLaw:
        law = self._laws.get(period_ms)
        if law is None:
            law = CycleLaw(self.environment, self._fading, period_ms, self._fit)
            self._laws[period_ms] = law
        return law

    def lobe(self, badge: Receiver) -> Lobe:
        """Give the body of who wears a badge."""
        whose = badge.body or badge.name
        lobe = self._lobes.get(whose)
        if lobe is None:
            env = self.environment
            rng = stream(self.run_seed, "lobe", env.name, whose)
            lobe = self._lobes[whose] = Lobe(rng, env.body_db, env.irregular)
        return lobe

    def _voice(self, tag: Tag) -> _Voice:
        voice = self._voices.get(tag.mac)
        if voice is None or voice.clock.tag != tag:
            rng = stream(self.run_seed, "tag fading", tag.mac)
            phase = turns(rng, Fading.WAVES)
            clock = AdvertClock(self.run_seed, tag, self._held)
            voice = self._voices[tag.mac] = _Voice(clock, phase)
        return voice

    def _salt(self, badge: Receiver, tag: Tag, of: str = "loss") -> int:
        salt = self._salts.get((of, badge.name, tag.mac))
        if salt is None:
            salt = salt_of(self.run_seed, of, badge.name, tag.mac)
            self._salts[of, badge.name, tag.mac] = salt
        return salt

    def _scanner(self, badge: Receiver) -> ScanPattern:
        if badge.scanner is not None:
            return badge.scanner
        scanner = self._scanners.get(badge.name)
        if scanner is None:
            turn_us = 3 * 200_000  # three windows bring the channel round again
            phase = seed_of(self.run_seed, "scan phase", badge.name) % turn_us
            scanner = self._scanners[badge.name] = ScanPattern(phase_us=phase)
        return scanner


class Lobe:
    """One wearer's body: dB taken by the angle between her facing and the tag.

    A cosine of `body_db` from front to back, and harmonics of random size and phase on it, each
    of `irregular` times `body_db` rms in all: measured bodies have notches and ears instead of
    one smooth shadow.  The shape belongs to the wearer: a table, looked up.
    """

    def __init__(self, rng: np.random.Generator, body_db: float, irregular: float) -> None:
        size = rng.normal(0.0, 1.0, len(HARMONICS)) * (irregular / np.sqrt(len(HARMONICS) / 2.0))
        phase = rng.uniform(0.0, 2.0 * np.pi, len(HARMONICS))
        ripple = (size * np.cos(_WAVES + phase)).sum(axis=1)
        self.table = body_db * (_SHADOW + ripple)

    def lost_db(self, heading: Times, dx: Times, dy: Times) -> Floats:
        """Give the dB taken: `heading` is the facing (`whole_turns`), dx and dy lead to the tag."""
        off = (heading - whole_angles(dx, dy)) & (FULL_TURN - 1)
        lost: Floats = self.table[off // (FULL_TURN // TURN_STEPS)]
        return lost


def _lengths(dx: Times, dy: Times) -> Floats:
    found: Floats = np.sqrt((dx * dx + dy * dy).astype(np.float64))
    return found
