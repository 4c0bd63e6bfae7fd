"""The bench: a card, the air and an ingest, as the fixtures hand them out."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from badge.errors import MisuseError
from hil.dut.bench import real_card, running_air, running_ingest, virtual_card
from sim.net.client import Client

EVENT = {
    "device_id": "ACT-3F8A21B4",
    "firmware_version": "1.4.2",
    "event_type": "upload_heartbeat",
    "timestamp_utc": "2026-03-14T08:32:15Z",
    "sequence_number": 1,
    "payload": {},
}


def test_the_ingest_keeps_what_is_right_and_the_tap_all_that_was_sent():
    misnamed = EVENT | {"device_id": "act-3f8a21b4"}
    other = EVENT | {"device_id": "ACT-00000002"}
    with running_ingest() as ingest, Client() as client:
        for batch in ([EVENT], [misnamed], [other]):
            client.request("POST", ingest.url, json.dumps(batch).encode())
        assert ingest.events("ACT-3F8A21B4") == [EVENT]
        assert ingest.wait_for(lambda events: len(events) == 2) == ingest.events()
        assert ingest.arrivals() == [EVENT, misnamed, other]
        assert ingest.arrivals("ACT-3F8A21B4") == [EVENT, misnamed]
        assert ingest.answers() == [202, 400, 202]
        with pytest.raises(AssertionError, match="not within 0 s; last arrived: "):
            ingest.wait_for(lambda events: len(events) > 2, timeout_s=0)


def test_a_virtual_card_has_a_world_faults_and_a_trace(tmp_path, impatient, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with virtual_card(tmp_path, port=None, routes_to=None) as card:
        assert card.virtual
        card.world.volts = 3.5
        assert card.card.ask("card.voltage")["value"] == 3.5
        card.arm("stale")
        assert card.card.ask("echo", {"text": "a"}) == {"text": "a"}
        assert card.struck("stale") == 1
        assert any("card.voltage" in line for line in card.trace)
        card.card.ask("note.add", {"body": {}, "payload": b64encode(b"[1]").decode()})
        assert any('"payload":"[1]"' in line for line in card.trace), list(card.trace)


def test_an_outage_is_waited_for_on_both_ends(tmp_path, impatient, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with virtual_card(tmp_path, port=None, routes_to=None) as card:
        card.card.ask("hub.set", {"product": "com.example:badge", "mode": "continuous"})
        card.wait_for_link()
        card.world.bars = 0
        card.wait_for_link(False)
        assert "connected" not in card.card.ask("hub.status")
        with pytest.raises(AssertionError, match="not in the network within 0 s"):
            card.wait_for_link(timeout_s=0)


def test_a_real_card_is_at_its_port_and_not_at_our_command(tmp_path):
    with real_card(f"serial:{tmp_path}/none") as card:
        assert (card.virtual, card.path) == (False, f"{tmp_path}/none")
        for act in (lambda: card.world, lambda: card.arm("stale"), card.restart):
            with pytest.raises(MisuseError, match="this card is real"):
                act()


def test_the_air_carries_what_is_sent():
    with running_air(2) as air:
        air.advertise("AA:BB:CC:DD:EE:01", -60, adapter="hci1")
        assert air.act(lambda air: air.sent) == 1
        assert "DBUS_SYSTEM_BUS_ADDRESS" in air.environment
