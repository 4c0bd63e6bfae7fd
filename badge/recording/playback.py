"""Feed a recording's inputs to a badge again, deadline by deadline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from badge.badge import Badge
from badge.effects import Effect, Logged
from badge.errors import InputError, MisuseError
from badge.inputs import Input, Tick
from badge.recording.format import Happened, Header, Wrote
from badge.storage.memory import MemoryStore, restore

_TICK = Tick()


def replay(
    header: Header, lines: Iterable[Happened | Wrote], place: str = "recording"
) -> Iterator[Wrote]:
    """Yield what the badge logs when the inputs of `lines` happen to it; outputs are ignored.

    Raises `InputError` at `place` if the lines do not make a possible story (time going back,
    an input before the first boot).
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
    badge = Badge(header.config, _store(header, place), header.firmware_version)
    for entry in lines:
        if isinstance(entry, Wrote):
            continue
        # Ticks are not recorded: deadlines fire by themselves. Those of the input's own moment are
        # the badge's to order.
        while (due_ms := badge.next_deadline_ms) is not None and due_ms < entry.ms:
            yield due_ms, None, badge.receive(_TICK, due_ms)
        try:
            effects = badge.receive(entry.what, entry.ms)
        except MisuseError as error:
            raise InputError(f"{place}: at {entry.ms} ms: {error}") from None
        yield entry.ms, entry.what, effects


def _logged(effects: Iterable[Any], ms: int, device_id: str) -> Iterator[Wrote]:
    for effect in effects:
        if type(effect) is Logged:
            yield Wrote(ms, effect.entry.event(device_id))


def _store(header: Header, place: str) -> MemoryStore:
    if header.store is None:
        return MemoryStore()
    return restore(header.store, f"{place}: store")
