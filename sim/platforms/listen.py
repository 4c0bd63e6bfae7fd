"""A receiver of one platform's webhook, as an ASGI app and as the server of `badge listen`."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import click
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from badge.errors import InputError
from sim.net.server import LOOPBACK, Served, TimeLimits, listening, serving
from sim.platforms.kit import receiver
from sim.platforms.kit.event import moment
from sim.platforms.kit.platform import Platform
from sim.platforms.kit.receiver import Received, Seen

BODY_MAX_BYTES = 8 << 20  # 50 events, each with a batch of the badge's in hex
BODY_TIMEOUT_S = 10.0
ROOM_BYTES = 64 << 20  # for the bodies of all that are under way
STOP_TIMEOUT_S = 2.0


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
class ReceiverRules:
    """How a receiver judges: no secrets, no check of origin; `reply` goes back to a request."""

    platform: Platform
    secrets: Sequence[str] = ()
    scheme: str | None = None
    reply: bytes | None = None
    body_timeout_s: float = BODY_TIMEOUT_S
    body_max_bytes: int = BODY_MAX_BYTES
    room_bytes: int = ROOM_BYTES

    def __post_init__(self) -> None:
        receiver.check_secrets(self.platform, self.secrets, self.scheme)


class _Room:
    """What the bodies under way may hold together: many small ones are no less than a large one."""

    def __init__(self, size: int) -> None:
        self.left = size

    async def read(self, parts: AsyncIterator[bytes], limit: int) -> bytes:
        """Read a body; _FullError if it, or all of them together, are too large."""
        body = bytearray()
        try:
            async for part in parts:
                if len(body) + len(part) > limit:
                    raise _FullError(413, f"the body is larger than {limit} bytes")
                if len(part) > self.left:
                    raise _FullError(503, "too many large bodies are under way")
                self.left -= len(part)
                body += part
            return bytes(body)
        finally:
            self.left += len(body)


class _FullError(Exception):
    """There is no room: the status and why."""


def receiver_app(
    rules: ReceiverRules, report: Report, *, clock_ms: Callable[[], int] | None = None
) -> Starlette:
    """An app that takes a POST to any path: raw bytes, verify, deduplicate, report, then answer.

    What was reported is in the order in which it was taken; a delivery whose report fails (the
    terminal is closed, the disk is full) is answered 503, so that it comes again.
    """
    seen, room = Seen(), _Room(rules.room_bytes)
    now_ms = clock_ms or (lambda: time.time_ns() // 1_000_000)

    def refuse(status: int, words: str, why: str = "") -> Response:
        report(Refusal(status, why or words))
        # the rest of a body that came too slowly is not wanted
        return _json({"error": words}, status, {"connection": "close"})

    async def take(request: Request) -> Response:
        try:
            return await judged(request)
        except OSError as error:
            return _json({"error": f"not taken: {error.strerror or error}"}, 503)

    async def judged(request: Request) -> Response:
        try:
            async with asyncio.timeout(rules.body_timeout_s):
                body = await room.read(request.stream(), rules.body_max_bytes)
        except TimeoutError:
            return refuse(408, f"the body took longer than {rules.body_timeout_s:g} s")
        except ClientDisconnect:
            return refuse(400, "the body was cut off")
        except _FullError as error:
            return refuse(*error.args)
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
        for event in events:
            report(Arrival(event, not seen.first(event.key)))
        answer = rules.platform.answer([event.type for event in events], rules.reply)
        return Response(answer.body, answer.status, None, "application/json")

    return Starlette(routes=[Route("/{path:path}", take, methods=["POST"])])


def _json(content: dict[str, str], status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(content), status, headers, "application/json")


def _why(rules: ReceiverRules, request: Request, body: bytes, reason: str) -> str:
    if rules.platform.why_refused is None:
        return reason
    more = rules.platform.why_refused(request.headers, body, rules.secrets, rules.scheme)
    return f"{reason}; {more}" if more else reason


@contextmanager
def running(
    rules: ReceiverRules, report: Report, host: str = LOOPBACK, port: int = 0
) -> Iterator[Served]:
    """Run a receiver until the block ends; port 0 takes a free one.  InputError without one."""
    patience = TimeLimits(body_s=rules.body_timeout_s + 1, stop_s=STOP_TIMEOUT_S)
    with (
        listening(host, port) as listener,
        serving(receiver_app(rules, report), listener, patience) as served,
    ):
        yield served


class Printer:
    """Prints every report; `error` is why it no longer can, and then nothing more is taken."""

    def __init__(self, show: Report) -> None:
        self._show = show
        self.error: OSError | None = None

    def __call__(self, report: Refusal | Arrival) -> None:
        """Print one; OSError if it, or one before it, cannot be shown."""
        if self.error is not None:
            raise self.error
        try:
            self._show(report)
        except OSError as error:
            self.error = error
            raise


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
