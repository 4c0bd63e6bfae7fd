from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from sim.air.bluez.system_bus import SystemBus
from sim.air.radio.air import Air

Offer = Callable[[Air], AbstractAsyncContextManager[SystemBus]]


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Offer]:
    """Offer an air as this process's system bus, and let bleak notice its end."""

    @asynccontextmanager
    async def offered(air: Air):
        async with SystemBus(air) as bus:
            monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
            yield bus
        for _ in range(20):
            await asyncio.sleep(0)

    return offered


async def until(condition: Callable[[], object], give_up_s: float = 5.0) -> None:
    """Let the loop run until something holds; a test that waits in vain fails."""
    async with asyncio.timeout(give_up_s):
        while not condition():
            await asyncio.sleep(0.001)


@pytest.fixture
def eventually() -> Callable[..., Awaitable[None]]:
    return until
