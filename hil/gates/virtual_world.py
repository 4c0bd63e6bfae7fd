"""The world of the virtual gates: an ingest, a network, sensors and a flash, all simulated."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pydantic_core import to_json

from badge.answers import read_answer
from badge.badge import Badge
from badge.config import BadgeConfig
from badge.effects import Erase, Notice, Program, Upload
from badge.entry import Entry
from badge.inputs import Assign, Boot, Cellular, GpsFix, Input, Movement, UploadAnswer, UtcLearned
from badge.storage.geometry import Geometry
from badge.storage.memory import MemoryStore
from hil.gates.figures import Sample
from hil.gates.law import GPS_SAMPLES
from sim.engine.clock import Clock
from sim.engine.draws import draws
from sim.engine.flash import FlashChip, Torn, steps_of
from sim.engine.ports import PowerLostError, Uplink
from sim.engine.pump import Pump
from sim.engine.streams import plain_stream, stream
from sim.ingest.api.ingest import Ingest, Rules
from sim.ingest.store.sqlite import SqliteStore
from sim.ingest.store.values import Conflict
from sim.world.adverts import Tag
from sim.world.coverage import Coverage, Outage, upload_duration_ms
from sim.world.environments import BENCH
from sim.world.gnss import Gnss
from sim.world.place import Spot
from sim.world.radio import Radio, Receiver
from sim.world.site import Plane

START_UTC_MS = 1_773_477_135_000
SURVEYED = (45.81, 15.98)
MOWER = "AA:BB:CC:DD:EE:01"
PLACES = 10  # around the badge, so that the shadow of no single spot decides
TAG_INTERVAL_MS = 100  # a tag of 200 ms keeps in step with the scanner's windows (docs/world.md)
_ASK_CYCLES = 60  # one call of the radio costs the same for many cycles as for one
Listen = Callable[[int, int, int], NDArray[np.int16]]


class MemoryIngest:
    """The reference ingest without HTTP and without a disk."""

    def __init__(self, clock: Clock) -> None:
        self.store = SqliteStore(":memory:")
        self._ingest = Ingest(self.store, lambda: START_UTC_MS + clock.now_ms, Rules(open=True))

    def post(self, upload: Upload) -> UploadAnswer:
        """Answer a batch as the ingest does."""
        answer = self._ingest.post_events({}, upload.body)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return read_answer(upload.request, answer.status, headers, to_json(answer.body))

    def numbers(self, device_id: str) -> list[int]:
        """Return the numbers that have arrived, in order."""
        return [event["sequence_number"] for event in self.store.events(device_id)]

    def conflicts(self) -> list[Conflict]:
        """Return the numbers that came twice with something else."""
        return self.store.conflicts()

    def close(self) -> None:
        """Forget everything."""
        self.store.close()


@dataclass(slots=True)
class CoverageUplink:
    """An uplink with the world's coverage: answers late, or never; keeps each attempt."""

    ingest: MemoryIngest
    clock: Clock
    coverage: Coverage
    rng: np.random.Generator
    samples: list[Sample] = field(default_factory=list)

    def send(self, upload: Upload, answer: Callable[[UploadAnswer], None]) -> None:
        """See the pump's uplink."""
        link = self.coverage.link_at(self.clock.now_ms, 0.0, 0.0)
        took_ms = upload_duration_ms(len(upload.body), link, self.rng)
        result = UploadAnswer(upload.request, None)
        if took_ms is not None:
            result = self.ingest.post(upload)
            self.clock.after(took_ms, lambda: answer(result))
        self.samples.append(
            {
                "minute": round(self.clock.now_ms / 60_000, 1),
                "events": upload.count,
                "bars": link.bars,
                "took_ms": "" if took_ms is None else took_ms,
                "status": result.status or "none",
            }
        )


