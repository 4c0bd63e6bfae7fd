"""Uploads as spans and durations, by OpenTelemetry's conventions for HTTP clients.

A badge's upload is one span, with all its tries; each request is a duration and carries the span
on, so that the backend's own spans are its children.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from badge.host.telemetry.span import WatchedSpan
from badge.host.telemetry.watch import TELEMETRY
from sim.net.answer import Answer, NoAnswer

_FAILED = 400


class WatchedUploads:
    """Uploads to one backend."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        port = parts.port or {"https": 443}.get(parts.scheme, 80)
        self._where: dict[str, str | int] = {
            "http.request.method": "POST",
            "server.address": parts.hostname or "",
            "server.port": port,
            "url.scheme": parts.scheme,
        }
        self._took = TELEMETRY.durations(
            "http.client.request.duration", "Duration of HTTP client requests."
        )

    def begin(self, body_bytes: int) -> WatchedSpan:
        """Begin the span of an upload."""
        return TELEMETRY.begin("POST", "client", {**self._where, "badge.body.size": body_bytes})

    def answered(self, span: WatchedSpan, took_s: float, answer: Answer | NoAnswer) -> None:
        """Tell how long a request took, and what came of it."""
        told = dict(self._where)
        if isinstance(answer, Answer):
            told["http.response.status_code"] = answer.status
            if answer.status >= _FAILED:
                told["error.type"] = str(answer.status)
        else:
            told["error.type"] = answer.cause
        self._took(took_s, told)
        span.tell(told)
        if error := told.get("error.type"):
            span.failed(str(error))
