"""The card's clock: milliseconds since power-on from outside, UTC once someone has told it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class CardClock:
    """`now_ms` is the pump's clock, `epoch_ms` UTC at its zero, `known` if the card is told."""

    epoch_ms: int
    now_ms: int = 0
    known: bool = False

    @property
    def utc_ms(self) -> int:
        """True UTC: what the world is asked with, whether the card knows it or not."""
        return self.epoch_ms + self.now_ms

    @property
    def utc_s(self) -> int:
        """UTC in whole seconds as the card knows it; 0 before it is told."""
        return self.utc_ms // 1000 if self.known else 0
