"""A real Notecard: opened by its port's name, asked with care, read as the badge's sensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badge.exports import exports

if TYPE_CHECKING:
    from hil.card.client import Notecard
    from hil.card.errors import CardError, CardGoneError, CardRefusedError
    from hil.card.open import open_notecard
    from hil.card.reply import CardAnswer
    from hil.card.sensors import CardSensors
    from hil.card.thread import Card, CardThread

__all__ = [
    "Card",
    "CardAnswer",
    "CardError",
    "CardGoneError",
    "CardRefusedError",
    "CardSensors",
    "CardThread",
    "Notecard",
    "open_notecard",
]
__getattr__, __dir__ = exports(
    __name__,
    {
        "Card": "hil.card.thread",
        "CardAnswer": "hil.card.reply",
        "CardError": "hil.card.errors",
        "CardGoneError": "hil.card.errors",
        "CardRefusedError": "hil.card.errors",
        "CardSensors": "hil.card.sensors",
        "CardThread": "hil.card.thread",
        "Notecard": "hil.card.client",
        "open_notecard": "hil.card.open",
    },
)
