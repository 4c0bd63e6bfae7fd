"""The promises of the journal after a loss of power, each a check with a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from badge.storage.geometry import Geometry
from badge.storage.journal import FlashJournal
from badge.storage.recovery import SEQUENCE_RESERVE
from badge.storage.store import Recovered
from badge.words import counted
from sim.engine.promises import BrokenPromiseError
from sim.powercut.workload import Bound, Known, holds

CONFIG_READS_MAX = 6  # two header areas, a document for each header; a loss may leave two more
RING_ERASES_MAX = 1
CONFIG_ERASES_MAX = 1


@dataclass(slots=True)
class JudgedBoot:
    """A recovery to be judged.

    `bound` is what the cut operation may not break; `losses` counts the cuts since; `rotten` are
    the waiting events that were damaged beyond repair.
    """

    journal: FlashJournal
    geometry: Geometry
    recovered: Recovered
    bound: Bound
    losses: int
    reads: int = 0
    ring_erases: int = 0
    config_erases: int = 0
    rotten: frozenset[int] = frozenset()
    pre: Known = field(init=False)
    post: Known = field(init=False)
    now: Known = field(init=False)

    def __post_init__(self) -> None:
        self.pre, self.post, _ = self.bound
        self.now = holds(self.journal)


def numbers_unique(boot: JudgedBoot) -> None:
    """J1: no number is issued twice: the next one is above all that ever were."""
    now = boot.now
    if now.next_sequence < boot.pre.next_sequence:
        seen = boot.pre.next_sequence - 1
        raise BrokenPromiseError(
            "J1", f"{now.next_sequence} would be issued again, {seen} was seen"
        )
    numbers = [entry.sequence_number for entry in now.entries]
    if any(a >= b for a, b in pairwise([*numbers, now.next_sequence])):
        raise BrokenPromiseError("J1", f"the queue's numbers do not grow: {numbers}")


def numbers_bounded(boot: JudgedBoot) -> None:
    """J2: a loss skips no more numbers than the documented reserve."""
    most = boot.pre.next_sequence + max(
        boot.losses * SEQUENCE_RESERVE, boot.post.next_sequence - boot.pre.next_sequence
    )
    if boot.now.next_sequence > most:
        raise BrokenPromiseError(
            "J2", f"the next number is {boot.now.next_sequence}, not {most} or less"
        )


def events_kept(boot: JudgedBoot) -> None:
    """J3: an event whose append returned is still there, unchanged and in its place."""
    now, pre, post = boot.now.entries, boot.pre.entries, boot.post.entries
    if now in (pre, post):
        return
    floor = boot.now.floor
    for expected in (pre, post):
        left = tuple(
            e
            for e in expected
            if e.sequence_number > floor and e.sequence_number not in boot.rotten
        )
        if now == left:
            return
    found = [(e.sequence_number, e.unix_ms) for e in now]
    wanted = [(e.sequence_number, e.unix_ms) for e in pre]
    raise BrokenPromiseError("J3", f"the queue holds {found}, it was {wanted}")


def acknowledged_gone(boot: JudgedBoot) -> None:
    """J4: an acknowledged event is sent again only if the loss struck its release itself."""
    now, pre, post = boot.now, boot.pre, boot.post
    if not pre.floor <= now.floor <= max(pre.floor, post.floor):
        raise BrokenPromiseError(
            "J4", f"settled up to {now.floor}, not {pre.floor} to {post.floor}"
        )
    if now.entries and now.entries[0].sequence_number <= pre.floor:
        raise BrokenPromiseError(
            "J4", f"event {now.entries[0].sequence_number} would be sent again"
        )


def work_bounded(boot: JudgedBoot) -> None:
    """J6: every page is read once; at most one page of the ring and one slot are erased."""
    most = boot.geometry.ring_pages + CONFIG_READS_MAX + 2 * boot.losses
    if boot.reads > most:
        raise BrokenPromiseError("J6", f"{boot.reads} reads, not {most} or less")
    if boot.ring_erases > RING_ERASES_MAX or boot.config_erases > CONFIG_ERASES_MAX:
        raise BrokenPromiseError(
            "J6", f"{boot.ring_erases} + {counted(boot.config_erases, 'erase')} in a recovery"
        )


def damage_told(boot: JudgedBoot) -> None:
    """J8: what rot destroyed is reported by its numbers, and nothing else is."""
    reported = frozenset(
        number for first, last in boot.recovered.lost for number in range(first, last + 1)
    )
    if invented := reported - boot.rotten:
        raise BrokenPromiseError("J8", f"{sorted(invented)} reported as lost without damage")
    unfinished = frozenset(boot.recovered.unfinished)
    if silent := boot.rotten - reported - unfinished:
        raise BrokenPromiseError("J8", f"{sorted(silent)} are damaged and not reported")
    if unfinished and (unfinished - boot.rotten) and min(unfinished) < boot.pre.next_sequence:
        raise BrokenPromiseError(
            "J8", f"{sorted(unfinished)} are called unfinished, they were complete"
        )


def state_kept(boot: JudgedBoot) -> None:
    """The state is that before or after the cut operation, and goes with its event."""
    now, pre, post = boot.now, boot.pre, boot.post
    appended = post.next_sequence > pre.next_sequence
    has_event = bool(now.entries) and now.entries[-1].sequence_number >= pre.next_sequence
    if not appended:
        allowed = [pre.state, post.state]
    else:
        allowed = [post.state] if has_event else [pre.state]
    if now.state not in allowed:
        raise BrokenPromiseError("state", f"{now.state} was saved as {allowed[0]}")
    if not min(pre.age_ms, post.age_ms) <= now.age_ms <= max(pre.age_ms, post.age_ms):
        raise BrokenPromiseError("state", f"the lifetime clock says {now.age_ms}, not {pre.age_ms}")


def config_kept(boot: JudgedBoot) -> None:
    """The configuration is the old or the new one, whole."""
    if boot.now.config not in (boot.pre.config, boot.post.config):
        raise BrokenPromiseError("config", f"{boot.now.config} is neither old nor new")


def refused_kept(boot: JudgedBoot) -> None:
    """Refused events stay in quarantine with their reasons, and are counted once."""
    now, pre, post = boot.now, boot.pre, boot.post
    if now.quarantined not in (pre.quarantined, post.quarantined):
        fresh = [
            (entry, why) for entry, why in boot.bound.refused if entry.sequence_number <= now.floor
        ]
        most = boot.journal.queue.quarantine_max
        wanted = [*pre.quarantined, *fresh][-most:]
        if list(now.quarantined) != wanted:
            found = [entry.sequence_number for entry, _ in now.quarantined]
            numbers = [entry.sequence_number for entry, _ in wanted]
            raise BrokenPromiseError("quarantine", f"it holds {found}, it should hold {numbers}")
    if not pre.quarantine_count <= now.quarantine_count <= post.quarantine_count:
        raise BrokenPromiseError("quarantine", f"{now.quarantine_count} are counted")


def overflow_counted(boot: JudgedBoot) -> None:
    """What was dropped because the queue was full is counted."""
    if boot.now.overflow_count not in (boot.pre.overflow_count, boot.post.overflow_count):
        raise BrokenPromiseError("overflow", f"{boot.now.overflow_count} are counted")


def wear_level(erases: tuple[int, ...], cuts: int = 0) -> None:
    """J7: erases differ by one; a cut while a page is opened may add one more to that page."""
    if max(erases) - min(erases) > 1 + cuts:
        raise BrokenPromiseError("J7", f"pages were erased {min(erases)} to {max(erases)} times")


PROMISES: tuple[Callable[[JudgedBoot], None], ...] = (
    numbers_unique,
    numbers_bounded,
    events_kept,
    acknowledged_gone,
    work_bounded,
    damage_told,
    state_kept,
    config_kept,
    refused_kept,
    overflow_counted,
)
