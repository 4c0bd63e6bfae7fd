from __future__ import annotations

import json
import socket
import threading
from queue import Queue
from random import Random

import pytest

from badge.errors import InputError
from sim.net.server import held_port
from sim.platforms import listen
from sim.platforms import open as registry
from sim.platforms.kit.delivery import Delivery
from sim.platforms.kit.receiver import parse
from sim.platforms.send import FAULTS, MUST_REFUSE, Order, accepted, plan, post
from tests.patience import PATIENCE_S
from tests.sim.platforms.cases import ALL_TYPES, SECRET, SECRETS, UTC_MS


def order(name="peridio", kind="device.claimed-release", url="http://127.0.0.1:1/", **options):
    options.setdefault("secrets", (SECRETS[name],))
    return Order(registry.platform(name), kind, url, **options)


def first_type(name):
    return registry.platform(name).types()[0].name


def can_happen(name, fault):
    return fault != "stale" or name == "peridio"


CASES = [(n, f) for n in registry.ROWS for f in (None, *FAULTS) if can_happen(n, f)]


@pytest.mark.parametrize(("name", "fault"), CASES)
def test_a_real_receiver_refuses_what_it_must_and_nothing_else(name, fault, serve):
    heard = Queue()
    platform = registry.platform(name)
    patience = {"body_timeout_s": 0.3} if fault == "slow" else {}
    rules = listen.ReceiverRules(platform, [SECRETS[name]], **patience)
    url = serve(listen.receiver_app(rules, heard.put, clock_ms=lambda: UTC_MS))
    deliveries = plan(order(name, first_type(name), url), Random(1), UTC_MS, fault)
    outcomes = [post(d, dribble_s=1.0 if fault == "slow" else 0) for d in deliveries]

    assert accepted(platform, outcomes) == (fault not in MUST_REFUSE)
    reports = [heard.get(timeout=PATIENCE_S) for _ in deliveries]
    if fault in MUST_REFUSE:
        is_signed = name == "peridio"
        expected = {"slow": 408, "truncated": 401 if is_signed else 400}.get(fault, 401)
        assert [report.status for report in reports] == [expected]
        assert [outcome.status for outcome in outcomes] == [expected]
    elif fault == "duplicate":
        assert [report.duplicate for report in reports] == [False, True]
    elif fault == "reorder":
        first, second = (report.received.utc_ms for report in reports)
        assert first > second
        assert not any(report.duplicate for report in reports)


@pytest.mark.parametrize(("name", "profile", "kind"), ALL_TYPES)
def test_every_type_can_be_sent_and_is_right(name, profile, kind):
    platform = registry.platform(name)
    (delivery,) = plan(order(name, kind.name, profile=profile), Random(1), UTC_MS)
    (event,) = parse(platform, delivery.body)
    assert event.faults(profile) == []
    secrets = [SECRETS[name]]
    assert platform.verify(dict(delivery.headers), delivery.body, secrets, utc_ms=UTC_MS)


def sent(*overrides, **options):
    (delivery,) = plan(order(overrides=overrides, **options), Random(1), UTC_MS)
    return json.loads(delivery.body)


def test_fields_are_overridden_as_json_or_as_text():
    event = sent(
        "data.data.device.identifier=SN7",
        'data.data.release.version="3.0.0"',
        "data.data.extra=[1, 2]",
    )
    payload = event["data"]["data"]
    assert payload["device"]["identifier"] == "SN7"
    assert payload["release"]["version"] == "3.0.0"
    assert payload["extra"] == [1, 2]


def test_an_element_of_an_array_is_overridden_by_its_number():
    event = sent("data.data.updated_fields.1=cohort", kind="device.updated")
    assert event["data"]["data"]["updated_fields"] == ["description", "cohort"]


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("nonsense", "path=value"),
        ("=5", "path=value"),
        ("data.nothing.x=1", "'nothing'"),
        ("version.x=1", "path=value"),
        ("version=2", "version"),
        ("prn=elsewhere", "prn"),
    ],
)
def test_a_bad_override_is_refused_with_its_place(override, words):
    with pytest.raises(InputError, match="--set") as caught:
        sent(override)
    assert words in str(caught.value)


