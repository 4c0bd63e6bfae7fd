"""A badge in Python that a badge in C follows: in any program, every effect is compared."""

from __future__ import annotations

from typing import Any

from badge.badge import Badge
from badge.config import BadgeConfig
from badge.effects import Effect
from badge.host.c_core import CBadge
from badge.inputs import Boot, Input
from badge.storage.journal import FlashJournal
from badge.storage.memory import MemoryStore
from badge.storage.store import Store


class _Heard:
    """A chip whose pages read once: torn cells are seen by both as they were seen first."""

    def __init__(self, chip: Any) -> None:
        self.chip, self.pages = chip, {}

    def read(self, address: int, length: int) -> bytes:
        content = self.chip.read(address, length)
        self.pages[address, length] = content
        return content


class _Again:
    """What was read of that chip, and the pages of the configuration as they are."""

    def __init__(self, heard: _Heard) -> None:
        self._heard = heard

    def read(self, address: int, length: int) -> bytes:
        chip, pages = self._heard.chip, self._heard.pages
        if (address, length) in pages:
            return pages[address, length]
        emulated = hasattr(chip, "look")  # its cells without noise, and without counting reads
        cells = bytearray(chip.look(address)[0] if emulated else chip.read(address, length))
        for (start, size), content in pages.items():
            if address <= start < address + length:
                cells[start - address : start - address + size] = content
        return bytes(cells)


class ShadowedBadge(Badge):
    """Takes the place of `Badge` in a program under test."""

    compared = 0

    def __init__(
        self, config: BadgeConfig, store: Store | None = None, firmware_version: str = "0.1.0"
    ) -> None:
        super().__init__(config, store, firmware_version)
        self._heard: _Heard | None = None
        shadow: Store | None = None
        if isinstance(store, FlashJournal):
            chip = store.flash.chip if isinstance(store.flash, _Heard) else store.flash
            store.flash = self._heard = _Heard(chip)
            shadow = FlashJournal(_Again(self._heard), store.geometry)
        elif store is not None:
            shadow = MemoryStore(store.queue)
            shadow.state, shadow.age_ms = store.state, store.age_ms
            shadow.config_document = store.config_document
        self._in_c = CBadge(config, shadow, firmware_version)

    def receive(self, what: Input, now_ms: int) -> list[Effect]:
        if self._heard is not None and type(what) is Boot:
            self._heard.pages.clear()
        effects = super().receive(what, now_ms)
        found = self._in_c.receive(what, now_ms)
        assert found == effects, f"{what} at {now_ms} ms"
        assert self._in_c.next_deadline_ms == self.next_deadline_ms
        ShadowedBadge.compared += len(effects)
        return effects
