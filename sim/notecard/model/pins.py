"""The card's lines: what it drives, and what the world puts on its inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from badge.errors import InputError

AUX = ("AUX1", "AUX2", "AUX3", "AUX4")
LINES = ("ATTN", *AUX, "AUX_CHARGING", "ALT_DFU_RESET", "ALT_DFU_BOOT", "LED")


@dataclass(frozen=True, slots=True)
class Pixel:
    """One NeoPixel: its colour ("" is dark) and brightness in percent."""

    colour: str = ""
    percent: int = 100


class Pins:
    """Levels by name.  `on_change` hears of each line that the card moves, `on_input` of the rest.

    A line that nobody drives floats: None.
    """

    def __init__(self, on_change: Callable[[str, bool | None], None]) -> None:
        self.levels: dict[str, bool | None] = dict.fromkeys(LINES)
        self.levels["ATTN"] = True
        self.pixels: list[Pixel] = []
        self.on_input: Callable[[str, bool], None] = lambda name, high: None
        self._on_change = on_change
        self._driven: set[str] = {"ATTN"}

    def show(self, name: str, high: bool | None) -> None:
        """The card drives a line, or with None lets it go."""
        if high is None:
            self._driven.discard(name)
        else:
            self._driven.add(name)
        if self.levels[name] is not high:
            self.levels[name] = high
            self._on_change(name, high)

    def pull(self, name: str, high: bool | None) -> None:
        """A resistor decides while nobody drives; the world's level stays if it is there."""
        self._driven.discard(name)
        self.levels[name] = high

    def drive(self, name: str, high: bool) -> None:
        """The world drives an input; InputError for a line that the card drives itself."""
        if name not in LINES:
            raise InputError(f"pin {name!r} is not known; one of: {', '.join(LINES)}")
        if name in self._driven:
            raise InputError(f"pin {name}: the card itself drives it")
        if self.levels[name] is not high:
            self.levels[name] = high
            self.on_input(name, high)

    def shine(self, pixels: list[Pixel]) -> bool:
        """Set the NeoPixels on AUX2; True if that changes anything."""
        changed, self.pixels = pixels != self.pixels, list(pixels)
        return changed