class SurveyedSensors:
    """Sensors at one place: the world's receiver and radio."""

    def __init__(self, seed: int, device_id: str, *, radio: bool = True) -> None:
        self._gnss = Gnss(draws(seed, device_id, "gnss"), Plane(*SURVEYED))
        self._gnss.power_on(0)
        self._strongest = listener(seed, device_id, 3.0) if radio else None
        self._cycles: dict[int, int] = {}

    def fix(self, now_ms: int) -> tuple[int, GpsFix] | None:
        """Return a fix at the surveyed point, with the receiver's error."""
        fix = self._gnss.poll(now_ms, 0.0, 0.0, "open")
        if fix is None:
            return None
        return fix.delay_ms, GpsFix(fix.lat, fix.lon, hdop=fix.dop)

    def heard(self, start_ms: int, end_ms: int) -> tuple[tuple[str, int], ...]:
        """Return the strongest sample of the mower, three metres away."""
        if self._strongest is None:
            return ()
        if start_ms not in self._cycles:
            period_ms = end_ms - start_ms
            found = self._strongest(start_ms, _ASK_CYCLES, period_ms).tolist()
            self._cycles = {start_ms + i * period_ms: dbm for i, dbm in enumerate(found)}
        dbm = self._cycles[start_ms]
        return ((MOWER, dbm),) if dbm >= -127 else ()


def listener(seed: int, device_id: str, distance_m: float, turn: int = 0) -> Listen:
    """Return a radio that hears the mower at a distance, in one of the ten directions."""
    tag = Tag(MOWER, interval_ms=TAG_INTERVAL_MS)
    radio = Radio(seed, BENCH)
    wearer = Receiver(device_id, Spot(0.0, 0.0))
    angle = math.tau * turn / PLACES
    spot = Spot(distance_m * math.cos(angle), distance_m * math.sin(angle))
    return lambda t0_ms, count, period_ms: radio.strongest(
        t0_ms, count, tag, spot, wearer, period_ms
    )


class LoggedKinds:
    """Counts what a badge logged, by kind, and keeps its first fixes."""

    def __init__(self) -> None:
        self.kinds: dict[str, int] = {}
        self.fixes: list[Mapping[str, object]] = []

    def happened(self, ms: int, what: Input) -> None:
        """Inputs are not counted."""

    def logged(self, ms: int, entry: Entry) -> None:
        """Count it."""
        self.kinds[entry.event_type] = self.kinds.get(entry.event_type, 0) + 1
        if entry.event_type == "gps" and len(self.fixes) < GPS_SAMPLES:
            self.fixes.append(entry.payload)

    def noticed(self, ms: int, notice: Notice) -> None:
        """Notices are not events."""


def config_of(number: int = 1) -> BadgeConfig:
    """Return a badge of the contract's defaults that knows the mower."""
    return BadgeConfig(device_id=f"ACT-{number:08X}", known_equipment_tags=[MOWER])


def put_on(pump: Pump) -> None:
    """Boot it, tell it the time, and let somebody who moves put it on."""
    for what in (Boot(), Cellular(True), UtcLearned(START_UTC_MS + pump.clock.now_ms)):
        pump.receive(what)
    pump.receive(Assign("W-007"))
    pump.receive(Movement(True))


def pump_of(
    config: BadgeConfig, clock: Clock, sensors: SurveyedSensors, uplink: Uplink, kinds: LoggedKinds
) -> Pump:
    """Return a badge in the simulated pump, its events in memory."""
    badge = Badge(config, MemoryStore(), "1.0.0")
    return Pump(badge, clock, sensors, uplink, None, [kinds])


def uplink_of(
    clock: Clock, ingest: MemoryIngest, seed: int, name: str, outages: Sequence[Outage] = ()
) -> CoverageUplink:
    """Return a network of four bars, but for outages, in front of an ingest."""
    coverage = Coverage(seed, sigma_db=0.0, outages=outages)
    return CoverageUplink(ingest, clock, coverage, stream(seed, name, "uplink"))


class CutFlash:
    """The emulated chip, whose power fails at a byte of the next operation once `armed`."""

    def __init__(self, seed: int) -> None:
        self._rng = plain_stream(seed, "power cut")
        self.chip = FlashChip(Geometry(), seed=seed)
        self.armed = False

    def perform(self, effect: Program | Erase) -> bool:
        """Perform it; or a part of it, and PowerLostError."""
        if not self.armed:
            return self.chip.perform(effect)
        at = self._rng.randrange(steps_of(effect, self.chip.geometry))
        self.chip.cut(effect, at, self._rng.choice(tuple(Torn)))
        raise PowerLostError
