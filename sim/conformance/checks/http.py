"""What a badge's modem does to HTTP: slow, in chunks, cut off, and again."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from sim.conformance.kit.check import check
from sim.conformance.kit.samples import event
from sim.conformance.kit.session import Credentials, HttpSession

CLAUSE = "RFC 9112: HTTP/1.1"


def _body(badge: Credentials, *numbers: int, kind: str = "upload_heartbeat") -> bytes:
    return json.dumps([event(badge.device_id, number, kind) for number in numbers]).encode()


def _head(t: HttpSession, badge: Credentials, *lines: str) -> bytes:
    parts = urlsplit(t.backend.url.rstrip("/") + t.profile.events_path)
    head = [f"POST {parts.path or '/'} HTTP/1.1", f"Host: {parts.netloc}"]
    head += ["Content-Type: application/json", *lines]
    if badge.key:
        head.append(f"{t.profile.key_header}: {t.profile.key_prefix}{badge.key}")
    return "\r\n".join([*head, "", ""]).encode("latin-1")


def _chunked(body: bytes, size: int) -> list[bytes]:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return [f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in parts] + [b"0\r\n\r\n"]


@check("takes a body in chunks", CLAUSE)
def _chunks(t: HttpSession) -> None:
    badge = t.device()
    pieces = [_head(t, badge, "Transfer-Encoding: chunked"), *_chunked(_body(badge, 1, 2, 3), 50)]
    t.expect_accepted(t.raw(badge, pieces), 3)


@check("takes a body that comes slowly", "contract 4, 408: only what does not come in time")
def _slowly(t: HttpSession) -> None:
    badge = t.device()
    body = _body(badge, 1)
    head = _head(t, badge, f"Content-Length: {len(body)}")
    pieces = [head, *(body[at : at + 40] for at in range(0, len(body), 40))]
    t.expect_accepted(t.raw(badge, pieces, pause_s=min(0.2, t.profile.patience_s / 100)), 1)


@check("gives the answer that was lost again", "contract 4, 202: duplicates count as accepted")
def _lost_answer(t: HttpSession) -> None:
    badge = t.device()
    body = _body(badge, *range(1, 51))
    head = _head(t, badge, f"Content-Length: {len(body)}")
    for _ in range(3):
        t.raw(badge, [head, body], then_leave=True)
    t.expect_accepted(t.post_bytes(badge, body), 50)


@check("keeps nothing of a body that is cut off", "contract 3: no answer, sent again")
def _cut_off(t: HttpSession) -> None:
    badge = t.device()
    body = _body(badge, *range(1, 51))
    head = _head(t, badge, f"Content-Length: {len(body)}")
    for share in (0.1, 0.5, 0.99):
        t.raw(badge, [head, body[: int(len(body) * share)]], then_leave=True)
    t.expect_accepted(t.post_bytes(badge, body), 50)


@check("answers several requests on a connection", CLAUSE)
def _kept_alive(t: HttpSession) -> None:
    badge = t.device()
    for number in range(1, 6):
        t.expect_accepted(t.post(badge, [event(badge.device_id, number)]), 1)


@check("stays usable after a refusal", CLAUSE)
def _after_refusal(t: HttpSession) -> None:
    badge = t.device()
    for number in range(1, 4):
        t.expect(t.post_bytes(badge, b"["), 400)
        t.expect_accepted(t.post(badge, [event(badge.device_id, number)]), 1)


@check("refuses a length beside chunks", "RFC 9112 6.3: request smuggling", level="should")
def _length_and_chunks(t: HttpSession) -> None:
    badge = t.device()
    body = _body(badge, 1)
    head = _head(t, badge, f"Content-Length: {len(body)}", "Transfer-Encoding: chunked")
    said = t.raw(badge, [head, *_chunked(body, 500)])
    if said.status in t.profile.allowed(400):
        return
    # Or the chunks alone count; but then nothing else may come on this connection.
    t.expect_accepted(said, 1)
    t.expect_that(said.closed, "400, or the connection closed behind the answer")


@check("refuses a compressed body", "contract 4, 415", level="should")
def _compressed(t: HttpSession) -> None:
    import gzip

    badge = t.device()
    packed = gzip.compress(_body(badge, 1))
    t.expect(t.post_bytes(badge, packed, headers={"Content-Encoding": "gzip"}), 415)


@check("refuses a body of two megabytes", "contract 4, 413", level="should")
def _too_large(t: HttpSession) -> None:
    badge = t.device()
    head = _head(t, badge, "Content-Length: 2097152")
    t.expect(t.raw(badge, [head, *[b" " * 65_536] * 32]), 413)


@check("answers in JSON whatever was asked", "contract 4: bodies", level="should")
def _in_json(t: HttpSession) -> None:
    badge = t.device()
    for said in (
        t.post_bytes(badge, b"["),
        t.post(badge, []),
        t.post(badge, [event(badge.device_id, 1)]),
    ):
        kind = said.answer_headers.get("content-type", "")
        t.expect_that("json" in kind and said.json is not None, "a JSON body that says it is JSON")


@check("answers no other method with success", CLAUSE, level="should")
def _other_methods(t: HttpSession) -> None:
    badge = t.device()
    for method in ("GET", "PUT", "DELETE"):
        said = t.ask(method, t.profile.events_path, key=badge.key)
        t.expect_that(said.status is not None and said.status >= 400, f"{method} is refused")


@check("slows a device down and says how long", "contract 4, 429", needs=("rate_limit",))
def _rate_limit(t: HttpSession) -> None:
    badge = t.device()
    limit = t.profile.rate_limit_per_minute or 0
    for number in range(1, 2 * limit + 2):
        said = t.post(badge, [event(badge.device_id, number)])
        if said.status in t.profile.allowed(429):
            wait = said.answer_headers.get("retry-after", "")
            t.expect_that(wait.isdecimal(), "429 with a Retry-After in whole seconds")
            return
        t.expect_accepted(said, 1)
    t.expect_that(False, f"429 above {limit} requests a minute")
