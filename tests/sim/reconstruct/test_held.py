"""A store's devices, each with its events in order."""

import json

import pytest

from badge.errors import InputError
from sim.reconcile.scratch import scratch
from sim.reconcile.stores.names import parse_names
from sim.reconcile.stores.open import open_store
from sim.reconstruct.held import by_device
from tests.sim.reconstruct.test_seen import event


def test_each_device_has_its_events_once_and_in_order(tmp_path):
    events = [
        {**event(n, "gps", n), "device_id": f"ACT-0000000{d}"} for n in (3, 1, 2, 1) for d in "BA"
    ]
    (tmp_path / "x.ndjson").write_text("".join(json.dumps(e) + "\n" for e in events))
    with open_store(str(tmp_path / "x.ndjson")) as store, scratch() as room:
        held = by_device(store, parse_names([], []), room)
        assert held.devices == ["ACT-0000000A", "ACT-0000000B"]
        for device in held.devices:
            assert [e["sequence_number"] for e in held.events(device)] == [1, 2, 3]
            assert {e["device_id"] for e in held.events(device)} == {device}


def test_one_that_is_not_there_is_one_sentence(tmp_path):
    (tmp_path / "x.ndjson").write_text(json.dumps(event(1, "gps", 1)) + "\n")
    with (
        open_store(str(tmp_path / "x.ndjson")) as store,
        scratch() as room,
        pytest.raises(InputError, match="--device ACT-00000001: not there; it has ACT-0000000A"),
    ):
        by_device(store, parse_names([], []), room, ["ACT-00000001"])
