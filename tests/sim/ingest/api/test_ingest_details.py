"""What a small slip in the ingest would change, and nobody might notice: each held by its own."""

from __future__ import annotations

import secrets
import socket
import time
from contextlib import closing

import pytest

from badge.contract.version import Version
from sim.ingest.api.ingest import Ingest, Rules, utc_text
from sim.ingest.launch import launch_ingest
from sim.ingest.store import keys
from sim.ingest.store.sqlite import SqliteStore, StoreUnavailableError
from tests.sim.ingest.site import BADGE, NOW_MS, Site, batch, raw

PARCEL = {
    "company_id": "acme",
    "parcel_id": "14-0078",
    "county": "Fulton",
    "state": "GA",
    "address": "1 Peachtree St",
    "customer_label": "North lot",
    "geojson": {
        "type": "Polygon",
        "coordinates": [[[-84.39, 33.74], [-84.38, 33.74], [-84.38, 33.75], [-84.39, 33.74]]],
    },
}


@pytest.mark.parametrize("device", ["ACT-00000000", "ACT-FFFFFFFF"])
@pytest.mark.parametrize("count", [1, 3])
def test_a_key_sends_for_its_own_device_alone(site, device, count):
    numbers = range(1, count + 1)
    answer = site.ask("POST", "/api/events", batch(*numbers, device=device), "badge")
    assert answer.status == 401
    assert site.ingest._store.events() == []


def test_one_foreign_event_among_ones_own_is_enough(site, monkeypatch):
    """Should a batch of several devices ever come this far, each event counts, not the first."""
    from sim.ingest.api import sift

    monkeypatch.setattr(sift, "batch_fault", lambda events: None)
    for place in range(3):
        events = batch(1, 2, 3)
        events[place]["device_id"] = "ACT-00000002"
        assert site.ask("POST", "/api/events", events, "badge").status == 401


def test_a_key_is_found_among_other_headers(site):
    headers = {"a": "1", **site.headers("badge"), "zz": "2"}
    assert site.ingest.post_events(headers, raw(batch(1))).status == 202
    upper = {"X-ACTUAL-API-KEY": site.keys["badge"]}
    assert site.ingest.post_events(upper, raw(batch(2))).status == 202


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((7,), "Refused: sequence_number 7: "),
        ((7, 8), "Refused: all 2 events; the first, sequence_number 7: "),
        ((7, 8, 9), "Refused: all 3 events; the first, sequence_number 7: "),
    ],
)
def test_a_refused_batch_says_how_many_and_which_was_the_first(open_ingest, numbers, words):
    answer = open_ingest.post_events({}, raw(batch(*numbers, payload=7)))
    assert answer.body["error"].startswith(words)


@pytest.mark.parametrize("partly", [False, True])
def test_what_is_taken_counts_towards_the_rate_also_in_part(store, partly):
    rules = Rules(open=True, requests_per_minute=1)
    ingest = Ingest(store, lambda: NOW_MS, rules)
    sent = [*batch(1), *(batch(2, payload=7) if partly else [])]
    assert ingest.post_events({}, raw(sent)).status == (207 if partly else 202)
    assert ingest.post_events({}, raw(batch(3))).status == 429


def test_a_parcel_is_created(site):
    assert site.ask("POST", "/api/parcels", PARCEL, "admin").status == 201


@pytest.mark.parametrize(
    ("later_ms", "minutes"), [(-60_000, 0), (0, 0), (59_999, 0), (60_000, 1), (150_000, 2)]
)
def test_minutes_since_the_last_batch_are_whole_and_never_below_nothing(store, later_ms, minutes):
    now = [NOW_MS]
    ingest = Ingest(store, lambda: now[0], Rules(open=True))
    ingest.post_events({}, raw(batch(1)))
    now[0] += later_ms
    answer = ingest.get_device_status({}, BADGE)
    assert answer.body["last_seen_minutes_ago"] == minutes


ASKED = [
    ("POST", "/api/events", batch(1)),
    ("POST", "/api/devices", {"device_id": "ACT-0000000A", "company_id": "acme"}),
    ("GET", f"/api/devices/{BADGE}/status", None),
    ("POST", "/api/parcels", PARCEL),
    ("GET", "/api/health", None),
]


