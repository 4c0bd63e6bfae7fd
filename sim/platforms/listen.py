"""A receiver of one platform's webhook, as an ASGI app and as the server of `badge listen`."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import click
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from badge.errors import InputError
from sim.platforms.kit import receiver
from sim.platforms.kit.event import moment
from sim.platforms.kit.platform import Platform
from sim.platforms.kit.receiver import Received, Seen

BODY_MAX_BYTES = 8 << 20  # 50 events, each with a batch of the badge's in hex
BODY_TIMEOUT_S = 10.0
CONCURRENT_MAX = 256


@dataclass(frozen=True, slots=True)
class Refusal:
    """A delivery that was turned away; `why` is for the person at the terminal only."""

    status: int
    why: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event of an accepted delivery, and whether it had come before."""

    received: Received
    duplicate: bool


Report = Callable[[Refusal | Arrival], None]


@dataclass(frozen=True, slots=True)
class Rules:
    """How a receiver judges: no secrets, no check of origin; `reply` goes back to a request."""

    platform: Platform
    secrets: Sequence[str] = ()
    scheme: str | None = None
    reply: bytes | None = None
    body_timeout_s: float = BODY_TIMEOUT_S
    body_max_bytes: int = BODY_MAX_BYTES

    def __post_init__(self) -> None:
        receiver.check_secrets(self.platform, self.secrets, self.scheme)


def receiver_app(
    rules: Rules, report: Report, *, clock_ms: Callable[[], int] | None = None
) -> Starlette:
    """An app that takes a POST to any path: raw bytes, verify, deduplicate, answer, then report."""
    seen = Seen()
    now_ms = clock_ms or (lambda: time.time_ns() // 1_000_000)

    def refuse(status: int, words: str, why: str = "") -> Response:
        body = json.dumps({"error": words})
        return Response(
            body,
            status,
            {"connection": "close"},  # the rest of a body that came too slowly is not wanted
            "application/json",
            BackgroundTask(report, Refusal(status, why or words)),
        )

    async def take(request: Request) -> Response:
        try:
            async with asyncio.timeout(rules.body_timeout_s):
                body = await _read(request, rules.body_max_bytes)
        except TimeoutError:
            return refuse(408, f"the body took longer than {rules.body_timeout_s:g} s")
        except ClientDisconnect:
            return refuse(400, "the body was cut off")
        if body is None:
            return refuse(413, f"the body is larger than {rules.body_max_bytes} bytes")
        return judge(request, body)

    def judge(request: Request, body: bytes) -> Response:
        utc_ms = now_ms()
        if rules.secrets:
            verdict = rules.platform.verify(
                request.headers, body, rules.secrets, scheme=rules.scheme, utc_ms=utc_ms
            )
            if not verdict:
                return refuse(401, "not authentic", _why(rules, request, body, verdict.reason))
        try:
            events = receiver.parse(rules.platform, body)
        except InputError as error:
            return refuse(400, str(error))
        arrivals = [Arrival(event, not seen.first(event.key)) for event in events]
        answer = rules.platform.answer([event.type for event in events], rules.reply)
        later = BackgroundTask(_report_all, report, arrivals)
        return Response(answer.body, answer.status, None, "application/json", later)

    return Starlette(routes=[Route("/{path:path}", take, methods=["POST"])])


async def _read(request: Request, limit: int) -> bytes | None:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            return None
        parts.append(part)
    return b"".join(parts)


def _why(rules: Rules, request: Request, body: bytes, reason: str) -> str:
    if rules.platform.why_refused is None:
        return reason
    more = rules.platform.why_refused(request.headers, body, rules.secrets, rules.scheme)
    return f"{reason}; {more}" if more else reason


def _report_all(report: Report, arrivals: Sequence[Arrival]) -> None:
    for arrival in arrivals:
        report(arrival)


def server_of(app: Starlette) -> uvicorn.Server:
    """A quiet server of the app with its limits set; run it on a socket of your own."""
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        lifespan="off",
        loop="asyncio",
        http="h11",
        ws="none",
        server_header=False,
        limit_concurrency=CONCURRENT_MAX,
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one.  InputError if the address is not to be had."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise InputError(
            f"address {host}:{port}: {error.strerror}; choose others with --host and --port"
        ) from None


def print_line(report: Refusal | Arrival) -> None:
    """One line for a person; what came from outside is escaped and cut."""
    if isinstance(report, Refusal):
        click.echo(click.style(f"refused {report.status}: {_plain(report.why, 200)}", fg="red"))
        return
    event = report.received
    time_text = "--:--:--" if event.utc_ms is None else f"{moment(event.utc_ms):%H:%M:%S}"
    key = _plain((event.key or "no key").strip('[]"'), 120)[-38:]
    words = [time_text, _plain(event.type, 48).ljust(32), key]
    click.echo(" ".join(words) + (click.style(" again", fg="yellow") if report.duplicate else ""))
    for fault in _closest_faults(event)[:5]:
        departs = f"         departs: {_plain(fault.path, 60)}: {_plain(fault.message, 120)}"
        click.echo(click.style(departs, fg="yellow"))


def print_json(report: Refusal | Arrival) -> None:
    """One JSON object a line, flushed."""
    if isinstance(report, Refusal):
        click.echo(json.dumps({"refused": report.status, "why": report.why}))
        return
    event = report.received
    faults = [{"path": f.path, "message": f.message} for f in _closest_faults(event)]
    line = {
        "platform": event.platform.name,
        "type": event.type,
        "key": event.key,
        "utc_ms": event.utc_ms,
        "duplicate": report.duplicate,
        "faults": faults,
        "event": event.event,
    }
    click.echo(json.dumps(line))


def _closest_faults(event: Received) -> list[receiver.Fault]:
    return min((event.faults(profile) for profile in event.platform.profiles), key=len)


def _plain(text: str, length: int) -> str:
    """Printable ASCII: foreign text must not drive the terminal."""
    return json.dumps(text)[1:-1][:length]
