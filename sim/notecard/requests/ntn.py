"""ntn.*: a Starnote beside the card, if one is attached."""

from __future__ import annotations

from sim.notecard.card.card import Card, Request
from sim.notecard.codec.arguments import Args, Members, RequestError, spoken


def gps(card: Card, args: Args) -> Members:
    """ntn.gps: whose position the satellite modem goes by."""
    kept = card.state.family("ntn")
    if args.flag("on") or args.flag("off"):
        kept["on"] = args.flag("on")
        card.touch()
    return spoken(on=kept.get("on"), off=not kept.get("on"))


def reset(card: Card, args: Args) -> Members:
    """ntn.reset: forget the pairing; NTN mode is tried out over the cell again."""
    card.state.family("ntn").clear()
    card.state.family("io").pop("allow", None)
    card.touch()
    return {}


def status(card: Card, args: Args) -> Members:
    """ntn.status; an error without a Starnote."""
    if not card.attached.starnote:
        raise RequestError("no NTN module is connected {no-ntn-module}")
    if card.link.connected and card.radio.satellite:
        return {"status": "{ntn-connected}"}
    known = card.state.family("ntn").get("on") and card.place is not None
    return {"status": "{ntn-idle}" if known else "{ntn-idle}{ntn-unknown-location}"}


REQUESTS: dict[str, Request] = {"ntn.gps": gps, "ntn.reset": reset, "ntn.status": status}
