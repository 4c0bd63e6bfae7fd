"""The badge in Python and the badge in C, told the same; every effect must be the same."""

from __future__ import annotations

from random import Random

import pytest

from badge.badge import Badge
from badge.config import BadgeConfig
from badge.effects import Effect, Erase, Program, Upload
from badge.host.c_core import CBadge
from badge.host.core.store import core_is_built
from badge.inputs import Boot, FlashFault, Input, Tick
from badge.storage.geometry import Geometry
from badge.storage.journal import FlashJournal
from sim.engine.flash import FlashChip
from tests.badge.story import Story, random_steps, story_config

needs_core = pytest.mark.skipif(
    not core_is_built(), reason="the C core is not built: python setup.py build_ext --inplace"
)
GEOMETRIES = (Geometry(), Geometry(1536, 1, 5), Geometry(4096, 1, 5), Geometry(1536, 2, 9))


class Twins(Story):
    """A story that happens to both; each has its own chip, and the effects are performed on both.

    `swap` lets each go on from the image that the other one has written, with a boot.  With
    `ticking` they are called at every deadline, as a pump does, else only when something happens.
    """

    def __init__(
        self, config: BadgeConfig, geometry: Geometry = GEOMETRIES[1], *, ticking: bool = False
    ) -> None:
        self.config, self.geometry, self.ticking = config, geometry, ticking
        self.chips = [FlashChip(geometry), FlashChip(geometry)]
        self.other = self._in_c()
        self.effects = 0
        super().__init__(config)
        self._start()

    def _start(self) -> None:
        """Begin anew, with the flash that there is."""
        self.badge = Badge(self.config, FlashJournal(self.chips[0], self.geometry))
        self.other = self._in_c()
        self.inputs.append((self.now, Boot()))
        self.receive(Boot())

    def _in_c(self) -> CBadge:
        return CBadge(self.config, FlashJournal(self.chips[1], self.geometry))

    def swap(self) -> None:
        self.give(Tick())
        self.chips.reverse()
        self._start()

    def give(self, what: Input) -> list[Effect]:
        if not isinstance(self.badge.store, FlashJournal):
            return []  # the story's own badge, which was made before the chips
        if type(what) is Boot and self.inputs:
            self.receive(Tick())  # what is due was done before power was lost
        self.inputs.append((self.now, what))
        if self.ticking:
            self._tick()
        return self.receive(what)

    def _tick(self) -> None:
        until_ms = self.now
        while (due_ms := self.badge.next_deadline_ms) is not None and due_ms < until_ms:
            self.now = due_ms
            self.receive(Tick())
        self.now = until_ms

    def receive(self, what: Input) -> list[Effect]:
        effects = self.badge.receive(what, self.now)
        found = self.other.receive(what, self.now)
        for turn, (wanted, got) in enumerate(zip(effects, found, strict=False)):
            assert got == wanted, f"effect {turn} of {what} at {self.now} ms"
        assert len(found) == len(effects), f"{what} at {self.now} ms"
        self.effects += len(effects)
        for effect in effects:
            if isinstance(effect, Program | Erase) and not self._perform(effect):
                self.receive(FlashFault(effect.address))
        self.uploads += [effect for effect in effects if isinstance(effect, Upload)]
        assert self.other.next_deadline_ms == self.badge.next_deadline_ms
        return effects

    def _perform(self, effect: Program | Erase) -> bool:
        held = [chip.perform(effect) for chip in self.chips]  # on both, whatever the first says
        return all(held)

    def compare(self) -> None:
        """Compare all that can be seen without an effect."""
        mine, other = self.badge, self.other
        for name in ("config", "state", "upload_state", "tags_near", "firmware_version"):
            assert getattr(other, name) == getattr(mine, name), name
        for name in ("state", "age_ms", "config_document"):
            assert getattr(other.store, name) == getattr(mine.store, name), name
        for name in (
            "entries",
            "quarantined",
            "next_sequence",
            "floor",
            "overflow_count",
            "quarantine_count",
            "queue_max",
            "quarantine_max",
        ):
            assert getattr(other.store.queue, name) == getattr(mine.store.queue, name), name
        assert self.chips[0].image() == self.chips[1].image()


def faulty(seed: int) -> Twins:
    """Tell twins a story while cells of their chips get stuck; faults are told as FlashFault."""
    rng = Random(seed)
    config = story_config(upload_interval_s=300)
    twins = Twins(config, GEOMETRIES[1 + seed % 2], ticking=True)
    for step in random_steps(seed, 60):
        if rng.random() < 0.03:
            address = rng.randrange(twins.geometry.total_bytes)
            for chip in twins.chips:
                chip.stuck[address] = (1 << seed % 8, 0)
        twins.step(step)
    return twins
