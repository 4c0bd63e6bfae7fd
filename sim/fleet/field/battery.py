"""The battery of a badge in the field: drained by what the badge does, charged at the depot."""

from __future__ import annotations

from collections.abc import Callable

from badge.effects import Draw, Effect, PowerGps, PowerOff, PowerScanner
from sim.fleet.field.ports import FieldClock
from sim.world.battery import Cell, charged
from sim.world.power import CHARGER_UA, DRAWS, MCU_UA, READING_UA, REDRAW_UA_MS, Draws


class FieldBattery:
    """A `Supply`: sees every effect, so it knows what is on; never fails in mid-effect."""

    __slots__ = (
        "_battery",
        "_cell",
        "_clock",
        "_draws",
        "_gps",
        "_on_charger",
        "_power_gps",
        "_restarted",
        "_scanner",
        "_since_ms",
        "celsius",
        "off",
    )

    def __init__(
        self,
        clock: FieldClock,
        cell: Cell,
        percent: float,
        celsius: float,
        power_gps: Callable[[int, bool], None],
        restarted: Callable[[], None],
        draws: Draws = DRAWS,
    ) -> None:
        self._clock, self._cell = clock, cell
        self.celsius = celsius
        self._power_gps, self._restarted = power_gps, restarted
        self._draws = draws
        self._battery = charged(percent, cell, celsius)
        self._since_ms = 0
        self._gps = self._scanner = self._on_charger = False
        self.off = True

    def spend(self, effect: Effect) -> None:
        """See an effect: switch the parts that it switches."""
        act = _ACTS.get(type(effect))
        if act is not None:
            self.settle()
            act(self, effect)

    def fell(self) -> None:
        """Nothing falls here: a battery dies through the badge's own readings."""

    def restart(self) -> None:
        """The badge restarts itself into other firmware."""
        self.settle()
        self._gps = self._scanner = False
        self._restarted()

    def booted(self) -> None:
        """The badge runs, with everything else off."""
        self.settle()
        self._gps = self._scanner = self.off = False

    def upload(self, for_ms: int) -> int:
        """The modem was on for an upload: give its charge in µA·ms."""
        ua_ms = self._draws.upload_ua_ms(for_ms)
        self._battery.drain(1, ua_ms)
        return ua_ms

    def put_on_charger(self, charging: bool) -> None:
        """Hang it up, or take it down."""
        self.settle()
        self._on_charger = charging

    def swap(self, percent: float) -> None:
        """Another battery of the same kind."""
        self.settle()
        self._battery = charged(percent, self._cell, self.celsius)

    def reading(self) -> tuple[int, int]:
        """Give whole percent and millivolts now."""
        return self.percent(), self.voltage_mv()

    def percent(self) -> int:
        """Give whole percent now."""
        self.settle()
        return self._battery.percent(self.celsius)

    def voltage_mv(self) -> int:
        """Give millivolts as of the last count of the charge."""
        return max(self._battery.voltage_mv(READING_UA, self.celsius), 0)

    @property
    def charging(self) -> bool:
        """Whether it hangs on the charger."""
        return self._on_charger

    @property
    def most_ua(self) -> int:
        """The current with all parts on that stay on."""
        draws = self._draws
        return MCU_UA + draws.modem_idle_ua + draws.gps_ua + draws.scan_ua

    def spare_ua_ms(self) -> float:
        """Give how much charge may go before the percent changes; 0 where a charger raises it."""
        percent = self.percent()
        if self._on_charger and (self.off or percent < 100):
            return 0.0
        least = (percent - 0.5) / 100.0  # above it, this percent
        full = self._cell.usable_mah(self.celsius) * 1000.0 * 3_600_000.0
        return (1.0 - least) * full * (1.0 - 1e-9) - self._battery.used_ua_ms

    def settle(self) -> None:
        """Count the charge used since the last time."""
        self.settle_at(self._clock.now_ms)

    def settle_at(self, ms: int) -> None:
        """Count the charge used up to a time, if it is not counted yet.

        On a charger it matters when: a battery that is full takes no more.
        """
        for_ms = ms - self._since_ms
        if for_ms <= 0:
            return
        self._since_ms = ms
        if not self.off:
            parts = self._draws.gps_ua * self._gps + self._draws.scan_ua * self._scanner
            self._battery.drain(MCU_UA + self._draws.modem_idle_ua + parts, for_ms)
        if self._on_charger:
            left = self._battery.used_ua_ms - CHARGER_UA * for_ms
            self._battery.used_ua_ms = max(left, 0)

    def _switch_gps(self, effect: PowerGps) -> None:
        self._gps = effect.on
        self._power_gps(self._clock.now_ms, effect.on)

    def _switch_scanner(self, effect: PowerScanner) -> None:
        self._scanner = effect.on

    def _redraw(self, effect: Draw) -> None:
        self._battery.drain(1, REDRAW_UA_MS)

    def _power_off(self, effect: PowerOff) -> None:
        self._gps = self._scanner = False
        self.off = True


_ACTS: dict[type, Callable[..., None]] = {
    PowerGps: FieldBattery._switch_gps,
    PowerScanner: FieldBattery._switch_scanner,
    Draw: FieldBattery._redraw,
    PowerOff: FieldBattery._power_off,
}
