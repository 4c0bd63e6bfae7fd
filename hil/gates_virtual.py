"""The exit gates in simulated time, on the world's models."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from badge.badge import Badge
from badge.config import BadgeConfig
from badge.inputs import Boot, Cellular, UtcLearned
from badge.journal import FlashJournal
from hil.gates import Figure, Gate, at_least, bars, below, exactly
from hil.gates_stage import (
    GPS_SAMPLES,
    PLACES,
    START_UTC_MS,
    SURVEYED,
    Around,
    Cloud,
    CutFlash,
    Samples,
    Witness,
    air_of,
    config_of,
    device_of,
    listener,
    put_on,
    sim,
)

HOUR_MS = 3_600_000
POINT_M, CYCLES = 15.0, 100
CUTS, QUEUED = 10, 50
_DRAIN_MS = 2 * HOUR_MS
Outcome = tuple[Sequence[Figure], Sequence[Mapping[str, Any]], str]


def continuous(seed: int) -> Outcome:
    """Gate 1.  What is expected follows from the configuration alone: one event for each poll."""
    hours, badges = 72, 5
    clock = sim("fleet.clock").Clock()
    cloud = Cloud(clock)
    samples: Samples = []
    devices: list[tuple[Any, Witness]] = []
    for number in range(1, badges + 1):
        config, witness = config_of(number), Witness()
        around = Around(seed, config.device_id)
        air = air_of(clock, cloud, seed, config.device_id)
        device = device_of(config, clock, around, air, witness)
        put_on(device)
        devices.append((device, witness))
    clock.run_until(hours * HOUR_MS)
    made = [device.badge.store.queue.next_sequence - 1 for device, _ in devices]
    kinds = [dict(witness.kinds) for _, witness in devices]
    clock.run_until((hours + 1) * HOUR_MS)  # the last window may be half an hour away
    for (device, _), logged, kind in zip(devices, made, kinds, strict=True):
        queue, device_id = device.badge.store.queue, device.badge.config.device_id
        samples.append(
            {
                "badge": device_id,
                "logged": logged,
                "arrived": sum(number <= logged for number in cloud.numbers(device_id)),
                "gps and gps_no_fix": kind.get("gps", 0) + kind.get("gps_no_fix", 0),
                "reboots": kind.get("reboot", 0),
                "dropped": queue.overflow_count,
            }
        )
    reboots = sum(int(one["reboots"]) for one in samples) - badges
    counted = [int(one["gps and gps_no_fix"]) for one in samples]
    lost = sum(int(one["logged"]) - int(one["arrived"]) for one in samples)
    polls = hours * 3600 // 15  # the first at the shift's start; the one at the end has no answer
    figures = [
        exactly(
            "badges online at the end", sum(int(one["arrived"]) > 0 for one in samples), badges
        ),
        exactly("reboots after the first", reboots, 0),
        exactly("position events, fewest of a badge", min(counted), polls),
        exactly("position events, most of a badge", max(counted), polls),
        exactly("events lost", lost + sum(int(one["dropped"]) for one in samples), 0),
        exactly("repeated numbers", len(cloud.store.conflicts()), 0),
    ]
    cloud.close()
    return figures, samples, ""


def positions(seed: int) -> Outcome:
    """Gate 2: what the badge logs at a surveyed point under open sky."""
    clock = sim("fleet.clock").Clock()
    witness, config = Witness(), config_of()
    around = Around(seed, config.device_id, radio=False)
    device = device_of(config, clock, around, sim("fleet.no_uplink").NoUplink(), witness)
    put_on(device)
    while len(witness.fixes) < GPS_SAMPLES and clock.now_ms < HOUR_MS:
        clock.step()
    samples: Samples = [
        {
            "sample": number,
            "lat": fix["lat"],
            "lon": fix["lon"],
            "accuracy_m": fix["accuracy_m"],
            "off_m": round(_off_m(fix["lat"], fix["lon"]), 1),
        }
        for number, fix in enumerate(witness.fixes, 1)
    ]
    near = sum(one["off_m"] <= POINT_M for one in samples)
    share = 100 * near / max(len(samples), 1)
    figures = [
        exactly("samples", len(samples), GPS_SAMPLES),
        at_least("within 15 m", round(share, 1), 85, " %"),
    ]
    return figures, samples, ""


def _off_m(lat: float, lon: float) -> float:
    north = (lat - SURVEYED[0]) * 111_150.0
    east = (lon - SURVEYED[1]) * 111_320.0 * math.cos(math.radians(SURVEYED[0]))
    return math.hypot(north, east)


def detection(seed: int) -> Outcome:
    """Gate 3, counted per cycle, and the same at every metre from 1 to 15.

    Ten places around the badge with ten cycles each, so that no single spot's shadow decides.
    """
    threshold_dbm = config_of().ble_rssi_threshold
    shares: dict[str, float] = {}
    samples: Samples = []
    for metre in range(1, 16):
        found = [dbm for turn in range(PLACES) for dbm in _cycles_at(seed, metre, turn)]
        shares[f"{metre} m"] = sum(dbm >= threshold_dbm for dbm in found) / CYCLES
        if metre in (5, 10):
            samples += [
                {
                    "metres": metre,
                    "place": (number - 1) * PLACES // CYCLES + 1,
                    "cycle": number,
                    "strongest_dbm": dbm if dbm >= -127 else "none",
                }
                for number, dbm in enumerate(found, 1)
            ]
    figures = [
        at_least("cycles that detect the tag at 5 m", round(100 * shares["5 m"], 1), 85, " %"),
        below("cycles that detect the tag at 10 m", round(100 * shares["10 m"], 1), 50, " %"),
    ]
    return figures, samples, bars(shares, {"5 m": "<- at least 85 %", "10 m": "<- below 50 %"})


def _cycles_at(seed: int, metre: int, turn: int) -> list[int]:
    listen = listener(seed, config_of().device_id, float(metre), turn)
    found: list[int] = listen(0, CYCLES // PLACES, 5000).tolist()
    return found


def uploads(seed: int) -> Outcome:
    """Gate 4: every attempt of eight hours counts, also those that are repeated."""
    clock = sim("fleet.clock").Clock()
    cloud, config = Cloud(clock), config_of()
    air = air_of(clock, cloud, seed, config.device_id)
    device = device_of(config, clock, Around(seed, config.device_id), air, Witness())
    put_on(device)
    clock.run_until(8 * HOUR_MS)
    good = sum(one["status"] == 202 for one in air.samples)
    share = 100 * good / max(len(air.samples), 1)
    figures = [
        at_least("uploads", len(air.samples), 16),
        at_least("that end in 202", round(share, 1), 95, " %"),
    ]
    cloud.close()
    return figures, air.samples, ""


def power_cuts(seed: int) -> Outcome:
    """Gate 5, ten times: power fails inside the flash operation after the fiftieth event."""
    samples: Samples = []
    for cut in range(CUTS):
        clock = sim("fleet.clock").Clock()
        cloud, config = Cloud(clock), config_of()
        flash = CutFlash(seed + cut)
        numbers = _queue_up(clock, flash, config, seed + cut)
        arrived = _boot_again(clock, flash, config, cloud, numbers)
        samples.append({"cut": cut + 1, "queued": len(numbers), "arrived": arrived})
        cloud.close()
    figures = [
        exactly("fewest queued at a cut", min(int(one["queued"]) for one in samples), QUEUED),
        exactly("fewest of them that arrive", min(int(one["arrived"]) for one in samples), QUEUED),
    ]
    return figures, samples, ""


def _queue_up(clock: Any, flash: CutFlash, config: BadgeConfig, seed: int) -> list[int]:
    """Run without network until 50 events wait and the power fails; return their numbers."""
    store = FlashJournal(flash.chip, flash.chip.geometry)
    offline = sim("fleet.no_uplink").NoUplink()
    around = Around(seed, config.device_id)
    device = sim("fleet.device").Device(
        Badge(config, store, "1.0.0"), clock, around, offline, flash
    )
    put_on(device)
    while len(store.queue.entries) < QUEUED:
        clock.step()
    numbers = [entry.sequence_number for entry in store.queue.entries]
    flash.armed = True
    with suppress(sim("fleet.device").PowerLostError):
        clock.run_until(clock.now_ms + HOUR_MS)
    flash.armed = False
    return numbers


def _boot_again(
    clock: Any, flash: CutFlash, config: BadgeConfig, cloud: Cloud, numbers: Sequence[int]
) -> int:
    """Give power back over the same flash, with network; return how many of them arrive."""
    fresh = sim("fleet.clock").Clock()
    fresh.run_until(clock.now_ms)
    store = FlashJournal(flash.chip, flash.chip.geometry)
    air = air_of(fresh, cloud, 0, config.device_id)
    around = Around(0, config.device_id)
    device = sim("fleet.device").Device(Badge(config, store, "1.0.0"), fresh, around, air, flash)
    for what in (Boot(), Cellular(True), UtcLearned(START_UTC_MS + fresh.now_ms)):
        device.receive(what)
    fresh.run_until(fresh.now_ms + HOUR_MS)
    return len(set(numbers) & set(cloud.numbers(config.device_id)))


def outage(seed: int) -> Outcome:
    """Four hours without network within eight: all that was logged arrives."""
    clock = sim("fleet.clock").Clock()
    cloud, config, witness = Cloud(clock), config_of(), Witness()
    gone = sim("world.coverage").Outage(2 * HOUR_MS, 6 * HOUR_MS)
    air = air_of(clock, cloud, seed, config.device_id, [gone])
    device = device_of(config, clock, Around(seed, config.device_id), air, witness)
    put_on(device)
    clock.run_until(8 * HOUR_MS)
    made = device.badge.store.queue.next_sequence - 1
    clock.run_until(8 * HOUR_MS + _DRAIN_MS)
    arrived = cloud.numbers(config.device_id)
    lost = made - sum(number <= made for number in arrived)
    failed = sum(one["status"] == "none" for one in air.samples)
    figures = [
        at_least("uploads without an answer", failed, 4),
        exactly("events logged in 8 h that are lost", lost, 0),
        exactly("events dropped", device.badge.store.queue.overflow_count, 0),
        exactly("repeated numbers", len(cloud.store.conflicts()), 0),
    ]
    cloud.close()
    return figures, air.samples, ""


GATES: dict[str, Gate] = {
    "1": continuous,
    "2": positions,
    "3": detection,
    "4": uploads,
    "5": power_cuts,
    "outage": outage,
}
