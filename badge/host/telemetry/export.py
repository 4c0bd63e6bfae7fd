"""OpenTelemetry's SDK, set up once a command: OTLP over HTTP, bounded in memory and at the end.

Variables of OpenTelemetry's specification are honoured by its SDK: OTEL_SERVICE_NAME,
OTEL_RESOURCE_ATTRIBUTES, OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER, OTEL_BSP_*,
OTEL_METRIC_EXPORT_INTERVAL and the like.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import Thread
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from badge.errors import InputError
from badge.extras import PACKAGE, installed
from badge.host.log import without_secrets
from badge.host.telemetry.span import Attributes, Kind, Reading, WatchedSpan

CLOSE_S = 10.0  # what is not taken by then is lost, and told
_KINDS = {"internal": SpanKind.INTERNAL, "server": SpanKind.SERVER, "client": SpanKind.CLIENT}
# OpenTelemetry's advice for durations of HTTP requests, in seconds.
BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
_PROPAGATOR = TraceContextTextMapPropagator()


class SentSpan(WatchedSpan):
    """A span that is sent when it ends."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def tell(self, attributes: Attributes) -> None:
        """Add attributes."""
        self._span.set_attributes(dict(attributes))

    def rename(self, name: str) -> None:
        """Name it anew."""
        self._span.update_name(name)

    def failed(self, why: str) -> None:
        """Mark it as an error, with the convention's `error.type`."""
        self._span.set_attribute("error.type", why)
        self._span.set_status(StatusCode.ERROR)

    def end(self) -> None:
        """End it."""
        self._span.end()

    @property
    def headers(self) -> dict[str, str]:
        """The traceparent header (W3C Trace Context)."""
        carrier: dict[str, str] = {}
        _PROPAGATOR.inject(carrier, trace.set_span_in_context(self._span))
        return carrier

    @contextmanager
    def current(self) -> Iterator[None]:
        """Make it the parent of what begins meanwhile."""
        # Exceptions and their texts stay here: a text may quote what it is about.
        with trace.use_span(self._span, record_exception=False, set_status_on_exception=False):
            yield


class _FirstTrouble(logging.Handler):
    """Keeps the first thing that the SDK complains of; it is told once, at the end."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.text = self.text or without_secrets(record.getMessage().partition("\n")[0])


class Export:
    """Tracer and meter of one process of a command."""

    def __init__(self, command: str, address: str | None) -> None:
        """Set up; InputError for an address that is none."""
        self._command, self._address = command, address
        self._trouble = _FirstTrouble()
        self._logger = logging.getLogger("opentelemetry")
        self._logger.addHandler(self._trouble)
        traces, metrics = _places(address)
        resource = Resource.create(_resource(command))
        self._tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
        if os.environ.get("OTEL_TRACES_EXPORTER") != "none":
            exporter = OTLPSpanExporter(endpoint=traces)
            self._tracers.add_span_processor(BatchSpanProcessor(exporter))
        readers = []
        if os.environ.get("OTEL_METRICS_EXPORTER") != "none":
            readers.append(PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=metrics)))
        self._meters = MeterProvider(readers, resource=resource, shutdown_on_exit=False)
        self._tracer = self._tracers.get_tracer(PACKAGE, installed(PACKAGE))
        self._meter = self._meters.get_meter(PACKAGE, installed(PACKAGE))

    def handed_on(self) -> tuple[str, str | None, dict[str, str]]:
        """Return what another process needs: the command, the address, the parent."""
        carrier: dict[str, str] = {}
        _PROPAGATOR.inject(carrier)
        return self._command, self._address, carrier

    @contextmanager
    def within(self, headers: Mapping[str, str]) -> Iterator[None]:
        """Make a span of another process the parent of what begins meanwhile."""
        token = otel_context.attach(_PROPAGATOR.extract(headers))
        try:
            yield
        finally:
            otel_context.detach(token)

    def begin(
        self, name: str, kind: Kind, attributes: Attributes, headers: Mapping[str, str]
    ) -> SentSpan:
        """Begin a span."""
        parent = _PROPAGATOR.extract(headers) if headers else None
        span = self._tracer.start_span(name, parent, kind=_KINDS[kind], attributes=dict(attributes))
        return SentSpan(span)

    def durations(self, name: str, told: str) -> Callable[[float, Attributes], None]:
        """Make a histogram of seconds."""
        histogram = self._meter.create_histogram(
            name, "s", told, explicit_bucket_boundaries_advisory=BOUNDS_S
        )

        def record(seconds: float, attributes: Attributes) -> None:
            histogram.record(seconds, dict(attributes))

        return record

    def observe(
        self, kind: str, name: str, unit: str, told: str, read: Callable[[], Reading]
    ) -> None:
        """Make a counter, a level or a gauge that is read when metrics are sent."""

        def observed(_: CallbackOptions) -> Iterable[Observation]:
            return [Observation(value, dict(attributes)) for value, attributes in read()]

        make: Any = {
            "counter": self._meter.create_observable_counter,
            "level": self._meter.create_observable_up_down_counter,
            "gauge": self._meter.create_observable_gauge,
        }[kind]
        make(name, [observed], unit, told)

    def close(self) -> str:
        """Send what is left, and give the first trouble as a sentence; empty if there was none."""

        def close() -> None:
            self._tracers.shutdown()
            self._meters.shutdown()

        closing = Thread(target=close, daemon=True)
        closing.start()
        closing.join(CLOSE_S)
        self._logger.removeHandler(self._trouble)
        late = f"not taken within {CLOSE_S:g} s" if closing.is_alive() else ""
        what = self._trouble.text or late
        return f"telemetry is not whole: {what}" if what else ""


def _places(address: str | None) -> tuple[str | None, str | None]:
    """Return where traces and metrics go; None: where the environment says."""
    if address is None:
        return None, None
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise InputError(f"--telemetry {address}: write it like http://127.0.0.1:4318")
    base = address.rstrip("/")
    return f"{base}/v1/traces", f"{base}/v1/metrics"


def _resource(command: str) -> dict[str, str]:
    """Return what names this process; the environment's words stand."""
    words = {
        "service.version": installed(PACKAGE) or "",
        "service.instance.id": str(uuid4()),
    }
    given = os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    if "OTEL_SERVICE_NAME" not in os.environ and "service.name=" not in given:
        words["service.name"] = f"badge-{command}"
    return words
