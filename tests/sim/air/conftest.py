from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from sim.air.bluez.system_bus import SystemBus
from sim.air.radio.air import Air
from tests import patience

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


@pytest.fixture
def eventually() -> Callable[..., Awaitable[None]]:
    return patience.eventually
