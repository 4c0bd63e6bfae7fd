"""card.aux and what uses its pins: card.led, card.monitor, card.aux.serial, card.carrier."""

from __future__ import annotations

from sim.notecard.card.card import Card, Request
from sim.notecard.codec.arguments import Args, Members, RequestError, spoken
from sim.notecard.codec.settings import at_least, keep, one_of
from sim.notecard.model.pins import AUX
from sim.notecard.sensors.aux_gpio import USAGES
from sim.notecard.sensors.aux_serial import GPS_RATE, KINDS, RATE
from sim.notecard.sensors.lights import LEDS
from sim.notecard.storage.notefiles import check_name

MODES = (
    "off",
    "gpio",
    "led",
    "rgb",
    "neo",
    "monitor",
    "rgb-monitor",
    "neo-monitor",
    "track",
    "track-monitor",
    "track-rgb-monitor",
    "track-neo-monitor",
    "dfu",
    "-",
)
RATES = (300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)
SHOWN = {"monitor": "led-monitor", "track-monitor": "track-led-monitor"}
"""The schema names these two otherwise in answers than in requests."""


def aux(card: Card, args: Args) -> Members:
    """card.aux: the mode of the pins; answers how they stand."""
    kept = card.state.family("aux")
    if args.text("mode") == "motion":
        raise RequestError("mode: motion is not modelled {not-supported}")
    one_of(args, "mode", MODES)
    _check(args)
    given = keep(
        kept,
        args,
        texts=("mode", "file"),
        integers=("count", "max", "ms", "offset", "seconds", "sensitivity"),
        flags=("connected", "sync"),
    )
    if "usage" in args:
        before = (list(kept.get("usage", ())) + ["off"] * 4)[:4]
        fresh = (args.strings("usage") + [""] * 4)[:4]
        kept["usage"] = [new or old for new, old in zip(fresh, before, strict=True)]
        given = True
    if "rate" in args:
        card.state.family("aux.serial")["rate"] = args.number("rate")
    if given:
        card.apply_aux()
        card.touch()
    if args.flag("start"):
        card.gpio.start()
    return _shown(card)


def _check(args: Args) -> None:
    if args.integer("count", -1) not in (-1, 1, 2, 5):
        raise RequestError("count: 1, 2 or 5 NeoPixels expected")
    if "rate" in args and args.integer("rate") not in (-1, *RATES):
        raise RequestError(f"rate: {args.integer('rate')} is not a baud rate")
    if args.integer("sensitivity", -1) > 100:
        raise RequestError("sensitivity: up to 100 expected")
    at_least(args, "offset", 1)
    for name in ("max", "ms", "seconds"):
        at_least(args, name, 0)
    for word in args.strings("usage"):
        if word and word not in USAGES:
            raise RequestError(f"usage: unrecognized usage '{word[:40]}'")
    if len(args.strings("usage")) > len(AUX):
        raise RequestError(f"usage: {len(AUX)} pins expected")
    if args.text("file"):
        check_name(args.text("file"), reserved=True)


def _shown(card: Card) -> Members:
    kept = card.state.family("aux")
    mode = str(kept.get("mode", "off"))
    shown: Members = {"mode": SHOWN.get(mode, mode)}
    if mode == "gpio":
        shown["state"] = card.gpio.state()
        counting = any(word.startswith("count") for word in card.gpio.usage)
        seconds = int(kept.get("seconds", 0)) if counting else 0
        shown |= spoken(time=card.gpio.counting_since_s, seconds=seconds)
    return shown


def serial(card: Card, args: Args) -> Members:
    """card.aux.serial: what goes out on AUXTX, and how fast."""
    kept = card.state.family("aux.serial")
    mode = args.text("mode")
    if mode == "gps":
        raise RequestError("mode: an external GPS is not modelled {not-supported}")
    words = mode.split(",") if mode else []
    if mode and mode != "req" and (words[0] != "notify" or not set(words[1:]) <= set(KINDS)):
        raise RequestError(f"mode: unrecognized mode '{mode[:40]}'")
    if mode == "notify" and str(kept.get("mode", "")).startswith("notify"):
        mode = str(kept["mode"])  # alone it leaves what was asked for as it is
    if mode:
        kept["mode"] = mode
    keep(kept, args, integers=("duration", "max", "minutes", "ms"))
    if "rate" in args:
        kept["rate"] = args.number("rate")
    card.touch()
    default = GPS_RATE if kept.get("mode") == "gps" else RATE
    return {"mode": kept.get("mode", "req"), "rate": int(kept.get("rate", default))} | spoken(
        max=max(0, kept.get("max", 0)), ms=max(0, kept.get("ms", 0))
    )


def led(card: Card, args: Args) -> Members:
    """card.led: one lamp on or off, in a mode of card.aux that has lamps."""
    if args.flag("on") is args.flag("off"):
        raise RequestError("on or off is required")
    card.lights.switch(args.text("mode"), on=args.flag("on"))
    return {}


def monitor(card: Card, args: Args) -> Members:
    """card.monitor: other pulses than the link's on one lamp; lamps on USB power only."""
    if not card.lights.monitoring:
        raise RequestError(f"card.aux mode {card.lights.mode} monitors nothing {{incompatible}}")
    colour = one_of(args, "mode", tuple(LEDS))
    if "count" in args and not colour:
        raise RequestError("mode is required")
    if keep(card.state.family("monitor"), args, flags=("usb",)):
        card.touch()
    if colour:
        card.lights.override(colour, args.integer("count"))
    card.lights.apply()
    return {}


def carrier(card: Card, args: Args) -> Members:
    """card.carrier: whether AUX_CHARGING is connected, and what it says."""
    kept = card.state.family("carrier")
    one_of(args, "mode", ("charging", "off", "-"))
    if keep(kept, args, texts=("mode",)):
        card.touch()
    mode = str(kept.get("mode", "off"))
    return {"mode": mode} | spoken(charging=mode == "charging" and card.attached.charging)


REQUESTS: dict[str, Request] = {
    "card.aux": aux,
    "card.aux.serial": serial,
    "card.led": led,
    "card.monitor": monitor,
    "card.carrier": carrier,
}
