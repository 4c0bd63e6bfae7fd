"""dfu.* and card.dfu: host firmware that Notehub offers, for a host that takes it."""

from __future__ import annotations

from base64 import b64encode

from sim.notecard.card.card import Card, Request
from sim.notecard.codec.arguments import Args, Members, RequestError, spoken
from sim.notecard.codec.cobs import cobs_encode
from sim.notecard.codec.levels import by_level
from sim.notecard.codec.settings import keep, one_of
from sim.notecard.sensors.firmware import PUT_BYTES
from sim.notecard.storage.binary import md5_hex

GET_BYTES_MAX = 8192
MCUS = ("esp32", "stm32", "stm32-bi", "mcuboot", "-")


def status(card: Card, args: Args) -> Members:
    """dfu.status: how far a download is; `stop` ends it, `on` and `off` allow or forbid it."""
    which = one_of(args, "name", ("user", "card"))
    if args.text("vvalue", "-") != "-":
        by_level(args.text("vvalue"), "")
    kept = card.state.family("dfu")
    if args.flag("on") or args.flag("off"):
        kept["off"] = args.flag("off")
    keep(kept, args, texts=("vvalue",))
    if "version" in args:
        kept["version"] = args.all["version"]
    if args.flag("stop"):
        card.firmware.stop(args.text("err"), args.text("status"))
    elif args.text("err") or args.text("status"):
        raise RequestError("stop is required with err or status")
    if len(args.all) > 1:
        card.touch()
    if which == "card":  # this card's own firmware is never replaced
        idle = {"mode": "idle", "status": "no download in progress", "on": card.firmware.allowed}
        return idle | spoken(off=not card.firmware.allowed)
    return card.firmware.status()


def get(card: Card, args: Args) -> Members:
    """dfu.get: a piece of the image, inline or in the binary store; only in mode dfu."""
    if card.session.mode != "dfu":
        raise RequestError("dfu.get requires hub.set mode dfu {hub-mode}")
    data = card.firmware.slice(args.integer("offset"), args.integer("length"))
    if args.flag("binary"):
        if len(data) > card.store.bytes_max:
            raise RequestError(f"length: up to {card.store.bytes_max} expected {{too-big}}")
        card.store.clear()
        card.store.held = data
        return {"cobs": len(cobs_encode(data)), "length": len(data), "status": md5_hex(data)}
    if len(data) > GET_BYTES_MAX:
        raise RequestError(f"length: up to {GET_BYTES_MAX} expected {{too-big}}")
    return {"payload": b64encode(data).decode()}


def put(card: Card, args: Args) -> Members:
    """dfu.put: an image from the host's side: first its description, then piece by piece."""
    body = args.body()
    if body is not None:
        card.firmware.begin_put(body)
        return {"length": PUT_BYTES}
    if "length" not in args:
        return {}  # nothing is pending: what was put is in flash
    data = card.store.slice(0, 0) if args.flag("binary") else args.payload() or b""
    if len(data) != args.integer("length"):
        raise RequestError(f"length: {len(data)} bytes came {{dfu-int-chunk-length}} {{io}}")
    card.firmware.put(args.integer("offset"), data, args.text("status"))
    return {}


def outboard(card: Card, args: Args) -> Members:
    """card.dfu: whether the card would flash the host by itself, and resets it at its start."""
    kept = card.state.family("odfu")
    one_of(args, "mode", ("altdfu", "aux"))
    one_of(args, "name", MCUS)
    if "seconds" in args and not args.flag("off"):
        raise RequestError("seconds: only with off")
    keep(kept, args, texts=("name", "mode"))
    if args.flag("off") and args.integer("seconds") > 0:
        card.firmware.pause(args.integer("seconds"))
    elif args.flag("on") or args.flag("off"):
        kept["off"] = args.flag("off")
    if args.flag("start") or args.flag("stop"):
        kept["stop"] = args.flag("stop")
    if len(args.all) > 1:
        card.touch()
    return {"name": kept.get("name", "")}


REQUESTS: dict[str, Request] = {
    "dfu.status": status,
    "dfu.get": get,
    "dfu.put": put,
    "card.dfu": outboard,
}
