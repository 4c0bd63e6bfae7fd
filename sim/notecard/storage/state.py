"""What a card keeps in flash: settings, notefiles, variables, counters; as JSON text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from badge.contract.patterns import message
from badge.errors import InputError
from sim.notecard.codec.arguments import DEPTH_MAX, FIELDS, RequestError, fits, foreign_json
from sim.notecard.codec.levels import by_level, thresholds
from sim.notecard.storage.notefiles import Notefile, check_name
from sim.notecard.storage.templates import template_bytes
from sim.notecard.storage.usage import Usage

I2C_ADDRESS = 0x17
_BY_VOLTAGE = (
    ("hub", "vinbound"),
    ("hub", "voutbound"),
    ("location", "vseconds"),
    ("temp", "status"),
    ("dfu", "vvalue"),
)
_NESTING = 8  # a note of the greatest depth lies so deep in the file


@dataclass(slots=True)
class HostImage:
    """Host firmware from Notehub: its description as dfu.status shows it, and the bytes."""

    body: dict[str, Any] = field(default_factory=dict)
    data: str = ""  # base64
    mode: str = "idle"
    status: str = ""


@dataclass(slots=True)
class CardState:
    """Everything that survives a restart.  The families own their part of `settings`.

    `born` is drawn once for each card: session and event IDs are made of it, so that two cards,
    or two lives of one, never share them.
    """

    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, Notefile] = field(default_factory=dict)
    env_default: dict[str, str] = field(default_factory=dict)
    env_set: dict[str, str] = field(default_factory=dict)
    env_hub: dict[str, str] = field(default_factory=dict)
    env_template: dict[str, Any] = field(default_factory=dict)
    env_modified_s: int = 0
    usage: Usage = field(default_factory=Usage)
    firmware: HostImage = field(default_factory=HostImage)
    setup: str = ""  # requests that card.setup wants repeated after each restore
    device: str = ""
    sku: str = ""
    born: str = ""
    afresh: bool = False  # restored: Notehub is asked for all databases again
    activated_s: int = 0
    completed_s: int = 0  # UTC of the last completed sync
    sessions: int = 0
    notes_made: int = 0
    i2c_address: int = I2C_ADDRESS

    def family(self, name: str) -> dict[str, Any]:
        """The settings of one request family, to read and to change."""
        return self.settings.setdefault(name, {})

    def restored(self, full: bool) -> CardState:
        """After card.restore: files gone; with `full` the settings too, but Wi-Fi and address."""
        kept = {"wifi": self.family("wifi")} if full else dict(self.settings)
        return CardState(
            settings=kept,
            usage=self.usage,
            setup=self.setup,
            device=self.device,
            sku=self.sku,
            born=self.born,
            sessions=self.sessions,
            notes_made=self.notes_made,
            i2c_address=self.i2c_address,
        )


_STATE = TypeAdapter(CardState)


def state_text(state: CardState) -> str:
    """The state as one JSON text."""
    return _STATE.dump_json(state).decode()


def read_state(text: str, place: str) -> CardState:
    """Parse what `state_text` wrote; InputError names `place` and what is wrong."""
    try:
        foreign_json(text.encode(), DEPTH_MAX + _NESTING)
        state = _STATE.validate_json(text)
        _check(state)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "file"
        raise _damaged(place, f"{where}: {message(first)}") from None
    except (ValueError, RequestError) as error:
        raise _damaged(place, str(error)) from None
    return state


def _damaged(place: str, why: str) -> InputError:
    return InputError(f"{place}: not a card's state ({why}); delete it to start afresh")


def _check(state: CardState) -> None:
    """What the types do not say; the requests keep it true, an edited file may not."""
    for family, settings in state.settings.items():
        for name, value in settings.items():
            kind = FIELDS.get(name, "")
            if not fits(kind, value):
                raise ValueError(f"settings.{family}.{name}: expected a {kind or 'known setting'}")
    thresholds(str(state.family("voltage").get("mode", "default")))
    for family, name in _BY_VOLTAGE:
        by_level(str(state.family(family).get(name, "0")), "")
    place = state.family("location")
    if place.get("mode") == "fixed" and not {"lat", "lon"} <= place.keys():
        raise ValueError("settings.location: a fixed place needs lat and lon")
    if not 0x08 <= state.i2c_address <= 0x77:
        raise ValueError(f"i2c_address: {state.i2c_address} is not a 7-bit address")
    for name, file in state.files.items():
        check_name(name, reserved=True)
        if file.name != name:
            raise ValueError(f"files.{name}: its name is {file.name}")
        if file.template is not None:
            template_bytes(file.template, compact=True)
    template_bytes(state.env_template, compact=True)
