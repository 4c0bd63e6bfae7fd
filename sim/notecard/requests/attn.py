"""card.attn: arming the pin, its events, and sleep with a payload kept for the host."""

from __future__ import annotations

from sim.notecard.card.card import Card, Request
from sim.notecard.codec.arguments import Args, Members, spoken


def attn(card: Card, args: Args) -> Members:
    """Without arguments: the level of the pin and what has fired since it was armed."""
    pin, now_ms = card.attn, card.clock.now_ms
    words = [word.strip() for word in args.text("mode").split(",") if word.strip()]
    verbs = pin.configure(words)
    if "files" in args:
        pin.files = args.strings("files")
    if args.flag("off") or args.flag("on"):
        pin.disabled = args.flag("off")
    if "watchdog" in words or "-watchdog" in words:
        pin.watch_host(now_ms, args.integer("seconds") if "watchdog" in words else 0)
    if args.flag("start"):
        return _wake(card)
    _act(card, verbs, args)
    if args.flag("verify"):
        return spoken(files=list(pin.watched), set=pin.high, off=pin.disabled)
    return spoken(files=list(pin.fired), set=pin.high, off=pin.disabled)


def _act(card: Card, verbs: list[str], args: Args) -> None:
    pin, now_ms = card.attn, card.clock.now_ms
    if "disarm" in verbs:
        pin.disarm()
    if "arm" in verbs or ("rearm" in verbs and not pin.armed):
        pin.arm(now_ms, args.integer("seconds"))
    if "sleep" in verbs:
        args.payload()
        pin.payload, pin.payload_s = args.text("payload"), card.clock.utc_s
        pin.arm(now_ms, args.integer("seconds"))


def _wake(card: Card) -> Members:
    pin = card.attn
    kept = spoken(payload=pin.payload, time=pin.payload_s if pin.payload else 0)
    pin.payload, pin.payload_s = "", 0
    return kept | spoken(files=list(pin.fired), set=pin.high)


REQUESTS: dict[str, Request] = {"card.attn": attn}
