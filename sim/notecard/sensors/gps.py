"""The GNSS receiver: off, periodic (samples after movement), continuous, or a fixed place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sim.notecard.codec.levels import by_level
from sim.notecard.model.clock import CardClock
from sim.notecard.model.link import Timing
from sim.notecard.world.world import Position, World

RETRY_MS = 1000
SECONDS_MAX = 86_400  # a voltage-variable period of 0: look again in a day


class GnssModule:
    """`advance` at least at every `deadline_ms`; `on_sample` is called after each periodic one.

    The receiver shares the modem's radio: while `modem_on` it cannot search, and begins anew
    when the modem is off again (Blues: GNSS and cellular are never on together).
    """

    def __init__(
        self,
        clock: CardClock,
        world: World,
        timing: Timing,
        config: dict[str, Any],
        level: Callable[[], str],
    ) -> None:
        self._clock, self._world, self._timing = clock, world, timing
        self._level = level
        self.config = config
        self.position: Position | None = None
        self.fixed_s = 0
        self.failures = 0
        self.on_sample: Callable[[bool], None] = lambda found: None
        self.modem_on: Callable[[], bool] = lambda: False
        self._search_ms: int | None = None
        self._next_ms: int | None = None
        self._last_sample_ms = 0
        self.restart()

    @property
    def mode(self) -> str:
        """The configured mode."""
        return str(self.config.get("mode", "off"))

    @property
    def seconds(self) -> int:
        """Between periodic samples: `vseconds` by the voltage, otherwise `seconds`; 0 for never."""
        variable = self.config.get("vseconds")
        listed = by_level(variable, self._level()) if variable else None
        return max(0, int(self.config.get("seconds", 0)) if listed is None else listed)

    @property
    def active(self) -> bool:
        """Whether the receiver is powered."""
        return self._search_ms is not None

    def restart(self) -> None:
        """Begin anew with the present configuration, as after a boot or a change of mode."""
        self._search_ms = self._next_ms = None
        if self.mode == "fixed":
            self.position = Position(self.config["lat"], self.config["lon"], 1.0)
            self.fixed_s = self._clock.utc_s
        elif self.mode == "continuous":
            self._search_ms = self._clock.now_ms
        elif self.mode == "periodic" and self.seconds > 0:
            self._next_ms = self._last_sample_ms = self._clock.now_ms
            self._begin_sample()

    def advance(self) -> None:
        """Take the samples that are due by the clock."""
        now_ms = self._clock.now_ms
        if self._search_ms is not None and self.modem_on():
            self._search_ms = now_ms
            return
        if self._next_ms is not None and self._search_ms is None and now_ms >= self._next_ms:
            self._sample_if_moved()
        if self._search_ms is not None and now_ms >= self._search_ms + self._gnss_ms:
            self._look(now_ms)

    @property
    def _gnss_ms(self) -> int:
        return int(self._timing.gnss_s * 1000)

    def _sample_if_moved(self) -> None:
        seconds = range(
            max(self._last_sample_ms, self._clock.now_ms - 1000 * SECONDS_MAX) + 1000,
            self._clock.now_ms + 1,
            1000,
        )
        epoch_ms = self._clock.epoch_ms
        self._last_sample_ms = self._clock.now_ms
        enough = max(1, int(self.config.get("threshold", 0)))
        moved = sum(1 for ms in seconds if self._world.moving_at(epoch_ms + ms))
        if self.position is None or moved >= enough:
            self._begin_sample()
        else:
            self._plan_next()

    def _begin_sample(self) -> None:
        self._search_ms = self._clock.now_ms

    def _plan_next(self) -> None:
        if self._next_ms is not None:
            self._next_ms += 1000 * (self.seconds or SECONDS_MAX)
            self._next_ms = max(self._next_ms, self._clock.now_ms)

    def _look(self, now_ms: int) -> None:
        found = self._world.fix_at(self._clock.utc_ms)
        searching_ms = now_ms - (self._search_ms or 0)
        if found is not None:
            self.position, self.failures = found, 0
            self._clock.known = True
            self.fixed_s = self._clock.utc_s
        elif self._next_ms is None or searching_ms < self._timing.gnss_search_s * 1000:
            return
        else:
            self.failures += 1
        if self._next_ms is not None:
            self._search_ms = None
            self._plan_next()
            self.on_sample(found is not None)

    def deadline_ms(self) -> int | None:
        """When `advance` is due again; None if nothing is awaited."""
        if self._search_ms is None:
            return self._next_ms
        if self.mode == "continuous" and self.position is not None and not self.modem_on():
            return None  # looked up when asked
        first_ms = self._search_ms + self._gnss_ms
        return first_ms if self._clock.now_ms < first_ms else self._clock.now_ms + RETRY_MS

    def status(self) -> str:
        """The words of card.location."""
        age_s = max(0, self._clock.utc_s - self.fixed_s)
        if self.mode in ("off", "fixed"):
            return "GPS is off {gps-inactive}"
        if self.position is not None and (not self.active or age_s < 10 or self._next_ms is None):
            sky = "41dB SNR, 9 sats) {gps-active} {gps-signal} {gps-sats} {gps}"
            return f"GPS updated ({age_s} sec, {sky}"
        if self._search_ms is None:
            return "GPS inactive {gps-inactive}"
        sought_s = (self._clock.now_ms - self._search_ms) // 1000
        sky = "32/33 dB SNR, 0/1 sats) {gps-active} {gps-signal} {gps-sats}"
        return f"GPS search ({sought_s} sec, {sky}"
