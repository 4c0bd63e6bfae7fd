"""The flash image of a store in memory: where a badge in C starts that goes on from one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from badge.effects import Effect, Erase, Program
from badge.storage.geometry import Geometry
from badge.storage.journal import FlashJournal
from badge.storage.memory import MemoryStore


class _Imaged(FlashJournal):
    def open_page(self) -> Sequence[Effect]:
        """Open a page now: its checkpoint tells the counts that no event carries."""
        self._open_next(self._point())
        return self._take_effects()


def image_of(store: MemoryStore, geometry: Geometry) -> bytes:
    """Return the flash image that holds what a store in memory holds."""
    chip = _Chip(geometry)
    journal = _Imaged(chip, geometry)
    chip.perform(journal.recover().effects)
    queue = journal.queue
    queue.queue_max, queue.quarantine_max = 1_000_000, 1_000_000
    journal.age_ms = store.age_ms
    refused = {item.entry.sequence_number: item.reason for item in store.queue.quarantined}
    for entry in (*(item.entry for item in store.queue.quarantined), *store.queue.entries):
        queue.next_sequence = entry.sequence_number
        chip.perform(journal.append(entry, store.state))
    if refused:
        chip.perform(journal.settle(max(refused), refused))
    queue.next_sequence, queue.floor = store.queue.next_sequence, store.queue.floor
    queue.overflow_count = store.queue.overflow_count
    queue.quarantine_count = store.queue.quarantine_count
    chip.perform(journal.open_page())
    chip.perform(journal.save_state(store.state))
    chip.perform(journal.save_age(store.age_ms))
    if store.config_document is not None:
        chip.perform(journal.save_config(store.config_document))
    return bytes(chip.content)


class _Chip:
    """Flash that only remembers."""

    def __init__(self, geometry: Geometry) -> None:
        self.content = bytearray(b"\xff" * geometry.total_bytes)
        self._page_bytes = geometry.page_bytes

    def read(self, address: int, length: int) -> bytes:
        return bytes(self.content[address : address + length])

    def perform(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Program):
                self.content[effect.address : effect.address + len(effect.content)] = effect.content
            elif isinstance(effect, Erase):
                end = effect.address + self._page_bytes
                self.content[effect.address : end] = b"\xff" * self._page_bytes
