"""Lamps on the AUX pins: LEDs, an RGB LED or NeoPixels, by card.led or as a monitor of the link.

Which colour hangs on which pin is not published for all modes: here green, yellow and red are
AUX2, AUX3 and AUX4, an RGB LED is AUX2, AUX3 and AUX4 in that order, and NeoPixels are on AUX2.
"""

from __future__ import annotations

from typing import Any

from sim.notecard.codec.arguments import RequestError
from sim.notecard.model.pins import Pixel
from sim.notecard.model.services import Services

LEDS = {"green": "AUX2", "yellow": "AUX3", "red": "AUX4"}
RGB_PINS = ("AUX2", "AUX3", "AUX4")
RGB = {
    "red": (True, False, False),
    "green": (False, True, False),
    "blue": (False, False, True),
    "yellow": (True, True, False),
    "cyan": (False, True, True),
    "magenta": (True, False, True),
    "white": (True, True, True),
}
NEO = (*RGB, "orange", "gray")
COLOURS = {"led": tuple(LEDS), "monitor": tuple(LEDS), "rgb": tuple(RGB), "neo": NEO}
WATCH_MS = 1000
PULSES_MAX = 100


def kind_of(mode: str) -> str:
    """What lamps a mode of card.aux means: ``led``, ``rgb``, ``neo``, or "" for none."""
    if "neo" in mode:
        return "neo"
    if "rgb" in mode:
        return "rgb"
    return "led" if mode in ("led", "monitor", "track-monitor") else ""


class Lights:
    """Shows what card.led and card.monitor ask for, and in the monitor modes the link."""

    def __init__(self, card: Services) -> None:
        self._card = card
        self._lit: set[str] = set()  # by card.led
        self._overridden: dict[str, int] = {}  # by card.monitor
        self._next_ms = card.clock.now_ms

    @property
    def _config(self) -> dict[str, Any]:
        return self._card.state.family("aux")

    @property
    def mode(self) -> str:
        """The mode of card.aux."""
        return str(self._config.get("mode", "off"))

    @property
    def monitoring(self) -> bool:
        """Whether the lamps tell of the link."""
        return self.mode.endswith("monitor")

    def switch(self, colour: str, *, on: bool) -> None:
        """card.led; RequestError for lamps that are not there."""
        kind = kind_of(self.mode)
        if not kind:
            raise RequestError(f"card.aux mode {self.mode} has no LEDs {{incompatible}}")
        if colour not in COLOURS[kind]:
            raise RequestError(f"mode: no {colour or 'colour'} with {self.mode}")
        if kind != "led":  # one lamp has one colour
            self._lit.clear()
        (self._lit.add if on else self._lit.discard)(colour)
        self.apply()

    def override(self, colour: str, count: int) -> None:
        """card.monitor: so many pulses instead of the link's own; 0 gives the lamp back."""
        pin = LEDS[colour]
        if count <= 0:
            self._overridden.pop(colour, None)
            self.apply()
            return
        self._overridden[colour] = count
        if self._dark:
            return
        for _ in range(min(count, PULSES_MAX)):
            self._card.pins.show(pin, False)
            self._card.pins.show(pin, True)
        self._card.pins.show(pin, False)

    @property
    def _dark(self) -> bool:
        """card.monitor may save the battery the light."""
        return bool(self._card.state.family("monitor").get("usb")) and not self._card.on_usb

    def _status(self) -> str:
        if self._card.penalised:
            return "red"
        if self._card.connected:
            return "green"
        return "yellow" if self._card.modem_on else ""

    def apply(self) -> None:
        """Let the lamps show what they should now."""
        self._busy()
        kind = kind_of(self.mode)
        status = self._status() if self.monitoring and not self._dark else ""
        lit = set(self._lit) | ({status} - {""} if kind == "led" else set())
        if kind == "led":
            for colour, pin in LEDS.items():
                if colour not in self._overridden:
                    self._card.pins.show(pin, colour in lit)
        elif kind == "rgb":
            colour = next(iter(self._lit), status)
            for pin, on in zip(RGB_PINS, RGB.get(colour, (False,) * 3), strict=True):
                self._card.pins.show(pin, on)
        elif kind == "neo":
            self._shine(status)

    def _shine(self, status: str) -> None:
        """All pixels show the link; the one at `offset`, or the only one, is the host's."""
        count = max(1, int(self._config.get("count", 1)))
        percent = int(self._config.get("sensitivity", 100))
        pixels = [Pixel(status, percent)] * count
        if self._lit or not self.monitoring:
            at = min(count, max(1, int(self._config.get("offset", 1)))) - 1
            pixels[at] = Pixel(next(iter(self._lit), ""), percent)
        if self._card.pins.shine(pixels):
            words = " ".join(one.colour or "dark" for one in pixels)
            self._card.watch("pin", f"AUX2 NeoPixels: {words} at {percent} %")

    def _busy(self) -> None:
        """card.io +busy: the LED of the board is lit while the card is awake."""
        if self._card.state.family("io").get("on"):
            self._card.pins.show("LED", self._card.modem_on)
        elif self._card.pins.levels["LED"] is not None:
            self._card.pins.show("LED", None)

    def release(self) -> None:
        """card.aux leaves the lamps: nothing is lit."""
        self._lit.clear()
        self._overridden.clear()
        self._card.pins.shine([])

    def advance(self) -> None:
        """Power may have come or gone."""
        self._next_ms = self._card.clock.now_ms + WATCH_MS
        self.apply()

    def deadline_ms(self) -> int | None:
        """When to look again."""
        return self._next_ms if self.monitoring else None
