"""`badge probe` describes and changes nothing."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest
from click.testing import CliRunner

from hil.probe import probe as room
from hil.probe.cli import probe
from sim.air.bluez.system_bus import SystemBus
from sim.air.radio.air import Air
from tests.patience import PATIENCE_S


@pytest.fixture
def no_ports(monkeypatch):
    monkeypatch.setattr(room, "_serial_ports", list)
    monkeypatch.setattr(room, "_radios", list)


def test_a_card_is_described_and_no_setting_is_changed(bench, no_ports):
    here = bench()
    before = here.notecard.card.state
    kept = {name: dict(one) for name, one in before.settings.items() if one}
    result = CliRunner().invoke(probe, ["--notecard", here.spec, "--json"])
    (found,) = json.loads(result.output)
    assert (result.exit_code, found["ok"]) == (0, True)
    assert "NOTE-MBGLW" in found["what"]
    assert "no product set" in found["state"]
    assert {name: one for name, one in before.settings.items() if one} == kept
    asked = [text for kind, text in here.seen if kind == "request"]
    assert all(text.count('":') == 2 for text in asked), "a request and its crc, no argument"


def test_a_port_without_a_card_is_said_and_counts(no_ports, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    result = CliRunner().invoke(probe, ["--notecard", f"serial:{tmp_path}/none"])
    assert result.exit_code == 1
    assert "no answer" in result.output
    assert max(map(len, result.output.splitlines())) <= 80


def test_nothing_attached_is_no_error(no_ports):
    result = CliRunner().invoke(probe)
    assert (result.exit_code, "nothing is attached" in result.output) == (0, True)


def test_radios_are_found_without_scanning(monkeypatch):
    started, stop = threading.Event(), threading.Event()
    air, address = Air(2), []

    async def offer():
        async with SystemBus(air) as bus:
            address.append(bus.address)
            started.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=lambda: asyncio.run(offer()))
    thread.start()
    assert started.wait(PATIENCE_S)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address[0])
    try:
        found = room._radios()
    finally:
        stop.set()
        thread.join()
    assert [one.name for one in found] == ["bleak:hci0", "bleak:hci1"]
    assert not any(adapter.sessions for adapter in air.adapters.values())


def test_no_bus_is_said_in_words(monkeypatch):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    (found,) = room._radios()
    assert not found.ok
    assert "message bus" in found.state
