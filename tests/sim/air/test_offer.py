"""How `badge air` ends: with the capture, or not."""

from __future__ import annotations

import asyncio

import pytest

from sim.air.feed import Report
from sim.air.offer import offer
from sim.air.programme import Programme
from sim.air.radio.conditions import Conditions
from tests.patience import eventually
from tests.sim.air.rig import TAG

ROW = [Report(0, "hci0", TAG, -60)]


def run(ends, monkeypatch, times=1):
    """Offer one report to a listener; return how often it was played."""
    played, airs = [], []
    monkeypatch.setattr("sim.air.offer.Air", lambda *a: airs.append(Air(*a)) or airs[-1])

    async def story():
        programme = Programme("one report", lambda: played.append(1) or ROW)
        running = asyncio.create_task(
            offer(programme, 1, Conditions(), None, ends, float("inf"), [])
        )
        await eventually(lambda: airs)
        airs[0].adapters["hci0"].start("me")
        await eventually(lambda: len(played) >= times or running.done())
        for _ in range(20):
            await asyncio.sleep(0)
        over = running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return over

    from sim.air.radio.air import Air

    return asyncio.run(story()), len(played)


@pytest.mark.parametrize("ends", ["stay", "exit"])
def test_a_capture_ends_and_the_bus_lives_on_unless_it_is_told_to_end(ends, monkeypatch, capsys):
    over, count = run(ends, monkeypatch)
    assert (over, count) == (ends == "exit", 1)
    told = capsys.readouterr()
    assert "export DBUS_SYSTEM_BUS_ADDRESS=unix:path=" in told.out
    assert ("the bus stays" in told.err) is (ends == "stay")
    assert "1 of 1 report heard" in told.err


def test_a_loop_begins_again(monkeypatch):
    over, count = run("loop", monkeypatch, times=3)
    assert not over
    assert count >= 3
