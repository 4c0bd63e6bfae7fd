"""hub.*: the settings of the session, syncing, and what came over it."""

from __future__ import annotations

from sim.notecard.card.card import Card, Request
from sim.notecard.card.replies import Answered, Later
from sim.notecard.codec.arguments import Args, Members, RequestError, spoken
from sim.notecard.codec.levels import by_level
from sim.notecard.codec.settings import at_least, keep
from sim.notecard.model.link import LinkState

HOST = "a.notefile.net"
MODES = ("periodic", "continuous", "minimum", "off", "dfu", "dfu-completed", "-")
DURATION_MIN = 15
_TEXTS = ("product", "sn", "host", "vinbound", "voutbound")
_INTEGERS = ("outbound", "inbound", "duration")
_FLAGS = ("sync", "align", "umin", "uoff", "uperiodic", "unsecure")
_ON_S = 300
HEALTH_FILE = "_health_host.qo"


def set_(card: Card, args: Args) -> Members:
    """hub.set: what is given is merged into what was set before."""
    mode = args.text("mode")
    if mode and mode not in MODES:
        raise RequestError(f"unrecognized mode: {mode[:40]} {{hub-mode}}")
    _check(args)
    hub = card.hub_settings
    keep(hub, args, texts=_TEXTS, integers=_INTEGERS, flags=_FLAGS)
    for name in ("version", "body"):
        if name in args:
            hub[name] = args.all[name]
    _set_mode(hub, mode)
    _hold_online(card, args)
    card.touch()
    return {}


def _check(args: Args) -> None:
    at_least(args, "duration", DURATION_MIN)
    for name in ("inbound", "outbound"):
        at_least(args, name, 0)
    for name in ("vinbound", "voutbound"):
        if args.text(name, "-") != "-":
            by_level(args.text(name), "")


def _set_mode(hub: Members, mode: str) -> None:
    """``dfu`` remembers the mode before it, which ``dfu-completed`` takes up again."""
    if mode == "dfu" and hub.get("mode") != "dfu":
        hub["method"] = hub.get("mode", "-")
    if mode == "dfu-completed":
        mode = str(hub.pop("method", "")) if hub.get("mode") == "dfu" else ""
    if mode == "-":
        hub.pop("mode", None)
    elif mode:
        hub["mode"] = mode


def _hold_online(card: Card, args: Args) -> None:
    if args.flag("on"):
        held_s = max(0, args.integer("seconds")) or _ON_S
        card.session.on_until_ms = card.clock.now_ms + held_s * 1000
    elif args.flag("off"):
        card.session.on_until_ms = 0


def get(card: Card, args: Args) -> Members:
    """hub.get: the settings; what was never set is absent."""
    hub = card.hub_settings
    return spoken(
        device=card.identity.device,
        product=hub.get("product", ""),
        mode=card.session.mode,
        outbound=hub.get("outbound", 0),
        inbound=hub.get("inbound", 0),
        host=hub.get("host", HOST),
        sn=hub.get("sn", ""),
        sync=hub.get("sync", False),
        vinbound=hub.get("vinbound", ""),
        voutbound=hub.get("voutbound", ""),
    )


def status(card: Card, args: Args) -> Members:
    """hub.status; `err` says why Notehub is not reached."""
    words = card.link.status(card.clock.now_ms)
    return spoken(status=words, connected=card.link.connected, err=card.session.error)


def sync(card: Card, args: Args) -> Members:
    """hub.sync: both ways or one, ignored in mode off; `allow` also ends a penalty."""
    now_ms = card.clock.now_ms
    if card.session.mode != "off":
        if args.flag("in") is args.flag("out"):
            card.sync.request(now_ms)
        else:
            card.sync.request_way(now_ms, outbound=args.flag("out"))
    if args.flag("allow"):
        card.link.forgive(now_ms)
    return {}


def sync_status(card: Card, args: Args) -> Members:
    """hub.sync.status; with `sync` a sync is begun if something waits."""
    sync, now_ms = card.sync, card.clock.now_ms
    waiting = card.files.waiting() or not card.clock.known
    if args.flag("sync") and waiting:
        card.sync.request(now_ms)
    return spoken(
        status=_sync_words(card),
        mode="{modem-on}" if card.modem_on else "{modem-off}",
        time=card.state.completed_s,
        alert=sync.alert,
        sync=waiting or sync.wanted,
        completed=_seconds_since(sync.completed_ms, now_ms),
        requested=_seconds_since(sync.requested_ms, now_ms),
        seconds=card.link.penalty_left_s(now_ms),
        scan=sync.scanned and sync.completed_ms is not None,
        err=card.session.error,
    )


def _seconds_since(at_ms: int | None, now_ms: int) -> int:
    """Whole seconds, at least 1 so that a moment just passed is not taken for never."""
    return 0 if at_ms is None else max(1, (now_ms - at_ms) // 1000)


def _sync_words(card: Card) -> str:
    now_ms = card.clock.now_ms
    if card.link.state not in (LinkState.OFF, LinkState.CONNECTED):
        return card.link.status(now_ms)
    if card.sync.started_ms is not None:
        return card.sync.phase(now_ms)
    if card.sync.completed_ms is not None:
        return "completed {sync-end}"
    if card.sync.wanted and not card.hub_settings.get("product"):
        return "no product set {product-noexist}"
    return "idle {idle}"


def signal(card: Card, args: Args) -> Answered:
    """hub.signal: the oldest signal; `seconds` waits for one that long."""
    if not card.session.signals and args.integer("seconds") > 0:
        return Later(
            deadline_ms=card.clock.now_ms + args.integer("seconds") * 1000,
            on_deadline=lambda: _signal(card),
            poll=lambda: _signal(card) if card.session.signals else None,
        )
    return _signal(card)


def _signal(card: Card) -> Members:
    body = card.session.signals.pop(0) if card.session.signals else None
    return spoken(connected=card.link.connected, signals=len(card.session.signals)) | (
        {} if body is None else {"body": body}
    )


def log(card: Card, args: Args) -> Members:
    """hub.log: a line for Notehub, in ``_health_host.qo``; `sync` also ends a penalty."""
    body = spoken(text=args.text("text"), alert=args.flag("alert"))
    card.log_note(HEALTH_FILE, body)
    if args.flag("sync"):
        card.link.forgive(card.clock.now_ms)
        card.sync_now()
    return {}


REQUESTS: dict[str, Request] = {
    "hub.set": set_,
    "hub.get": get,
    "hub.status": status,
    "hub.sync": sync,
    "hub.sync.status": sync_status,
    "hub.signal": signal,
    "hub.log": log,
}
