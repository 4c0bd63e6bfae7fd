"""The one object: inputs with a time go in, effects in order come out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from badge.config import QUARANTINE_EVENTS_LIMIT, BadgeConfig, read_config
from badge.effects import Draw, Effect, Notice, PowerOff, Screen, ScreenState
from badge.errors import InputError, MisuseError
from badge.inputs import (
    Assign,
    Battery,
    Boot,
    Cellular,
    ConfigPush,
    FirmwareOffer,
    FlashFault,
    GpsFix,
    Input,
    Movement,
    ScanResult,
    Unassign,
    UploadAnswer,
    UtcLearned,
)
from badge.machines.battery import CRITICAL_PCT, LOW_PCT, Threshold
from badge.machines.core import NEVER, Core, Due
from badge.machines.firmware import Firmware, FirmwareFact
from badge.machines.gps import Gps, GpsFact
from badge.machines.motion import Motion, MotionFact
from badge.machines.proximity import Proximity, ScanFact
from badge.machines.shift import Shift, ShiftFact, ShiftIs
from badge.machines.upload import Uploads
from badge.store import MemoryStore, Recovered, Store

_SCREENS: dict[Any, ScreenState] = {
    ShiftIs.UNASSIGNED: "UNASSIGNED",
    ShiftIs.ACTIVE: "ACTIVE",
    ShiftIs.SHIFT_END: "SHIFT_END",
    ShiftIs.CLOSING: "SHIFT_END",
    ShiftIs.OFF: "OFF",
}


class Badge:
    """A badge as a pure machine: no clock, no randomness, no I/O of its own.

    `receive(input, now_ms)` returns the effects that the caller performs, in order, before it
    gives the next input; `next_deadline_ms` says when to call again with `Tick()` at the latest.
    The first input is a `Boot`.  `now_ms` is any clock of whole milliseconds that never goes back.
    """

    def __init__(
        self, config: BadgeConfig, store: Store | None = None, firmware_version: str = "0.1.0"
    ) -> None:
        self._given_config = config
        self._given_version = firmware_version
        self._core = Core(config, store if store is not None else MemoryStore())
        self._booted = False
        self._next_ms = NEVER
        self._connected = True
        self._battery: Battery | None = None
        self._screen_key: tuple[Any, ...] | None = None
        self._awake: dict[type, Callable[[Any], None]] = {
            Boot: self._on_boot,
            UtcLearned: self._on_utc,
            Assign: self._on_assign,
            Unassign: self._on_unassign,
            Movement: self._on_movement,
            Battery: self._on_battery,
            Cellular: self._on_cellular,
            UploadAnswer: self._on_answer,
            ConfigPush: self._on_config,
            FirmwareOffer: self._on_offer,
            FlashFault: self._on_flash_fault,
        }
        # A badge that is off sees nothing until power returns.
        self._asleep: dict[type, Callable[[Any], None]] = {Boot: self._on_boot}
        self._handlers = self._awake

    def receive(self, what: Input, now_ms: int) -> list[Effect]:
        """Take an input and return the effects, in order.

        Deadlines up to `now_ms` fire first, each at its own time, then comes the input; so the
        outcome does not depend on how often `Tick` was given.  Raises `MisuseError` if time goes
        back or the first input is no `Boot`.
        """
        core = self._core
        if now_ms < core.now_ms:
            raise MisuseError(f"time went back from {core.now_ms} to {now_ms} ms")
        if not self._booted and type(what) is not Boot:
            raise MisuseError("the first input of a badge is a Boot")
        effects: list[Effect] = []
        core.effects = effects
        if self._next_ms <= now_ms:
            self._fire_until(now_ms)
        core.now_ms = now_ms
        handler = self._handlers.get(type(what))
        if handler is not None:
            handler(what)
            self._next_ms = min(core.due)
            if self._next_ms <= now_ms:
                self._fire_until(now_ms)
        return effects

    @property
    def next_deadline_ms(self) -> int | None:
        """When the badge wants to be called again; None if nothing is due (it is off)."""
        return None if self._next_ms >= NEVER else self._next_ms

    @property
    def config(self) -> BadgeConfig:
        """The configuration in force."""
        return self._core.config

    @property
    def given_config(self) -> BadgeConfig:
        """The configuration that the badge was made with; a pushed one in flash outranks it."""
        return self._given_config

    @property
    def store(self) -> Store:
        """Where the events wait."""
        return self._core.store

    @property
    def firmware_version(self) -> str:
        """The version that runs."""
        return self._core.firmware_version

    @property
    def state(self) -> str:
        """The shift machine's state: booting, unassigned, active, shift end, closing or off."""
        return self._shift.state if self._booted else ShiftIs.BOOTING

    @property
    def upload_state(self) -> str:
        """The upload machine's state: idle, sending, backoff or held."""
        return self._uploads.state

    @property
    def tags_near(self) -> list[str]:
        """The MACs of the tags that count as present."""
        return self._proximity.near

    def _fire_until(self, until_ms: int) -> None:
        core, due, first_ms = self._core, self._core.due, self._next_ms
        while first_ms <= until_ms:
            which = due.index(first_ms)
            due[which] = NEVER
            core.now_ms = first_ms
            self._fire[which]()
            first_ms = min(due)
        self._next_ms = first_ms

    # Boot and power.

    def _on_boot(self, boot: Boot) -> None:
        """Forget all RAM, read flash, log `reboot` first (contract section 3, States)."""
        core = self._core
        core.due[:] = [NEVER] * Due.COUNT
        self._handlers = self._awake
        store = core.store
        core.config = self._given_config
        # Nothing is evicted before the configuration in force, which may be in flash, is known.
        store.queue.quarantine_max = QUARANTINE_EVENTS_LIMIT
        recovered = store.recover()
        core.effects += recovered.effects
        if store.config_document is not None:
            core.config = read_config(dict(store.config_document))
        self._limit_queue()
        core.state, core.unix_offset_ms = store.state, None
        core.age_offset_ms = store.age_ms - core.now_ms
        self._booted, self._screen_key, self._battery = True, None, None
        self._report_damage(recovered)
        self._log_reboot(boot)
        self._make_machines()
        open_shift = core.state.worker_id is not None
        self._shift.on(ShiftFact.BOOTED_IN_SHIFT if open_shift else ShiftFact.BOOTED)
        self._draw()

    def _report_damage(self, recovered: Recovered) -> None:
        for first, last in recovered.lost:
            text = f"flash damage: the events {first} to {last} cannot be read any more"
            numbers = tuple(range(first, last + 1))
            self._core.effects.append(Notice("flash_damage", text, numbers))
        for number in recovered.unfinished:
            text = f"the append of event {number} was cut off; the number is skipped"
            self._core.effects.append(Notice("flash_unfinished", text, (number,)))

    def _log_reboot(self, boot: Boot) -> None:
        core, state = self._core, self._core.state
        running = state.running_version or self._given_version
        previous = state.previous_version
        if state.installed_version != self._given_version:
            running, previous = self._given_version, ""
        core.firmware_version = running
        payload = {
            "reason": boot.reason,
            "previous_uptime_s": (core.age_ms - state.boot_age_ms) // 1000,
            "events_in_queue": len(core.store.queue.entries),
        }
        core.log(
            "reboot",
            payload,
            boot_age_ms=core.age_ms,
            installed_version=self._given_version,
            running_version=running,
            previous_version=previous,
        )

    def _make_machines(self) -> None:
        core = self._core
        core.save_age_every_ms = core.config.uptime_save_s * 1000
        self._shift = Shift(core)
        self._motion = Motion(core)
        self._gps = Gps(core)
        self._proximity = Proximity(core)
        self._thresholds = (Threshold(core, LOW_PCT), Threshold(core, CRITICAL_PCT))
        self._firmware = Firmware(core)
        self._awake[GpsFix] = self._gps.fix
        self._awake[ScanResult] = self._proximity.result
        self._uploads = Uploads(core, self._on_upload_success, self._on_attempt_over)
        self._fire: tuple[Callable[[], None], ...] = (
            self._settle_motion,
            self._time_out_gps,
            self._poll_gps,
            self._proximity.cycle_due,
            self._end_by_stillness,
            self._expire_firmware,
            self._uploads.answer_overdue,
            self._uploads.retry_due,
            self._uploads.window,
            core.save_age,
        )

    def _power_off(self) -> None:
        core = self._core
        core.due[:] = [NEVER] * Due.COUNT
        core.effects += core.store.save_age(core.age_ms)
        self._draw()
        core.effects.append(PowerOff())
        self._handlers = self._asleep

    # What happens to it.

    def _on_utc(self, what: UtcLearned) -> None:
        self._core.learn_utc(what.unix_ms)
        self._uploads.utc_learned()

    def _on_assign(self, what: Assign) -> None:
        if self._shift.state is ShiftIs.ACTIVE:
            self._shift.on(ShiftFact.ASSIGNED)
            return
        workers = self._core.config.worker_ids
        known = not workers or what.worker_id in workers
        self._shift.on(ShiftFact.ASSIGNED if known else ShiftFact.STRANGER, what)
        if self._shift.state is ShiftIs.ACTIVE:
            self._start_sensors()

    def _start_sensors(self) -> None:
        stationary = self._motion.stationary
        self._gps.on(GpsFact.SHIFT_STARTED, stationary)
        self._proximity.on(ScanFact.SHIFT_STARTED)
        self._shift.watch_stillness(self._motion.since_ms if stationary else None)
        self._draw()

    def _on_unassign(self, what: Unassign) -> None:
        self._end_shift(ShiftFact.UNASSIGNED)

    def _end_by_stillness(self) -> None:
        self._end_shift(ShiftFact.STILL_TOO_LONG)

    def _end_shift(self, fact: ShiftFact) -> None:
        was_active = self._shift.state is ShiftIs.ACTIVE
        before = self._shift.state
        self._shift.on(fact)
        if was_active:
            self._gps.on(GpsFact.SHIFT_ENDED)
            self._proximity.on(ScanFact.SHIFT_ENDED)
        if self._shift.state is not before:
            self._draw()
            self._uploads.final_attempt()

    def _on_attempt_over(self) -> None:
        before = self._shift.state
        self._shift.on(ShiftFact.ATTEMPT_OVER)
        if self._shift.state is ShiftIs.OFF:
            self._power_off()
        elif self._shift.state is not before:
            self._draw()

    def _poll_gps(self) -> None:
        self._gps.on(GpsFact.POLL_DUE, self._motion.stationary)

    def _time_out_gps(self) -> None:
        self._gps.on(GpsFact.TIMED_OUT)

    def _on_movement(self, what: Movement) -> None:
        self._move(MotionFact.BEGAN if what.moving else MotionFact.CEASED)
        if what.moving:
            self._gps.on(GpsFact.MOVED, stationary=False)

    def _settle_motion(self) -> None:
        self._move(MotionFact.SETTLED)

    def _move(self, fact: MotionFact) -> None:
        held_ms = self._motion.on(fact)
        if held_ms is None:
            return
        stationary = self._motion.stationary
        if self._shift.state is ShiftIs.ACTIVE:
            states = ("moving", "stationary") if stationary else ("stationary", "moving")
            self._core.log(
                "motion",
                {
                    "previous_state": states[0],
                    "new_state": states[1],
                    "duration_s": held_ms // 1000,
                },
            )
            self._shift.watch_stillness(self._motion.since_ms if stationary else None)

    def _on_battery(self, what: Battery) -> None:
        self._battery = what
        for threshold in self._thresholds:
            threshold.read(what)
        self._draw()
        if what.pct <= self._core.config.shutdown_pct:
            self._end_shift(ShiftFact.BATTERY_EMPTY)

    def _on_cellular(self, what: Cellular) -> None:
        self._connected = what.connected
        self._draw()

    def _on_answer(self, what: UploadAnswer) -> None:
        self._uploads.answer(what)

    def _on_upload_success(self) -> None:
        self._firmware.on(FirmwareFact.UPLOADED)

    def _on_offer(self, what: FirmwareOffer) -> None:
        self._firmware.offer(what.version)

    def _expire_firmware(self) -> None:
        self._firmware.on(FirmwareFact.EXPIRED)

    def _on_flash_fault(self, what: FlashFault) -> None:
        self._core.effects += self._core.store.mend(what.address)

    def _on_config(self, what: ConfigPush) -> None:
        """Validate whole, then persist and apply whole; a bad one changes nothing."""
        core = self._core
        secret = core.config.api_key.get_secret_value()
        present = {**core.config.public(), "api_key": secret}
        try:
            config = read_config({**present, **what.document})
            if config.device_id != core.config.device_id:
                raise InputError("config: device_id: it is fixed at provisioning")
            document = {**config.public(), "api_key": config.api_key.get_secret_value()}
            core.effects += core.store.save_config(document)
        except InputError as error:
            core.effects.append(Notice("config_rejected", str(error)))
            return
        self._apply_config(config)

    def _apply_config(self, config: BadgeConfig) -> None:
        core = self._core
        core.config = config
        core.save_age_every_ms = config.uptime_save_s * 1000
        self._limit_queue()
        self._gps.configure()
        self._proximity.configure()
        core.due[Due.WINDOW] = min(
            core.due[Due.WINDOW], core.now_ms + config.upload_interval_s * 1000
        )
        core.effects.append(Notice("config_applied", "the configuration was applied"))

    def _limit_queue(self) -> None:
        queue, config = self._core.store.queue, self._core.config
        queue.queue_max = config.queue_events_max
        queue.quarantine_max = config.quarantine_events_max

    # What it shows.

    def _draw(self) -> None:
        """Redraw if the state, a battery crossing or the cellular link changed."""
        state = _SCREENS.get(self._shift.state)
        if state is None:
            return
        pct = 100 if self._battery is None else self._battery.pct
        band = (pct <= LOW_PCT) + (pct <= CRITICAL_PCT)
        key = (state, self._core.state.worker_id, band, self._connected)
        if key != self._screen_key:
            self._screen_key = key
            self._core.effects.append(Draw(self._screen(state, low=band > 0)))

    def _screen(self, state: ScreenState, *, low: bool) -> Screen:
        core, active = self._core, state == "ACTIVE"
        pct = None if self._battery is None else self._battery.pct
        return Screen(
            state,
            core.firmware_version,
            worker_id=core.state.worker_id if active else None,
            shift_started_utc=core.utc_at(core.state.shift_started_age_ms) if active else None,
            shift_duration_s=self._shift.duration_s if state == "SHIFT_END" else None,
            battery_pct=pct if active else None,
            low_battery=low,
            no_cellular=not self._connected,
        )
