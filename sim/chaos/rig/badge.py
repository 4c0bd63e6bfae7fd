"""One badge of a sweep with all that it needs to live and to die: flash, power, sensors, checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from badge.badge import Badge
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
from badge.inputs import (
    Boot,
    Cellular,
    ConfigPush,
    GpsFix,
    Input,
    ScanResult,
    Tick,
    UploadAnswer,
    UtcLearned,
)
from badge.storage.journal import FlashJournal
from badge.storage.store import Recovered
from sim.chaos.checks.journal import Checks
from sim.chaos.checks.patience import ENDS_SHIFT, Patience
from sim.chaos.plan.faults import KINDS, MINUTE_MS, draw_windows, is_inside
from sim.chaos.plan.plan import Design, Plan
from sim.chaos.rig.flash import BrownOutChip, CheckedJournal
from sim.chaos.rig.ingest import START_UNIX_MS, Cloud, key_of
from sim.chaos.rig.network import Network
from sim.chaos.rig.sensors import Sensors
from sim.chaos.rig.tape import Tape, TapedBadge
from sim.chaos.rig.transcript import Transcript
from sim.engine.clock import Clock
from sim.engine.ports import PowerLostError
from sim.engine.pump import REBOOT_MS, Pump
from sim.engine.streams import plain_stream, seed_of

FIRMWARE = "0.1.0"
# What recovery may take: these reads besides one of each page of the ring, and these erases.
RECOVERY_READS, RECOVERY_ERASES = 4, 2
_NEED_NO_LOOK = frozenset((Program, Erase, StartScan, PollGps, Draw))
_MATTER_TO_PATIENCE = frozenset((*ENDS_SHIFT, UploadAnswer))
_WRONG_UTC_MS = 20 * 365 * 86_400_000


@dataclass(frozen=True, slots=True)
class Theatre:
    """What all badges of a run share."""

    plan: Plan
    clock: Clock
    cloud: Cloud
    network: Network
    transcript: Transcript
    strikes: Counter[str]
    taped: bool = False


class CheckedPump(Pump):
    """A device whose every step is held against the promises."""

    vessel: Vessel

    def receive(self, what: Input) -> None:
        """Take an input, perform everything, then check."""
        if self.off:
            return
        vessel = self.vessel
        vessel.in_step = True
        vessel.before(what)
        super().receive(what)
        if not self.off:
            vessel.after()
        vessel.in_step = False


class Vessel:
    """Carries one badge through its boots; also its network sender, its supply and its uplink."""

    def __init__(self, theatre: Theatre, design: Design) -> None:
        plan, index = theatre.plan, design.index
        self.index = index
        self.device_id = design.config.device_id
        self.design = design
        self.theatre = theatre
        self.clock = theatre.clock
        self._wanted, self._happened = theatre.transcript.wanted, theatre.transcript.happened
        self.sensors = Sensors(plan, design)
        self.chip = BrownOutChip(design.geometry, seed_of(plan.seed, "chip", index))
        theatre.cloud.provision(self.device_id)
        self.checks = Checks(
            self.device_id,
            theatre.cloud.store.stored[self.device_id],
            theatre.cloud.refused[self.device_id],
        )
        self.patience = Patience(self.checks)
        self._config = design.config.model_copy(
            update={"api_key": type(design.config.api_key)(key_of(self.device_id))}
        )
        self.tape = Tape(self._config, FIRMWARE) if theatre.taped else None
        self.board: CheckedPump | None = None
        self.asleep = False
        self.in_step = False
        self.boots = self.cuts = 0
        self._power_rng = plain_stream(plan.seed, "power", index)
        self._clock_rng = plain_stream(plan.seed, "late_clock", index)
        self._late_share = plan.faults["late_clock"]
        self._outages = draw_windows(
            plain_stream(plan.seed, "outage", index),
            KINDS["outage"],
            plan.faults["outage"],
            plan.fire_ms,
        )
        self._fuse: tuple[str, int] | None = None
        self._fell_to = ""
        self._boot_ms: int | None = None
        self._quiet_since_ms = 0
        self._healed = False

    # Power.

    @property
    def awake(self) -> bool:
        """True while a badge runs and is not switched off by an empty battery."""
        return self.board is not None and not self.board.off and not self.asleep

    def boot_at(self, ms: int, reason: RebootReason) -> None:
        """Boot at that time; a later call replaces an earlier one."""
        self._boot_ms = ms
        self.clock.at(ms, partial(self._boot_if_due, ms, reason))

    def _boot_if_due(self, ms: int, reason: RebootReason) -> None:
        if self._boot_ms != ms:
            return
        self._boot_ms = None
        if self.board is not None:
            self.board.off = True  # it may only have been asleep
        self.asleep = False
        self.boots += 1
        self.patience = Patience(self.checks)
        self._journal = journal = CheckedJournal(self.chip, self._recovered)
        make = Badge if self.tape is None else partial(TapedBadge, self.tape)
        badge = make(self._config, journal, FIRMWARE)
        board = CheckedPump(badge, self.clock, self, self, self.chip, supply=self)
        board.vessel = self
        self.board = board
        self._quiet_since_ms = self.clock.now_ms
        board.receive(Boot(reason))
        if self.awake:
            self._learn_time(board)
            board.receive(Cellular(self.is_covered(self.clock.now_ms)))

    def _recovered(self, journal: FlashJournal, found: Recovered, reads: int) -> None:
        if self.tape is not None:
            self.tape.starts(journal)
        erases = sum(type(effect) is Erase for effect in found.effects)
        if reads > self.design.geometry.ring_pages + RECOVERY_READS or erases > RECOVERY_ERASES:
            raise self.checks.broken("J6", f"recovery took {reads} reads and {erases} erases")
        self.checks.recovered(journal, found)

    def _learn_time(self, board: CheckedPump) -> None:
        """Let the network tell the time: soon, or late and wrong at first."""
        rng, now_ms = self._clock_rng, self.clock.now_ms
        soon_ms, late_ms = rng.randrange(1_000, 15_000), rng.randrange(3_600_000)
        wrong_ms = rng.randint(-_WRONG_UTC_MS, _WRONG_UTC_MS)
        if rng.random() >= self._late_share:
            self.clock.at(now_ms + soon_ms, partial(self._tell_time, board, 0))
            return
        self.strike("late_clock")
        self.clock.at(now_ms + late_ms // 2, partial(self._tell_time, board, wrong_ms))
        self.clock.at(now_ms + late_ms, partial(self._tell_time, board, 0))

    def _tell_time(self, board: CheckedPump, wrong_ms: int) -> None:
        board.receive(UtcLearned(START_UNIX_MS + self.clock.now_ms + wrong_ms))

    def heal(self) -> None:
        """End all faults: power, time and coverage are good from now on."""
        self._healed = True
        self._late_share, self._outages, self._fuse = 0.0, (), None
        self.chip.calm()
        self.sensors.heal()
        if self.awake and self.board is not None:
            self.board.receive(Cellular(True))
            self._tell_time(self.board, 0)
        else:
            self.boot_at(self.clock.now_ms + MINUTE_MS, "power_on")

    def arm(self, kind: str, count: int) -> None:
        """Let power fail at the effect after the next `count`, or, browning out, within one."""
        if kind == "brown_out":
            self.chip.brown_out(count, self._power_rng)
        else:
            self._fuse = (kind, count)

    def cut(self, kind: str) -> None:
        """Cut power now, between two steps."""
        if not self.awake or self.board is None:
            return
        self.board.off = True
        self.checks.stopped()
        self._down(kind)

    def fell(self) -> None:
        """Power fell in the middle of effects."""
        assert self.board is not None
        self.checks.fell(self._journal)
        self._down(self._fell_to or "brown_out")

    def _down(self, kind: str) -> None:
        rng, self._fell_to = self._power_rng, ""
        self.cuts += 1
        self.strike(kind)
        off_ms = {
            "power_cut": rng.randrange(1_000, 40 * MINUTE_MS),
            "brown_out": rng.randrange(50, 5_000),
            "watchdog": rng.randrange(100, 3_000),
        }[kind]
        reason: RebootReason = "power_on"
        if kind == "watchdog":
            reason = rng.choice(("watchdog", "user_reset"))
        if kind == "brown_out" and rng.random() < 0.3:
            self.arm(kind, rng.randrange(4))  # again, while it recovers
        self.boot_at(self.clock.now_ms + off_ms, reason)

    def restart(self) -> None:
        """The badge restarts itself; for a moment it still runs."""
        assert self.board is not None
        delay_ms = self._power_rng.randrange(REBOOT_MS)
        self.clock.after(delay_ms, partial(self._leave, self.board))

    def _leave(self, board: CheckedPump) -> None:
        if not board.off:
            board.off = True
            self.checks.stopped()
            self.boot_at(self.clock.now_ms + REBOOT_MS, "firmware_update")

    def spend(self, effect: Effect) -> None:
        """Look at an effect, and perhaps let power fail before it."""
        if self._fuse is not None:
            kind, count = self._fuse
            self._fuse = (kind, count - 1) if count else None
            if not count:
                self._fell_to = kind
                raise PowerLostError
        kind_of = type(effect)
        self._wanted(self.clock.now_ms, self.device_id, effect)
        if kind_of in _NEED_NO_LOOK:
            return
        if isinstance(effect, Logged):
            self.checks.logged(effect.entry)
            if effect.entry.event_type == "shift_end":
                self.patience.shift_ends(self.clock.now_ms)
        elif isinstance(effect, Upload):
            assert self.board is not None
            badge = self.board.badge
            queue = badge.store.queue
            self.patience.upload(effect, self.clock.now_ms, queue, badge.config)
        elif isinstance(effect, Notice):
            self._noticed(effect)
        elif isinstance(effect, PowerOff):
            self.asleep = True
            if self._healed:
                self.boot_at(self.clock.now_ms + MINUTE_MS, "power_on")

    def _noticed(self, notice: Notice) -> None:
        if notice.about == "flash_worn" or (
            notice.about == "flash_damage" and notice.sequence_numbers
        ):
            raise self.checks.broken("J8", notice.text)
        if notice.about == "config_applied":
            assert self.board is not None
            self.checks.knows_tags(self.board.badge.config.known_equipment_tags)

    # Steps.

    def before(self, what: Input) -> None:
        """An input is about to be given."""
        assert self.board is not None
        kind = type(what)
        if kind is Tick:
            return
        now_ms = self.clock.now_ms
        self._happened(now_ms, self.device_id, what)
        if kind not in _MATTER_TO_PATIENCE:
            return
        if isinstance(what, UploadAnswer):
            self.patience.answered(what, now_ms, self.board.badge.config)
        else:
            self.patience.shift_ends(now_ms)

    def after(self) -> None:
        """A step was performed to the end."""
        assert self.board is not None
        journal = self._journal
        fresh = self.checks.finished(journal, self.board.badge.config)
        if fresh or journal.queue.entries:
            self._quiet_since_ms = self.clock.now_ms

    def audit(self) -> None:
        """Check what only time can show: the badge is not silent, and its flash wears evenly."""
        if not self.awake or self.board is None:
            return
        quiet_ms = self.clock.now_ms - self._quiet_since_ms
        window_ms = self.board.badge.config.upload_interval_s * 1000
        if quiet_ms > 2 * window_ms + 1_000:
            raise self.checks.broken("heartbeat", f"silent for {quiet_ms} ms with an empty queue")
        if self.chip.wear > 1 + self.cuts:
            raise self.checks.broken("J7", f"{self.chip.wear} erases apart after {self.cuts} cuts")

    def receive(self, what: Input) -> None:
        """Give the badge an input, if it runs."""
        if self.board is not None:
            self.board.receive(what)

    def push(self, document: dict[str, object]) -> None:
        """Push a configuration, and check that it is in force whole or not at all."""
        if not self.awake or self.board is None:
            return
        board = self.board
        before = board.badge.config
        board.receive(ConfigPush(document))
        if board.off:
            return
        after = board.badge.config
        self._quiet_since_ms = self.clock.now_ms
        if after != before and after != before.model_copy(update=document):
            raise self.checks.broken("config", f"a part of {sorted(document)} is in force")

    @property
    def is_drained(self) -> bool:
        """True when the badge runs and everything that it logged is settled."""
        return self.awake and not self.checks.alive

    def is_refused(self, number: int) -> bool:
        """Tell whether the cloud refused an event."""
        return number in self.theatre.cloud.refused[self.device_id]

    def strike(self, kind: str) -> None:
        """Count a fault that has struck."""
        self.theatre.strikes[kind] += 1
        self.theatre.transcript.said(self.clock.now_ms, self.device_id, f"{kind} strikes")

    # Sender, uplink and surroundings.

    @property
    def answer_timeout_ms(self) -> int:
        """How long it waits for an answer."""
        return self._config.answer_timeout_s * 1000

    def is_covered(self, now_ms: int) -> bool:
        """Tell whether there is coverage where it is."""
        return not is_inside(self._outages, now_ms)

    def send(self, upload: Upload, answer: Callable[[UploadAnswer], None]) -> None:
        """Hand a batch to the network; answers come back to whatever boot is running then."""
        self.theatre.network.send(self, upload)

    def answered(self, answer: UploadAnswer) -> None:
        """Take an answer, to whatever request."""
        self.receive(answer)

    def fix(self, now_ms: int) -> tuple[int, GpsFix] | None:
        """Ask the receiver."""
        found = self.sensors.fix(now_ms)
        if self.sensors.struck:
            self.strike(self.sensors.struck)
        return found

    def heard(self, start_ms: int, end_ms: int) -> tuple[tuple[str, int], ...] | None:
        """Ask the scanner; a dead one may tell late."""
        found = self.sensors.heard(start_ms, end_ms)
        if self.sensors.struck:
            self.strike(self.sensors.struck)
            late = self.sensors.heard_late()
            if late is not None and self.board is not None:
                delay_ms, heard = late
                self.clock.after(delay_ms, partial(self.receive, ScanResult(heard)))
        return found
