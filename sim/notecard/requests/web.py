"""web.*: HTTP through a proxy route of Notehub."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace

from sim.notecard.card.card import Card, Request
from sim.notecard.card.replies import Answered, CardReply, Later
from sim.notecard.codec.arguments import (
    Args,
    Members,
    RequestError,
    decoded,
    foreign_json,
    spoken,
)
from sim.notecard.codec.cobs import cobs_encode
from sim.notecard.codec.settings import one_of
from sim.notecard.model.exchange import WebCall, WebReply
from sim.notecard.requests.note import fresh_id
from sim.notecard.storage.binary import md5_hex
from sim.notecard.storage.notefiles import check_name

TIMEOUT_S = 90
TIMEOUT_MAX_S = 3600
INLINE_BYTES_MAX = 8192
METHODS = ("get", "post", "put", "delete")
GENERIC = ("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE")
SENDS_STORE = ("web.post", "web.put")


def _call(method: str) -> Request:
    def web(card: Card, args: Args) -> Answered:
        return _web(card, args, method)

    return web


def generic(card: Card, args: Args) -> Answered:
    """web with `method`."""
    args.required("method")
    if args.text("method").upper() == "CONNECT":
        raise RequestError("method: a tunnel is not modelled {not-supported}")
    if args.text("method").upper() not in GENERIC:
        one_of(args, "method", GENERIC)
    return _web(card, args, args.text("method").lower())


def _web(card: Card, args: Args, method: str) -> Answered:
    call, device = _damaged(card, _prepare(card, args, method)), card.identity.device
    online = card.link.connected and card.session.continuous
    if online and args.flag("async"):
        card.hub.web(device, call, lambda reply: None)
        return {}
    if online:
        return _wait(card, args, call)
    if args.flag("async") or not args.text("file"):
        raise RequestError("web operations require being online (hub.set) {hub-not-connected}")
    keep = _keeper(card, args)
    card.session.queued.append(lambda: card.hub.web(device, call, keep))
    return {}


def _damaged(card: Card, call: WebCall) -> WebCall:
    """The link may turn a bit over, which Notehub notices if it is asked to verify."""
    if not call.body or not card.faults.strikes("web-damage"):
        return call
    return replace(call, body=bytes([call.body[0] ^ 0x40]) + call.body[1:])


def _prepare(card: Card, args: Args, method: str) -> WebCall:
    data, digest = _request_bytes(card, args)
    seconds = args.integer("seconds")
    call = WebCall(
        route=args.required("route"),
        method=method.upper(),
        name=args.text("name"),
        body=data,
        content=_content(args),
        timeout_s=min(seconds, TIMEOUT_MAX_S) if seconds > 0 else TIMEOUT_S,
        label=args.text("label"),
        digest=digest,
    )
    if method == "get":
        return replace(call, name=_with_range(call.name, args))
    return replace(call, offset=max(0, args.integer("offset")), total=max(0, args.integer("total")))


def _content(args: Args) -> str:
    content = args.text("content")
    if not (content.isascii() and content.isprintable()):
        raise RequestError("content: not a MIME type")
    return content


def _with_range(name: str, args: Args) -> str:
    given = [key for key in ("max", "offset") if args.integer(key, -1) >= 0]
    asked = "&".join(f"{key}={args.integer(key)}" for key in given)
    return f"{name}{'&' if '?' in name else '?'}{asked}" if asked else name


def _request_bytes(card: Card, args: Args) -> tuple[bytes, str]:
    """What is sent, and the MD5 that Notehub checks it by, if `verify` or `status` wants it."""
    payload, stored = args.text("payload"), _sends_store(args)
    if "body" in args and (payload or stored):
        raise RequestError("body and payload exclude each other {incompatible}")
    if "body" in args:
        data = json.dumps(args.body(), separators=(",", ":")).encode()
    else:
        data = card.store.slice(0, 0) if stored else decoded(payload)
    digest = args.text("status").lower()
    if digest and digest != md5_hex(data):
        raise RequestError("payload does not match its MD5 {web-payload}")
    return data, md5_hex(data) if digest or args.flag("verify") else ""


def _sends_store(args: Args) -> bool:
    return args.flag("binary") and (args.text("req") or args.text("cmd")) in SENDS_STORE


def _wait(card: Card, args: Args, call: WebCall) -> Later:
    later = Later(
        deadline_ms=card.clock.now_ms + int(call.timeout_s * 1000),
        on_deadline=lambda: {"err": "no answer in time {receive-timeout}"},
    )
    limit = args.integer("max") if call.method != "GET" and args.integer("max") > 0 else 0

    sends = call.method in ("POST", "PUT")  # the schema has `status` in their answers only

    def answered(reply: WebReply) -> None:
        members = answer_members(card, reply, args.flag("binary"), limit, digest=sends)
        later.reply = CardReply(members)

    card.hub.web(card.identity.device, call, answered)
    return later


def _keeper(card: Card, args: Args) -> Callable[[WebReply], None]:
    """Where the answer to a queued request goes: a note of a local database."""
    name, note_id = check_name(args.text("file")), args.text("note")
    if not name.endswith(".dbx"):
        raise RequestError(f"{name}: answers are stored in a .dbx file {{notefile-bad-name}}")

    def keep(reply: WebReply) -> None:
        file = card.files.open(name)
        wanted = note_id if note_id not in ("", "?") else fresh_id(card, file)
        body = answer_members(card, reply, binary=False)
        payload = str(body.pop("payload", ""))
        card.add_note(file, wanted, body=body, payload=payload)
        card.fire("files", name)

    return keep


def answer_members(
    card: Card, reply: WebReply, binary: bool, limit: int = 0, *, digest: bool = False
) -> Members:
    """What the host is told: JSON as `body`, anything else as `payload`.

    With `binary` the bytes are in the store, whatever they are, and `body` is there too: note-c's
    bench test of card.binary wants both.
    """
    if reply.refusal:
        return {"err": reply.refusal}
    most = limit or (card.store.bytes_max if binary else INLINE_BYTES_MAX)
    if len(reply.body) > most:
        return {"err": f"response of {len(reply.body)} bytes is too large {{too-big}}"}
    body = _json_object(reply)
    if binary and reply.body:
        card.store.clear()
        card.store.held = reply.body
        return {
            "result": reply.result,
            "body": body or {},
            "cobs": len(cobs_encode(reply.body)),
            "length": len(reply.body),
        } | ({"status": md5_hex(reply.body)} if digest else {})
    if body is not None:
        return {"result": reply.result, "body": body}
    if not reply.body:
        return {"result": reply.result}
    return spoken(
        result=reply.result, payload=b64encode(reply.body).decode(), status=md5_hex(reply.body)
    )


def _json_object(reply: WebReply) -> Members | None:
    try:
        found = foreign_json(reply.body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


REQUESTS: dict[str, Request] = {f"web.{method}": _call(method) for method in METHODS} | {
    "web": generic
}
