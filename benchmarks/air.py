"""How much of a radio the scanner keeps up with: `python -m benchmarks air`, half a minute.

1. A second process advertises 4,000 times a second; bleak and the scanner listen here.
2. The same, heard by a whole `badge run` on a shift, its virtual Notecard in a third process.
3. Twenty virtual radios and their twenty scanners live in this one process, in real time; then
   twenty whole badges with them.
"""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from badge.badge import Badge
from badge.config import BadgeConfig
from badge.effects import Upload
from badge.inputs import Assign, GpsFix, Movement, UploadAnswer, UtcLearned
from badge.storage.memory import MemoryStore
from hil.app.options import RunOptions
from hil.app.pump import AsyncPump
from hil.app.run import drive
from hil.ble.radio import BleakRadio
from hil.ble.sampler import Cycle, Sampler
from hil.ble.scanner import Scanner
from hil.ble.supervisor import ScannerState
from hil.clock import SystemClock
from sim.air.bluez.system_bus import SystemBus
from sim.air.feed import Tag, from_geometry, play
from sim.air.radio.air import Air

PER_SECOND, TAGS, CYCLE_S, SECONDS = 6000, 200, 1.0, 10.0
RADIOS, BLOCK_MS = 20, 20.0
KNOWN, STARTED_S = "AA:BB:CC:DD:00:01", 3.0
Ratio = tuple[str, float, float | None]


@dataclass
class Blocks:
    """The longest time that the event loop did not come round: by the clock, and of our CPU."""

    wall_ms: float = 0.0
    cpu_ms: float = 0.0
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def watch(self) -> None:
        """Come round as often as the loop allows."""
        while not self._stop.is_set():
            wall, cpu = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.001)
            self.wall_ms = max(self.wall_ms, (time.perf_counter() - wall) * 1000 - 1)
            self.cpu_ms = max(self.cpu_ms, (time.thread_time() - cpu) * 1000)

    def stop(self) -> None:
        """End the watch."""
        self._stop.set()


