"""Provisioning at a server with bad manners ends in time, in one sentence, within bounds."""

from __future__ import annotations

import tracemalloc

import pytest

from badge.errors import InputError
from sim.fleet.upload import keys
from tests.sim.net.hostile import BEHAVIOURS, SLOW, hostile


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_it_ends_in_one_sentence(monkeypatch, name):
    if name.startswith(SLOW):
        monkeypatch.setattr(keys, "TIMEOUT_S", 0.2)
    made = {}
    tracemalloc.start()
    try:
        with hostile(name) as server, pytest.raises(InputError) as caught:
            keys.provision(f"{server.url}/api/events", "prov_x", "acme", ["ACT-00000001"], made)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert str(caught.value).startswith(f"{server.url}/api/devices: ")
    assert "\n" not in str(caught.value)
    assert made == {}
    # both sides live in this process: what the server says, and at most a body's bound here
    assert peak_bytes < 24 << 20
