"""The exit gates in simulated time, on the world's models."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from badge.badge import Badge
from badge.config import BadgeConfig
from badge.inputs import Boot, Cellular, UtcLearned
from badge.storage.journal import FlashJournal
from hil.gates import law
from hil.gates.places import fix_samples
from hil.gates.trial import Gate, Outcome, Tell, silent
from hil.gates.virtual_world import (
    PLACES,
    START_UTC_MS,
    SURVEYED,
    Around,
    Cloud,
    CutFlash,
    Witness,
    air_of,
    config_of,
    device_of,
    listener,
    put_on,
)
from hil.twins import twin

HOUR_MS = 3_600_000
METRES = range(1, 16)
CUTS = 10
_DRAIN_MS = 2 * HOUR_MS


def continuous(seed: int, tell: Tell = silent) -> Outcome:
    """Gate 1.  What is expected follows from the configuration alone: one event for each poll."""
    hours, badges = round(law.HOURS), law.BADGES
    clock = twin("clock").Clock()
    cloud = Cloud(clock)
    devices: list[tuple[Any, Witness]] = []
    for number in range(1, badges + 1):
        config, witness = config_of(number), Witness()
        around = Around(seed, config.device_id)
        air = air_of(clock, cloud, seed, config.device_id)
        device = device_of(config, clock, around, air, witness)
        put_on(device)
        devices.append((device, witness))
    for hour in range(hours):
        tell(hour / hours, f"hour {hour} of {hours}")
        clock.run_until((hour + 1) * HOUR_MS)
    made = [device.badge.store.queue.next_sequence - 1 for device, _ in devices]
    kinds = [dict(witness.kinds) for _, witness in devices]
    clock.run_until((hours + 1) * HOUR_MS)  # the last window may be half an hour away
    samples = [
        _life_of(device, logged, kind, cloud, hours)
        for (device, _), logged, kind in zip(devices, made, kinds, strict=True)
    ]
    cloud.close()
    return Outcome(law.continuous(samples, hours), samples)


def _life_of(
    device: Any, logged: int, kind: Mapping[str, int], cloud: Cloud, hours: int
) -> Mapping[str, Any]:
    queue, device_id = device.badge.store.queue, device.badge.config.device_id
    return {
        "badge": device_id,
        "logged": logged,
        "arrived": sum(number <= logged for number in cloud.numbers(device_id)),
        "positions": kind.get("gps", 0) + kind.get("gps_no_fix", 0),
        "expected": hours * 3600 // device.badge.config.gps_interval_s,
        "reboots": kind.get("reboot", 0) - 1,
        "dropped": queue.overflow_count,
        "repeated": sum(one.device_id == device_id for one in cloud.conflicts()),
    }


def positions(seed: int, tell: Tell = silent) -> Outcome:
    """Gate 2: what the badge logs at a surveyed point under open sky."""
    clock = twin("clock").Clock()
    witness, config = Witness(), config_of()
    around = Around(seed, config.device_id, radio=False)
    device = device_of(config, clock, around, twin("ports").NoUplink(), witness)
    put_on(device)
    while len(witness.fixes) < law.GPS_SAMPLES and clock.now_ms < HOUR_MS:
        clock.step()
    samples = fix_samples(witness.fixes, SURVEYED)
    return Outcome(law.positions(samples), samples)


def detection(seed: int, tell: Tell = silent) -> Outcome:
    """Gate 3, counted per cycle, and the same at every metre from 1 to 15.

    Ten places around the badge with ten cycles each, so that no single spot's shadow decides.
    """
    samples: list[Mapping[str, Any]] = []
    for metres in METRES:
        tell(metres / len(METRES), f"tag at {metres} m")
        found = [dbm for turn in range(PLACES) for dbm in _cycles_at(seed, metres, turn)]
        samples += [_cycle(metres, number, dbm) for number, dbm in enumerate(found)]
    decisive = [one for one in samples if one["metres"] in (law.SURE_M, law.BEYOND_M)]
    return Outcome(law.detection(samples), decisive, law.shares(samples))


def _cycle(metres: int, number: int, dbm: int) -> Mapping[str, Any]:
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


def uploads(seed: int, tell: Tell = silent) -> Outcome:
    """Gate 4: every attempt of eight hours counts, also those that are repeated."""
    clock = twin("clock").Clock()
    cloud, config = Cloud(clock), config_of()
    air = air_of(clock, cloud, seed, config.device_id)
    device = device_of(config, clock, Around(seed, config.device_id), air, Witness())
    put_on(device)
    clock.run_until(8 * HOUR_MS)
    cloud.close()
    return Outcome(law.uploads(air.samples, 8), air.samples)


def power_cuts(seed: int, tell: Tell = silent) -> Outcome:
    """Gate 5, ten times: power fails inside the flash operation after the fiftieth event."""
    samples: list[Mapping[str, Any]] = []
    for cut in range(CUTS):
        tell(cut / CUTS, f"cut {cut + 1} of {CUTS}")
        clock = twin("clock").Clock()
        cloud, config = Cloud(clock), config_of()
        flash = CutFlash(seed + cut)
        numbers = _queue_up(clock, flash, config, seed + cut)
        arrived = _boot_again(clock, flash, config, cloud, numbers)
        samples.append({"cut": cut + 1, "queued": len(numbers), "arrived": arrived})
        cloud.close()
    return Outcome(law.power_cuts(samples), samples)


def _queue_up(clock: Any, flash: CutFlash, config: BadgeConfig, seed: int) -> list[int]:
    """Run without network until 50 events wait and the power fails; return their numbers."""
    store = FlashJournal(flash.chip, flash.chip.geometry)
    offline = twin("ports").NoUplink()
    around = Around(seed, config.device_id)
    device = twin("pump").Pump(Badge(config, store, "1.0.0"), clock, around, offline, flash)
    put_on(device)
    while len(store.queue.entries) < law.QUEUED:
        clock.step()
    numbers = [entry.sequence_number for entry in store.queue.entries]
    flash.armed = True
    with suppress(twin("ports").PowerLostError):
        clock.run_until(clock.now_ms + HOUR_MS)
    flash.armed = False
    return numbers


def _boot_again(
    clock: Any, flash: CutFlash, config: BadgeConfig, cloud: Cloud, numbers: Sequence[int]
) -> int:
    """Give power back over the same flash, with network; return how many of them arrive."""
    fresh = twin("clock").Clock()
    fresh.run_until(clock.now_ms)
    store = FlashJournal(flash.chip, flash.chip.geometry)
    air = air_of(fresh, cloud, 0, config.device_id)
    around = Around(0, config.device_id)
    device = twin("pump").Pump(Badge(config, store, "1.0.0"), fresh, around, air, flash)
    for what in (Boot(), Cellular(True), UtcLearned(START_UTC_MS + fresh.now_ms)):
        device.receive(what)
    fresh.run_until(fresh.now_ms + HOUR_MS)
    return len(set(numbers) & set(cloud.numbers(config.device_id)))


def outage(seed: int, tell: Tell = silent) -> Outcome:
    """Four hours without network within eight: all that was logged arrives."""
    clock = twin("clock").Clock()
    cloud, config, witness = Cloud(clock), config_of(), Witness()
    gone = twin("coverage").Outage(2 * HOUR_MS, 6 * HOUR_MS)
    air = air_of(clock, cloud, seed, config.device_id, [gone])
    device = device_of(config, clock, Around(seed, config.device_id), air, witness)
    put_on(device)
    clock.run_until(8 * HOUR_MS)
    made = device.badge.store.queue.next_sequence - 1
    clock.run_until(8 * HOUR_MS + _DRAIN_MS)
    arrived = cloud.numbers(config.device_id)
    figures = law.outage(
        hours=4,
        failed=sum(one["status"] == "none" for one in air.samples),
        logged=made,
        arrived=sum(number <= made for number in arrived),
        dropped=device.badge.store.queue.overflow_count,
        repeated=len(cloud.conflicts()),
    )
    cloud.close()
    return Outcome(figures, air.samples)


GATES: dict[str, Callable[[int, Tell], Outcome]] = {
    "1": continuous,
    "2": positions,
    "3": detection,
    "4": uploads,
    "5": power_cuts,
    "outage": outage,
}


def gates(seed: int = 0) -> dict[str, Gate]:
    """Return all gates of one virtual world."""
    return {key: partial(run, seed) for key, run in GATES.items()}
