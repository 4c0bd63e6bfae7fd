"""The exit gates in simulated time, on the world's models."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from math import ceil

from badge.badge import Badge
from badge.config import BadgeConfig
from badge.inputs import Boot, Cellular, UtcLearned
from badge.storage.journal import FlashJournal
from hil.gates import law
from hil.gates.figures import Sample
from hil.gates.places import fix_samples
from hil.gates.trial import Gate, Measurement, Tell, silent
from hil.gates.virtual_world import (
    PLACES,
    START_UTC_MS,
    SURVEYED,
    CutFlash,
    LoggedKinds,
    MemoryIngest,
    SurveyedSensors,
    config_of,
    listener,
    pump_of,
    put_on,
    uplink_of,
)
from sim.engine.clock import Clock
from sim.engine.ports import NoUplink, PowerLostError
from sim.engine.pump import Pump
from sim.world.coverage import Outage

HOUR_MS = 3_600_000
METRES = range(1, 16)
CUTS = 10  # at bytes that the seed draws: one cut may happen to strike between two operations
_DRAIN_MS = 2 * HOUR_MS  # four windows, and every backoff (contract section 3) within them


def continuous(seed: int, tell: Tell = silent, hours: float = law.HOURS) -> Measurement:
    """Gate 1.  What is expected follows from the configuration alone: one event for each poll."""
    badges = law.BADGES
    clock = Clock()
    ingest = MemoryIngest(clock)
    pumps: list[tuple[Pump, LoggedKinds]] = []
    for number in range(1, badges + 1):
        config, logged = config_of(number), LoggedKinds()
        sensors = SurveyedSensors(seed, config.device_id)
        uplink = uplink_of(clock, ingest, seed, config.device_id)
        pump = pump_of(config, clock, sensors, uplink, logged)
        put_on(pump)
        pumps.append((pump, logged))
    for hour in range(ceil(hours)):
        tell(hour / hours, f"hour {hour} of {hours:g}")
        clock.run_until(round(min(hour + 1, hours) * HOUR_MS))
    made = [pump.badge.store.queue.next_sequence - 1 for pump, _ in pumps]
    kinds = [dict(logged.kinds) for _, logged in pumps]
    clock.run_until(round((hours + 1) * HOUR_MS))  # the last window may be half an hour away
    samples = [
        _life_of(pump, logged, kind, ingest, hours)
        for (pump, _), logged, kind in zip(pumps, made, kinds, strict=True)
    ]
    ingest.close()
    return Measurement(law.continuous(samples, hours), samples)


def _life_of(
    pump: Pump, logged: int, kind: Mapping[str, int], ingest: MemoryIngest, hours: float
) -> Sample:
    queue, device_id = pump.badge.store.queue, pump.badge.config.device_id
    return {
        "badge": device_id,
        "logged": logged,
        "arrived": sum(number <= logged for number in ingest.numbers(device_id)),
        "positions": kind.get("gps", 0) + kind.get("gps_no_fix", 0),
        "expected": round(hours * 3600) // pump.badge.config.gps_interval_s,
        "reboots": kind.get("reboot", 0) - 1,
        "dropped": queue.overflow_count,
        "repeated": sum(one.device_id == device_id for one in ingest.conflicts()),
    }


def positions(seed: int, tell: Tell = silent) -> Measurement:
    """Gate 2: what the badge logs at a surveyed point under open sky."""
    clock = Clock()
    logged, config = LoggedKinds(), config_of()
    sensors = SurveyedSensors(seed, config.device_id, radio=False)
    pump = pump_of(config, clock, sensors, NoUplink(), logged)
    put_on(pump)
    while len(logged.fixes) < law.GPS_SAMPLES and clock.now_ms < HOUR_MS:
        clock.step()
    samples = fix_samples(logged.fixes, SURVEYED)
    return Measurement(law.positions(samples), samples)


def detection(seed: int, tell: Tell = silent) -> Measurement:
    """Gate 3, counted per cycle, and the same at every metre from 1 to 15.

    Ten places around the badge with ten cycles each, so that no single spot's shadow decides.
    """
    samples: list[Sample] = []
    for metres in METRES:
        tell(metres / len(METRES), f"tag at {metres} m")
        found = [dbm for turn in range(PLACES) for dbm in _cycles_at(seed, metres, turn)]
        samples += [_cycle(metres, number, dbm) for number, dbm in enumerate(found)]
    decisive = [one for one in samples if one["metres"] in (law.SURE_M, law.BEYOND_M)]
    figures = (*law.detection(samples), *law.spots(decisive))
    return Measurement(figures, decisive, law.shares(samples))


def _cycle(metres: int, number: int, dbm: int) -> Sample:
    return {
        "metres": metres,
        "place": number * PLACES // law.CYCLES + 1,
        "cycle": number + 1,
        "strongest_dbm": dbm if dbm >= -127 else "none",
        "hit": dbm >= config_of().ble_rssi_threshold,
    }


def _cycles_at(seed: int, metre: int, turn: int) -> list[int]:
    listen = listener(seed, config_of().device_id, float(metre), turn)
    found: list[int] = listen(0, law.CYCLES // PLACES, 5000).tolist()
    return found


def uploads(seed: int, tell: Tell = silent, hours: float = law.UPLOAD_HOURS) -> Measurement:
    """Gate 4: every attempt of eight hours counts, also those that are repeated."""
    clock = Clock()
    ingest, config = MemoryIngest(clock), config_of()
    uplink = uplink_of(clock, ingest, seed, config.device_id)
    pump = pump_of(config, clock, SurveyedSensors(seed, config.device_id), uplink, LoggedKinds())
    put_on(pump)
    clock.run_until(round(hours * HOUR_MS))
    ingest.close()
    return Measurement(law.uploads(uplink.samples, hours), uplink.samples)


def power_cuts(seed: int, tell: Tell = silent) -> Measurement:
    """Gate 5, ten times: power fails inside the flash operation after the fiftieth event."""
    samples: list[Sample] = []
    for cut in range(CUTS):
        tell(cut / CUTS, f"cut {cut + 1} of {CUTS}")
        clock = Clock()
        ingest, config = MemoryIngest(clock), config_of()
        flash = CutFlash(seed + cut)
        numbers = _queue_up(clock, flash, config, seed + cut)
        arrived = _boot_again(clock, flash, config, ingest, numbers)
        samples.append({"cut": cut + 1, "queued": len(numbers), "arrived": arrived})
        ingest.close()
    return Measurement(law.power_cuts(samples), samples)


def _queue_up(clock: Clock, flash: CutFlash, config: BadgeConfig, seed: int) -> list[int]:
    """Run without network until 50 events wait and the power fails; return their numbers."""
    store = FlashJournal(flash.chip, flash.chip.geometry)
    offline = NoUplink()
    sensors = SurveyedSensors(seed, config.device_id)
    pump = Pump(Badge(config, store, "1.0.0"), clock, sensors, offline, flash)
    put_on(pump)
    while len(store.queue.entries) < law.QUEUED:
        clock.step()
    numbers = [entry.sequence_number for entry in store.queue.entries]
    flash.armed = True
    with suppress(PowerLostError):
        clock.run_until(clock.now_ms + HOUR_MS)
    flash.armed = False
    return numbers


def _boot_again(
    clock: Clock, flash: CutFlash, config: BadgeConfig, ingest: MemoryIngest, numbers: Sequence[int]
) -> int:
    """Give power back over the same flash, with network; return how many of them arrive."""
    fresh = Clock()
    fresh.run_until(clock.now_ms)
    store = FlashJournal(flash.chip, flash.chip.geometry)
    uplink = uplink_of(fresh, ingest, 0, config.device_id)
    sensors = SurveyedSensors(0, config.device_id)
    pump = Pump(Badge(config, store, "1.0.0"), fresh, sensors, uplink, flash)
    for what in (Boot(), Cellular(True), UtcLearned(START_UTC_MS + fresh.now_ms)):
        pump.receive(what)
    fresh.run_until(fresh.now_ms + HOUR_MS)
    return len(set(numbers) & set(ingest.numbers(config.device_id)))


def outage(seed: int, tell: Tell = silent, hours: float = 2 * law.OUTAGE_HOURS) -> Measurement:
    """Four hours without network, the middle half of eight: all that was logged arrives."""
    end_ms = round(hours * HOUR_MS)
    clock = Clock()
    ingest, config, logged = MemoryIngest(clock), config_of(), LoggedKinds()
    gone = Outage(end_ms // 4, end_ms - end_ms // 4)
    uplink = uplink_of(clock, ingest, seed, config.device_id, [gone])
    pump = pump_of(config, clock, SurveyedSensors(seed, config.device_id), uplink, logged)
    put_on(pump)
    clock.run_until(end_ms)
    made = pump.badge.store.queue.next_sequence - 1
    clock.run_until(end_ms + _DRAIN_MS)
    arrived = ingest.numbers(config.device_id)
    figures = law.outage(
        hours=hours / 2,
        failed=sum(one["status"] == "none" for one in uplink.samples),
        logged=made,
        arrived=sum(number <= made for number in arrived),
        dropped=pump.badge.store.queue.overflow_count,
        repeated=len(ingest.conflicts()),
    )
    ingest.close()
    return Measurement(figures, uplink.samples)


GATES: dict[str, Callable[..., Measurement]] = {
    "1": continuous,
    "2": positions,
    "3": detection,
    "4": uploads,
    "5": power_cuts,
    "outage": outage,
}


_BY_HOURS = ("1", "4", "outage")


def gates(seed: int = 0, hours: float | None = None) -> dict[str, Gate]:
    """Return all gates of one virtual world; `hours` shortens 1, 4 and the outage."""
    return {
        key: partial(run, seed, hours=hours) if hours and key in _BY_HOURS else partial(run, seed)
        for key, run in GATES.items()
    }
