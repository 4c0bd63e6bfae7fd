"""One badge of a run: its life from boot to boot, and the checks of its every step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from badge.badge import Badge
from badge.config import BadgeConfig
from badge.contract.events import RebootReason
from badge.effects import (
    Draw,
    Effect,
    Erase,
    Logged,
    Notice,
    PollGps,
    PowerOff,
    Program,
    StartScan,
    Upload,
)
from badge.inputs import Boot, Cellular, ConfigPush, Input, Tick, UploadAnswer, UtcLearned
from badge.storage.journal import FlashJournal
from badge.storage.store import Recovered
from sim.chaos.checks.journal import Checks
from sim.chaos.checks.patience import ENDS_SHIFT, Patience
from sim.chaos.plan.plan import Design, Plan
from sim.chaos.rig.flash import BrownOutChip, CheckedJournal
from sim.chaos.rig.ingest import START_UNIX_MS, CheckedIngest, key_of
from sim.chaos.rig.network import Network
from sim.chaos.rig.ports import RigPorts
from sim.chaos.rig.power import RigSupply
from sim.chaos.rig.tape import Tape, TapedBadge
from sim.chaos.rig.transcript import Transcript
from sim.engine.clock import Clock
from sim.engine.pump import Pump
from sim.engine.streams import plain_stream, seed_of

FIRMWARE = "0.1.0"
# What recovery may take: these reads besides one of each page of the ring, and these erases.
RECOVERY_READS, RECOVERY_ERASES = 4, 2
_NEED_NO_LOOK = frozenset((Program, Erase, StartScan, PollGps, Draw))
_MATTER_TO_PATIENCE = frozenset((*ENDS_SHIFT, UploadAnswer))
_WRONG_UTC_MS = 20 * 365 * 86_400_000


@dataclass(frozen=True, slots=True)
class Rig:
    """What all badges of a run share."""

    plan: Plan
    clock: Clock
    ingest: CheckedIngest
    network: Network
    transcript: Transcript
    strikes: Counter[str]
    tape: Callable[[BadgeConfig, str], Tape] | None = None


class CheckedPump(Pump):
    """A pump whose every step is held against the promises."""

    rig_badge: RigBadge

    def receive(self, what: Input) -> None:
        """Take an input, perform everything, then check."""
        if self.off:
            return
        badge = self.rig_badge
        badge.in_step = True
        badge.before(what)
        super().receive(what)
        if not self.off:
            badge.after()
        badge.in_step = False


class RigBadge:
    """Carries one badge through its boots; its supply and its ports have files of their own."""

    def __init__(self, rig: Rig, design: Design) -> None:
        plan, index = rig.plan, design.index
        self.device_id = design.config.device_id
        self.design = design
        self.rig = rig
        self.clock = rig.clock
        self._wanted, self._happened = rig.transcript.wanted, rig.transcript.happened
        self.ports = RigPorts(plan, design, rig.clock, rig.network, self)
        self.chip = BrownOutChip(design.geometry, seed_of(plan.seed, "chip", index))
        self.power = RigSupply(plan, index, rig.clock, self)
        rig.ingest.provision(self.device_id)
        self.checks = Checks(
            self.device_id,
            rig.ingest.store.stored[self.device_id],
            rig.ingest.refused[self.device_id],
        )
        self.patience = Patience(self.checks)
        self._config = design.config.model_copy(
            update={"api_key": type(design.config.api_key)(key_of(self.device_id))}
        )
        self.tape = None if rig.tape is None else rig.tape(self._config, FIRMWARE)
        self.pump: Pump | None = None
        self.in_step = False
        self._clock_rng = plain_stream(plan.seed, "late_clock", index)
        self._late_share = plan.faults["late_clock"]
        self._quiet_since_ms = 0
        self._healed = False

    def close(self) -> None:
        """Let go of what it holds: nothing."""

    def boot(self, reason: RebootReason) -> None:
        """Recover what the flash holds, and boot."""
        self.patience = Patience(self.checks)
        self._journal = journal = CheckedJournal(self.chip, self._recovered)
        make = Badge if self.tape is None else partial(TapedBadge, self.tape)
        badge = make(self._config, journal, FIRMWARE)
        pump = CheckedPump(badge, self.clock, self.ports, self.ports, self.chip, supply=self.power)
        pump.rig_badge = self
        self.pump = pump
        self._quiet_since_ms = self.clock.now_ms
        pump.receive(Boot(reason))
        if self.power.awake:
            self._learn_time(pump)
            pump.receive(Cellular(self.ports.is_covered(self.clock.now_ms)))

    def _recovered(self, journal: FlashJournal, found: Recovered, reads: int) -> None:
        if self.tape is not None:
            self.tape.starts(journal)
        erases = sum(type(effect) is Erase for effect in found.effects)
        if reads > self.design.geometry.ring_pages + RECOVERY_READS or erases > RECOVERY_ERASES:
            raise self.checks.broken("J6", f"recovery took {reads} reads and {erases} erases")
        self.checks.recovered(journal, found)

    def _learn_time(self, pump: Pump) -> None:
        """Let the network tell the time: soon, or late and wrong at first."""
        rng, now_ms = self._clock_rng, self.clock.now_ms
        soon_ms, late_ms = rng.randrange(1_000, 15_000), rng.randrange(3_600_000)
        wrong_ms = rng.randint(-_WRONG_UTC_MS, _WRONG_UTC_MS)
        if rng.random() >= self._late_share:
            self.clock.at(now_ms + soon_ms, partial(self._tell_time, pump, 0))
            return
        self.strike("late_clock")
        self.clock.at(now_ms + late_ms // 2, partial(self._tell_time, pump, wrong_ms))
        self.clock.at(now_ms + late_ms, partial(self._tell_time, pump, 0))

    def _tell_time(self, pump: Pump, wrong_ms: int) -> None:
        pump.receive(UtcLearned(START_UNIX_MS + self.clock.now_ms + wrong_ms))

    def heal(self) -> None:
        """End all faults: power, time and coverage are good from now on."""
        self._healed = True
        self._late_share = 0.0
        self.power.heal()
        self.ports.heal()
        if self.power.awake and self.pump is not None:
            self.pump.receive(Cellular(True))
            self._tell_time(self.pump, 0)
        else:
            self.power.boot_soon()

    # What the supply tells.

    def stopped(self) -> None:
        """Power ended between two steps."""
        self.checks.stopped()

    def fell(self) -> None:
        """Power ended in the middle of effects."""
        self.checks.fell(self._journal)

    def performs(self, effect: Effect) -> None:
        """Look at an effect that is about to be performed."""
        kind = type(effect)
        self._wanted(self.clock.now_ms, self.device_id, effect)
        if kind in _NEED_NO_LOOK:
            return
        if isinstance(effect, Logged):
            self.checks.logged(effect.entry)
            if effect.entry.event_type == "shift_end":
                self.patience.shift_ends(self.clock.now_ms)
        elif isinstance(effect, Upload):
            assert self.pump is not None
            badge = self.pump.badge
            queue = badge.store.queue
            self.patience.upload(effect, self.clock.now_ms, queue, badge.config)
        elif isinstance(effect, Notice):
            self._noticed(effect)
        elif isinstance(effect, PowerOff):
            self.power.asleep = True
            if self._healed:
                self.power.boot_soon()

    def _noticed(self, notice: Notice) -> None:
        if notice.about == "flash_worn" or (
            notice.about == "flash_damage" and notice.sequence_numbers
        ):
            raise self.checks.broken("J8", notice.text)
        if notice.about == "config_applied":
            assert self.pump is not None
            self.checks.knows_tags(self.pump.badge.config.known_equipment_tags)

    # Steps.

    def before(self, what: Input) -> None:
        """An input is about to be given."""
        assert self.pump is not None
        kind = type(what)
        if kind is Tick:
            return
        now_ms = self.clock.now_ms
        self._happened(now_ms, self.device_id, what)
        if kind not in _MATTER_TO_PATIENCE:
            return
        if isinstance(what, UploadAnswer):
            self.patience.answered(what, now_ms, self.pump.badge.config)
        else:
            self.patience.shift_ends(now_ms)

    def after(self) -> None:
        """A step was performed to the end."""
        assert self.pump is not None
        journal = self._journal
        fresh = self.checks.finished(journal, self.pump.badge.config)
        if fresh or journal.queue.entries:
            self._quiet_since_ms = self.clock.now_ms

    def audit(self) -> None:
        """Check what only time can show: the badge is not silent, and its flash wears evenly."""
        if not self.power.awake or self.pump is None:
            return
        quiet_ms = self.clock.now_ms - self._quiet_since_ms
        window_ms = self.pump.badge.config.upload_interval_s * 1000
        if quiet_ms > 2 * window_ms + 1_000:
            raise self.checks.broken("heartbeat", f"silent for {quiet_ms} ms with an empty queue")
        if self.chip.wear > 1 + self.power.cuts:
            raise self.checks.broken(
                "J7", f"{self.chip.wear} erases apart after {self.power.cuts} cuts"
            )

    def receive(self, what: Input) -> None:
        """Give the badge an input, if it runs."""
        if self.pump is not None:
            self.pump.receive(what)

    def push(self, document: dict[str, object]) -> None:
        """Push a configuration, and check that it is in force whole or not at all."""
        if not self.power.awake or self.pump is None:
            return
        pump = self.pump
        before = pump.badge.config
        pump.receive(ConfigPush(document))
        if pump.off:
            return
        after = pump.badge.config
        self._quiet_since_ms = self.clock.now_ms
        if after != before and after != before.model_copy(update=document):
            raise self.checks.broken("config", f"a part of {sorted(document)} is in force")

    @property
    def is_drained(self) -> bool:
        """True when the badge runs and everything that it logged is settled."""
        return self.power.awake and not self.checks.alive

    def strike(self, kind: str) -> None:
        """Count a fault that has struck."""
        self.rig.strikes[kind] += 1
        self.rig.transcript.said(self.clock.now_ms, self.device_id, f"{kind} strikes")
