from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError, MisuseError
from sim.platforms import blecon
from sim.platforms.blecon import Device, Emitter, Route, Router
from sim.platforms.schemas import validate
from tests.sim.platforms.cases import UTC_MS

DEVICE = Device("urn:uuid:9f3e2a1b-4c5d-6e7f-8a9b-0c1d2e3f4a5b", "net_abc123", "acc_def456")


class Network:
    """A router with one emitter and a hand on the clock."""

    def __init__(self, *routes: Route) -> None:
        self.emit = Emitter(Random(1))
        self.router = Router(routes, self.emit)
        self.now = UTC_MS

    def publish(self, name: str) -> str:
        *_, namespace, method = ["", *name.split(".")]
        if name.startswith("device.request."):
            event = self.emit.device_request(DEVICE, namespace, method, b"\1", utc_ms=self.now)
        elif name.startswith("device.message."):
            event = self.emit.device_message(DEVICE, namespace, method, b"\1", utc_ms=self.now)
        else:
            event = self.emit.plain(name, DEVICE, utc_ms=self.now)
        self.router.publish(event, self.now)
        return event.id

    def due(self, after_ms: int = 0):
        self.now += after_ms
        return self.router.due(self.now)


def types(delivery):
    return [event["type"] for event in json.loads(delivery.body)]


@pytest.mark.parametrize(("count", "sizes"), [(1, []), (49, []), (50, [50]), (51, [50])])
def test_a_batch_leaves_with_50_events_or_after_a_second(count, sizes):
    network = Network(Route("http://a/"))
    ids = [network.publish("config.created") for _ in range(count)]
    early = network.due(999)
    late = network.due(1)
    assert [len(types(delivery)) for delivery in early] == sizes
    assert [key for delivery in early + late for key in delivery.keys] == ids
    assert all(validate("blecon", delivery.body) == [] for delivery in early + late)
    assert network.router.next_deadline_ms is None


def test_the_deadline_is_the_first_events_second():
    network = Network(Route("http://a/"))
    network.publish("config.created")
    network.due(400)
    network.publish("config.updated")
    assert network.router.next_deadline_ms == UTC_MS + 1000
    (delivery,) = network.due(600)
    assert types(delivery) == ["config.created", "config.updated"]


def test_a_request_leaves_alone_and_at_once_past_a_waiting_batch():
    network = Network(Route("http://a/"))
    network.publish("device.message.badge.batch")
    network.publish("device.request.badge.config")
    (delivery,) = network.due()
    assert types(delivery) == ["device.request.badge.config"]
    assert [types(d) for d in network.due(1000)] == [["device.message.badge.batch"]]


def test_events_fan_out_and_a_request_goes_to_the_first_match_only():
    routes = [
        Route("http://network/", "network.*"),
        Route("http://first/", "device.*"),
        Route("http://second/", "*"),
    ]
    network = Network(*routes)
    for name in ("network.device_first_seen", "device.message.a.b", "config.deleted"):
        network.publish(name)
    network.publish("device.request.a.b")
    urls = {}
    for delivery in network.due(1000):
        urls.setdefault(delivery.url, []).extend(types(delivery))
    assert urls == {
        "http://network/": ["network.device_first_seen"],
        "http://first/": ["device.request.a.b", "device.message.a.b"],
        "http://second/": ["network.device_first_seen", "device.message.a.b", "config.deleted"],
    }


@pytest.mark.parametrize(
    ("pattern", "name", "takes"),
    [
        ("*", "config.created", True),
        ("device.*", "device.message.a.b", True),
        ("device.message.*", "device.request.a.b", False),
        ("device.request.*", "device.request_failed", False),
        ("config.created", "config.created", True),
        ("CONFIG.*", "config.created", False),
    ],
)
def test_filters_are_globs(pattern, name, takes):
    assert Route("http://a/", pattern).takes(name) is takes


def test_a_request_without_a_route_is_reported_and_not_sent():
    network = Network(Route("http://a/", "network.*"))
    network.publish("device.request.a.b")
    assert [types(delivery) for delivery in network.due(1000)] == [["network.routing_failed"]]


