"""card.attn: arming the pin, its events, and sleep with a payload kept for the host."""

from __future__ import annotations

from sim.notecard.card.card import Card, Request
from sim.notecard.codec.arguments import Args, Members, RequestError, spoken
from sim.notecard.model.attn import CONTINUOUS_BEAT_MS

TIMED = {"arm", "rearm", "reset", "sleep", "watchdog"}


def attn(card: Card, args: Args) -> Members:
    """Without arguments: the level of the pin and what has fired since it was armed."""
    pin, now_ms = card.attn, card.clock.now_ms
    words = [word.strip() for word in args.text("mode").split(",") if word.strip()]
    _check(words, args)
    verbs = pin.configure(words)
    _take_files(card, args)
    if args.flag("off") or args.flag("on"):
        pin.switch(off=args.flag("off"))
        card.state.family("attn")["off"] = args.flag("off")
        card.touch()
    if "watchdog" in words or "-watchdog" in words or "-all" in words:
        pin.watch_host(now_ms, args.integer("seconds") if "watchdog" in words else 0)
    if args.flag("start"):
        return _wake(card)
    _act(card, verbs, args)
    listed = pin.watched if args.flag("verify") else pin.fired
    return spoken(files=list(listed), set=pin.high, off=pin.off)


def _check(words: list[str], args: Args) -> None:
    if "seconds" in args and args.integer("seconds") != -1 and not TIMED & set(words):
        raise RequestError("seconds: only with arm, rearm, reset, sleep or watchdog")
    if "seconds" not in args and {"sleep", "watchdog"} & set(words):
        raise RequestError("seconds is required")


def _take_files(card: Card, args: Args) -> None:
    pin = card.attn
    if args.strings("files"):
        if "files" not in pin.watched:
            raise RequestError("files: only with mode files")
        pin.files = args.strings("files")
    elif "files" in pin.watched and not pin.files:
        raise RequestError("mode: files requires a list of files")


def _act(card: Card, verbs: list[str], args: Args) -> None:
    pin, now_ms = card.attn, card.clock.now_ms
    beat_ms = CONTINUOUS_BEAT_MS if card.session.mode == "continuous" else 1
    if "disarm" in verbs:
        pin.disarm()
    again = "rearm" in verbs and (not pin.armed or "seconds" in args)
    if "arm" in verbs or "reset" in verbs or again:
        pin.arm(now_ms, args.integer("seconds"), beat_ms)
    if "sleep" in verbs:
        args.payload()
        pin.payload, pin.payload_s = args.text("payload"), card.clock.utc_s
        pin.arm(now_ms, args.integer("seconds"), beat_ms)


def _wake(card: Card) -> Members:
    pin = card.attn
    kept = spoken(payload=pin.payload, time=pin.payload_s if pin.payload else 0)
    pin.payload, pin.payload_s = "", 0
    return kept | spoken(files=list(pin.fired), set=pin.high, off=pin.off)


REQUESTS: dict[str, Request] = {"card.attn": attn}
