"""The stage of the virtual gates: cloud, network, sensors and flash."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import to_json

from badge.answers import read_answer
from badge.badge import Badge
from badge.config import BadgeConfig
from badge.effects import Erase, Program, Upload
from badge.entry import Entry
from badge.inputs import Assign, Boot, Cellular, GpsFix, Movement, UploadAnswer, UtcLearned
from badge.storage.geometry import Geometry
from badge.storage.memory import MemoryStore
from hil.gates.law import GPS_SAMPLES
from hil.twins import twin

START_UTC_MS = 1_773_477_135_000
SURVEYED = (45.81, 15.98)
MOWER = "AA:BB:CC:DD:EE:01"
PLACES = 10
TAG_INTERVAL_MS = 100  # a tag of 200 ms keeps in step with the scanner's windows (docs/world.md)
_ASK_CYCLES = 60  # one call of the radio costs the same for many cycles as for one
Listen = Callable[[int, int, int], Any]


class Cloud:
    """The reference ingest without HTTP, and who reaches it when."""

    def __init__(self, clock: Any) -> None:
        self.store = twin("ingest store").SqliteStore(":memory:")
        api = twin("ingest api")
        self._ingest = api.Ingest(
            self.store, lambda: START_UTC_MS + clock.now_ms, api.Rules(open=True)
        )

    def post(self, upload: Upload) -> UploadAnswer:
        """Answer a batch as the ingest does."""
        answer = self._ingest.post_events({}, upload.body)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return read_answer(upload.request, answer.status, headers, to_json(answer.body))

    def numbers(self, device_id: str) -> list[int]:
        """Return the numbers that have arrived, in order."""
        return [event["sequence_number"] for event in self.store.events(device_id)]

    def conflicts(self) -> list[Any]:
        """Return the numbers that came twice with something else."""
        return list(self.store.conflicts())

    def close(self) -> None:
        """Forget everything."""
        self.store.close()


@dataclass(slots=True)
class Air:
    """An uplink with the world's coverage: answers late, or never; keeps each attempt."""

    cloud: Cloud
    clock: Any
    coverage: Any
    rng: Any
    samples: list[Mapping[str, Any]] = field(default_factory=list)

    def send(self, upload: Upload, answer: Callable[[UploadAnswer], None]) -> None:
        """See the pump's uplink."""
        rooms = twin("coverage")
        link = self.coverage.link_at(self.clock.now_ms, 0.0, 0.0)
        took_ms = rooms.upload_duration_ms(len(upload.body), link, self.rng)
        result = UploadAnswer(upload.request, None)
        if took_ms is not None:
            result = self.cloud.post(upload)
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


class Around:
    """Sensors at one place: the world's receiver and radio."""

    def __init__(self, seed: int, device_id: str, *, radio: bool = True) -> None:
        site, streams = twin("site"), twin("streams")
        plane = site.Plane(*SURVEYED)
        self._gnss = twin("gnss").Gnss(streams.stream(seed, device_id, "gnss"), plane)
        self._gnss.power_on(0)
        self._strongest = listener(seed, device_id, 3.0) if radio else None
        self._cycles: dict[int, int] = {}

    def fix(self, now_ms: int) -> tuple[int, GpsFix] | None:
        """Return a fix at the surveyed point, with the receiver's error."""
        fix = self._gnss.poll(now_ms, 0.0, 0.0, "open")
        return fix and (fix.delay_ms, GpsFix(fix.lat, fix.lon, hdop=fix.dop))

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
    place, radio = twin("place"), twin("radio")
    tag = twin("adverts").Tag(MOWER, interval_ms=TAG_INTERVAL_MS)
    air = radio.Radio(seed)
    wearer = radio.Wearer(device_id, place.Spot(0.0, 0.0))
    angle = math.tau * turn / PLACES
    spot = place.Spot(distance_m * math.cos(angle), distance_m * math.sin(angle))
    return lambda t0_ms, count, period_ms: air.strongest(t0_ms, count, tag, spot, wearer, period_ms)


class Witness:
    """Keeps what a badge logged; `reboots` and `polls` are counted apart."""

    def __init__(self) -> None:
        self.kinds: dict[str, int] = {}
        self.fixes: list[Mapping[str, Any]] = []

    def happened(self, ms: int, what: Any) -> None:
        """Inputs are not counted."""

    def logged(self, ms: int, entry: Entry) -> None:
        """Count it."""
        self.kinds[entry.event_type] = self.kinds.get(entry.event_type, 0) + 1
        if entry.event_type == "gps" and len(self.fixes) < GPS_SAMPLES:
            self.fixes.append(entry.payload)

    def noticed(self, ms: int, notice: Any) -> None:
        """Notices are not events."""


def config_of(number: int = 1, **changes: Any) -> BadgeConfig:
    """Return a badge of the contract's defaults that knows the mower."""
    return BadgeConfig(device_id=f"ACT-{number:08X}", known_equipment_tags=[MOWER], **changes)


def put_on(device: Any) -> None:
    """Boot it, tell it the time, and let somebody who moves put it on."""
    for what in (Boot(), Cellular(True), UtcLearned(START_UTC_MS + device.clock.now_ms)):
        device.receive(what)
    device.receive(Assign("W-007"))
    device.receive(Movement(True))


def device_of(config: BadgeConfig, clock: Any, around: Any, uplink: Any, witness: Witness) -> Any:
    """Return a badge in the simulated pump, its events in memory."""
    badge = Badge(config, MemoryStore(), "1.0.0")
    return twin("pump").Pump(badge, clock, around, uplink, None, [witness])


def air_of(clock: Any, cloud: Cloud, seed: int, name: str, outages: Sequence[Any] = ()) -> Air:
    """Return a network of four bars, but for outages, in front of a cloud."""
    coverage = twin("coverage").Coverage(seed, sigma_db=0.0, outages=outages)
    return Air(cloud, clock, coverage, twin("streams").stream(seed, name, "uplink"))


class CutFlash:
    """The emulated chip, whose power fails at a byte of the next operation once `armed`."""

    def __init__(self, seed: int) -> None:
        self._room = twin("flash")
        self._rng = twin("streams").plain_stream(seed, "power cut")
        self.chip = self._room.FlashChip(Geometry(), seed=seed)
        self.armed = False

    def perform(self, effect: Program | Erase) -> bool:
        """Perform it; or a part of it, and PowerLostError."""
        if not self.armed:
            return bool(self.chip.perform(effect))
        at = self._rng.randrange(self._room.steps_of(effect, self.chip.geometry))
        self.chip.cut(effect, at, self._rng.choice(tuple(self._room.Torn)))
        raise twin("ports").PowerLostError
