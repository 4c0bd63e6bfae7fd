"""What the API needs of whoever runs the Notehub, and the words in which it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, Protocol, TypeVar

from pydantic import AfterValidator, BaseModel, Field
from starlette.exceptions import HTTPException

from badge.errors import InputError
from sim.notecard.codec.arguments import RequestError, foreign_json
from sim.notecard.notehub.device import HubDevice
from sim.notecard.notehub.hub import Hub

T = TypeVar("T")
PAGE_MAX = 10_000
TEXT_BYTES_MAX = 64 * 1024


class HubOwner(Protocol):
    """Runs a Notehub: a `RealtimeNotecard`, or one of its own."""

    def with_hub(self, action: Callable[[Hub], T]) -> T:
        """Do something with it, and handle what follows."""


def acted(owner: HubOwner, action: Callable[[Hub], T]) -> T:
    """Do it, or answer 400 with why not."""
    try:
        return owner.with_hub(action)
    except (RequestError, InputError) as error:
        raise HTTPException(400, str(error)) from None


def known(hub: Hub, uid: str) -> HubDevice:
    """A device that has been heard of, or 404; the default one is there from the start."""
    if uid not in hub.project.devices and uid != hub.default:
        raise HTTPException(404, f"no device {uid[:100]}")
    return hub.project.device(uid, hub.utc_ms)


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """JSON that a card can keep; a body deeper or odder than that is a 422."""
    foreign_json(json.dumps(value, allow_nan=False).encode())
    return value


Body = Annotated[dict[str, Any], AfterValidator(_plain)]


class InboundNote(BaseModel):
    """A note for the device; `payload` is base64."""

    body: Body | None = None
    payload: str = Field("", max_length=TEXT_BYTES_MAX)


class EnvironmentVariables(BaseModel):
    """Variables to set; an empty text removes one."""

    environment_variables: dict[
        Annotated[str, Field(max_length=256)], Annotated[str, Field(max_length=TEXT_BYTES_MAX)]
    ]


class SignalBody(BaseModel):
    """A signal for a connected device."""

    body: Body


def page(found: list[T], size: int, number: int) -> tuple[list[T], bool]:
    """One page of a list, counted from 1, and whether more follow."""
    begin = (max(1, number) - 1) * size
    return found[begin : begin + size], len(found) > begin + size
