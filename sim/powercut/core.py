"""A core in C on our chip: its power is cut at bytes of its flash effects, and it boots again.

The core is seen from outside: what it logs, what it sends after the boot.  Its flash format is its
own business; the promises are those of docs/reliability.md that a backend can see.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from pydantic_core import from_json

from badge.config import BadgeConfig
from badge.effects import Erase, Logged, Notice, Program, Upload
from badge.errors import InputError, MisuseError
from badge.host.firmware.library import CAN_FLASH
from badge.host.firmware.process import CoreFailureError, CoreProcess
from badge.inputs import (
    Assign,
    Boot,
    GpsFix,
    Input,
    Movement,
    ScanResult,
    Tick,
    Unassign,
    UploadAnswer,
    UtcLearned,
)
from badge.storage.geometry import Geometry
from sim.engine.flash import FlashChip, Image, Torn, steps_of
from sim.engine.promises import BrokenPromiseError
from sim.engine.streams import plain_stream

GEOMETRY = Geometry(page_bytes=1536, config_pages=1, ring_pages=9)
TAG = "F4:A7:2E:11:03:BC"
CONFIG = BadgeConfig(
    device_id="ACT-00000001",
    known_equipment_tags=[TAG],
    upload_interval_s=120,
    queue_events_max=60,
)
START_UNIX_MS = 1_773_000_000_000
_ROUNDS = 80
_WINDOWS_MAX = 40  # after a boot: until nothing is sent any more
Events = dict[int, dict[str, Any]]


class CoreStep(NamedTuple):
    """A flash effect: the chip before it, and what has to be there if power fails in it."""

    effect: Program | Erase
    before: Image
    kept: Events  # durable, and not acknowledged when the input came
    gone: int  # acknowledged up to here before the input
    seen: Events  # all that was ever logged


@dataclass(slots=True)
class CoreCuts:
    """What was proven: cuts, and the first promises that broke, with what repeats the cut."""

    points: int = 0
    failures: list[tuple[str, str, str]] = field(default_factory=list)


class CoreLife:
    """A shift on a chip that holds; every flash effect is kept with what a cut may not break."""

    def __init__(self, core: CoreProcess, seed: int) -> None:
        self.core, self.chip = core, FlashChip(GEOMETRY)
        self.steps: list[CoreStep] = []
        self._rng = plain_stream(seed, "core")
        self._now_ms = self._gone = 0
        self._seen: Events = {}
        self._kept: Events = {}
        self._upload: Upload | None = None

    def live(self) -> None:
        """Boot, work, and upload now and then."""
        self._give(Boot())
        self._give(UtcLearned(START_UNIX_MS))
        for _ in range(_ROUNDS):
            self._now_ms += self._rng.choice((1_000, 5_000, 10_000, 31_000))
            self._give(Tick())
            self._give(self._drawn())
            if self._upload is not None and self._rng.random() < 0.5:
                answered, self._upload = self._upload, None
                status = self._rng.choice((202, 202, 202, 503))
                self._give(UploadAnswer(answered.request, status))
                if status == 202:
                    self._acknowledge(answered.last_sequence)

    def _drawn(self) -> Input:
        rng = self._rng
        return rng.choice(
            (
                Assign("W-007"),
                Assign("W-007"),
                Unassign(),
                GpsFix(33.7 + rng.random(), -84.4, hdop=1.2),
                GpsFix(33.7 + rng.random(), -84.4, hdop=0.9),
                ScanResult(((TAG, -60),)),
                ScanResult(),
                Movement(rng.random() < 0.5),
            )
        )

    def _acknowledge(self, through: int) -> None:
        self._gone = max(self._gone, through)
        self._kept = {n: event for n, event in self._kept.items() if n > through}

    def _give(self, what: Input) -> None:
        effects = self.core.receive(what, self._now_ms)
        for effect in effects:  # what the queue had no room for may be there or not, from now on
            if isinstance(effect, Notice) and effect.about == "overflow":
                for number in effect.sequence_numbers:
                    self._kept.pop(number, None)
        kept, gone = dict(self._kept), self._gone
        for effect in effects:
            if isinstance(effect, Program | Erase):
                step = CoreStep(effect, self.chip.image(), kept, gone, dict(self._seen))
                self.steps.append(step)
                try:
                    held = self.chip.perform(effect)
                except MisuseError as error:
                    raise BrokenPromiseError("chip", f"{error}, at {what}") from None
                if not held:
                    raise BrokenPromiseError("chip", f"{effect} does not read back")
            elif isinstance(effect, Logged):
                event = effect.entry.event(CONFIG.device_id)
                self._seen[effect.entry.sequence_number] = event
                self._kept[effect.entry.sequence_number] = event
                kept = dict(self._kept)
            elif isinstance(effect, Upload):
                self._upload = effect


def cut_core(library: Path, seed: int, stride: int, failures_max: int = 5) -> Iterator[CoreCuts]:
    """Cut at every `stride`th byte of every effect; yield after each effect what is proven so far.

    `InputError` if the library is no core, or one that says it keeps nothing in flash.
    """
    done = CoreCuts()
    with CoreProcess(library, CONFIG, geometry=GEOMETRY) as core:
        if not core.abilities & CAN_FLASH:
            raise InputError(f"{library}: it says that it keeps nothing in flash: nothing to cut")
        life = CoreLife(core, seed)
        try:
            life.live()
        except (CoreFailureError, BrokenPromiseError) as error:
            done.failures.append((type(error).__name__, str(error), "before any cut"))
        if not life.steps and not done.failures:
            found = "it says BADGE_CAN_FLASH, and writes nothing to flash"
            done.failures.append(("J3", found, "before any cut"))
        for at, step in enumerate(life.steps):
            for byte in range(at % stride, steps_of(step.effect, GEOMETRY), stride):
                done.points += 1
                torn = Torn((at + byte) % len(Torn))
                point = f"seed {seed}, effect {at}, byte {byte}, {torn.name.lower()}"
                try:
                    _prove(core, step, byte, torn)
                except BrokenPromiseError as error:
                    done.failures.append((error.promise, str(error), point))
                except CoreFailureError as error:
                    done.failures.append(("crash", str(error), point))
                    core.restart()
            if len(done.failures) >= failures_max:
                break
            yield done
    yield done


def _prove(core: CoreProcess, step: CoreStep, byte: int, torn: Torn) -> None:
    chip = FlashChip(GEOMETRY, step.before)
    chip.cut(step.effect, byte, torn)
    pages = range(0, GEOMETRY.total_bytes, GEOMETRY.page_bytes)
    core.load(b"".join(chip.read(at, GEOMETRY.page_bytes) for at in pages))
    sent = _sent_after_boot(core)
    for number, event in step.kept.items():
        if sent.get(number) != event:
            found = f"event {number} was {event}, sent is {sent.get(number)}"
            raise BrokenPromiseError("J3", found)
    for number, event in sent.items():
        if number in step.seen and step.seen[number] != event:
            raise BrokenPromiseError("J1", f"number {number} is used again, for {event}")
        if number <= step.gone:
            raise BrokenPromiseError("J4", f"event {number} is sent again, it was acknowledged")


def _sent_after_boot(core: CoreProcess) -> Events:
    sent: Events = {}
    now_ms = 0
    pending: list[Input] = [Boot("watchdog"), UtcLearned(START_UNIX_MS + 10_000_000)]
    for _ in range(_WINDOWS_MAX):
        quiet = True
        while pending:
            for effect in core.receive(pending.pop(0), now_ms):
                if isinstance(effect, Upload):
                    quiet = False
                    sent.update(_events(effect.body))
                    pending.append(UploadAnswer(effect.request, 202))
        if sent and quiet:
            break
        due_ms = core.next_deadline_ms
        if due_ms is None:
            break
        now_ms = max(now_ms, due_ms)
        pending = [Tick()]
    return sent


def _events(body: bytes) -> Events:
    try:
        return {event["sequence_number"]: event for event in from_json(body)}
    except (ValueError, TypeError, KeyError):
        raise BrokenPromiseError("batch", f"{body[:200]!r} is no batch of events") from None
