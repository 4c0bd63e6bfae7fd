"""hub.*: the settings of the session, syncing, and what came over it."""

from __future__ import annotations

from sim.notecard.card.card import Answered, Card, Later, Request
from sim.notecard.codec.arguments import Args, Members, RequestError, spoken
from sim.notecard.model.link import LinkState

HOST = "a.notefile.net"
MODES = ("periodic", "continuous", "minimum", "off", "dfu", "dfu-completed", "-")
_TEXTS = ("product", "sn", "host", "vinbound", "voutbound")
_INTEGERS = ("outbound", "inbound", "duration")
_FLAGS = ("sync", "align", "umin", "uoff", "uperiodic", "unsecure")
_ON_S = 300


def set_(card: Card, args: Args) -> Members:
    """hub.set: what is given is merged into what was set before."""
    mode = args.text("mode")
    if mode and mode not in MODES:
        raise RequestError(f"unrecognized mode: {mode} {{hub-mode}}")
    if args.integer("duration", -1) != -1 and args.integer("duration") < 15:
        raise RequestError("duration: 15 minutes or more expected")
    hub = card.hub_settings
    given: Members = {name: args.text(name) for name in _TEXTS if name in args}
    given |= {name: args.integer(name) for name in _INTEGERS if name in args}
    given |= {name: args.flag(name) for name in _FLAGS if name in args}
    given |= {name: args.all[name] for name in ("version", "details", "body") if name in args}
    if mode:
        given["mode"] = mode
    for name, value in given.items():
        hub[name] = value
        if value in ("-", -1):
            del hub[name]
    _hold_online(card, args)
    card.touch()
    return {}


def _hold_online(card: Card, args: Args) -> None:
    if args.flag("on"):
        held_s = args.integer("seconds") or _ON_S
        card.on_until_ms = card.clock.now_ms + held_s * 1000
    elif args.flag("off"):
        card.on_until_ms = 0


def get(card: Card, args: Args) -> Members:
    """hub.get: the settings; what was never set is absent."""
    hub = card.hub_settings
    return spoken(
        device=card.identity.device,
        product=hub.get("product", ""),
        mode=hub.get("mode", "periodic"),
        outbound=hub.get("outbound", 0),
        inbound=hub.get("inbound", 0),
        host=hub.get("host", HOST),
        sn=hub.get("sn", ""),
        sync=hub.get("sync", False),
        vinbound=hub.get("vinbound", ""),
        voutbound=hub.get("voutbound", ""),
    )


def status(card: Card, args: Args) -> Members:
    """hub.status."""
    return spoken(status=card.link.status(card.clock.now_ms), connected=card.link.connected)


def sync(card: Card, args: Args) -> Members:
    """hub.sync: ignored in mode off; `allow` also ends a penalty."""
    if card.hub_settings.get("mode") != "off":
        card.sync.request(card.clock.now_ms)
    if args.flag("allow"):
        card.link.forgive(card.clock.now_ms)
    return {}


def sync_status(card: Card, args: Args) -> Members:
    """hub.sync.status; with `sync` a sync is begun if something waits."""
    sync, now_ms = card.sync, card.clock.now_ms
    waiting = card.files.waiting() or not card.clock.known
    if args.flag("sync") and waiting:
        card.sync.request(now_ms)
    return spoken(
        status=_sync_words(card),
        mode="{modem-on}" if _modem_on(card) else "{modem-off}",
        time=card.state.completed_s,
        alert=sync.alert,
        sync=waiting or sync.wanted,
        completed=_seconds_since(sync.completed_ms, now_ms),
        requested=_seconds_since(sync.requested_ms, now_ms),
        seconds=card.link.penalty_left_s(now_ms),
    )


def _seconds_since(at_ms: int | None, now_ms: int) -> int:
    """Whole seconds, at least 1 so that a moment just passed is not taken for never."""
    return 0 if at_ms is None else max(1, (now_ms - at_ms) // 1000)


def _modem_on(card: Card) -> bool:
    return card.link.state not in (LinkState.OFF, LinkState.PENALTY)


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
    if not card.signals and args.integer("seconds") > 0:
        return Later(
            deadline_ms=card.clock.now_ms + args.integer("seconds") * 1000,
            on_deadline=lambda: _signal(card),
            poll=lambda: _signal(card) if card.signals else None,
        )
    return _signal(card)


def _signal(card: Card) -> Members:
    body = card.signals.pop(0) if card.signals else None
    return spoken(connected=card.link.connected, signals=len(card.signals)) | (
        {} if body is None else {"body": body}
    )


def log(card: Card, args: Args) -> Members:
    """hub.log: a line for Notehub, in ``_health.qo``."""
    file = card.files.open("_health.qo")
    body = spoken(text=args.text("text"), alert=args.flag("alert"))
    card.add_note(file, file.next_queue_id(), body=body)
    if args.flag("sync"):
        card.sync.request(card.clock.now_ms)
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
