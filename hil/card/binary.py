"""The card's binary store: larger batches up, larger answers down."""

from __future__ import annotations

from hashlib import md5
from importlib import import_module

from hil.card.client import Notecard
from hil.card.errors import CardError, CardGoneError, CardRefusedError

TRIES = 3  # a damaged transfer is an accident of the line; a third one is not
_EOP = ord("\n")  # what COBS keeps out of the content: the card reads lines


def store(card: Notecard, content: bytes) -> None:
    """Put the content into the empty store and check that it is there; CardError if it is not.

    note-python's own helper cannot repeat a damaged transfer, since its Transaction raises on
    the answer that asks for it.
    """
    encoded = bytes(import_module("notecard.cobs").cobs_encode(bytearray(content), _EOP))
    digest = _md5(content)
    trouble: CardError | None = None
    for _ in range(TRIES):
        card.ask("card.binary", {"delete": True})
        card.ask("card.binary.put", {"cobs": len(encoded), "status": digest})
        card.put(encoded)
        try:
            held = card.ask("card.binary")
        except CardRefusedError as error:
            trouble = error
            continue
        told = (held.text("status") or digest).lower()  # an older card tells no checksum
        if (held.whole("length"), told) == (len(content), digest):
            return
        trouble = CardGoneError(f"notecard {card.place}: card.binary: the store holds other bytes")
    assert trouble is not None
    raise trouble


def fetch(card: Notecard, length: int) -> bytes:
    """Return the first `length` bytes of the store; CardGoneError if they do not arrive whole."""
    reply, raw = card.get("card.binary.get", {"offset": 0, "length": length})
    content = bytes(import_module("notecard.cobs").cobs_decode(bytearray(raw), _EOP))
    if _md5(content) != reply.text("status").lower():
        raise CardGoneError(f"notecard {card.place}: card.binary.get: the checksum is wrong")
    return content


def _md5(content: bytes) -> str:
    return md5(content, usedforsecurity=False).hexdigest()
