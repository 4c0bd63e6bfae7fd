"""AUX1 to AUX4 as inputs, outputs and counters (card.aux, mode gpio)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sim.notecard.model.pins import AUX
from sim.notecard.model.services import Services

USAGES = {
    "off": None,
    "high": True,
    "low": False,
    "input": None,
    "input-pulldown": False,
    "input-pullup": True,
    "count": None,
    "count-pulldown": False,
    "count-pullup": True,
}
"""How a pin may be used, and the level at which it rests."""

BUTTON_FILE = "_button.qo"
SAMPLES_MAX = 10_000  # a bound of this model, far beyond the card's memory
NOTE_GAP_MS = 1000  # card.aux: counts are noted once a second at most


@dataclass(slots=True)
class _Counter:
    """Edges of one pin, sample by sample; `edge_ms` is one that has not lasted long enough yet."""

    counts: list[int] = field(default_factory=lambda: [0])
    edge_ms: int | None = None


class AuxGpio:
    """What card.aux has configured of the four pins."""

    def __init__(self, card: Services) -> None:
        self._card = card
        self._counters: dict[str, _Counter] = {}
        self._started_ms = card.clock.now_ms
        self._noted_ms = -NOTE_GAP_MS

    @property
    def config(self) -> dict[str, Any]:
        """The settings of card.aux."""
        return self._card.state.family("aux")

    @property
    def on(self) -> bool:
        """Whether the pins are general purpose now."""
        return self.config.get("mode") == "gpio"

    @property
    def usage(self) -> list[str]:
        """The use of each pin."""
        listed = [str(word) for word in self.config.get("usage", ())]
        return (listed + ["off"] * len(AUX))[: len(AUX)]

    def apply(self) -> None:
        """Let the pins be what the configuration says."""
        for name, usage in zip(AUX, self.usage, strict=True):
            if usage in ("high", "low"):
                self._card.pins.show(name, USAGES[usage])
            else:
                self._card.pins.show(name, None)
                self._card.pins.pull(name, USAGES.get(usage))
        self._card.pins.on_input = self._moved
        for name, usage in zip(AUX, self.usage, strict=True):
            if not usage.startswith("count"):
                self._counters.pop(name, None)
            elif name not in self._counters:
                self._counters[name] = _Counter()

    def start(self) -> None:
        """Count from zero, from now on."""
        self._started_ms = self._card.clock.now_ms
        for counter in self._counters.values():
            counter.counts, counter.edge_ms = [0], None

    def _moved(self, name: str, high: bool) -> None:
        if not self.on or name not in AUX:
            return
        usage = self.usage[AUX.index(name)]
        self._card.touch()  # an edge has a time to be settled at
        self._card.watch("pin", f"{name} {'HIGH' if high else 'LOW'} (input)")
        if usage.startswith("count"):
            self._edge(name, high, falling=usage == "count-pullup")
        elif usage.startswith("input"):
            self._card.fire("auxgpio")
            if self.config.get("sync"):
                self._note()

    def _edge(self, name: str, high: bool, *, falling: bool) -> None:
        counter, now_ms = self._counters[name], self._card.clock.now_ms
        self._settle(counter)
        counter.edge_ms = now_ms if high is not falling else None
        self._settle(counter)

    def _settle(self, counter: _Counter) -> None:
        """Count an edge whose level has lasted longer than the debouncing interval."""
        now_ms = self._card.clock.now_ms
        least_ms = int(self.config.get("ms", 0))
        if counter.edge_ms is None or now_ms < counter.edge_ms + least_ms:
            return
        at = self._sample(counter.edge_ms)
        counter.edge_ms = None
        counter.counts += [0] * (at + 1 - len(counter.counts))
        counter.counts[at] += 1
        if self.config.get("sync") and now_ms >= self._noted_ms + NOTE_GAP_MS:
            self._noted_ms = now_ms
            self._note()

    def _sample(self, at_ms: int) -> int:
        """The number of the sample: `seconds` each; the last of `max` takes all that follow."""
        seconds, most = int(self.config.get("seconds", 0)), int(self.config.get("max", 0))
        if seconds <= 0 or most <= 0:
            return 0
        return min((at_ms - self._started_ms) // (1000 * seconds), most - 1, SAMPLES_MAX)

    def _note(self) -> None:
        file = str(self.config.get("file") or BUTTON_FILE)
        self._card.log_note(file, {"state": self.state(), "power": self._card.on_usb})
        if not self.config.get("connected"):
            self._card.sync_now()

    def state(self) -> list[dict[str, Any]]:
        """The pins as card.aux shows them."""
        return [self._shown(name, use) for name, use in zip(AUX, self.usage, strict=True)]

    def _shown(self, name: str, usage: str) -> dict[str, Any]:
        if usage.startswith("count"):
            counter = self._counters[name]
            self._settle(counter)
            return {"count": list(counter.counts)}
        if usage == "off":
            return {}
        level = "high" if self._card.pins.levels[name] else "low"
        if usage.startswith("input"):
            return {"input": True, level: True}
        return {level: True}

    @property
    def counting_since_s(self) -> int:
        """UTC when counting started; 0 without a counter or before the time is known."""
        clock = self._card.clock
        if not self._counters or not clock.known:
            return 0
        return (clock.epoch_ms + self._started_ms) // 1000

    def advance(self) -> None:
        """An edge may have lasted long enough by now."""
        for counter in self._counters.values():
            self._settle(counter)

    def deadline_ms(self) -> int | None:
        """When an edge has lasted long enough."""
        edges = [c.edge_ms for c in self._counters.values() if c.edge_ms is not None]
        return min(edges) + int(self.config.get("ms", 0)) if edges else None
