"""The buttons of a running badge, pressed from another terminal over a unix socket."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from pydantic import BaseModel

from badge.contract.documents import parse, parse_as
from badge.errors import InputError
from badge.host.systems import have_unix_sockets, need_unix_sockets

LINE_BYTES_MAX = 4096  # two names of people; whoever sends more is no button
TIMEOUT_S = 30.0  # the other end is on this computer, which may be busy; else it hangs
Request = Mapping[str, object]
Press = Callable[[Request], str]


class _Answer(BaseModel):
    """What a badge says to a press."""

    ok: bool
    text: str


def socket_path(flash: Path) -> Path:
    """Where the badge of a flash file listens: beside it."""
    return flash.with_name(flash.name + ".sock")


@asynccontextmanager
async def serve_buttons(path: Path, press: Press) -> AsyncIterator[None]:
    """Let this user's programs press; `press` gets a request and returns what came of it.

    The caller holds the flash file's lock: a socket that lies there is an old one.
    """
    if not have_unix_sockets():
        yield
        return
    path.unlink(missing_ok=True)
    mask = os.umask(0o177)
    try:
        server = await asyncio.start_unix_server(
            lambda reader, writer: _answer(reader, writer, press), path, limit=LINE_BYTES_MAX
        )
    except OSError as error:
        raise InputError(
            f"{path}: no socket can be made there ({error}); use a shorter path"
        ) from None
    finally:
        os.umask(mask)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, press: Press) -> None:
    with suppress(OSError, TimeoutError, ValueError):
        line = await asyncio.wait_for(reader.readline(), TIMEOUT_S)
        writer.write(json.dumps(_pressed(line, press)).encode() + b"\n")
        await writer.drain()
    writer.close()


def _pressed(line: bytes, press: Press) -> dict[str, object]:
    try:
        request = parse(line, "the request")
        if not isinstance(request, dict):
            raise InputError("a JSON object is expected")
        return {"ok": True, "text": press(request)}
    except InputError as error:
        return {"ok": False, "text": str(error)}


def press_button(path: Path, request: Request) -> str:
    """Press from another process and return what came of it; InputError if it did not work."""
    need_unix_sockets("buttons of a running badge", "badge run --assign-now begins the shift")
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(TIMEOUT_S)
            line.connect(str(path))
            line.sendall(json.dumps(request).encode() + b"\n")
            with line.makefile("rb") as stream:
                raw = stream.readline(LINE_BYTES_MAX)
    except TimeoutError:
        raise InputError(
            f"{path}: the badge there has not answered for {TIMEOUT_S:g} s; whether it took "
            "it, its status says; start it again if it hangs"
        ) from None
    except OSError:
        raise InputError(
            f"{path}: no badge listens there; start one with badge run, or name its file with "
            "--flash"
        ) from None
    answer = parse_as(_Answer, raw or b'{"ok":false,"text":"the badge has just ended"}', str(path))
    if not answer.ok:
        raise InputError(answer.text)
    return answer.text
