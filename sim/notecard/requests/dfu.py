"""dfu.status: no firmware is ever on its way to the host."""

from __future__ import annotations

from sim.notecard.card.card import Card, Request
from sim.notecard.codec.arguments import Args, Members, spoken


def status(card: Card, args: Args) -> Members:
    """dfu.status: always idle; `on`, `off` and `version` are kept."""
    kept = card.state.family("dfu")
    if args.flag("on") or args.flag("off"):
        kept["off"] = args.flag("off")
        card.touch()
    if "version" in args:
        kept["version"] = args.all["version"]
        card.touch()
    off = bool(kept.get("off"))
    return {"mode": "idle"} | spoken(status="no download in progress", on=not off, off=off)


REQUESTS: dict[str, Request] = {"dfu.status": status}
