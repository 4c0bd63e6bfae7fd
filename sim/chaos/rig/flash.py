"""A badge's flash: the emulated chip that browns out, and the journal that is seen."""

from __future__ import annotations

import random
from collections.abc import Callable

from badge.effects import Erase, Program
from badge.storage.geometry import Geometry
from badge.storage.journal import FlashJournal
from badge.storage.store import Recovered
from sim.engine.flash import FlashChip, Torn, steps_of
from sim.engine.ports import PowerLostError

_TORN = tuple(Torn)


class BrownOutChip(FlashChip):
    """`FlashChip` whose power may fail at any byte of an operation, leaving torn bits."""

    def __init__(self, geometry: Geometry, seed: int) -> None:
        super().__init__(geometry, seed=seed)
        self._fuse: tuple[int, random.Random] | None = None

    def brown_out(self, after: int, rng: random.Random) -> None:
        """Let power fail within the operation that comes after so many more."""
        self._fuse = (after, rng)

    def calm(self) -> None:
        """Let power be good."""
        self._fuse = None

    def perform(self, effect: Program | Erase) -> bool:
        """Do it whole; or do a part of it, and raise PowerLostError."""
        if self._fuse is not None:
            after, rng = self._fuse
            self._fuse = (after - 1, rng) if after else None
            if not after:
                self.cut(effect, rng.randrange(steps_of(effect, self.geometry)), rng.choice(_TORN))
                raise PowerLostError
        return super().perform(effect)

    @property
    def wear(self) -> int:
        """How many more erases one page of the ring has seen than another."""
        ring = self.erases[2 * self.geometry.config_pages :]
        return max(ring) - min(ring)


class CheckedJournal(FlashJournal):
    """The real journal; what it recovers is shown before the badge goes on."""

    def __init__(
        self, chip: BrownOutChip, look: Callable[[FlashJournal, Recovered, int], None]
    ) -> None:
        super().__init__(chip, chip.geometry)
        self._chip = chip
        self._look = look

    def recover(self) -> Recovered:
        """Recover as ever, then show it."""
        reads = self._chip.reads
        found = super().recover()
        self._look(self, found, self._chip.reads - reads)
        return found
