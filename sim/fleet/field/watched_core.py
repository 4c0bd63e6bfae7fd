"""One badge of a scenario with a core of somebody's own beside it: every step is compared.

The reference lives the scenario, so that the world and the truth are what they are without a core;
the core is given the same, and the first step in which it does something else is a finding.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from pydantic_core import from_json

from badge.badge import Badge
from badge.config import BadgeConfig
from badge.effects import (
    Effect,
    Logged,
    PollGps,
    PowerGps,
    PowerOff,
    PowerScanner,
    Reboot,
    StartScan,
    Upload,
)
from badge.host.firmware.library import CAN_FLASH, can_take
from badge.host.firmware.process import CoreFailureError, CoreProcess
from badge.inputs import Boot, Input, UploadAnswer
from sim.engine.pump import Pump
from sim.fleet.field.badge import FieldBadge
from sim.fleet.upload.backend import Backend
from sim.scenario.plan.roster import Roster
from sim.world.radio import Radio

# What a world or a backend sees of a badge; flash, screen and notices are the core's own business.
_SEEN = (Logged, Upload, PollGps, StartScan, PowerGps, PowerScanner, Reboot, PowerOff)


class CoreFinding(NamedTuple):
    """The first step in which one badge's core went wrong: what it was given, and what it did."""

    device_id: str
    at_ms: int
    given: str
    what: str

    def __str__(self) -> str:
        return f"{self.device_id} at {self.at_ms} ms, given {self.given}: the core {self.what}"


class WatchedCore:
    """The reference badge, with the face of `badge.Badge` towards a pump, and a core beside it.

    What the core says that it cannot take happens to neither.  After a finding the core is left
    out; one that keeps nothing in flash is left out from its second boot on.
    """

    def __init__(self, badge: Badge, core: CoreProcess, config: BadgeConfig, firmware: str) -> None:
        self._badge, self._device_id = badge, config.device_id
        self.finding: CoreFinding | None = None
        self.steps = 0
        self._requests: dict[int, int] = {}
        self._core: CoreProcess | None = core
        self._abilities, self._booted = core.abilities, False
        try:
            core.begin(config, firmware)
        except CoreFailureError as error:
            self._stop("its settings", 0, error.how)
            core.restart()

    @property
    def config(self) -> BadgeConfig:
        """The configuration in force."""
        return self._badge.config

    @property
    def next_deadline_ms(self) -> int | None:
        """When one of the two wants to be called again."""
        due_ms = self._badge.next_deadline_ms
        also_ms = None if self._core is None else self._core.next_deadline_ms
        known_ms = [ms for ms in (due_ms, also_ms) if ms is not None]
        return min(known_ms) if known_ms else None

    def receive(self, what: Input, now_ms: int) -> list[Effect]:
        """Take an input; the effects are those of the reference."""
        if not can_take(self._abilities, what):
            return []
        effects = self._badge.receive(what, now_ms)
        if isinstance(what, Boot):
            if self._booted and not self._abilities & CAN_FLASH:
                self._core = None
            self._booted = True
        if self._core is not None:
            self._watch(self._core, what, now_ms, effects)
        return effects

    def _watch(self, core: CoreProcess, what: Input, now_ms: int, wanted: list[Effect]) -> None:
        self.steps += 1
        try:
            found = core.receive(self._as_answered(what), now_ms)
        except CoreFailureError as error:
            self._stop(what, now_ms, error.how)
            core.restart()
            return
        ours, theirs = _seen(wanted, self._device_id), _seen(found, self._device_id)
        if ours != theirs:
            at = next(
                (n for n, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]),
                min(len(ours), len(theirs)),
            )
            want, got = (str(seen[at]) if at < len(seen) else "nothing" for seen in (ours, theirs))
            self._stop(what, now_ms, f"did {got}, where {want} is right")
            return
        mine, other = (
            [effect.request for effect in effects if isinstance(effect, Upload)]
            for effects in (wanted, found)
        )
        self._requests.update(zip(mine, other, strict=True))

    def _as_answered(self, what: Input) -> Input:
        """Requests are numbered by whoever makes them."""
        if isinstance(what, UploadAnswer) and what.request in self._requests:
            return replace(what, request=self._requests[what.request])
        return what

    def _stop(self, what: object, now_ms: int, how: str) -> None:
        self.finding = CoreFinding(self._device_id, now_ms, str(what), how)
        self._core = None


class CoreFieldBadge(FieldBadge):
    """A badge of a scenario whose every step a core takes, too; `face.finding` says how it went."""

    __slots__ = ("_core", "face")

    def __init__(
        self, roster: Roster, index: int, radio: Radio, backend: Backend, core: CoreProcess
    ) -> None:
        self._core = core
        super().__init__(roster, index, radio, backend)

    def _furnish(self) -> None:
        super()._furnish()
        self.face = WatchedCore(self.badge, self._core, self.config, self.firmware)

    def _renew_device(self) -> None:
        self.device = Pump(
            self.face,  # type: ignore[arg-type]  # it has a badge's face
            self.clock,
            self,
            self.uplink,
            None,
            self.observers,
            self.power,
        )


def _seen(effects: list[Effect], device_id: str) -> list[Any]:
    """Say what can be seen of effects from outside, so that it can be compared."""
    return [_told(effect, device_id) for effect in effects if isinstance(effect, _SEEN)]


def _told(effect: Effect, device_id: str) -> Any:
    if isinstance(effect, Logged):
        return effect.entry.event(device_id)
    if isinstance(effect, Upload):
        try:
            events = from_json(effect.body)
        except ValueError:
            events = effect.body
        return {"first": effect.first_sequence, "last": effect.last_sequence, "events": events}
    return effect
