"""What a badge's scanner hears of a tag: sightings (ms, dBm) out of geometry, time and a seed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.engine.streams import seed_of, stream
from sim.world.adverts import CHANNEL_STEP_US, AdvertClock, ScanPattern, Tag
from sim.world.environments import SITE, Environment
from sim.world.field import Fading, Shadowing, turns
from sim.world.place import Facing, Floats, Mover, Spot, Times, gap_m

NEAREST_M = 0.3  # a badge does not get closer to a tag's antenna
RSSI_MIN_DBM, RSSI_MAX_DBM = -127, -20
UNHEARD_DBM = -128  # in an array of cycles: nothing heard, one below the least RSSI of the air
GOLDEN = 0x9E37_79B9_7F4A_7C15


@dataclass(frozen=True, slots=True)
class Receiver:
    """A badge: its name (for its own randomness), where it is, and which way it faces.

    `facing` None means no body behind it, as on a test bench.
    """

    name: str
    mover: Mover
    facing: Facing | None = None
    scanner: ScanPattern | None = None


@dataclass(slots=True)
class _Voice:
    """What the radio keeps of one tag."""

    clock: AdvertClock
    fading_phase: Floats


@dataclass(slots=True)
class Radio:
    """The air of one run: every answer is a pure function of (seed, places, time, names).

    So a span asked in one call or in many gives the same sightings, in any order.
    """

    run_seed: int
    environment: Environment = SITE
    _shadowing: Shadowing = field(init=False)
    _fading: Fading = field(init=False)
    _voices: dict[str, _Voice] = field(default_factory=dict, init=False)
    _salts: dict[tuple[str, str], int] = field(default_factory=dict, init=False)
    _scanners: dict[str, ScanPattern] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        env = self.environment
        rng = stream(self.run_seed, "shadowing", env.name)
        self._shadowing = Shadowing(rng, env.shadowing_db, env.corr_m)
        rng = stream(self.run_seed, "fading", env.name)
        self._fading = Fading(rng, env.rice_k, env.sway_rad_s, channels=3)

    def sightings(
        self, t0_ms: int, t1_ms: int, tag: Tag, where: Mover, badge: Receiver
    ) -> tuple[Times, NDArray[np.int16]]:
        """Give what the badge hears of the tag in [t0, t1): whole ms and whole dBm, in order.

        Two arrays of one length.  A call costs the same for one cycle as for ten: ask by the
        minute.
        """
        if gap_m(badge.mover.box_over(t0_ms, t1_ms), where.box_over(t0_ms, t1_ms)) > (
            self.environment.reach_m
        ):
            return np.empty(0, np.int64), np.empty(0, np.int16)
        voice = self._voice(tag)
        first, starts = voice.clock.between(t0_ms * 1000 - 2 * CHANNEL_STEP_US, t1_ms * 1000)
        index, at_us, channel = self._scanner(badge).hears(starts)
        t_ms = at_us // 1000
        kept = (t_ms >= t0_ms) & (t_ms < t1_ms)
        kept &= uniform_of(self._salt(badge, tag), first + index) >= self.environment.loss
        t_ms, channel = t_ms[kept], channel[kept]
        rssi = self._rssi(t_ms, channel, tag, voice, where, badge)
        heard = rssi >= self.environment.sensitivity_dbm
        return t_ms[heard], rssi[heard]

    def strongest(
        self,
        t0_ms: int,
        count: int,
        tag: Tag,
        where: Mover,
        badge: Receiver,
        period_ms: int = 5000,
    ) -> NDArray[np.int16]:
        """Give the strongest RSSI of each of `count` cycles from t0; UNHEARD_DBM when none."""
        t_ms, rssi = self.sightings(t0_ms, t0_ms + count * period_ms, tag, where, badge)
        best = np.full(count, UNHEARD_DBM, dtype=np.int16)
        np.maximum.at(best, (t_ms - t0_ms) // period_ms, rssi)
        return best

    def _rssi(
        self,
        t_ms: Times,
        channel: Times,
        tag: Tag,
        voice: _Voice,
        where: Mover,
        badge: Receiver,
    ) -> NDArray[np.int16]:
        env = self.environment
        ends = np.empty((len(t_ms), 5))
        ends[:, 0], ends[:, 1] = badge.mover.xy_at(t_ms)
        ends[:, 2], ends[:, 3] = where.xy_at(t_ms)
        ends[:, 4] = t_ms / 1000.0
        dx, dy = ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1]
        distance = np.hypot(dx, dy)
        lost = 10.0 * env.exponent * np.log10(np.maximum(distance, NEAREST_M))
        if badge.facing is not None:
            lost += body_loss_db(env.body_db, badge.facing.heading_at(t_ms), dx, dy)
        resting = isinstance(badge.mover, Spot) and isinstance(where, Spot)
        shadow = self._shadowing.at(ends[:1, :4] if resting else ends[:, :4])
        fading = self._fading.at(ends, channel, voice.fading_phase)
        rssi = np.rint(env.rssi_1m_dbm + tag.gain_db - lost + shadow + fading)
        rssi[distance > env.reach_m] = RSSI_MIN_DBM
        whole: NDArray[np.int16] = np.clip(rssi, RSSI_MIN_DBM, RSSI_MAX_DBM).astype(np.int16)
        return whole

    def _voice(self, tag: Tag) -> _Voice:
        voice = self._voices.get(tag.mac)
        if voice is None or voice.clock.tag != tag:
            rng = stream(self.run_seed, "tag fading", tag.mac)
            phase = turns(rng, Fading.WAVES)
            voice = self._voices[tag.mac] = _Voice(AdvertClock(self.run_seed, tag), phase)
        return voice

    def _salt(self, badge: Receiver, tag: Tag) -> int:
        salt = self._salts.get((badge.name, tag.mac))
        if salt is None:
            salt = seed_of(self.run_seed, "loss", badge.name, tag.mac) % 2**64
            self._salts[badge.name, tag.mac] = salt
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


def body_loss_db(most_db: float, heading_rad: Floats, dx_m: Floats, dy_m: Floats) -> Floats:
    """Give the wearer's own shadow: 0 facing the tag, `most_db` with the back to it.

    most_db * (1 - cos angle) / 2: measured front-to-back differences of a torso at 2.4 GHz run
    from some 5 dB among reflections to over 20 dB in the open.
    """
    off = heading_rad - np.arctan2(dy_m, dx_m)
    lost: Floats = most_db * 0.5 * (1.0 - np.cos(off))
    return lost


def uniform_of(salt: int, counter: Times) -> Floats:
    """Hash numbers to [0, 1) (splitmix64): random by number, not by the order of asking."""
    z = counter.astype(np.uint64) * np.uint64(GOLDEN) + np.uint64(salt)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
    z ^= z >> np.uint64(31)
    share: Floats = (z >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return share
