"""What a bench wants of the card beside Notehub's API: faults to strike, lines to read and set."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from badge.errors import InputError
from sim.notecard.api.routes import Routes
from sim.notecard.transport.realtime import RealtimeNotecard


class FaultOrder(BaseModel):
    """A fault to strike on the next occasions."""

    kind: str
    times: int = Field(1, ge=1, le=1_000_000)


class Level(BaseModel):
    """What the world puts on an input."""

    high: bool


def router(live: RealtimeNotecard) -> Routes:
    """The routes."""
    api = Routes()

    @api.post("/faults")
    def order_fault(order: FaultOrder) -> dict[str, int]:
        try:
            live.act(lambda notecard: notecard.faults.arm(order.kind, order.times))
        except InputError as error:
            raise HTTPException(400, str(error)) from None
        return live.act(lambda notecard: dict(notecard.faults.struck))

    @api.get("/pins")
    def pins() -> dict[str, Any]:
        return live.act(lambda notecard: dict(notecard.card.pins.levels))

    @api.put("/pins/{name}")
    def drive(name: str, level: Level) -> dict[str, Any]:
        try:
            live.act(lambda notecard: notecard.card.pins.drive(name, level.high))
        except InputError as error:
            raise HTTPException(400, str(error)) from None
        return pins()

    return api
