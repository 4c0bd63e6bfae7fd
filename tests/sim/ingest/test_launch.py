"""The ingest inside this process: served while the block lasts, and then no more."""

from __future__ import annotations

import pytest
import urllib3

from badge.errors import InputError
from sim.ingest.api.ingest import Rules
from sim.ingest.launch import launch_ingest
from sim.ingest.store.sqlite import SqliteStore
from tests.sim.ingest.site import NOW_MS, ask_http, batch


def test_without_rules_it_takes_any_device_and_what_it_takes_can_be_looked_at():
    with launch_ingest() as server:
        assert ask_http(server.url, "POST", "/api/events", batch(1, 2)).status == 202
        assert [event["sequence_number"] for event in server.store.events()] == [1, 2]
        assert server.traffic.accepted == 2
    with pytest.raises(urllib3.exceptions.HTTPError):
        ask_http(server.url, "GET", "/api/health")


def test_rules_and_clock_are_the_callers():
    with launch_ingest(rules=Rules(), clock=lambda: NOW_MS) as server:
        keys = server.ingest.new_service_keys()
        assert ask_http(server.url, "POST", "/api/events", batch(1)).status == 401
        headers = {"X-Actual-Api-Key": keys["provisioning"]}
        new = {"device_id": "ACT-3F8A21B4", "company_id": "acme"}
        made = ask_http(server.url, "POST", "/api/devices", new, headers)
        assert made.body["provisioned_at"] == "2026-03-14T08:32:15Z"


def test_a_store_that_was_given_is_kept(tmp_path):
    path = tmp_path / "ingest.db"
    for numbers in ((1, 2), (2, 3)):
        with launch_ingest(SqliteStore(path)) as server:
            ask_http(server.url, "POST", "/api/events", batch(*numbers))
    again = SqliteStore(path)
    assert [event["sequence_number"] for event in again.events()] == [1, 2, 3]
    again.close()


def test_an_address_that_is_taken_is_one_sentence():
    with launch_ingest() as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(InputError, match=str(port)), launch_ingest(port=port):
            pass