@pytest.mark.parametrize(("method", "path", "document"), ASKED)
def test_a_store_that_is_down_is_503_on_every_route(monkeypatch, method, path, document):
    def down(*_, **__):
        raise StoreUnavailableError("gone")

    store = SqliteStore(":memory:")
    site_of = Ingest(store, lambda: NOW_MS, Rules(open=True))
    for name in ("group", "device", "sighting", "_rows", "_insert", "add_batch", "counts"):
        monkeypatch.setattr(store, name, down)
    asks = {
        "/api/events": lambda: site_of.post_events({}, raw(document)),
        "/api/devices": lambda: site_of.post_devices({}, raw(document)),
        "/api/parcels": lambda: site_of.post_parcels({}, raw(document)),
        "/api/health": site_of.get_health,
    }
    answer = asks.get(path, lambda: site_of.get_device_status({}, BADGE))()
    assert (answer.status, answer.body["code"]) == (503, "store_unavailable")
    assert site_of.turned_away({}, "device") is None
    assert Ingest(store, lambda: NOW_MS).turned_away({}, "admin").status == 503
    store.close()


@pytest.mark.parametrize("known", [True, False])
def test_keys_are_compared_in_constant_time_whether_or_not_one_is_known(monkeypatch, known):
    compared, compare = [], secrets.compare_digest

    def counting(one, other):
        compared.append((one, other))
        return compare(one, other)

    monkeypatch.setattr(keys.secrets, "compare_digest", counting)
    kept = keys.hash_key("ak_right") if known else None
    assert not keys.key_matches("ak_wrong", kept)
    assert len(compared) == 1
    assert keys.key_matches("ak_right", kept) is known


def test_it_listens_on_loopback_unless_told_otherwise():
    from sim.ingest.cli import serve
    from sim.net.server import LOOPBACK

    with launch_ingest() as server:
        assert server.url.startswith("http://127.0.0.1:")
        host = next(iter(server.served.server.servers)).sockets[0].getsockname()[0]
    assert socket.inet_aton(host)[0] == 127
    assert LOOPBACK == "127.0.0.1"
    (option,) = (one for one in serve.params if one.name == "host")
    assert option.default == "127.0.0.1"


@pytest.mark.parametrize(
    "wrong", ["one field", "every field", "no event", "too many", "lower case"]
)
def test_whose_batch_it_is_comes_before_what_is_wrong_with_it(site, wrong):
    """The badge would quarantine events for a 400, one by one; a wrong key mends itself."""
    events = batch(*range(1, 602 if wrong == "too many" else 4), device="ACT-FFFFFFFF")
    for event in events if wrong == "every field" else events[:1]:
        event["sequence_number"] = 0
    if wrong == "no event":
        events.append(None)
    if wrong == "lower case":
        events = [event | {"device_id": event["device_id"].lower()} for event in events]
    assert site.ask("POST", "/api/events", events, "badge").status == 401
    assert site.ask("POST", "/api/events", [{"device_id": "who"}], "badge").status == 400


def test_keys_say_what_they_are_for(site):
    made = site.ingest.new_service_keys()
    assert {role: key.partition("_")[0] for role, key in made.items()} == {
        "provisioning": "prov",
        "admin": "admin",
    }


def test_who_is_too_fast_hears_the_limit_and_its_name(tmp_path):
    with closing(SqliteStore(tmp_path / "x.db")) as store:
        rules = Rules(requests_per_minute=1)
        site = Site(Ingest(store, lambda: NOW_MS, rules=rules)).provision()
        assert site.ask("POST", "/api/events", batch(1), "badge").status == 202
        answer = site.ask("POST", "/api/events", batch(2), "badge")
    assert answer.status == 429
    assert answer.body == {
        "error": "Limit is 1 requests a minute per device.",
        "code": "rate_limited",
        "accepted": 0,
    }


