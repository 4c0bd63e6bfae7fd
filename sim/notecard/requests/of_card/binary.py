"""card.binary, card.binary.put and card.binary.get."""

from __future__ import annotations

from sim.notecard.card.card import Card, Request
from sim.notecard.card.replies import CardReply
from sim.notecard.codec.arguments import Args, Members, RequestError
from sim.notecard.codec.cobs import cobs_encode
from sim.notecard.storage.binary import md5_hex


def binary(card: Card, args: Args) -> Members:
    """What the store holds; `delete` and `reset` empty it and clear a {bad-bin}."""
    if args.flag("delete") or args.flag("reset"):
        card.store.clear()
    if args.flag("delete"):
        return {}
    return card.store.status() | ({"connected": True} if card.link.connected else {})


def put(card: Card, args: Args) -> Members:
    """Open the store for `cobs` encoded bytes, which follow up to an LF."""
    card.store.expect(args.integer("cobs"), args.text("status"), max(0, args.integer("offset")))
    return {}


def get(card: Card, args: Args) -> CardReply:
    """The MD5 of a slice as JSON, then the slice itself, encoded, as a message of its own."""
    data = card.store.slice(max(0, args.integer("offset")), max(0, args.integer("length")))
    encoded = cobs_encode(data)
    expected = args.integer("cobs")
    if expected > 0 and expected != len(encoded):
        raise RequestError(f"cobs: {expected} bytes expected, {len(encoded)} are there {{bad-bin}}")
    members: Members = {"status": md5_hex(data), "cobs": len(encoded), "length": len(data)}
    return CardReply(members, raw=encoded)


REQUESTS: dict[str, Request] = {
    "card.binary": binary,
    "card.binary.put": put,
    "card.binary.get": get,
}
