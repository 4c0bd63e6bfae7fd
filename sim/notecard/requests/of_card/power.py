"""What the card measures of itself: card.voltage, card.temp, card.power, card.illumination."""

from __future__ import annotations

from sim.notecard.card.card import Card, Request
from sim.notecard.codec.arguments import Args, Members, RequestError, spoken
from sim.notecard.codec.levels import by_level, level_of, thresholds
from sim.notecard.codec.settings import at_least, keep, one_of
from sim.notecard.sensors.voltage import CALIBRATION_V

HISTORY_H = 720
VMIN, VMAX = 2.3, 5.4  # what the card's parts are rated for
_TRENDS = {"daily": 24, "weekly": 7 * 24, "monthly": 30 * 24}


def voltage(card: Card, args: Args) -> Members:
    """card.voltage: the value and its level by the thresholds of the mode; `on` adds history."""
    kept = card.state.family("voltage")
    if args.integer("hours") > HISTORY_H:
        raise RequestError(f"hours: up to {HISTORY_H} expected")
    _set_mode(card, kept, args)
    _set_watch(card, kept, args)
    value = card.volts if args.flag("now") else card.supply.average()
    usb, listed = card.on_usb, card.supply.mode
    left_ms = card.supply.usb_left_ms
    since_min = 0 if usb or left_ms is None else (card.clock.now_ms - left_ms) // 60_000
    return spoken(
        usb=usb,
        mode=listed if args.text("mode") == "?" else level_of(value, listed),
        value=round(value, 4),
        on=args.flag("on"),
        alert=bool(kept.get("usb") and kept.get("alert")),
        sync=bool(kept.get("usb") and kept.get("sync")),
        calibration=kept.get("calibration", CALIBRATION_V),
        minutes=since_min,
    ) | (_history(card, args) if kept.get("on") else {})


def _set_mode(card: Card, kept: Members, args: Args) -> None:
    mode = args.text("mode")
    if mode and mode != "?":
        thresholds("default" if mode == "-" else mode)
        kept["mode"] = "default" if mode == "-" else mode
        card.touch()
    if args.flag("set") and "calibration" in args:
        kept["calibration"] = args.number("calibration")
        card.touch()


def _set_watch(card: Card, kept: Members, args: Args) -> None:
    if keep(kept, args, flags=("alert", "sync", "usb")):
        card.supply.advance()  # from now on changes count
        card.touch()
    if args.flag("on") or args.flag("off"):
        kept["on"] = args.flag("on")
        card.touch()


def _history(card: Card, args: Args) -> Members:
    past = card.supply.past(args.integer("hours") or HISTORY_H, max(0, args.integer("offset")))
    low, high = args.number("vmin", VMIN), args.number("vmax", VMAX)
    used = [volts for volts in past if low <= volts <= high]
    trends = {
        name: _average(used[:hours]) - _average(used[-hours:])
        for name, hours in _TRENDS.items()
        if len(past) > hours
    }
    return spoken(
        hours=len(past) - 1,
        vmin=min(used, default=0.0),
        vmax=max(used, default=0.0),
        vavg=_average(used),
    ) | {name: round(change, 4) for name, change in trends.items()}


def _average(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def temp(card: Card, args: Args) -> Members:
    """card.temp: degrees Celsius, with the voltage at which it was measured; notes of it."""
    kept = card.state.family("temp")
    at_least(args, "minutes", 0)
    if args.text("status", "-") != "-":
        by_level(args.text("status"), "")
    if keep(kept, args, texts=("status",), integers=("minutes",), flags=("sync",)):
        card.touch()
        card.climate.restart()
    if args.flag("sync"):
        card.sync_now()
    if args.flag("stop"):
        kept.clear()
        card.touch()
        card.climate.restart()
    shown = card.climate.readings()
    return shown | spoken(usb=card.on_usb, voltage=card.volts, off=card.motion.stopped)


def power(card: Card, args: Args) -> Members:
    """card.power: what a Mojo measures; error without one."""
    if not card.attached.mojo:
        raise RequestError("no Mojo is connected {no-mojo}")
    for name in ("hours", "minutes"):
        at_least(args, name, 0)
    if keep(card.state.family("power"), args, integers=("hours", "minutes")):
        card.touch()
        card.power.restart()
    if args.flag("reset"):
        card.power.settle()
        card.power.milliamp_hours = 0.0
    return dict(card.power.readings())


def illumination(card: Card, args: Args) -> Members:
    """card.illumination: lux from an OPT3001; error without one."""
    if card.attached.lux is None or card.state.family("io").get("off"):
        raise RequestError("illumination sensor is not available {unavailable}")
    return {"value": card.attached.lux}


def sleep(card: Card, args: Args) -> Members:
    """card.sleep: when an idle Notecard WiFi falls asleep, and what wakes it."""
    if card.identity.model.cell:
        raise RequestError("card.sleep: only on Notecard WiFi {not-supported} {io}")
    kept = card.state.family("sleep")
    at_least(args, "seconds", 30)
    word = one_of(args, "mode", ("accel", "-accel"))
    keep(kept, args, integers=("seconds",))
    if args.flag("on") or args.flag("off"):
        kept["on"] = args.flag("on")
    if word:
        kept["mode"] = "accel" if word == "accel" else ""
    card.touch()
    return spoken(
        on=card.sleep.enabled,
        off=not card.sleep.enabled,
        mode=kept.get("mode"),
        seconds=kept.get("seconds", 0),
    )


REQUESTS: dict[str, Request] = {
    "card.voltage": voltage,
    "card.temp": temp,
    "card.power": power,
    "card.illumination": illumination,
    "card.sleep": sleep,
}
