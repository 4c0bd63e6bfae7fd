"""The one object: inputs with a time go in, effects in order come out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from badge.config import BadgeConfig, read_config
from badge.contract.events import is_worker_id
from badge.contract.patterns import kept_message
from badge.effects import Effect, Notice, PowerOff
from badge.entry import UNIX_MS_END
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
from badge.machines import boot
from badge.machines.battery import CRITICAL_PCT, LOW_PCT, Threshold
from badge.machines.core import NEVER, Core, Due
from badge.machines.display import Display
from badge.machines.firmware import Firmware, FirmwareFact
from badge.machines.gps import Gps, GpsFact
from badge.machines.motion import Motion, MotionFact
from badge.machines.proximity import Proximity, ScanFact
from badge.machines.shift import Shift, ShiftFact, ShiftIs
from badge.machines.upload import Uploads
from badge.storage.memory import MemoryStore
from badge.storage.store import Store


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
        self._handlers = _AWAKE

    def receive(self, what: Input, now_ms: int) -> list[Effect]:
        """Take an input and return the effects, in order.

        Deadlines up to `now_ms` fire first, each at its own time, then comes the input; so the
        outcome does not depend on how often `Tick` was given.  Raises `MisuseError` if time goes
        back or the first input is no `Boot`.
        """
        core = self._core
        # Deadlines were fired up to the latest moment; going back would fire them twice.
        if now_ms < core.now_ms:
            raise MisuseError(f"time went back from {core.now_ms} to {now_ms} ms")
        if not self._booted and type(what) is not Boot:
            raise MisuseError("the first input of a badge is a Boot")
        effects: list[Effect] = []
        core.effects = effects
        # Each deadline at its own moment and before the input: else the outcome would depend on how
        # often the pump calls, and a replay, which has no ticks, would differ.
        if self._next_ms <= now_ms:
            self._fire_until(now_ms)
        core.now_ms = now_ms
        handler = self._handlers.get(type(what))
        if handler is not None:
            handler(self, what)
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

    def restated(self, *, kept: bool = False) -> ConfigPush | None:
        """Return the push that puts the given configuration in force again; None if it is.

        After a boot flash may have another one.  `kept`: flash is to hold one in any case, so
        that it tells whose it is.
        """
        unsaid = kept and self.store.config_document is None
        if self.config == self._given_config and not unsaid:
            return None
        return ConfigPush(self._given_config.document())

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
    def is_moving(self) -> bool:
        """Whether stationary has not been accepted."""
        return self._booted and not self._motion.stationary

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
            # index() finds the first place: of two deadlines at one millisecond the order of `Due`
            # decides.
            which = due.index(first_ms)
            # Before the call: what fires may set the same deadline anew.
            due[which] = NEVER
            core.now_ms = first_ms
            _FIRE[which](self)
            first_ms = min(due)
        self._next_ms = first_ms

    # Boot and power.

    def _on_boot(self, what: Boot) -> None:
        core = self._core
        boot.start(core, what, self._given_config, self._given_version)
        self._handlers = _AWAKE
        self._booted = True
        self._make_machines()
        open_shift = core.state.worker_id is not None
        self._shift.on(ShiftFact.BOOTED_IN_SHIFT if open_shift else ShiftFact.BOOTED)
        self._display.draw()

    def _make_machines(self) -> None:
        core = self._core
        self._shift = Shift(core)
        self._display = Display(core, self._shift)
        self._motion = Motion(core)
        self._gps = Gps(core)
        self._proximity = Proximity(core)
        self._thresholds = (Threshold(core, LOW_PCT), Threshold(core, CRITICAL_PCT))
        self._firmware = Firmware(core)
        self._uploads = Uploads(core, self._on_upload_success, self._on_attempt_over)

    def _power_off(self) -> None:
        core = self._core
        core.due[:] = [NEVER] * Due.COUNT
        # Off is a moment that the next boot's previous_uptime_s counts to.
        core.effects += core.store.save_age(core.age_ms)
        self._display.draw()
        core.effects.append(PowerOff())
        # Off until power returns (section 3, States): no window, no scan, not even a save.
        self._handlers = _ASLEEP

    # What happens to it.

    def _on_utc(self, what: UtcLearned) -> None:
        # A network that tells nonsense must not stamp events: they would be refused for good.
        if not 0 <= what.unix_ms < UNIX_MS_END:
            return
        # Stamped first: the window that waits for UTC may send at once (section 3, Clock).
        self._core.learn_utc(what.unix_ms)
        self._display.draw()
        self._uploads.utc_learned()

    def _on_assign(self, what: Assign) -> None:
        was_active = self._shift.state is ShiftIs.ACTIVE
        workers = self._core.config.worker_ids
        # An empty list leaves the choice open (section 3, Shift).
        known = what.worker_id in workers if workers else is_worker_id(what.worker_id)
        self._shift.on(ShiftFact.ASSIGNED if known else ShiftFact.STRANGER, what)
        if self._shift.state is ShiftIs.ACTIVE and not was_active:
            self._start_sensors()

    def _start_sensors(self) -> None:
        self._gps.on(GpsFact.SHIFT_STARTED, self._motion.stationary)
        self._proximity.on(ScanFact.SHIFT_STARTED)
        self._watch_stillness()
        self._display.draw()

    def _watch_stillness(self) -> None:
        motion = self._motion
        self._shift.watch_stillness(motion.since_ms if motion.stationary else None)

    def _on_unassign(self, what: Unassign) -> None:
        self._end_shift(ShiftFact.UNASSIGNED)

    def _end_by_stillness(self) -> None:
        self._end_shift(ShiftFact.STILL_TOO_LONG)

    def _end_shift(self, fact: ShiftFact) -> None:
        was_active = self._shift.state is ShiftIs.ACTIVE
        before = self._shift.state
        self._shift.on(fact)
        # Sensors stop before the last upload: what they would still log would miss it.
        if was_active:
            self._gps.on(GpsFact.SHIFT_ENDED)
            self._proximity.on(ScanFact.SHIFT_ENDED)
        # One final attempt a shift end, whatever ended it (section 3, States); an ignored fact is
        # none.
        if self._shift.state is not before:
            self._display.draw()
            self._uploads.final_attempt()

    def _on_attempt_over(self) -> None:
        before = self._shift.state
        self._shift.on(ShiftFact.ATTEMPT_OVER)
        if self._shift.state is ShiftIs.OFF:
            self._power_off()
        elif self._shift.state is not before:
            self._display.draw()

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
        # Tracked in every state, emitted in ACTIVE alone (section 3, Motion).
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
            self._watch_stillness()

    def _on_battery(self, what: Battery) -> None:
        # A gauge's garbage must neither fire a threshold nor end a shift.
        if not 0 <= what.pct <= 100:
            return
        self._display.battery = what
        # 10 before 5: one reading may cross both, and 10 comes first (section 3, Battery).
        for threshold in self._thresholds:
            threshold.read(what)
        self._display.draw()
        # After the thresholds: the event of 5 % is to leave with the final upload attempt.
        if what.pct <= self._core.config.shutdown_pct:
            self._end_shift(ShiftFact.BATTERY_EMPTY)

    def _on_cellular(self, what: Cellular) -> None:
        self._display.connected = what.connected
        self._display.draw()

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
        try:
            config = read_config({**core.config.document(), **what.document}, say=kept_message)
            # Fixed at provisioning (section 1): numbers belong to it, under another they would
            # repeat.
            if config.device_id != core.config.device_id:
                raise InputError("config: device_id: it is fixed at provisioning")
            # Kept before it is applied, and whole: after a cut it is either the old one or this.
            core.effects += core.store.save_config(config.document())
        except InputError as error:
            core.effects.append(Notice("config_rejected", str(error)))
            return
        self._apply_config(config)

    def _apply_config(self, config: BadgeConfig) -> None:
        core = self._core
        core.config = config
        core.configure()
        self._gps.configure()
        self._proximity.configure()
        self._watch_stillness()
        # A shorter interval applies to the window that is awaited; a longer one from the next on.
        core.due[Due.WINDOW] = min(
            core.due[Due.WINDOW], core.now_ms + config.upload_interval_s * 1000
        )
        core.effects.append(Notice("config_applied", "the configuration was applied"))


# One table for all badges: a table of bound methods each would cost every badge 2 KiB.
_AWAKE: dict[type, Callable[[Badge, Any], None]] = {
    Boot: Badge._on_boot,
    UtcLearned: Badge._on_utc,
    Assign: Badge._on_assign,
    Unassign: Badge._on_unassign,
    Movement: Badge._on_movement,
    Battery: Badge._on_battery,
    Cellular: Badge._on_cellular,
    UploadAnswer: Badge._on_answer,
    ConfigPush: Badge._on_config,
    FirmwareOffer: Badge._on_offer,
    FlashFault: Badge._on_flash_fault,
    GpsFix: lambda badge, what: badge._gps.fix(what),
    ScanResult: lambda badge, what: badge._proximity.result(what),
}
# A badge that is off sees nothing until power returns.
_ASLEEP: dict[type, Callable[[Badge, Any], None]] = {Boot: Badge._on_boot}
# What is due, in the order of `Due`.
_FIRE: tuple[Callable[[Badge], None], ...] = (
    Badge._settle_motion,
    Badge._time_out_gps,
    Badge._poll_gps,
    lambda badge: badge._proximity.cycle_due(),
    Badge._end_by_stillness,
    Badge._expire_firmware,
    lambda badge: badge._uploads.answer_overdue(),
    lambda badge: badge._uploads.retry_due(),
    lambda badge: badge._uploads.window(),
    lambda badge: badge._core.save_age(),
)
