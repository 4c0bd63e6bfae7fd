"""A recording lived through once more, step by step, with the rows of the law that were used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from badge.badge import Badge
from badge.effects import Effect
from badge.errors import InputError, MisuseError
from badge.inputs import Input, Tick
from badge.machines.law import TABLES
from badge.machines.table import Key, Table, watching
from badge.recording.format import Happened, Header, Wrote
from badge.storage.geometry import Geometry
from badge.storage.journal import FlashJournal
from badge.storage.memory import MemoryStore, restore
from badge.storage.store import Store
from sim.engine.flash import FlashChip, of_flash

_TICK = Tick()


@dataclass(frozen=True, slots=True)
class RowUsed:
    """A row of a machine's table: in this state, told this fact, it did this and went there."""

    machine: str
    state: str
    fact: str
    next_state: str
    action: str


@dataclass(frozen=True, slots=True)
class TracedStep:
    """An input, or a deadline (`what` None), and all that came of it; `ms` as the recording has it.

    `numbers` are the sequence numbers given in it; `state`, `queued` (events that wait) and `near`
    (MACs of the tags present) are those afterwards.
    """

    ms: int
    what: Input | None
    rows: tuple[RowUsed, ...]
    effects: tuple[Effect, ...]
    numbers: range
    state: str
    queued: int
    near: tuple[str, ...]


def trace(
    header: Header, lines: Iterable[Happened | Wrote], place: str = "recording", *, flash: bool
) -> Iterator[TracedStep]:
    """Yield every step of a recording's badge, as `Tracer` tells them."""
    return Tracer(header, place, flash=flash).through(lines)


class Tracer:
    """A badge that lives through a recording once more, also while its lines still come.

    With `flash` its events are kept in a journal on a blank chip, whose writes are among the
    effects; a badge that had a memory when the recording began has it in RAM.
    """

    def __init__(self, header: Header, place: str = "recording", *, flash: bool) -> None:
        self._place = place
        self._used: list[RowUsed] = []
        store, self._chip = _store(header, place, flash=flash)
        with watching(TABLES, self._note):
            self._badge = Badge(header.config, store, header.firmware_version)

    def _note(self, table: Table, key: Key) -> None:
        self._used.append(row_used(table, key))

    def through(self, lines: Iterable[Happened | Wrote]) -> Iterator[TracedStep]:
        """Yield the steps of the next lines; logged ones are ignored.

        `InputError` at the recording's place if the lines make no possible story.
        """
        badge, used, chip = self._badge, self._used, self._chip
        with watching(TABLES, self._note):
            for entry in lines:
                if isinstance(entry, Wrote):
                    continue
                while (due_ms := badge.next_deadline_ms) is not None and due_ms < entry.ms:
                    yield _step(badge, due_ms, None, used, chip)
                try:
                    yield _step(badge, entry.ms, entry.what, used, chip)
                except MisuseError as error:
                    raise InputError(f"{self._place}: at {entry.ms} ms: {error}") from None


def row_used(table: Table, key: Key) -> RowUsed:
    """Tell a row that was looked up."""
    next_state, action = _PLAIN[table.name][key]
    name = getattr(action, "__name__", "?").strip("_").replace("_", " ")
    return RowUsed(table.name, str(key[0]), str(key[1]), str(next_state), name)


_PLAIN = {table.name: dict(table.rows) for table in TABLES}


def _step(
    badge: Badge, ms: int, what: Input | None, used: list[RowUsed], chip: FlashChip | None
) -> TracedStep:
    used.clear()
    first = badge.store.queue.next_sequence
    effects = tuple(badge.receive(_TICK if what is None else what, ms))
    if chip is not None:
        for one in of_flash(effects):
            chip.perform(one)
    queue = badge.store.queue
    numbers = range(min(first, queue.next_sequence), queue.next_sequence)
    return TracedStep(
        ms,
        what,
        tuple(used),
        effects,
        numbers,
        badge.state,
        len(queue.entries),
        tuple(badge.tags_near),
    )


def _store(header: Header, place: str, *, flash: bool) -> tuple[Store, FlashChip | None]:
    if header.store is not None:
        return restore(header.store, f"{place}: store"), None
    if not flash:
        return MemoryStore(), None
    chip = FlashChip(Geometry())
    return FlashJournal(chip, chip.geometry), chip
