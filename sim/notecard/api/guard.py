"""What stands before the API: the token first, then bounds on what a client may send."""

from __future__ import annotations

import json
from collections.abc import Callable
from hmac import compare_digest
from typing import Any

BODY_BYTES_MAX = 256 * 1024
FIRMWARE_BYTES_MAX = 16 << 20

App = Callable[..., Any]


def bearer_of(headers: dict[bytes, bytes]) -> bytes:
    """The token of a request: ``Authorization: Bearer``, or the older ``X-Session-Token``."""
    given = headers.get(b"authorization", b"")
    scheme, _, token = given.partition(b" ")
    return token if scheme.lower() == b"bearer" else headers.get(b"x-session-token", b"")


def guarded(app: App, token: str) -> App:
    """Refuse before anything is read: without the token, or with a body that is too long."""

    async def guard(scope: Any, receive: App, send: App) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if token and not compare_digest(bearer_of(headers), token.encode()):
            await _refuse(send, 401, "missing or wrong bearer token")
            return
        limit = FIRMWARE_BYTES_MAX if "/firmware/" in scope["path"] else BODY_BYTES_MAX
        announced = headers.get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > limit:
            await _refuse(send, 413, f"a body may have {limit} bytes")
            return
        count = 0

        async def counted() -> Any:
            nonlocal count
            message = await receive()
            count += len(message.get("body", b""))
            if count > limit:  # a body in chunks that does not end
                return {"type": "http.disconnect"}
            return message

        await app(scope, counted, send)

    return guard


async def _refuse(send: App, status: int, text: str) -> None:
    body = json.dumps({"err": text, "code": status}).encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
