"""What a card keeps in flash: settings, notefiles, variables, counters; as JSON text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from badge.errors import InputError
from sim.notecard.model.notefiles import Notefile

I2C_ADDRESS = 0x17


@dataclass(slots=True)
class Usage:
    """Counters of card.usage.get."""

    bytes_sent: int = 0
    bytes_received: int = 0
    notes_sent: int = 0
    notes_received: int = 0
    sessions_standard: int = 0
    sessions_secure: int = 0


@dataclass(slots=True)
class CardState:
    """Everything that survives a restart.  The families own their part of `settings`."""

    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, Notefile] = field(default_factory=dict)
    env_default: dict[str, str] = field(default_factory=dict)
    env_set: dict[str, str] = field(default_factory=dict)
    env_hub: dict[str, str] = field(default_factory=dict)
    env_modified_s: int = 0
    usage: Usage = field(default_factory=Usage)
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
        return CardState(settings=kept, usage=self.usage, i2c_address=self.i2c_address)


_STATE = TypeAdapter(CardState)


def state_text(state: CardState) -> str:
    """The state as one JSON text."""
    return _STATE.dump_json(state).decode()


def read_state(text: str, place: str) -> CardState:
    """Parse what `state_text` wrote; InputError names `place` and what is wrong."""
    try:
        return _STATE.validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "file"
        raise InputError(
            f"{place}: not a card's state ({where}: {first['msg']}); delete it to start afresh"
        ) from None
