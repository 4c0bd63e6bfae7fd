"""The load: real badges in a hurry, whose accounts know what they were promised."""

from __future__ import annotations

import asyncio

import pytest

from sim.crashtest.load import DEVICES_FROM, Load, device_ids, hurried
from sim.engine.promises import BrokenPromiseError
from sim.ingest.api.ingest import Rules
from sim.ingest.launch import launch_ingest
from tests.patience import eventually
from tests.sim.ingest.site import ask_http


def test_badges_are_named_one_by_one_and_in_a_hurry():
    assert device_ids(3) == [f"ACT-{DEVICES_FROM + n:08X}" for n in range(3)]
    config = hurried("ACT-F1E00000", 7)
    assert (config.batch_events_max, config.upload_interval_s) == (7, 2)


async def driven(port: int, keys: dict[str, str], seconds: float) -> Load:
    """Let the badges run until a batch is acknowledged, then send the workers home."""
    async with asyncio.TaskGroup() as group:
        load = Load(port, keys, (5,) * len(keys), group.create_task)
        pumping = group.create_task(load.pump())
        await asyncio.wait_for(load.acknowledged.wait(), seconds)
        load.end_shifts()
        await eventually(lambda: load.delivered)
        pumping.cancel()
    load.close()
    return load


def test_what_is_acknowledged_is_at_the_server():
    with launch_ingest() as server:
        port = int(server.url.rpartition(":")[2])
        load = asyncio.run(driven(port, dict.fromkeys(device_ids(3), "any"), 120))
        assert load.acknowledged_events() == len(server.store.events()) > 0
    assert set(load.answers) == {"202"}


def test_an_answer_that_no_badge_should_get_breaks_a_promise():
    with launch_ingest(rules=Rules()) as server:
        ask_http(server.url, "GET", "/api/health")
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(ExceptionGroup) as group:
            asyncio.run(driven(port, {"ACT-F1E00000": "wrong"}, 120))
    assert group.group_contains(BrokenPromiseError, match="was answered 401")
