"""When a tag advertises and when a badge's scanner can hear it: exact, in whole microseconds."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from badge.errors import InputError
from sim.engine.draws import below_of, salt_of
from sim.engine.streams import seed_of, stream
from sim.world.place import Times

ADV_DELAY_US = 10_000  # Core specification Vol 6 Part B 4.4.2.2.1: advDelay, 0 to 10 ms
CHANNEL_STEP_US = 1_000  # between the PDUs on 37, 38, 39; the specification allows up to 10 ms
PDU_US = 376  # ADV_NONCONN_IND with 31 bytes of data at 1 Mbit/s
BLOCK = 1024
HELD_MOST = 12_288  # blocks: 24 MiB, three days of five tags that advertise every 100 ms
CHANNELS = np.arange(3)  # 37, 38, 39
PDU_OFFSETS_US = CHANNEL_STEP_US * CHANNELS
SHORTEST_MS, LONGEST_MS = 20, 10_240  # Core specification: advInterval of legacy advertising


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag on a piece of equipment: its MAC, its advertising interval and its strength.

    `gain_db` is added to the environment's RSSI at 1 m (tag-to-tag spread, weak battery).
    """

    mac: str
    interval_ms: int = 100
    gain_db: float = 0.0

    def __post_init__(self) -> None:
        if not SHORTEST_MS <= self.interval_ms <= LONGEST_MS:
            raise InputError(
                f"tag {self.mac}: interval_ms {self.interval_ms} is outside "
                f"{SHORTEST_MS} to {LONGEST_MS}, which Bluetooth allows; choose one inside."
            )


def drawn_gain_db(run_seed: int, mac: str, spread_db: float) -> float:
    """Draw how much stronger than its kind one tag is: normal, tenths of a dB, by its MAC.

    Tags of one make differ: gains of measured sets have an sd of 1.3 to 2.6 dB.
    """
    return round(float(stream(run_seed, "tag gain", mac).normal(0.0, spread_db)), 1)


@dataclass(slots=True)
class AdvertClock:
    """All advertising events of one tag from t = 0 on: interval + 0..10 ms, random access.

    Gaps are drawn by the event's number, so any span can be asked in any order; the start of each
    block of 1024 that was passed is kept (8 bytes), and the blocks asked last in `held`, which
    many clocks share: badge after badge lives through the same day.
    """

    run_seed: int
    tag: Tag
    held: dict[tuple[str, int], NDArray[np.uint16]] = field(default_factory=dict)
    salt: int = field(init=False)
    _starts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.salt = salt_of(self.run_seed, "adverts", self.tag.mac)

    def between(self, t0_us: int, t1_us: int) -> tuple[int, Times]:
        """Give the number of the first event and the starts (µs) of those in [t0, t1)."""
        first = self._block_of(t0_us)
        last = self._block_of(max(t1_us - 1, t0_us))
        blocks = [self._delays(number) for number in range(first, last + 1)]
        delays = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
        times = delays.astype(np.int64)
        times += self.tag.interval_ms * 1000
        np.cumsum(times, out=times)
        times -= delays
        times += self._starts[first] - self.tag.interval_ms * 1000
        low, high = times.searchsorted((t0_us, t1_us)).tolist()
        return first * BLOCK + low, times[low:high]

    def _block_of(self, t_us: int) -> int:
        while not self._starts or self._starts[-1] <= t_us:
            self._extend()
        return max(bisect_right(self._starts, t_us) - 1, 0)

    def _extend(self) -> None:
        if not self._starts:
            phase = seed_of(self.run_seed, "advert phase", self.tag.mac)
            self._starts.append(phase % (self.tag.interval_ms * 1000))
        number = len(self._starts) - 1
        takes_us = BLOCK * self.tag.interval_ms * 1000 + int(self._delays(number).sum())
        self._starts.append(self._starts[-1] + takes_us)

    def _delays(self, block: int) -> NDArray[np.uint16]:
        held = self.held.get((self.tag.mac, block))
        if held is None:
            numbers = np.arange(block * BLOCK, (block + 1) * BLOCK)
            held = below_of(self.salt, numbers, ADV_DELAY_US + 1).astype(np.uint16)
            while len(self.held) >= HELD_MOST:
                del self.held[next(iter(self.held))]
            self.held[self.tag.mac, block] = held
        return held


@dataclass(frozen=True, slots=True)
class ScanPattern:
    """A BLE scanner: `window_ms` of every `interval_ms`, the next channel each time.

    The default is the badge's 50 of 200 ms (25 %); `phase_us` shifts it against the tags.
    """

    interval_ms: int = 200
    window_ms: int = 50
    phase_us: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.window_ms <= self.interval_ms:
            raise InputError(
                f"scanner: window_ms {self.window_ms} must be above 0 and at most "
                f"interval_ms {self.interval_ms}."
            )

    def hears(self, starts_us: Times) -> tuple[Times, Times, Times]:
        """Find the PDUs that fall whole into an open window on its channel.

        Gives (index of the event, time in µs, channel 0..2), in order of time within an event.
        """
        turn_us = self.interval_ms * 1000
        step_us, open_us = turn_us - CHANNEL_STEP_US, self.window_ms * 1000 - PDU_US
        if open_us < step_us:  # then no event is heard on two channels, and one column does
            since = starts_us - self.phase_us
            since -= since // (3 * turn_us) * (3 * turn_us)
            channel = since // step_us
            index = np.flatnonzero((since - channel * step_us <= open_us) & (channel < 3))
            channel = channel[index]
            return index, starts_us[index] + PDU_OFFSETS_US[channel], channel
        into = starts_us[:, None] + (PDU_OFFSETS_US - CHANNELS * turn_us - self.phase_us)
        into %= 3 * turn_us
        index, channel = np.nonzero(into <= self.window_ms * 1000 - PDU_US)
        return index, starts_us[index] + PDU_OFFSETS_US[channel], channel
