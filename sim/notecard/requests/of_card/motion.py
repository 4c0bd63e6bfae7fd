"""card.motion and what movement may set off."""

from __future__ import annotations

from sim.notecard.card.card import Card, Request
from sim.notecard.codec.arguments import Args, Members, RequestError, spoken
from sim.notecard.codec.settings import at_least, keep
from sim.notecard.storage.notefiles import check_name

SENSITIVITIES = (-1, 0, 1, 2, 3, 4, 5)


def motion(card: Card, args: Args) -> Members:
    """card.motion: what the accelerometer counted since the last question; {} if not started."""
    sensor = card.motion
    if not sensor.started:
        return {}
    sensor.advance()
    count, sensor.count = sensor.count, 0
    turns, sensor.orientations = sensor.orientations, sensor.orientations[-1:]
    fell, sensor.fell = sensor.fell, False
    minutes = args.integer("minutes")
    verdict = "moving" if sensor.moving else "stopped"
    return spoken(
        count=count,
        status=",".join(turns),
        alert=fell,
        motion=sensor.last_s,
        mode=verdict if sensor.config.get("motion") else "",
        movements=sensor.movements(minutes) if minutes > 0 else "",
        seconds=sensor.bucket_s if minutes > 0 else 0,
    )


def motion_mode(card: Card, args: Args) -> Members:
    """card.motion.mode: switch it on or off, set the bucket and the threshold."""
    config = card.state.family("motion")
    if args.integer("sensitivity", -1) not in SENSITIVITIES:
        raise RequestError("sensitivity: -1 or 0 to 5 expected")
    for name in ("seconds", "motion"):
        at_least(args, name, 0)
    if args.flag("start") or args.flag("stop"):
        config["start"] = args.flag("start")
        card.motion.begin()
    keep(config, args, integers=("seconds", "motion"))
    if args.integer("sensitivity") != 0:  # 0 leaves it as it is
        keep(config, args, integers=("sensitivity",))
    card.touch()
    return spoken(
        start=card.motion.started,
        stop=not card.motion.started,
        seconds=config.get("seconds", 0),
        motion=config.get("motion", 0),
    )


def motion_sync(card: Card, args: Args) -> Members:
    """card.motion.sync: movement wants a sync."""
    return _report(card, args, "motion.sync")


def motion_track(card: Card, args: Args) -> Members:
    """card.motion.track: movement becomes a note."""
    if args.text("file"):
        check_name(args.text("file"), reserved=True)
    kept = card.state.family("motion.track")
    keep(kept, args, texts=("file",), flags=("now",))
    return _report(card, args, "motion.track")


def _report(card: Card, args: Args, family: str) -> Members:
    kept = card.state.family(family)
    for name in ("count", "minutes", "threshold"):
        at_least(args, name, 0)
    keep(kept, args, integers=("count", "minutes", "threshold"))
    if args.flag("start") or args.flag("stop"):
        kept["start"] = args.flag("start")
        card.motion.advance()  # what was before it was started does not count
        card.motion.forget_full()
    card.touch()
    return {}


REQUESTS: dict[str, Request] = {
    "card.motion": motion,
    "card.motion.mode": motion_mode,
    "card.motion.sync": motion_sync,
    "card.motion.track": motion_track,
}
