"""A collector: takes OTLP over HTTP and reads it with the official protobufs."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


def plain(value: Any) -> str | int | float | bool:
    """An attribute's value."""
    found: str | int | float | bool = getattr(value, value.WhichOneof("value"))
    return found


def named(attributes: Any) -> dict[str, str | int | float | bool]:
    """Attributes by their names."""
    return {one.key: plain(one.value) for one in attributes}


class Collector:
    """What came: spans, and the last value of each metric by name and attributes."""

    def __init__(self) -> None:
        self.url = ""
        self.raw: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.services: set[str] = set()
        self.spans: list[Any] = []
        self.metrics: dict[str, Any] = {}
        self.status = 200

    def take(self, path: str, body: bytes) -> None:
        """Take a request in."""
        self.raw.append(body)
        if path.endswith("/v1/traces"):
            for one in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.services.add(str(named(one.resource.attributes)["service.name"]))
                self.spans += [span for scope in one.scope_spans for span in scope.spans]
        elif path.endswith("/v1/metrics"):
            for each in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                for scope in each.scope_metrics:
                    self.metrics |= {metric.name: metric for metric in scope.metrics}

    def named(self, name: str) -> list[Any]:
        """The spans of a name."""
        return [span for span in self.spans if span.name == name]

    def counts(self, name: str, attribute: str = "") -> dict[object, float]:
        """A counter's or gauge's values by one attribute, or by none."""
        metric = self.metrics[name]
        points = getattr(metric, metric.WhichOneof("data")).data_points
        return {
            named(point.attributes).get(attribute): point.as_double or point.as_int
            for point in points
        }

    def samples(self, name: str) -> int:
        """How many durations a histogram has."""
        return sum(point.count for point in self.metrics[name].histogram.data_points)


@contextmanager
def collector() -> Iterator[Collector]:
    """Listen on loopback."""
    kept = Collector()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            kept.headers.append({name.lower(): value for name, value in self.headers.items()})
            kept.take(self.path, body)
            self.send_response(kept.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = Thread(target=server.serve_forever)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
