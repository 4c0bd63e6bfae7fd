"""dfu.status: no firmware is ever on its way to the host."""

from __future__ import annotations

from sim.notecard.codec.arguments import Args, spoken
from sim.notecard.model.card import Board, Request
from sim.notecard.model.outputs import Members


def status(board: Board, args: Args) -> Members:
    """dfu.status: always idle; `on`, `off` and `version` are kept."""
    kept = board.state.family("dfu")
    if args.flag("on") or args.flag("off"):
        kept["off"] = args.flag("off")
        board.touch()
    if "version" in args:
        kept["version"] = args.all["version"]
        board.touch()
    off = bool(kept.get("off"))
    return {"mode": "idle"} | spoken(status="no download in progress", on=not off, off=off)


REQUESTS: dict[str, Request] = {"dfu.status": status}
