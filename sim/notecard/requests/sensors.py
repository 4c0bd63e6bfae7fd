"""card.location*, card.motion*, card.voltage and card.temp: what the card measures."""

from __future__ import annotations

from sim.notecard.card.card import Card, Request
from sim.notecard.codec.arguments import Args, Members, RequestError, spoken
from sim.notecard.world.world import Position
from sim.sources.track import distance_m

VOLTAGE_MODES = {
    "default": "usb:4.6;normal:2.5;dead:0",
    "lipo": "usb:4.6;high:4.0;normal:3.5;low:3.2;dead:0",
    "l91": "high:4.5;normal:3.8;low:3.5;dead:0",
    "alkaline": "usb:4.6;high:4.2;normal:3.6;low:3.3;dead:0",
    "tad": "usb:4.6;normal:3.2;low:3.0;dead:0",
    "lic": "usb:4.6;high:3.8;normal:3.1;low:2.8;dead:0",
}
_HOUR_MS = 3_600_000
_SENSITIVITIES = (-1, 1, 2, 3, 4, 5)


def location(card: Card, args: Args) -> Members:
    """card.location: the last fix; without a fix only status and mode, which is no error."""
    gps = card.gps
    place, when_s = (gps.position, gps.fixed_s) if gps.position else (card.tower, 0)
    if place is None:
        return spoken(status=gps.status(), mode=_shown(gps.mode), count=gps.failures)
    return spoken(
        status=gps.status(),
        mode=_shown(gps.mode),
        lat=place.lat,
        lon=place.lon,
        dop=place.dop,
        time=when_s or card.state.completed_s,
        max=_fence_m(card, place),
        count=gps.failures,
    )


def _shown(mode: str) -> str:
    return "off" if mode == "fixed" else mode


def _fence_m(card: Card, place: Position) -> int:
    config = card.state.family("location")
    if not config.get("max") or "lat" not in config:
        return 0
    return round(distance_m(place.lat, place.lon, config["lat"], config["lon"]))


def location_mode(card: Card, args: Args) -> Members:
    """card.location.mode: set what is given, echo the configuration."""
    config = card.state.family("location")
    if args.flag("delete"):
        card.gps.position, card.gps.fixed_s = None, 0
    mode = args.text("mode")
    if mode not in ("", "-", "off", "periodic", "continuous", "fixed"):
        raise RequestError(f"mode: unrecognized location mode '{mode}'")
    if mode == "fixed" and not ("lat" in args and "lon" in args):
        raise RequestError("mode: fixed requires lat and lon")
    _check_place(args)
    if _take_location(config, mode, args):
        card.touch()
        card.gps.restart()
    echoed = {name: config[name] for name in _ECHOED if name in config}
    return spoken(**echoed, mode=config.get("mode", "off"))


_ECHOED = ("seconds", "vseconds", "lat", "lon", "max", "minutes", "threshold")


def _check_place(args: Args) -> None:
    if not (-90 <= args.number("lat") <= 90 and -180 <= args.number("lon") <= 180):
        raise RequestError("lat, lon: not a place on earth")


def _take_location(config: Members, mode: str, args: Args) -> bool:
    before = dict(config)
    if mode:
        config["mode"] = "off" if mode == "-" else mode
    for name in ("seconds", "max", "minutes", "threshold"):
        if name in args:
            config[name] = args.integer(name)
    for name in ("lat", "lon"):
        if name in args:
            config[name] = args.number(name)
    if args.text("vseconds"):
        config["vseconds"] = args.text("vseconds")
    for name in ("seconds", "max", "minutes", "threshold", "vseconds"):
        if config.get(name) in (-1, "-"):
            del config[name]
    if mode == "-":
        config.clear()
    return config != before or bool(mode)


def location_track(card: Card, args: Args) -> Members:
    """card.location.track: each periodic fix becomes a note; negative `hours` are minutes."""
    track = card.state.family("track")
    if args.flag("start") and card.gps.mode != "periodic":
        raise RequestError("location tracking requires periodic mode {incompatible}")
    if args.flag("start") or args.flag("stop"):
        track["start"] = args.flag("start")
        card.touch()
    for name in ("heartbeat", "sync"):
        if name in args:
            track[name] = args.flag(name)
    if "hours" in args:
        track["hours"] = args.integer("hours")
    for name in ("file", "payload"):
        if args.text(name):
            track[name] = args.text(name)
    hours = int(track.get("hours", 0))
    return spoken(
        start=track.get("start"),
        stop=not track.get("start"),
        heartbeat=track.get("heartbeat"),
        sync=track.get("sync"),
        file=track.get("file", "_track.qo" if track.get("start") else ""),
        payload=track.get("payload"),
        hours=max(0, hours),
        minutes=max(0, -hours),
        seconds=card.gps.config.get("seconds", 0),
    )


