"""Which way the card goes online: Wi-Fi, a SIM's cell, or a satellite."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sim.notecard.model.clock import CardClock
from sim.notecard.model.identity import Model
from sim.notecard.storage.state import CardState
from sim.notecard.world.attached import Attachments
from sim.notecard.world.world import World

FALLBACK_S = 3600
TRANSPORTS = {"cell": "cell:lte:fdd", "wifi": "wifi:b/g/n", "ntn": "ntn:skylo"}
RATS = {"m": "emtc", "nb": "nbiot", "gprs": "gsm"}
WIFI_BARS = 4


@dataclass(slots=True)
class _Choice:
    """The best of a list that is there; held for a while before a better one is looked for."""

    taken: str = ""
    since_ms: int = 0

    def among(self, order: list[str], there: list[str], now_ms: int, retry_ms: int) -> str:
        """Which one; a fallback is left when it is gone, or for a better one after `retry_ms`."""
        best = next((name for name in order if name in there), "")
        stays = self.taken in there and self.taken in order
        if stays and (retry_ms < 0 or now_ms - self.since_ms < retry_ms or best == self.taken):
            return self.taken
        if best != self.taken:
            self.taken, self.since_ms = best, now_ms
        return best


class Connectivity:
    """Answers from the settings of card.transport, card.wireless and card.wifi."""

    def __init__(
        self, clock: CardClock, state: CardState, world: World, attached: Attachments, model: Model
    ) -> None:
        self._clock, self._state, self._world = clock, state, world
        self._attached, self._model = attached, model
        self._way, self._sim = _Choice(), _Choice()

    @property
    def method(self) -> str:
        """The method in force."""
        default = "wifi-cell" if self._model.wifi and self._model.cell else ""
        default = default or ("cell" if self._model.cell else "wifi")
        return str(self._state.family("transport").get("method", default))

    @property
    def order(self) -> list[str]:
        """The ways of the method, the best first."""
        if self._state.family("io").get("allow"):
            return ["ntn"]
        return [word for word in self.method.split("-") if word in TRANSPORTS]

    @property
    def way(self) -> str:
        """``cell``, ``wifi`` or ``ntn``: the way that is taken now; "" while none is there."""
        there = [name for name in self.order if self._bars_of(name) > 0]
        kept = self._state.family("transport")
        retry_ms = 1000 * int(kept.get("seconds", FALLBACK_S))
        return self._way.among(self.order, there, self._clock.now_ms, retry_ms)

    @property
    def transport(self) -> str:
        """As events name it."""
        return TRANSPORTS[self._way.taken or self.order[0]]

    @property
    def bars(self) -> int:
        """Coverage by the way that is taken."""
        way = self.way
        return self._bars_of(way) if way else 0

    @property
    def satellite(self) -> bool:
        """Whether notes travel by satellite, or as if: then each needs a compact template."""
        return (self._way.taken or self.order[0]) == "ntn"

    def _bars_of(self, way: str) -> int:
        if way == "wifi":
            return WIFI_BARS if self.access_point else 0
        if way == "ntn":  # without a Starnote the way is tried out over the cell
            return 2 if self._attached.starnote else self._world.bars_at(self._clock.utc_ms)
        return self._world.bars_at(self._clock.utc_ms) if self.sim and self._model.cell else 0

    @property
    def access_point(self) -> str:
        """The SSID that is configured, in reach, and takes the password; "" without one."""
        kept = self._state.family("wifi")
        known = [(str(kept.get("ssid", "")), str(kept.get("password", "")))]
        known += [(pair[0], pair[1]) for pair in access_points(str(kept.get("text", "")))]
        in_reach = self._attached.access_points
        return next((n for n, word in known if n and in_reach.get(n) == word), "")

    @property
    def sim(self) -> str:
        """``primary`` (internal) or ``secondary`` (external); "" if the one asked for is not."""
        kept = self._state.family("wireless")
        words = str(kept.get("method", "dual-primary-secondary")).removeprefix("dual-").split("-")
        there = ["primary"] + ["secondary"] * self._external_sim_works(kept)
        retry_ms = 3_600_000 * int(kept.get("hours", -1))
        return self._sim.among(words, there, self._clock.now_ms, retry_ms)

    def _external_sim_works(self, kept: dict[str, Any]) -> bool:
        needed = self._attached.apn
        return self._attached.external_sim and (not needed or kept.get("apn") == needed)

    @property
    def rat(self) -> str:
        """The radio technology, as card.wireless names it."""
        return RATS.get(str(self._state.family("wireless").get("mode", "")), "lte")


def access_points(text: str) -> list[list[str]]:
    """The pairs of card.wifi's `text`: ``["SSID","PASSWORD"],[…]``; [] if it is none."""
    try:
        found = json.loads(f"[{text}]")
    except (ValueError, RecursionError):
        return []
    right = all(
        isinstance(p, list) and len(p) == 2 and all(isinstance(w, str) for w in p) for p in found
    )
    return found if right else []
