"""card.location, card.location.mode and card.location.track."""

from __future__ import annotations

from sim.notecard.card.card import Card, Request
from sim.notecard.codec.arguments import Args, Members, RequestError, spoken
from sim.notecard.codec.levels import by_level
from sim.notecard.codec.settings import at_least, keep, one_of
from sim.notecard.storage.notefiles import check_name

MODES = ("-", "off", "periodic", "continuous", "fixed")
SECONDS_MIN = 5
_ECHOED = ("seconds", "vseconds", "lat", "lon", "max", "minutes", "threshold")


def location(card: Card, args: Args) -> Members:
    """card.location: the last fix; without a fix only status and mode, which is no error."""
    gps = card.gps
    mode = "off" if gps.mode == "fixed" else gps.mode
    place, when_s = (gps.position, gps.fixed_s) if gps.position else (card.session.tower, 0)
    if place is None:
        return spoken(status=gps.status(), mode=mode, count=gps.failures)
    return spoken(
        status=gps.status(),
        mode=mode,
        lat=place.lat,
        lon=place.lon,
        dop=place.dop,
        time=when_s or card.state.completed_s,
        max=card.tracking.outside_m(),
        count=gps.failures,
    )


def location_mode(card: Card, args: Args) -> Members:
    """card.location.mode: set what is given, echo the configuration."""
    config = card.state.family("location")
    mode = one_of(args, "mode", MODES)
    if mode == "fixed" and not ("lat" in args and "lon" in args):
        raise RequestError("mode: fixed requires lat and lon")
    _check(args)
    if args.flag("delete"):
        card.gps.position, card.gps.fixed_s = None, 0
    before = dict(config)
    keep(config, args, texts=("vseconds",), integers=("seconds", "max", "minutes", "threshold"))
    for name in ("lat", "lon"):
        if name in args:
            config[name] = args.number(name)
    if mode == "-":
        config.clear()
    elif mode:
        config["mode"] = mode
    if mode or config != before:
        card.touch()
        card.gps.restart()
        card.tracking.restart()
    echoed = {name: config[name] for name in _ECHOED if name in config}
    return spoken(**echoed, mode=config.get("mode", "off"), journey=card.tracking.journey)


def _check(args: Args) -> None:
    if not (-90 <= args.number("lat") <= 90 and -180 <= args.number("lon") <= 180):
        raise RequestError("lat, lon: not a place on earth")
    if args.integer("seconds") != 0:
        at_least(args, "seconds", SECONDS_MIN)
    for name in ("max", "minutes", "threshold"):
        at_least(args, name, 0)
    if args.text("vseconds", "-") != "-":
        by_level(args.text("vseconds"), "")


def location_track(card: Card, args: Args) -> Members:
    """card.location.track: each periodic fix becomes a note; negative `hours` are minutes."""
    track = card.state.family("track")
    if args.flag("start") and card.gps.mode != "periodic":
        raise RequestError("location tracking requires periodic mode {incompatible}")
    args.payload()
    if args.text("file"):
        check_name(args.text("file"), reserved=True)
    if args.flag("start") or args.flag("stop"):
        track["start"] = args.flag("start")
    keep(track, args, texts=("file", "payload"), flags=("heartbeat", "sync"))
    if "hours" in args:  # -1 is a minute here, not the default
        track["hours"] = args.integer("hours")
    if len(args.all) > 1:
        card.touch()
        card.tracking.restart()
    on, beats = bool(track.get("start")), bool(track.get("heartbeat"))
    minutes = card.tracking.heartbeat_ms // 60_000 if beats else 0
    whole = minutes % 60 == 0
    return spoken(
        start=on,
        stop=not on,
        heartbeat=beats,
        sync=track.get("sync"),
        file=track.get("file", "_track.qo" if on else ""),
        payload=track.get("payload"),
        hours=minutes // 60 if whole else 0,
        minutes=0 if whole else minutes,
        seconds=0 if beats or not on else card.gps.config.get("seconds", 0),
        journey=card.tracking.journey,
    )


REQUESTS: dict[str, Request] = {
    "card.location": location,
    "card.location.mode": location_mode,
    "card.location.track": location_track,
}
