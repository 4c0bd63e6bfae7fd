"""Off costs nothing; on, what is told arrives; what cannot be sent is one sentence."""

from __future__ import annotations

import subprocess
import sys

import pytest

from badge.errors import InputError
from badge.host.telemetry.span import UNHEARD
from badge.host.telemetry.watch import TELEMETRY, Telemetry, wanted
from tests.badge.host.telemetry.rig import collector, named


@pytest.mark.parametrize(
    ("address", "environment", "on"),
    [
        (None, {}, False),
        (None, {"OTEL_SERVICE_NAME": "x"}, False),
        (None, {"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        (None, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, True),
        (None, {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://127.0.0.1:4318/v1/m"}, True),
        ("http://127.0.0.1:4318", {}, True),
        ("http://127.0.0.1:4318", {"OTEL_SDK_DISABLED": "true"}, False),
    ],
)
def test_it_is_on_when_it_is_asked_for(address, environment, on):
    assert wanted(address, environment) is on


def test_off_it_tells_nothing_and_loads_nothing():
    off = Telemetry()
    with off.of_command("serve", None), off.span("x", {"a": 1}) as span:
        assert span is UNHEARD is off.begin("y", "client", {})
        assert span.headers == {}
        assert off.handed_on() is None
        off.durations("d", "")(1.0, {})
        off.counter("c", "1", "", lambda: pytest.fail("read"))
    script = (
        "import sys; from sim.ingest.launch import launch_ingest\n"
        "from badge.host.telemetry.watch import TELEMETRY as t\n"
        "with t.of_command('x', None), t.span('y'), launch_ingest(): pass\n"
        "sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")


def test_on_spans_durations_and_counts_arrive_with_their_names_and_parents(monkeypatch):
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=bench")
    mine = Telemetry()
    with collector() as kept, mine.of_command("load", kept.url):
        took = mine.durations("http.client.request.duration", "told")
        mine.counter("badge.events", "{event}", "told", lambda: [(7, {"badge.event.type": "gps"})])
        mine.level("http.server.active_requests", "{request}", "told", lambda: [(2, {})])
        mine.gauge("badge.battery.voltage", "V", "told", lambda: [(3.7, {})])
        with mine.span("outer", {"a": 1}) as outer:
            inner = mine.begin("inner", "client", {"http.request.method": "POST"})
            far = mine.begin("far", "server", {}, inner.headers)
            handed = mine.handed_on()
            for one in (far, inner):
                one.end()
            took(0.2, {"http.request.method": "POST"})
            outer.tell({"b": "x"})
        assert handed[:2] == ("load", kept.url)
        other = Telemetry()
        with other.joined(handed), other.span("elsewhere"):
            pass
        with pytest.raises(ValueError, match="secret"), mine.span("broken"):
            raise ValueError("a secret text")
    by_name = {span.name: span for span in kept.spans}
    assert set(by_name) == {"outer", "inner", "far", "elsewhere", "broken"}
    assert by_name["far"].parent_span_id == by_name["inner"].span_id
    assert by_name["inner"].parent_span_id == by_name["outer"].span_id
    assert by_name["elsewhere"].parent_span_id == by_name["outer"].span_id
    assert named(by_name["outer"].attributes) == {"a": 1, "b": "x"}
    assert named(by_name["broken"].attributes) == {"error.type": "ValueError"}
    assert kept.services == {"badge-load"}
    assert kept.counts("badge.events", "badge.event.type") == {"gps": 7}
    assert kept.counts("badge.battery.voltage") == {None: 3.7}
    assert kept.samples("http.client.request.duration") == 1
    assert kept.metrics["http.server.active_requests"].sum.is_monotonic is False
    assert not any(b"secret" in one for one in kept.raw)
    assert any(b"bench" in one for one in kept.raw)
    assert not mine.on


def test_the_environment_alone_says_where_and_which(monkeypatch):
    with collector() as kept:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", kept.url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=crew")
        monkeypatch.setenv("OTEL_METRICS_EXPORTER", "none")
        monkeypatch.setenv("OTEL_SERVICE_NAME", "mine")
        mine = Telemetry()
        with mine.of_command("serve", None), mine.span("one"):
            mine.gauge("badge.x", "1", "told", lambda: [(1, {})])
        assert kept.services == {"mine"}
        assert kept.metrics == {}
        assert kept.headers[0]["x-tenant"] == "crew"


def test_whoever_takes_nothing_costs_a_sentence_and_no_more():
    mine, said = Telemetry(), []
    with collector() as kept:
        kept.status = 401
        with mine.of_command("serve", kept.url, said.append), mine.span("one"):
            pass
    (sentence,) = said
    assert sentence.startswith("telemetry is not whole")
    assert "401" in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("address", ["x", "127.0.0.1:4318", "ftp://x", "http://", "http://x:99999"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(InputError, match="--telemetry"), Telemetry().of_command("x", address):
        pass


def test_a_library_that_is_missing_ends_a_command_only_if_it_was_asked(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http", None)
    monkeypatch.setattr("badge.extras.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"telemetry\]"), Telemetry().of_command("x", "http://y"):
        pass
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    mine, said = Telemetry(), []
    with mine.of_command("serve", None, said.append):
        assert not mine.on
    assert "pip install" in said[0]


def test_another_protocol_is_said(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    with pytest.raises(InputError, match="http/protobuf"), Telemetry().of_command("x", "http://y"):
        pass
    assert not TELEMETRY.on