class CycleKeeper(Sampler):
    """A sampler that also writes every arrival down, to check the cycles afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self.arrivals: list[tuple[int, int, str, int]] = []

    def hear(self, at_ns, address, rssi_dbm, payload=None, host_state=None) -> bool:
        """Note arrival, departure (in the payload), MAC and RSSI."""
        ((_, departure),) = payload[1]
        self.arrivals.append((at_ns, int.from_bytes(departure, "big"), address, rssi_dbm))
        return super().hear(at_ns, address, rssi_dbm, payload, host_state)


async def advertise(seconds: float) -> None:
    """Be the second process: print the address, wait for the scan, advertise at the rate."""
    air = Air(1)
    async with SystemBus(air) as bus:
        print(bus.address, flush=True)
        while not air.adapters["hci0"].listening:
            await asyncio.sleep(0.01)
        begun, sent, total = time.perf_counter(), 0, int(PER_SECOND * seconds)
        while sent < total:
            due = int((time.perf_counter() - begun) * PER_SECOND)
            for i in range(sent, min(due, total)):
                content = {0xFFFF: time.monotonic_ns().to_bytes(8, "big")}
                mac = f"AA:BB:CC:DD:{i % TAGS // 256:02X}:{i % TAGS % 256:02X}"
                air.advertise(mac, -40 - i % 60, manufacturer_data=content)
            sent = max(sent, min(due, total))
            await bus.drain()
            await asyncio.sleep(0.001)
        await asyncio.sleep(CYCLE_S + 1)


async def listen(seconds: float) -> list[Ratio]:
    """Scan in cycles what the second process advertises, and check every sample."""
    clock, sampler, blocks = SystemClock(), CycleKeeper(), Blocks()
    scanner = Scanner(BleakRadio("hci0", clock), sampler, clock)
    total, cycles = int(PER_SECOND * seconds), []
    cpu = time.process_time()
    async with scanner:
        gc.freeze()  # as a program that must not pause does once it is up
        watching = asyncio.create_task(blocks.watch())
        begun = time.perf_counter()
        async for cycle in scanner.cycles(CYCLE_S):
            cycles.append(cycle)
            if scanner.status.counts.sampled >= total or len(cycles) > seconds + 5:
                break
        blocks.stop()
        await watching
    share = (time.process_time() - cpu) / (time.perf_counter() - begun)
    return [
        *judge(sampler, cycles, total),
        ("longest block of the event loop, ms by the clock", blocks.wall_ms, BLOCK_MS),
        ("longest block of the event loop, ms of our own CPU", blocks.cpu_ms, BLOCK_MS),
        ("CPU of the listening process, share of a core", share, None),
    ]


def judge(sampler: CycleKeeper, cycles: list[Cycle], total: int) -> list[Ratio]:
    """Count how many samples are where they belong."""
    right = sum(
        cycle.heard
        == tuple((mac, rssi) for at, _, mac, rssi in sampler.arrivals if within(cycle, at))
        for cycle in cycles
    )
    late_ms = sorted((at - sent) / 1e6 for at, sent, _, _ in sampler.arrivals)
    return [
        (f"samples in cycles, of {total} sent", sampler.counts.sampled, total),
        (f"cycles with exactly their samples, of {len(cycles)}", right, len(cycles)),
        ("air to sampler, ms, median", late_ms[len(late_ms) // 2], None),
        ("air to sampler, ms, 99 %", late_ms[len(late_ms) * 99 // 100], None),
    ]


def within(cycle: Cycle, at_ns: int) -> bool:
    """Tell whether a moment lies in a cycle."""
    return cycle.start_ns <= at_ns < cycle.end_ns


async def badge_run(seconds: float) -> list[Ratio]:
    """Be a badge on a shift in the same noise, and watch its event loop."""
    blocks = Blocks()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        words = [sys.executable, "-m", "badge", "notecard", "--link", str(place / "card")]
        with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as card:
            card.stderr.readline()
            config = BadgeConfig(device_id="ACT-00000001", known_equipment_tags=[KNOWN])
            options = RunOptions(
                f"serial:{place / 'card'}",
                "bleak:hci0",
                config,
                place / "badge.flash",
                product="com.example:badge",
                assign_now=True,
                duration_s=seconds,
            )
            cpu, begun = time.process_time(), time.perf_counter()
            running = asyncio.create_task(drive(options))
            await asyncio.sleep(STARTED_S)
            watching = asyncio.create_task(blocks.watch())
            await running
            share = (time.process_time() - cpu) / (time.perf_counter() - begun)
            blocks.stop()
            await watching
            card.terminate()
    return [
        ("badge run: longest block, ms by the clock", blocks.wall_ms, BLOCK_MS),
        ("badge run: longest block, ms of our own CPU", blocks.cpu_ms, BLOCK_MS),
        ("badge run: share of a core", share, None),
    ]


class Room:
    """Twenty badges and as many tags in two rows."""

    def rssi_dbm(self, mac: str, adapter: str, at_ms: int) -> int:
        """Return a strength that falls with the distance and flickers a little."""
        metres = abs(int(mac[-2:], 16) - int(adapter[3:]))
        return -50 - 2 * metres - at_ms % 5


async def twenty(seconds: float, interval_ms: int) -> list[Ratio]:
    """Run twenty radios and twenty scanners in real time and print their share of a core."""
    air, clock = Air(RADIOS), SystemClock()
    tags = [Tag(f"AA:BB:CC:DD:EE:{i:02X}", interval_ms) for i in range(RADIOS)]
    async with SystemBus(air) as bus:
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = bus.address
        radios = [BleakRadio(name, clock) for name in air.adapters]
        scanners = [Scanner(radio, Sampler(), clock) for radio in radios]
        for scanner in scanners:
            await scanner.power(True)
        while any(scanner.status.state is not ScannerState.UP for scanner in scanners):
            await asyncio.sleep(0.01)
        reports = from_geometry(tags, list(air.adapters), Room(), until_ms=int(seconds * 1000))
        listening = [asyncio.create_task(scanner.scan(seconds + 0.5)) for scanner in scanners]
        begun, cpu = time.perf_counter(), time.process_time()
        now = asyncio.get_running_loop().time
        sent = await play(air, reports, now_s=now, sleep=asyncio.sleep, drain=bus.drain)
        share = (time.process_time() - cpu) / (time.perf_counter() - begun)
        heard = sum(len(samples or ()) for samples in await asyncio.gather(*listening))
        for scanner in scanners:
            await scanner.power(False)
    told = f"{RADIOS} radios, {RADIOS} scanners, tags every {interval_ms} ms"
    return [
        (f"{told}: share of a core", share, 0.5),
        (f"  of {sent} advertisements heard", heard, sent),
    ]


class Desk:
    """Sensors, uplink and witness of a badge that lies on a desk, all at once."""

    trouble: str | None = None

    async def watch(self, give) -> None:
        """Tell the time, once."""
        give(UtcLearned(time.time_ns() // 10**6))

    async def power_gps(self, on: bool) -> None:
        """Nothing to switch."""

    async def fix(self, timeout_s: float) -> GpsFix:
        """Answer at once."""
        return GpsFix(45.81, 15.98, hdop=1.0)

    async def send(self, upload: Upload) -> UploadAnswer:
        """Take everything."""
        return UploadAnswer(upload.request, 202)


async def twenty_badges(seconds: float, interval_ms: int) -> list[Ratio]:
    """Run twenty whole badges on twenty radios, each on a shift, in real time."""
    air, clock = Air(RADIOS), SystemClock()
    tags = [Tag(f"AA:BB:CC:DD:EE:{i:02X}", interval_ms) for i in range(RADIOS)]
    async with SystemBus(air) as bus:
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = bus.address
        runners = [badge_on(name, i, tags, clock) for i, name in enumerate(air.adapters)]
        living = [asyncio.create_task(pump.run()) for pump in runners]
        await asyncio.sleep(0)
        for pump in runners:
            pump.receive(Movement(True))
            pump.receive(Assign("W-007"))
        while not all(adapter.listening for adapter in air.adapters.values()):
            await asyncio.sleep(0.01)
        reports = from_geometry(tags, list(air.adapters), Room(), until_ms=int(seconds * 1000))
        begun, cpu = time.perf_counter(), time.process_time()
        now = asyncio.get_running_loop().time
        await play(air, reports, now_s=now, sleep=asyncio.sleep, drain=bus.drain)
        share = (time.process_time() - cpu) / (time.perf_counter() - begun)
        logged = sum(pump.badge.store.queue.next_sequence - 1 for pump in runners)
        for pump in runners:
            pump.stop()
        await asyncio.gather(*living)
    told = f"{RADIOS} badges on shift, {RADIOS} radios, tags every {interval_ms} ms"
    return [(f"{told}: share", share, 0.5), ("  events they logged meanwhile", logged, None)]


def badge_on(adapter: str, number: int, tags: list[Tag], clock: SystemClock) -> AsyncPump:
    """Return a badge on a radio, its events in memory."""
    known = [tag.mac for tag in tags]
    config = BadgeConfig(device_id=f"ACT-{number:08X}", known_equipment_tags=known)
    radio = Scanner(BleakRadio(adapter, clock), Sampler(known), clock)
    desk = Desk()
    badge = Badge(config, MemoryStore())
    return AsyncPump(badge, sensors=desk, scanner=radio, uplink=desk, clock=clock)


def ratios() -> Iterator[Ratio]:
    """Run all measurements."""
    command = [sys.executable, "-m", "benchmarks.air", "--advertise"]
    for measure in (listen, badge_run):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sender:
            os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = sender.stdout.readline().strip()
            yield from asyncio.run(measure(SECONDS))
            sender.terminate()
    for interval_ms in (1000, 200):
        yield from asyncio.run(twenty(SECONDS, interval_ms))
    yield from asyncio.run(twenty_badges(3 * SECONDS, 1000))


if __name__ == "__main__" and sys.argv[1:] == ["--advertise"]:
    asyncio.run(advertise(SECONDS))