ANSWERS = [
    (200, b'{"response_data":{"payload":"00ff"}}', "ok", b"\x00\xff"),
    (200, b"{}", "ok", b""),
    (204, b"", "ok", b""),
    (200, b'{"response_data":{"payload":"xx"}}', "handler_failed", b""),
    (200, b'{"response_data":{"payload":7}}', "handler_failed", b""),
    (200, b'{"response_data":[]}', "handler_failed", b""),
    (200, b"[]", "handler_failed", b""),
    (200, b"not json", "handler_failed", b""),
    (500, b"{}", "handler_failed", b""),
    (302, b"{}", "handler_failed", b""),
    (None, b"", "handler_timeout", b""),
]


@pytest.mark.parametrize(("status", "body", "outcome", "payload"), ANSWERS)
def test_the_answer_to_a_request_goes_back_to_the_device(status, body, outcome, payload):
    network = Network(Route("http://a/"))
    key = network.publish("device.request.a.b")
    (delivery,) = network.due()
    response = network.router.answered(delivery, status, body, network.now)
    assert (response.key, response.outcome, response.payload) == (key, outcome, payload)
    codes = {"ok": 0, "handler_timeout": 0x201, "handler_failed": 0x202}
    assert response.status_code == codes[outcome]
    told = "network.response_received" if outcome == "ok" else "device.request_failed"
    assert [types(later) for later in network.due(1000)] == [[told]]


def test_an_answer_to_a_batch_changes_nothing():
    network = Network(Route("http://a/"))
    network.publish("config.created")
    (delivery,) = network.due(1000)
    assert network.router.answered(delivery, 500, b"", network.now) is None
    assert network.router.next_deadline_ms is None


def test_a_route_adds_its_headers_five_at_most():
    headers = tuple(f"X-{n}: {n}" for n in range(5))
    network = Network(Route("http://a/", headers=headers, timeout_s=5.0))
    network.publish("config.created")
    (delivery,) = network.due(1000)
    assert delivery.headers[1:] == tuple((f"X-{n}", str(n)) for n in range(5))
    assert delivery.timeout_s == 5.0
    assert blecon.verify(dict(delivery.headers), delivery.body, headers)
    with pytest.raises(InputError, match="at most 5"):
        Route("http://a/", headers=(*headers, "X-6: 6"))
    with pytest.raises(InputError, match="Name: value"):
        Route("http://a/", headers=("nonsense",))


def test_a_request_that_names_no_network_is_a_mistake():
    emit = Emitter(Random(1))
    network = Network()
    bare = blecon.parse(
        b"["
        + emit.device_request(DEVICE, "a", "b", b"", utc_ms=UTC_MS)
        .to_json()
        .replace(b'"network_id":"net_abc123",', b"")
        + b"]"
    )[0].typed()
    with pytest.raises(MisuseError):
        network.router.publish(bare, UTC_MS)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 1500),
            st.sampled_from(["config.created", "device.message.a.b", "device.request.a.b"]),
        ),
        max_size=150,
    )
)
def test_every_event_leaves_once_in_order_and_within_a_second(steps):
    network, sent, due = Network(Route("http://a/", "[cd]*")), [], {}
    for wait_ms, name in steps:
        target = network.now + wait_ms
        while (at := network.router.next_deadline_ms) is not None and at <= target:
            network.now = max(network.now, at)
            sent += [(network.now, delivery) for delivery in network.due()]
        network.now = target
        due[network.publish(name)] = (network.now, name)
    while (at := network.router.next_deadline_ms) is not None:
        network.now = max(network.now, at)
        sent += [(network.now, delivery) for delivery in network.due()]
    gone = [key for _, delivery in sent for key in delivery.keys]
    assert sorted(gone) == sorted(due)
    batched = [key for key in gone if "request" not in due[key][1]]
    assert batched == [key for key in due if key in batched]
    for at, delivery in sent:
        assert all(at - due[key][0] <= 1000 for key in delivery.keys)
        assert 1 <= len(delivery.keys) <= 50
        assert len(delivery.keys) == 1 or "device.request.a.b" not in types(delivery)