def test_unchecked_sends_what_is_not_allowed():
    assert sent("version=2", unchecked=True)["version"] == 2


@pytest.mark.parametrize(
    ("wrong", "fault", "words"),
    [
        ({"kind": "device.exploded"}, None, "device.connected"),
        ({"profile": "seed"}, None, "guide, openapi"),
        ({"scheme": "md5"}, None, "guide_code"),
        ({"url": "ftp://x/"}, None, "http://"),
        ({"secrets": ("abc",)}, None, "32 hex"),
        ({"secrets": ()}, "stale", "--secret"),
        ({"secrets": ()}, "bad-signature", "--secret"),
        ({"name": "blecon", "kind": "config.created"}, "stale", "no time"),
        (
            {"name": "blecon", "kind": "config.created", "scheme": "ascii_key"},
            None,
            "signs nothing",
        ),
        ({"name": "blecon", "kind": "config.created", "secrets": ("A: b",) * 6}, None, "at most 5"),
    ],
)
def test_an_order_that_cannot_be_filled_is_refused(wrong, fault, words):
    with pytest.raises(InputError, match=words):
        plan(order(**wrong), Random(1), UTC_MS, fault)


def test_an_unsigned_delivery_has_no_signature_at_all():
    (delivery,) = plan(order(secrets=()), Random(1), UTC_MS)
    assert delivery.headers == (("content-type", "application/json"),)


def test_two_secrets_are_a_roll():
    (delivery,) = plan(order(secrets=(SECRET, "0" * 32)), Random(1), UTC_MS)
    assert dict(delivery.headers)["peridio-signature"].count(",") == 1


def delivery_to(url, timeout_s=5.0):
    return Delivery(1, url, (), b"{}", timeout_s, ())


@pytest.mark.parametrize("url", ["http://[::1/", "http://:0x/", "http:///x"])
def test_a_bad_address_is_an_input_error(url):
    with pytest.raises(InputError, match="not a URL; write it like http://"):
        post(delivery_to(url))


def test_an_address_where_nothing_answers_is_said_in_a_sentence():
    with held_port() as port, pytest.raises(InputError, match="no connection; start a receiver"):
        post(delivery_to(f"http://127.0.0.1:{port}/"))


def test_a_silent_receiver_is_an_outcome():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
        outcome = post(delivery_to(f"http://127.0.0.1:{port}/", timeout_s=0.2))
    assert (outcome.status, outcome.reason) == (None, "no answer within 0.2 s")
    assert not accepted(registry.platform("peridio"), [outcome])


def test_a_receiver_that_hangs_up_is_an_outcome():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
        hang_up = threading.Thread(target=lambda: sock.accept()[0].close())
        hang_up.start()
        outcome = post(delivery_to(f"http://127.0.0.1:{port}/"))
        hang_up.join()
    assert outcome.status is None
    assert "connection that broke" in outcome.reason


@pytest.mark.parametrize(("status", "peridio", "others"), [(200, True, True), (204, False, True)])
def test_what_counts_as_a_success(status, peridio, others):
    assert registry.platform("peridio").accepted(status) is peridio
    assert registry.platform("blecon").accepted(status) is others
    assert registry.platform("grouplink").accepted(status) is others


def test_a_time_that_cannot_be_is_not_sent_by_mistake():
    order = Order(
        registry.platform("peridio"),
        "device.connected",
        "http://127.0.0.1/",
        ("inserted_at=2026-02-30T25:61:61Z",),
    )
    with pytest.raises(InputError, match="no such date and time; --unchecked sends it"):
        plan(order, Random(1), UTC_MS)
