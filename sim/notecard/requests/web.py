"""web.*: HTTP through a proxy route of Notehub."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace

from sim.notecard.card.card import Answered, Card, CardReply, Later, Request
from sim.notecard.codec.arguments import Args, Members, RequestError, decoded, spoken
from sim.notecard.codec.cobs import cobs_encode
from sim.notecard.model.binary import BINARY_BYTES_MAX, md5_hex
from sim.notecard.model.exchange import WebCall, WebReply
from sim.notecard.model.notefiles import check_name

TIMEOUT_S = 90
INLINE_BYTES_MAX = 8192
METHODS = ("get", "post", "put", "delete")


def _call(method: str) -> Request:
    def web(card: Card, args: Args) -> Answered:
        return _web(card, args, method)

    return web


def generic(card: Card, args: Args) -> Answered:
    """web with `method`."""
    method = args.required("method").lower()
    if method not in METHODS:
        raise RequestError(f"method: unrecognized method '{args.text('method')}'")
    return _web(card, args, method)


def _web(card: Card, args: Args, method: str) -> Answered:
    call = _prepare(card, args, method)
    online = card.link.connected and card.continuous
    if online and args.flag("async"):
        card.hub.web(call, lambda reply: None)
        return {}
    if online:
        return _wait(card, args, call)
    if args.flag("async") or not args.text("file"):
        raise RequestError("web operations require being online (hub.set) {hub-not-connected}")
    keep = _keeper(card, args)
    card.queued_web.append(lambda: card.hub.web(call, keep))
    return {}


def _prepare(card: Card, args: Args, method: str) -> WebCall:
    call = WebCall(
        route=args.required("route"),
        method=method.upper(),
        name=args.text("name"),
        body=_request_bytes(card, args),
        content=args.text("content", "application/json"),
        timeout_s=args.integer("seconds") or TIMEOUT_S,
        label=args.text("label"),
    )
    if method == "get":
        return replace(call, name=_with_range(call.name, args))
    if args.integer("total") and call.content != "application/octet-stream":
        raise RequestError("total: only for application/octet-stream {incompatible}")
    return replace(call, offset=args.integer("offset"), total=args.integer("total"))


def _with_range(name: str, args: Args) -> str:
    asked = "&".join(f"{key}={args.integer(key)}" for key in ("max", "offset") if key in args)
    return f"{name}{'&' if '?' in name else '?'}{asked}" if asked else name


def _request_bytes(card: Card, args: Args) -> bytes:
    payload = args.text("payload")
    if payload and "body" in args:
        raise RequestError("body and payload exclude each other {incompatible}")
    data = card.store.slice(0, 0) if _sends_store(args) else decoded(payload)
    digest = args.text("status").lower()
    if digest and (payload or _sends_store(args)) and digest != md5_hex(data):
        raise RequestError("payload does not match its MD5 {web-payload}")
    if "body" in args:
        return json.dumps(args.body(), separators=(",", ":")).encode()
    return data


def _sends_store(args: Args) -> bool:
    asked = args.text("req") or args.text("cmd")
    return args.flag("binary") and asked in ("web.post", "web.put")


def _wait(card: Card, args: Args, call: WebCall) -> Later:
    later = Later(
        deadline_ms=card.clock.now_ms + int(call.timeout_s * 1000),
        on_deadline=lambda: {"err": "no answer in time {receive-timeout}"},
    )

    def answered(reply: WebReply) -> None:
        later.reply = CardReply(answer_members(card, reply, args.flag("binary")))

    card.hub.web(call, answered)
    return later


def _keeper(card: Card, args: Args) -> Callable[[WebReply], None]:
    """Where the answer to a queued request goes: a note of a local database."""
    name, note_id = check_name(args.text("file")), args.text("note")
    if not name.endswith(".dbx"):
        raise RequestError(f"{name}: answers are stored in a .dbx file {{notefile-bad-name}}")

    def keep(reply: WebReply) -> None:
        wanted = note_id if note_id not in ("", "?") else card.random.randbytes(4).hex()
        body = answer_members(card, reply, binary=False)
        payload = str(body.pop("payload", ""))
        card.add_note(card.files.open(name), wanted, body=body, payload=payload)
        card.attn.fire("files", name)

    return keep


def answer_members(card: Card, reply: WebReply, binary: bool) -> Members:
    """What the host is told: JSON as `body`, anything else as `payload`, or in the store."""
    if reply.refusal:
        return {"err": reply.refusal}
    body = _json_object(reply)
    if body is not None and len(reply.body) <= INLINE_BYTES_MAX:
        return {"result": reply.result, "body": body}
    if not reply.body:
        return {"result": reply.result}
    if binary and len(reply.body) <= BINARY_BYTES_MAX:
        card.store.clear()
        card.store.held = reply.body
        encoded = len(cobs_encode(reply.body))
        length, digest = len(reply.body), md5_hex(reply.body)
        return {"result": reply.result, "cobs": encoded, "length": length, "status": digest}
    if len(reply.body) > INLINE_BYTES_MAX:
        return {"err": f"response of {len(reply.body)} bytes is too large {{too-big}}"}
    payload = b64encode(reply.body).decode()
    return spoken(result=reply.result, payload=payload, status=md5_hex(reply.body))


def _json_object(reply: WebReply) -> Members | None:
    try:
        found = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


REQUESTS: dict[str, Request] = {f"web.{method}": _call(method) for method in METHODS} | {
    "web": generic
}
