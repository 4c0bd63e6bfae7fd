"""HTTP as a network makes it: in chunks, slow, broken off; and what is no event at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from sim.conformance.kit.check import hook_check
from sim.conformance.kit.raw import Connection
from sim.conformance.kit.webhook import WebhookSession

ALL = ("blecon", "grouplink", "peridio")
HTTP = dict.fromkeys(ALL, "RFC 9112: HTTP/1.1")
WHOLE = dict.fromkeys(ALL, "RFC 9112 8: a body that is not whole is none")
JSON = dict.fromkeys(ALL, "docs/platforms.md: a body is JSON")
OTHERS = dict.fromkeys(ALL, "a stranger that hangs must not keep a platform waiting")
HANGING = 20


def _chunked(body: bytes, size: int) -> list[bytes]:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return [f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in parts] + [b"0\r\n\r\n"]


@hook_check("takes a body in chunks", HTTP, level="should")
def _chunks(t: WebhookSession) -> None:
    body = t.body(t.event())
    said = t.raw([t.head(body, "Transfer-Encoding: chunked"), *_chunked(body, 50)])
    t.expect_taken(said, "a body in chunks")


@hook_check("takes a body that comes slowly", HTTP)
def _slowly(t: WebhookSession) -> None:
    body = t.body(t.event())
    size = -(-len(body) // 8)
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    pause_s = min(0.1, t.patience_s / 100)
    said = t.raw([t.head(body, f"Content-Length: {len(body)}"), *pieces], pause_s=pause_s)
    t.expect_taken(said, "a body that took most of a second")


@hook_check("answers several deliveries on a connection", HTTP)
def _kept_alive(t: WebhookSession) -> None:
    for _ in range(5):
        t.expect_taken(t.deliver(t.event()))


@hook_check("stays usable after a refusal", HTTP)
def _after_refusal(t: WebhookSession) -> None:
    for _ in range(3):
        t.post(b"[")
        t.expect_taken(t.deliver(t.event()), "an event behind a body that is no JSON")


@hook_check("refuses half of a body", WHOLE)
def _half(t: WebhookSession) -> None:
    body = t.body(t.event())
    half = body[: len(body) // 2]
    said = t.raw([t.head(body, f"Content-Length: {len(half)}"), half])
    t.expect_refused(said, "half of a body with the headers of the whole")


@hook_check("refuses what is no JSON", JSON, level="should")
def _no_json(t: WebhookSession) -> None:
    for body in (b"", b"nonsense", b"{", b"\xff\xfe[]", b"[" * 100_000):
        said = t.post(body)
        t.expect_refused(said, "a body that is no JSON")
        t.expect_that(
            said.status is None or said.status < 500, "a status below 500: it is not your fault"
        )


@hook_check("refuses what is no event", JSON, level="should")
def _no_event(t: WebhookSession) -> None:
    for body in (b"7", b'"event"', b"null", b"[1,2]", b"true"):
        said = t.post(body)
        broken = said.status is not None and said.status >= 500
        t.expect_that(not broken, "a status below 500: JSON that is no event is no accident")


@hook_check("answers no other method with success", HTTP, level="should")
def _other_methods(t: WebhookSession) -> None:
    for method in ("GET", "PUT", "DELETE"):
        said = t.ask_url(method, t.receiver.url, b"", {})
        t.expect_that(said.status is not None and said.status >= 400, f"{method} is refused")


@hook_check("answers fifty deliveries at once", OTHERS)
def _many(t: WebhookSession) -> None:
    events = [t.event() for _ in range(50)]
    with ThreadPoolExecutor(8) as pool:
        for said in pool.map(t.deliver, events):
            t.expect_taken(said, "fifty deliveries, eight at a time")


@hook_check("answers while others hang", OTHERS)
def _while_others_hang(t: WebhookSession) -> None:
    body = t.body(t.event())
    half = [t.head(body, f"Content-Length: {len(body)}"), body[: len(body) // 2]]
    with ExitStack() as open_:
        for _ in range(HANGING):
            open_.enter_context(Connection(t.receiver.url, t.patience_s)).send(half)
        t.expect_taken(t.deliver(t.event()), f"an event while {HANGING} half bodies hang")


@hook_check(
    "hangs up on a body that does not come",
    dict.fromkeys(ALL, "RFC 9110 15.5.9, 408: the request was not whole in time"),
    level="should",
    needs=("client_timeout",),
)
def _never_whole(t: WebhookSession) -> None:
    body = t.body(t.event())
    timeout_s = t.receiver.profile.client_timeout_s or 0.0
    half = [t.head(body, f"Content-Length: {len(body)}"), body[: len(body) // 2]]
    said = t.raw(half, wait_s=2 * timeout_s + 1)
    t.expect_that(
        said.closed or (said.status is not None and said.status >= 400),
        f"408, or the connection closed, some {timeout_s:g} s after half a body",
    )