def motion(card: Card, args: Args) -> Members:
    """card.motion: what the accelerometer counted since the last question; {} if not started."""
    sensor = card.motion
    if not sensor.started:
        return {}
    count, sensor.count = sensor.count, 0
    minutes = args.integer("minutes")
    verdict = "moving" if sensor.moving else "stopped"
    return spoken(
        count=count,
        status="face-up",
        motion=sensor.last_s,
        mode=verdict if sensor.config.get("motion") else "",
        movements=sensor.movements(minutes) if minutes > 0 else "",
        seconds=sensor.bucket_s if minutes > 0 else 0,
    )


def motion_mode(card: Card, args: Args) -> Members:
    """card.motion.mode: switch it on or off, set the bucket and the threshold."""
    config = card.state.family("motion")
    if args.integer("sensitivity", -1) not in _SENSITIVITIES:
        raise RequestError("sensitivity: -1 or 1 to 5 expected")
    if args.flag("start") or args.flag("stop"):
        config["start"] = args.flag("start")
        card.motion.begin()
    for name in ("seconds", "sensitivity", "motion"):
        if name in args:
            config[name] = args.integer(name)
    card.touch()
    return spoken(
        start=config.get("start"),
        stop=not config.get("start"),
        seconds=config.get("seconds", 0),
        motion=config.get("motion", 0),
    )


def voltage(card: Card, args: Args) -> Members:
    """card.voltage: the value and its level by the thresholds of the mode; `hours` adds history."""
    kept = card.state.family("voltage")
    _set_voltage_mode(card, kept, args)
    thresholds = str(kept.get("mode", "default"))
    if args.text("mode") == "?":
        return {"mode": VOLTAGE_MODES.get(thresholds, thresholds)}
    value = card.world.volts_at(card.clock.utc_ms) + float(kept.get("calibration", 0))
    past = _voltages(card, args.integer("hours")) if args.integer("hours") > 0 else []
    return spoken(
        usb=value >= 4.6,
        mode=_level(value, VOLTAGE_MODES.get(thresholds, thresholds)),
        value=round(value, 4),
        hours=len(past),
        vmin=min(past, default=0.0),
        vmax=max(past, default=0.0),
        vavg=sum(past) / len(past) if past else 0.0,
        calibration=kept.get("calibration", 0),
    )


def _set_voltage_mode(card: Card, kept: Members, args: Args) -> None:
    mode = args.text("mode")
    if mode and mode != "?":
        if mode not in VOLTAGE_MODES and mode != "-" and ":" not in mode:
            raise RequestError(f"mode: unrecognized voltage mode '{mode}'")
        _level(0.0, mode if ":" in mode else "dead:0")
        kept["mode"] = "default" if mode == "-" else mode
        card.touch()
    if "calibration" in args:
        kept["calibration"] = args.number("calibration")
        card.touch()


def _level(value: float, thresholds: str) -> str:
    """The first name whose threshold the value reaches, in ``name:volts;…`` from high to low."""
    name = ""
    for part in thresholds.split(";"):
        name, _, volts = part.partition(":")
        try:
            if value >= float(volts):
                return name
        except ValueError:
            raise RequestError(f"mode: '{part}' is not name:volts") from None
    return name


def _voltages(card: Card, hours: int) -> list[float]:
    on_ms = card.clock.now_ms - card.boot_ms
    count = min(hours, on_ms // _HOUR_MS, 720) + 1
    now_ms = card.clock.utc_ms
    return [card.world.volts_at(now_ms - back * _HOUR_MS) for back in range(count)]


def temp(card: Card, args: Args) -> Members:
    """card.temp: degrees Celsius, with the voltage at which it was measured."""
    volts = card.world.volts_at(card.clock.utc_ms)
    return spoken(
        value=card.world.celsius_at(card.clock.utc_ms),
        calibration=-3.0,
        usb=volts >= 4.6,
        voltage=volts,
    )


REQUESTS: dict[str, Request] = {
    "card.location": location,
    "card.location.mode": location_mode,
    "card.location.track": location_track,
    "card.motion": motion,
    "card.motion.mode": motion_mode,
    "card.voltage": voltage,
    "card.temp": temp,
}
