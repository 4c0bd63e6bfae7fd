"""What happens to one badge of a scenario: its day, its incidents and its parts, as time passes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial

import numpy as np

from badge.contract.events import RebootReason
from badge.inputs import (
    Assign,
    Battery,
    Boot,
    Cellular,
    FirmwareOffer,
    Input,
    Unassign,
    UtcLearned,
)
from badge.ports import Observer
from sim.engine.pump import REBOOT_MS
from sim.engine.streams import stream
from sim.fleet.field.battery import FieldBattery
from sim.fleet.field.ports import FieldClock, FieldStore
from sim.fleet.field.sensors import FieldSensors
from sim.fleet.field.uplink import KEPT_MS, FieldUplink
from sim.fleet.upload.backend import Backend
from sim.scenario.plan.certificates import at_start, certificate_at
from sim.scenario.plan.days import WornDay
from sim.scenario.plan.roster import PlannedIncident, Roster
from sim.scenario.plan.worn_badge import WornBadge
from sim.world.coverage import registration_ms
from sim.world.gnss import Fix
from sim.world.radio import Radio

WORN_BEAT_MS, RESTING_BEAT_MS = 60_000, 300_000
NOTICE_MS = (120_000, 600_000)  # a worker sees that the badge has restarted, and assigns it anew
FLAKY_REBOOT_S = 7200.0
ENOUGH_PCT = 10


class FieldLife(ABC):
    """A badge from its first boot on, whatever runs its law; `run_until` lets its time pass.

    A subclass has the clock, the store and the badge itself.
    """

    __slots__ = (
        "_bad_firmware",
        "_battery_pct",
        "_draws",
        "_index",
        "_learning",
        "_linked",
        "_roster",
        "_sensors",
        "_site_plan",
        "_told_pct",
        "_utc_known",
        "config",
        "device_id",
        "firmware",
        "power",
        "uplink",
        "worn",
    )

    clock: FieldClock
    store: FieldStore
    observers: tuple[Observer, ...]

    def __init__(self, roster: Roster, index: int, radio: Radio, backend: Backend) -> None:
        self._roster, self._index = roster, index
        self._site_plan = roster.site_plan
        self.config = roster.config(index)
        self.device_id = name = self.config.device_id
        self.worn = WornBadge(roster, index)
        self.firmware, self._battery_pct = at_start(roster, index)
        timeout_ms = self.config.gps_timeout_s * 1000
        heard = roster.captures(index)
        self._sensors = FieldSensors(self._site_plan, radio, self.worn, timeout_ms, heard)
        self._draws = 0
        self._furnish()
        self.power = self._battery()
        self.uplink = FieldUplink(
            self.clock,
            self.store,
            backend,
            name,
            self._draw,
            lambda: self.worn.link_at(self.clock.now_ms),
            self._modem_on,
        )
        self.uplink.jammed = self._runs_bad_firmware
        self._bad_firmware = ""
        self._utc_known = self._learning = False
        self._linked = True
        self._told_pct: int | None = None
        self._renew_device()
        self._schedule()

    @property
    def next_ms(self) -> int | None:
        """When something is due; None while it waits for an answer, or for ever."""
        next_ms = None if self.uplink.waiting is not None else self.clock.next_ms
        return next_ms if next_ms is not None and next_ms < self.worn.life.ends_ms else None

    @abstractmethod
    def run_until(self, ms: int) -> None:
        """Do all that is due up to a time, or stop where an answer is waited for or it breaks."""

    def finish(self) -> None:
        """End the run: say of every event what became of it."""
        self.store.finish("battery" if self.power.off else "queued")

    def close(self) -> None:
        """Give back what it holds: it lives no more, and no collector need look for it."""
        self.uplink.sent = None
        del self.uplink, self.power  # they hold it, too

    # What runs the law.

    @abstractmethod
    def _furnish(self) -> None:
        """Make the clock, the store and the badge."""

    @abstractmethod
    def _renew_device(self) -> None:
        """Make what pumps the badge: at first, and when other firmware starts."""

    @abstractmethod
    def _give(self, what: Input) -> None:
        """Give the badge an input now."""

    @abstractmethod
    def _feel(self, day: WornDay) -> None:
        """Let the accelerometer tell a day's changes, one after the other."""

    @property
    @abstractmethod
    def _shift_open(self) -> bool:
        """Whether the badge is in a shift."""

    @abstractmethod
    def observe(self, *observers: Observer) -> None:
        """Let others see what befalls the badge, from before the first boot on."""

    @property
    @abstractmethod
    def runs(self) -> str:
        """The firmware that runs."""

    @property
    @abstractmethod
    def running_version(self) -> str:
        """The firmware that flash knows to run; another one has to prove itself first."""

    @property
    @abstractmethod
    def next_sequence(self) -> int:
        """The number of the next event."""

    # The pump's sensors.

    def _found(self, now_ms: int) -> Fix | None:
        """Poll the receiver; a fix brings the time of day with it."""
        found = self._sensors.found(now_ms)
        if found is not None and not self._utc_known:
            self._learn_in(found.delay_ms)
        return found

    def _modem_on(self, for_ms: int) -> int:
        """The modem uploads for a time and stays connected: the receiver, its radio lent, waits.

        Gives the charge that it draws, in µA·ms.
        """
        now_ms = self.clock.now_ms
        self._sensors.modem_on(now_ms, now_ms + for_ms + KEPT_MS)
        return self.power.upload(for_ms)

    def _battery(self) -> FieldBattery:
        return FieldBattery(
            self.clock,
            self.worn.cell,
            self._battery_pct,
            self._roster.source.scenario.temperature_c,
            self._sensors.power_gps,
            lambda: self.clock.after(REBOOT_MS, self._start_other_firmware),
            self._site_plan.draws,
        )

    def _schedule(self) -> None:
        spread_ms = round(self._roster.source.scenario.boots_within_min * 60_000)
        boot_ms = self.worn.life.begins_ms + int(self._draw().integers(0, spread_ms + 1))
        self.clock.at(boot_ms, partial(self._boot, "power_on"))
        self.clock.at(boot_ms, self._beat)
        for day in self.worn.days:
            self.clock.at(max(day.start_ms, boot_ms + 1), partial(self._put_on, day))
        for planned in self.worn.incidents:
            if planned.at_ms < 0:
                continue
            self.clock.at(max(planned.at_ms, boot_ms + 1), partial(self._befall, planned))
        if self.worn.fault == "reboots":
            self.clock.at(boot_ms + self._until_flaky_ms(), self._crash)

    def _draw(self) -> np.random.Generator:
        """Open the next stream of this badge; a stream that is kept would cost it 3 KiB."""
        self._draws += 1
        return stream(self._roster.parameters.seed, self.device_id, "luck", self._draws)

    # Power and firmware.

    def _boot(self, reason: RebootReason) -> None:
        self.power.booted()
        self._learning = False
        self._note_utc(known=False)
        self._linked = True
        self._told_pct = None
        self._give(Boot(reason))
        self._look_at_network()
        self._read_battery()
        day = self.worn.day_at(self.clock.now_ms)
        if day is not None and self.clock.now_ms < day.end_ms:
            self.clock.after(int(self._draw().integers(*NOTICE_MS)), partial(self._assign, day))

    def _start_other_firmware(self) -> None:
        self._renew_device()
        self._boot("firmware_update")

    def _crash(self) -> None:
        if not self.power.off:
            self._boot("watchdog")
        self.clock.after(self._until_flaky_ms(), self._crash)

    def _until_flaky_ms(self) -> int:
        return 1000 + round(float(self._draw().exponential(FLAKY_REBOOT_S)) * 1000)

    def _runs_bad_firmware(self) -> bool:
        return self._bad_firmware != "" and self._bad_firmware == self.runs

    def _read_battery(self) -> None:
        pct = self.power.percent()
        if self.power.off:
            if pct >= ENOUGH_PCT and self._on_charger():
                self._boot("power_on")
        elif pct != self._told_pct:
            self._told_pct = pct
            self._give(Battery(pct, self.power.voltage_mv()))

    def _on_charger(self) -> bool:
        return self.worn.on_charger_at(self.clock.now_ms, shift_open=self._shift_open)

    # Network and time of day.

    def _beat(self) -> None:
        """Look at the network and the battery: every minute when worn, else every five."""
        self.power.put_on_charger(self._on_charger())
        self.power.celsius = self.worn.celsius_at(self.clock.now_ms)
        if not self.power.off:
            self._look_at_network()
        self._read_battery()
        self.clock.after(WORN_BEAT_MS if self._restless else RESTING_BEAT_MS, self._beat)

    @property
    def _restless(self) -> bool:
        """Whether it looks every minute."""
        return self.worn.worn_at(self.clock.now_ms) or not (self._utc_known and self._linked)

    def _look_at_network(self) -> None:
        link = self.worn.link_by_minute(self.clock.now_ms)
        if link.up != self._linked:
            self._linked = link.up
            self._give(Cellular(link.up))
        if link.up and not self._utc_known and not self._learning:
            self._learning = True
            wait_ms = registration_ms(link, self._draw()) or 0
            self._learn_in(wait_ms)

    def _learn_in(self, wait_ms: int) -> None:
        self.clock.after(wait_ms, partial(self._learn_utc, self.store.boot_age_ms))

    def _learn_utc(self, boot_age_ms: int) -> None:
        """Network or fix tell the time, unless the badge knows it or has restarted since."""
        same_boot = boot_age_ms == self.store.boot_age_ms
        if same_boot and not self._utc_known and not self.power.off:
            self._note_utc(known=True)
            self._give(UtcLearned(self._site_plan.clock.start_unix_ms + self.clock.now_ms))

    def _note_utc(self, *, known: bool) -> None:
        """The badge knows the time of day from now on, or no more."""
        self._utc_known = known

    # The worker.

    def _put_on(self, day: WornDay) -> None:
        self.power.put_on_charger(False)
        self._assign(day)
        self._feel(day)
        if not day.forgets:
            self.clock.at(day.end_ms, partial(self._give, Unassign()))

    def _assign(self, day: WornDay) -> None:
        if self.clock.now_ms < day.end_ms:
            self._give(Assign(day.worker_id, day.assigned_by))

    # What befalls it.

    def _befall(self, planned: PlannedIncident) -> None:
        one, now_ms = planned.incident, self.clock.now_ms
        match one.action:
            case "reboot":
                if one.reboot is not None and not self.power.off:
                    self._boot(one.reboot)
            case "battery_pct":
                self.power.swap(one.battery_pct or 0.0)
                self._boot("power_on")
            case "firmware":
                # Peridio asks for the certificate when the update is planned, not when it comes
                if certificate_at(self._roster, self._index, planned.at_ms) is None:
                    self._offer(one.firmware or "", one.fails)
            case "clock_off_s":
                wrong_ms = now_ms + (one.clock_off_s or 0) * 1000
                self._give(UtcLearned(self._site_plan.clock.start_unix_ms + wrong_ms))
            case _:
                pass  # a sensor that is down: the worn badge knows

    def _offer(self, version: str, fails: bool) -> None:
        if fails:
            self._bad_firmware = version
        self._give(FirmwareOffer(version))
