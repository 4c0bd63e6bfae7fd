"""One badge of a run whose core is in somebody's library: the same life, checked from outside."""

from __future__ import annotations

from pathlib import Path

from badge.config import BadgeConfig
from badge.contract.events import RebootReason
from badge.effects import Effect, Logged, Notice, PowerOff, Upload
from badge.host.firmware.library import can_take
from badge.host.firmware.process import CoreFailureError, CoreProcess
from badge.inputs import Boot, Cellular, ConfigPush, Input
from badge.storage.store import Queue
from sim.chaos.checks.core import CoreChecks, CorePatience
from sim.chaos.plan.plan import Design
from sim.chaos.rig.badge import FIRMWARE, CheckedPump, Rig, RigBadge

_NO_QUEUE = Queue()


class CoreFace:
    """A core with the face of `badge.Badge` towards a pump; BrokenPromiseError if it crashes.

    `config` is what was given and pushed since, as far as the core has said that it applies.
    """

    def __init__(self, core: CoreProcess, config: BadgeConfig, checks: CoreChecks) -> None:
        self._core, self._checks = core, checks
        self.config = config

    @property
    def next_deadline_ms(self) -> int | None:
        """When the core wants to be called again."""
        due_ms: int | None = self._core.next_deadline_ms
        return due_ms

    def receive(self, what: Input, now_ms: int) -> list[Effect]:
        """Take an input, if the core says that it can."""
        if not can_take(self._core.abilities, what):
            return []
        try:
            effects = self._core.receive(what, now_ms)
        except CoreFailureError as error:
            raise self._checks.broken("crash", str(error)) from None
        self._checks.begins(effects)
        if isinstance(what, ConfigPush) and any(
            isinstance(effect, Notice) and effect.about == "config_applied" for effect in effects
        ):
            self.config = self.config.model_copy(update=dict(what.document))
        return effects


class CoreRigBadge(RigBadge):
    """Carries a core through its boots; its flash is our chip, whose power fails at any byte."""

    checks: CoreChecks

    def __init__(self, rig: Rig, design: Design, library: Path) -> None:
        super().__init__(rig, design)
        cloud = rig.ingest.store.stored[self.device_id], rig.ingest.refused[self.device_id]
        self.checks = CoreChecks(self.device_id, *cloud)
        self.patience = CorePatience(self.checks)
        self._core = CoreProcess(library, self._config, FIRMWARE, design.geometry)
        self._face = CoreFace(self._core, self._config, self.checks)

    def close(self) -> None:
        """End the core's process."""
        self._core.close()

    def boot(self, reason: RebootReason) -> None:
        """Give the core what the flash holds, and boot it."""
        self.patience = CorePatience(self.checks)
        size, chip = self.design.geometry.page_bytes, self.chip
        pages = range(0, self.design.geometry.total_bytes, size)
        try:
            self._core.load(b"".join(chip.read(at, size) for at in pages))
        except CoreFailureError as error:
            raise self.checks.broken("crash", str(error)) from None
        pump = CheckedPump(
            self._face,  # type: ignore[arg-type]  # it has a badge's face
            self.clock,
            self.ports,
            self.ports,
            chip,
            supply=self.power,
        )
        pump.rig_badge = self
        self.pump = pump
        pump.receive(Boot(reason))
        if self.power.awake:
            self._learn_time(pump)
            pump.receive(Cellular(self.ports.is_covered(self.clock.now_ms)))

    def stopped(self) -> None:
        """Power ended between two steps."""

    def fell(self) -> None:
        """Power ended in the middle of effects."""

    def performs(self, effect: Effect) -> None:
        """Look at an effect that is about to be performed."""
        now_ms = self.clock.now_ms
        self._wanted(now_ms, self.device_id, effect)
        if isinstance(effect, Logged):
            self.checks.logged(effect.entry)
            if effect.entry.event_type == "shift_end":
                self.patience.shift_ends(now_ms)
        elif isinstance(effect, Upload):
            self.patience.upload(effect, now_ms, _NO_QUEUE, self._face.config)
        elif isinstance(effect, Notice):
            self._noticed(effect)
        elif isinstance(effect, PowerOff):
            self.power.asleep = True
            if self._healed:
                self.power.boot_soon()

    def after(self) -> None:
        """A step was performed to the end."""

    def audit(self) -> None:
        """How flash wears is the core's own business."""

    def push(self, document: dict[str, object]) -> None:
        """Push a configuration."""
        if self.power.awake and self.pump is not None:
            self.pump.receive(ConfigPush(document))

    @property
    def is_drained(self) -> bool:
        """True when the core runs and everything that it logged is accounted for."""
        self.checks.settle()
        return super().is_drained