def test_a_conflict_and_a_refusal_are_counted_apart(site):
    assert site.ask("POST", "/api/events", batch(1, 2), "badge").tally.accepted == 2
    again = batch(1, 2, 3)  # the first differs, the last is none
    again[0]["timestamp_utc"] = "2026-03-14T08:00:00Z"
    again[2]["payload"] = {}
    tally = site.ask("POST", "/api/events", again, "badge").tally
    assert (tally.duplicates, tally.rejected, tally.conflicts) == (2, 1, 1)


def test_a_moment_is_utc_with_as_many_decimals_as_are_asked_for(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        assert utc_text(NOW_MS + 7) == "2026-03-14T08:32:15Z"
        assert utc_text(NOW_MS + 999, "milliseconds") == "2026-03-14T08:32:15.999Z"
        assert utc_text(NOW_MS + 999, "microseconds") == "2026-03-14T08:32:15.999000Z"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_batch_is_kept_with_its_milliseconds(store):
    ingest = Ingest(store, lambda: NOW_MS + 7, Rules(open=True))
    ingest.post_events({}, raw(batch(1)))
    assert store.sighting(BADGE).last_seen_at == "2026-03-14T08:32:15.007Z"


@pytest.mark.parametrize("number", ["7", None, 7.0])
def test_a_number_that_cannot_be_read_is_called_so(open_ingest, number):
    answer = open_ingest.post_events({}, raw(batch(number)))
    assert answer.body["error"].startswith("Refused: sequence_number unreadable: ")
    partly = open_ingest.post_events({}, raw([*batch(1), *batch(number)]))
    assert partly.body["rejected_events"][0]["sequence_number"] is None


def test_a_whole_batch_that_is_refused_counts_each_event(store):
    ingest = Ingest(store, lambda: NOW_MS, Rules(open=True, oldest_firmware=Version(0, 4, 0)))
    assert ingest.post_events({}, raw(batch(1, 2, 3))).tally.rejected == 3
    new = batch(1, 2, firmware_version="0.4.0", payload=7)
    assert ingest.post_events({}, raw(new)).tally.rejected == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"company_id": ""}, "company_id: "),
        ({"geojson": {"type": "Polygon", "coordinates": [[[0, 0]]]}}, "geojson.coordinates.0: "),
    ],
)
def test_what_is_wrong_with_a_body_is_told_with_its_place(site, change, words):
    answer = site.ask("POST", "/api/parcels", PARCEL | change, "admin")
    assert (answer.status, answer.body["code"]) == (400, "invalid_request")
    assert answer.body["error"].startswith(words)
    whole = site.ask("POST", "/api/parcels", b"{", "admin").body["error"]
    assert not whole.startswith(":")
    assert "JSON" in whole


def test_a_stranger_hears_why_the_store_is_down(monkeypatch, store):
    def down(*_):
        raise StoreUnavailableError("gone")

    monkeypatch.setattr(store, "service_key", down)
    answer = Ingest(store, lambda: NOW_MS).turned_away({}, "admin")
    assert answer.body["error"] == "The store is unavailable: gone"


def test_an_open_server_paces_the_device_that_the_events_name(store):
    ingest = Ingest(store, lambda: NOW_MS, Rules(open=True, requests_per_minute=1))
    assert ingest.post_events({}, raw(batch(1))).status == 202
    assert ingest.post_events({}, raw(batch(1, device="who"))).status == 400
    assert ingest.post_events({}, raw(["no event"])).status == 400


def test_a_key_paces_a_body_that_is_none(store):
    site = Site(Ingest(store, lambda: NOW_MS, Rules(requests_per_minute=1))).provision()
    assert site.ask("POST", "/api/events", b"{", "badge").status == 400
    assert site.ask("POST", "/api/events", batch(1), "badge").status == 202
    assert site.ask("POST", "/api/events", b"{", "badge").status == 429


def test_an_event_without_a_device_hides_nobody_from_the_rate(store):
    ingest = Ingest(store, lambda: NOW_MS, Rules(open=True, requests_per_minute=1))
    nameless = {name: value for name, value in batch(1)[0].items() if name != "device_id"}
    assert ingest.post_events({}, raw([nameless, *batch(2)])).status == 207
    assert ingest.post_events({}, raw(batch(3))).status == 429
