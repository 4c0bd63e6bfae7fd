"""web.*: HTTP through a proxy route of Notehub."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace

from sim.notecard.codec.arguments import Args, CardError, decoded, spoken
from sim.notecard.codec.cobs import cobs_encode
from sim.notecard.model.binary import BINARY_BYTES_MAX, md5_hex
from sim.notecard.model.card import Answered, Board, Later, Reply, Request
from sim.notecard.model.exchange import WebCall, WebReply
from sim.notecard.model.notefiles import check_name
from sim.notecard.model.outputs import Members

TIMEOUT_S = 90
INLINE_BYTES_MAX = 8192
METHODS = ("get", "post", "put", "delete")


def _call(method: str) -> Request:
    def web(board: Board, args: Args) -> Answered:
        return _web(board, args, method)

    return web


def generic(board: Board, args: Args) -> Answered:
    """web with `method`."""
    method = args.required("method").lower()
    if method not in METHODS:
        raise CardError(f"method: unrecognized method '{args.text('method')}'")
    return _web(board, args, method)


def _web(board: Board, args: Args, method: str) -> Answered:
    call = _prepare(board, args, method)
    online = board.link.connected and board.continuous
    if online and args.flag("async"):
        board.hub.web(call, lambda reply: None)
        return {}
    if online:
        return _wait(board, args, call)
    if args.flag("async") or not args.text("file"):
        raise CardError("web operations require being online (hub.set) {hub-not-connected}")
    keep = _keeper(board, args)
    board.queued_web.append(lambda: board.hub.web(call, keep))
    return {}


def _prepare(board: Board, args: Args, method: str) -> WebCall:
    call = WebCall(
        route=args.required("route"),
        method=method.upper(),
        name=args.text("name"),
        body=_request_bytes(board, args),
        content=args.text("content", "application/json"),
        timeout_s=args.integer("seconds") or TIMEOUT_S,
        label=args.text("label"),
    )
    if method == "get":
        return replace(call, name=_with_range(call.name, args))
    if args.integer("total") and call.content != "application/octet-stream":
        raise CardError("total: only for application/octet-stream {incompatible}")
    return replace(call, offset=args.integer("offset"), total=args.integer("total"))


def _with_range(name: str, args: Args) -> str:
    asked = "&".join(f"{key}={args.integer(key)}" for key in ("max", "offset") if key in args)
    return f"{name}{'&' if '?' in name else '?'}{asked}" if asked else name


def _request_bytes(board: Board, args: Args) -> bytes:
    payload = args.text("payload")
    if payload and "body" in args:
        raise CardError("body and payload exclude each other {incompatible}")
    data = board.store.slice(0, 0) if _sends_store(args) else decoded(payload)
    digest = args.text("status").lower()
    if digest and (payload or _sends_store(args)) and digest != md5_hex(data):
        raise CardError("payload does not match its MD5 {web-payload}")
    if "body" in args:
        return json.dumps(args.body(), separators=(",", ":")).encode()
    return data


def _sends_store(args: Args) -> bool:
    asked = args.text("req") or args.text("cmd")
    return args.flag("binary") and asked in ("web.post", "web.put")


def _wait(board: Board, args: Args, call: WebCall) -> Later:
    later = Later(
        deadline_ms=board.clock.now_ms + int(call.timeout_s * 1000),
        on_deadline=lambda: {"err": "no answer in time {receive-timeout}"},
    )

    def answered(reply: WebReply) -> None:
        later.reply = Reply(answer_members(board, reply, args.flag("binary")))

    board.hub.web(call, answered)
    return later


def _keeper(board: Board, args: Args) -> Callable[[WebReply], None]:
    """Where the answer to a queued request goes: a note of a local database."""
    name, note_id = check_name(args.text("file")), args.text("note")
    if not name.endswith(".dbx"):
        raise CardError(f"{name}: answers are stored in a .dbx file {{notefile-bad-name}}")

    def keep(reply: WebReply) -> None:
        wanted = note_id if note_id not in ("", "?") else board.random.randbytes(4).hex()
        body = answer_members(board, reply, binary=False)
        payload = str(body.pop("payload", ""))
        board.add_note(board.files.open(name), wanted, body=body, payload=payload)
        board.attn.fire("files", name)

    return keep


def answer_members(board: Board, reply: WebReply, binary: bool) -> Members:
    """What the host is told: JSON as `body`, anything else as `payload`, or in the store."""
    if reply.refusal:
        return {"err": reply.refusal}
    body = _json_object(reply)
    if body is not None and len(reply.body) <= INLINE_BYTES_MAX:
        return {"result": reply.result, "body": body}
    if not reply.body:
        return {"result": reply.result}
    if binary and len(reply.body) <= BINARY_BYTES_MAX:
        board.store.clear()
        board.store.held = reply.body
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
