from __future__ import annotations

import json

from sim.platforms.blecon import PLATFORM
from sim.platforms.blecon.simulation import BleconSimulation
from sim.platforms.kit import receiver
from sim.scenario.language.platforms import Blecon
from tests.sim.platforms.story import Day, setting

SPOTTED = "network.device_spotted"


def day(**words):
    return Day(BleconSimulation(setting(Blecon(**words), secrets=("X-Key: abc",))))


def test_a_badge_joins_is_seen_once_and_then_spotted_each_time():
    one = day(asks=None)
    one.boots()
    one.heard()
    one.heard(after_s=60)
    assert one.types == [
        "network.device_registered",
        "network.device_first_seen",
        SPOTTED,
        "device.advertising_data",
        SPOTTED,
    ]


def test_who_has_not_started_or_was_taken_out_is_not_heard():
    one = day(asks=None)
    one.heard()
    one.boots()
    one.heard()
    one.happens("deregistered")
    one.heard()
    one.boots(reason="watchdog")
    one.heard()
    assert one.types.count(SPOTTED) == 1
    assert one.types.count("network.device_registered") == 1
    assert one.types[-1] == "network.device_deregistered"


def test_a_badge_asks_after_each_start_and_its_answer_is_read():
    one = day()
    start = one.boots()
    one.heard()
    one.post(body=b'{"response_data":{"payload":"0aff"}}')
    one.heard(after_s=60)
    (request,) = [made for made in one.simulation.made if made.type.startswith("device.request.")]
    assert request.type == "device.request.badge.config"
    assert request.cause == start
    (response,) = one.simulation.responses
    assert (response.outcome, response.payload) == ("ok", b"\x0a\xff")
    (told,) = [made for made in one.simulation.made if made.type == "network.response_received"]
    assert told.facts == {"outcome": "ok", "response": "0aff"}


def test_a_request_that_fails_is_asked_again_after_a_minute():
    one = day()
    one.boots()
    one.heard()
    one.post(status=500)
    one.heard(after_s=30)
    assert one.types.count("device.request.badge.config") == 1
    one.heard(after_s=40)
    one.post(status=200)
    assert one.types.count("device.request.badge.config") == 2
    assert one.types.count("device.request_failed") == 1
    assert [one.outcome for one in one.simulation.responses] == ["handler_failed", "ok"]


def test_a_badge_that_goes_out_of_reach_while_it_asks_gets_no_further():
    one = day()
    one.boots()
    one.heard(lasts=False)
    assert one.types[-1] == "network.request_failed"
    assert not [made for made in one.types if made.startswith("device.request.")]
    one.heard(after_s=61)
    assert "device.request.badge.config" in one.types


def test_without_a_route_for_it_a_request_is_told_to_have_none():
    one = day(routes=[{"filter": "network.*"}])
    one.boots()
    one.heard()
    assert "network.routing_failed" in one.types
    one.post()
    assert {name for p in one.posted for name in types_of(p)} == set(one.types) - {
        "device.request.badge.config",
        "device.advertising_data",
    }


def types_of(delivery):
    return [event.type for event in receiver.parse(PLATFORM, delivery.body)]


def test_a_batch_travels_as_it_was_uploaded_near_a_hotspot_or_always_if_asked():
    body = '[{"sequence_number":5}]'
    for batches, expected in (("none", 0), ("near", 1), ("all", 2)):
        one = day(batches=batches, asks=None)
        one.boots()
        one.uploads(body=body)  # not heard yet
        one.heard()
        one.uploads(body=body, after_s=30)
        assert one.types.count("device.message.badge.batch") == expected
    one.post()
    events = [event for p in one.posted for event in receiver.parse(PLATFORM, p.body)]
    carried = [one for one in events if one.type == "device.message.badge.batch"]
    assert {bytes.fromhex(one.event["data"]["payload"]) for one in carried} == {body.encode()}


def test_hotspots_that_come_move_and_go_are_changes_of_the_configuration():
    one = day()
    for change in ("created", "updated", "deleted"):
        one.happens("configured", device="", change=change, hotspot="depot")
    assert one.types == ["config.created", "config.updated", "config.deleted"]


def test_routes_carry_their_own_headers_or_the_common_ones():
    one = day(
        routes=[
            {"filter": "network.*", "url": "http://127.0.0.1:2/", "headers": ["X-Own: 1"]},
            {"filter": "*"},
        ],
        asks=None,
    )
    one.boots()
    one.post()
    sent = {(p.url, dict(p.headers).get("X-Own"), dict(p.headers).get("X-Key")) for p in one.posted}
    assert sent == {("http://127.0.0.1:2/", "1", None), ("http://127.0.0.1:1/", None, "abc")}


def test_a_position_and_a_sighting_say_where_the_hotspot_is():
    one = day(hotspots={"depot": {"at": "depot", "accuracy_m": 7, "managed": False}}, asks=None)
    one.boots()
    one.heard()
    one.happens("placed", hotspot="depot", lat=45.8, lon=15.9, moving=True)
    one.post()
    events = {
        event.type: event.event["data"]
        for p in one.posted
        for event in receiver.parse(PLATFORM, p.body)
    }
    spotted, position = events[SPOTTED], events["network.device_position"]
    assert spotted["location"] == "45.810000,15.980000"
    assert spotted["location_accuracy_metres"] == 7
    assert "hotspot_id" not in spotted
    assert position["geojson"]["geometry"]["coordinates"] == [15.9, 45.8]
    assert position["movement_status"] == "moving"


def test_all_15_types_can_come_of_the_world():
    seen = set()
    for routes in ([{}], [{"filter": "network.*"}]):
        one = day(batches="all", routes=routes)
        one.boots()
        one.heard(lasts=False)
        one.heard(after_s=61)
        one.post(status=500)
        one.heard(after_s=61)
        one.post()
        one.uploads()
        one.happens("placed", hotspot="depot", lat=45.8, lon=15.9, moving=False)
        one.happens("deregistered")
        for change in ("created", "updated", "deleted"):
            one.happens("configured", device="", change=change, hotspot="depot")
        seen |= {PLATFORM.find(name).name for name in one.types}
    assert seen == {kind.name for kind in PLATFORM.types()}


def test_a_delivery_leaves_as_it_is_whenever_that_is():
    one = day()
    one.boots()
    one.post()
    (delivery,) = one.posted
    assert one.simulation.stamped(delivery, 1, 2) is delivery
    assert json.loads(delivery.body)[0]["type"] == "network.device_registered"
