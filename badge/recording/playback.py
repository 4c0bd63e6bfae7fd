"""Feed a recording's inputs to a badge again, deadline by deadline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from badge.badge import Badge
from badge.effects import Effect, Logged
from badge.errors import InputError, MisuseError
from badge.inputs import Input, Tick
from badge.recording.format import Happened, Header, Wrote
from badge.storage.memory import MemoryStore, restore, snapshot

_TICK = Tick()


def replay(
    header: Header, lines: Iterable[Happened | Wrote], place: str = "recording"
) -> Iterator[Wrote]:
    """Yield what the badge logs when the inputs of `lines` happen to it, up to the last line.

    Of what was logged only the time counts: a badge that was stopped has lived up to its last
    event.  Raises `InputError` at `place` if the lines do not make a possible story (time going
    back, an input before the first boot).
    """
    return (line for line in retell(header, lines, place) if isinstance(line, Wrote))


def retell(
    header: Header, lines: Iterable[Happened | Wrote], place: str = "recording"
) -> Iterator[Happened | Wrote]:
    """Yield the inputs and what the badge logs now, in the order in which a recorder writes."""
    device_id = header.config.device_id
    for ms, what, effects in lived(header, lines, place):
        if what is not None:
            yield Happened(ms, what)
        yield from _logged(effects, ms, device_id)


def lived(
    header: Header, lines: Iterable[Happened | Wrote], place: str = "recording"
) -> Iterator[tuple[int, Input | None, list[Effect]]]:
    """Yield (ms, input or None for a deadline, what the badge does then), moment by moment."""
    life, last_ms = Life(header, place), 0
    for entry in lines:
        last_ms = max(last_ms, entry.ms)
        if isinstance(entry, Wrote):
            continue
        for due_ms, effects in life.until(entry.ms):
            yield due_ms, None, effects
        yield entry.ms, entry.what, life.give(entry.what, entry.ms)
    # What a deadline logged has no input behind it where the recording ends: Ctrl-C, a kill.
    for due_ms, effects in life.until(last_ms + 1):
        yield due_ms, None, effects


class Life:
    """A badge that a recording happens to; InputError at `place` for what cannot happen."""

    def __init__(self, header: Header, place: str) -> None:
        self._place = place
        self.badge = Badge(header.config, _store(header, place), header.firmware_version)

    def until(self, ms: int) -> Iterator[tuple[int, list[Effect]]]:
        """Let the deadlines before a moment fire, each at its own."""
        # Ticks are not recorded: deadlines fire by themselves. Those of the input's own moment are
        # the badge's to order.
        while (due_ms := self.badge.next_deadline_ms) is not None and due_ms < ms:
            yield due_ms, self.badge.receive(_TICK, due_ms)

    def give(self, what: Input | None, ms: int) -> list[Effect]:
        """Let something happen, or with None only what is due by then; give what the badge does."""
        if what is None and self.badge.next_deadline_ms is None:
            return []
        try:
            return self.badge.receive(_TICK if what is None else what, ms)
        except MisuseError as error:
            raise InputError(f"{self._place}: at {ms} ms: {error}") from None

    def held(self) -> dict[str, Any]:
        """Give what its store holds now, as a recording's header has it; any shift is over."""
        document = snapshot(self.badge.store)
        return {**document, "state": {**document["state"], "worker_id": None}}


def _logged(effects: Iterable[Any], ms: int, device_id: str) -> Iterator[Wrote]:
    for effect in effects:
        if type(effect) is Logged:
            yield Wrote(ms, effect.entry.event(device_id))


def _store(header: Header, place: str) -> MemoryStore:
    if header.store is None:
        return MemoryStore()
    return restore(header.store, f"{place}: store")
