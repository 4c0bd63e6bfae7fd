"""`badge air` while it runs: the bus, what is played on it, and what goes wrong at its moment."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import click
from rich.console import Console
from rich.status import Status

from badge.words import counted
from sim.air.bluez.system_bus import SystemBus
from sim.air.faults import AirFault, inject, prepare
from sim.air.feed import as_configured, play
from sim.air.programme import Programme
from sim.air.radio.air import Air
from sim.air.radio.conditions import Conditions

LOOK_S = 0.05
Ends = Literal["stay", "exit", "loop"]


async def offer(
    programme: Programme,
    adapters: int,
    conditions: Conditions,
    socket: Path | None,
    ends: Ends,
    speed: float,
    faults: Sequence[AirFault],
) -> None:
    """Play a programme on a bus of its own; at its end stay there, exit, or begin again."""
    there = Air(adapters, conditions)
    prepare(there, list(faults))
    there.peripherals.update(programme.peripherals)
    async with SystemBus(there, socket) as bus:
        click.echo(f"export DBUS_SYSTEM_BUS_ADDRESS={bus.address}")
        injected = [
            asyncio.create_task(inject(there, bus, fault, asyncio.sleep))
            for fault in faults
            if fault.is_momentary
        ]
        try:
            with Console(stderr=True).status("") as status:
                await _run(there, bus, programme, ends, speed, status)
        finally:
            for task in injected:
                task.cancel()
            await asyncio.gather(*injected, return_exceptions=True)
            click.echo(_summary(there, bus), err=True)


async def _run(
    there: Air, bus: SystemBus, programme: Programme, ends: Ends, speed: float, status: Status
) -> None:
    """Wait for a first listener each time, so that none misses the beginning, and play."""
    loop = asyncio.get_running_loop()
    while True:
        status.update(f"{programme.words}: waiting for a scan (Ctrl-C ends)")
        while not any(adapter.listening for adapter in there.adapters.values()):
            await asyncio.sleep(LOOK_S)
        status.update(f"{programme.words}: playing (Ctrl-C ends)")
        await play(
            there,
            as_configured(programme.reports(), there.peripherals),
            now_s=loop.time,
            sleep=asyncio.sleep,
            drain=bus.drain,
            speed=speed,
            first_ms=programme.first_ms,
        )
        if ends == "exit":
            return
        if ends == "stay":
            click.echo(f"{programme.words}: over; the bus stays (Ctrl-C ends)", err=True)
            status.update(f"{programme.words}: over (Ctrl-C ends)")
            await asyncio.Event().wait()


def _summary(there: Air, bus: SystemBus) -> str:
    kept_back: Counter[str] = Counter()
    for adapter in there.adapters.values():
        kept_back += adapter.fault_counts
    told = ", ".join(f"{times} {what}" for what, times in sorted(kept_back.items()))
    faults = f"; refused or kept back: {told}" if told else ""
    sent, listeners = counted(there.sent, "report"), counted(bus.bus.joined, "connection")
    return f"{there.heard} of {sent} heard by {listeners}{faults}"
