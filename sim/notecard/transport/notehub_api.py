"""The virtual Notehub's own API on loopback: notes, environment and signals inbound; faults.

Paths and bodies are those of Notehub's v1 API, so that a backend's code for it can be pointed here.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from hmac import compare_digest
from threading import Thread
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, Field

from badge.errors import InputError
from sim.notecard.codec.arguments import RequestError
from sim.notecard.protocol.virtual import VirtualNotecard
from sim.notecard.transport.realtime import RealtimeNotecard

_DEVICE = "/v1/projects/{project}/devices/{device}"


class InboundNote(BaseModel):
    """A note for the device; `payload` is base64."""

    body: dict[str, Any] | None = None
    payload: str = Field("", max_length=64 * 1024)


class EnvironmentVariables(BaseModel):
    """Variables to set; an empty text removes one."""

    environment_variables: dict[str, str]


class Signal(BaseModel):
    """A signal for a connected device."""

    body: dict[str, Any]


class FaultOrder(BaseModel):
    """A fault to strike on the next occasions."""

    kind: str
    times: int = Field(1, ge=1, le=1_000_000)


def hub_app(live: RealtimeNotecard, token: str = "") -> FastAPI:
    """The API of one card; with a token every request needs ``Authorization: Bearer``."""

    def authorized(authorization: Annotated[str, Header()] = "") -> None:
        if token and not compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            raise HTTPException(401, "missing or wrong bearer token")

    def this_device(device: str) -> None:
        if device != live.notecard.card.identity.device:
            raise HTTPException(404, f"no device {device}")

    def act(action: Callable[[VirtualNotecard], object]) -> dict[str, Any]:
        try:
            live.act(action)
        except (RequestError, InputError) as error:
            raise HTTPException(400, str(error)) from None
        return {}

    app = FastAPI(title="virtual Notehub", dependencies=[Depends(authorized)])
    mine = [Depends(this_device)]

    @app.post(_DEVICE + "/notes/{file}", dependencies=mine)
    def add_queue_note(file: str, note: InboundNote) -> dict[str, Any]:
        return act(lambda notecard: notecard.hub.add_note(file, note.body, note.payload))

    @app.post(_DEVICE + "/notes/{file}/{note_id}", dependencies=mine)
    def add_db_note(file: str, note_id: str, note: InboundNote) -> dict[str, Any]:
        return act(lambda notecard: notecard.hub.add_note(file, note.body, note.payload, note_id))

    @app.put(_DEVICE + "/environment_variables", dependencies=mine)
    def set_environment(wanted: EnvironmentVariables) -> dict[str, Any]:
        act(lambda notecard: notecard.hub.set_env(wanted.environment_variables))
        return {"environment_variables": wanted.environment_variables}

    @app.post(_DEVICE + "/signal", dependencies=mine)
    def send_signal(signal: Signal) -> dict[str, bool]:
        connected = live.notecard.card.link.connected
        if connected:
            act(lambda notecard: notecard.hub.send_signal(signal.body))
        return {"connected": connected}

    @app.get("/v1/projects/{project}/events")
    def events() -> dict[str, Any]:
        return {"events": list(live.notecard.hub.events), "has_more": False}

    @app.post("/faults")
    def order_fault(order: FaultOrder) -> dict[str, int]:
        act(lambda notecard: notecard.faults.arm(order.kind, order.times))
        return dict(live.notecard.faults.struck)

    return app


class HubServer:
    """Serves `hub_app` on 127.0.0.1 in a thread; port 0 takes a free one."""

    def __init__(self, live: RealtimeNotecard, port: int = 0, token: str = "") -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind(("127.0.0.1", port))
            self._socket.listen()  # from now on callers wait, however late the server starts
        except OSError as error:
            raise InputError(f"port {port}: {error.strerror}; choose another one") from None
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            hub_app(live, token), loop="asyncio", http="h11", log_level="error", lifespan="off"
        )
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.should_exit = True
        self._thread.join(timeout=5)
        self._socket.close()
