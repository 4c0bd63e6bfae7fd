"""hub.*: the settings of the session, syncing, and what came over it."""

from __future__ import annotations

from sim.notecard.codec.arguments import Args, CardError, spoken
from sim.notecard.model.card import Answered, Board, Later, Request
from sim.notecard.model.link import LinkState
from sim.notecard.model.outputs import Members

HOST = "a.notefile.net"
MODES = ("periodic", "continuous", "minimum", "off", "dfu", "dfu-completed", "-")
_TEXTS = ("product", "sn", "host", "vinbound", "voutbound")
_INTEGERS = ("outbound", "inbound", "duration")
_FLAGS = ("sync", "align", "umin", "uoff", "uperiodic", "unsecure")
_ON_S = 300


def set_(board: Board, args: Args) -> Members:
    """hub.set: what is given is merged into what was set before."""
    mode = args.text("mode")
    if mode and mode not in MODES:
        raise CardError(f"unrecognized mode: {mode} {{hub-mode}}")
    if args.integer("duration", -1) != -1 and args.integer("duration") < 15:
        raise CardError("duration: 15 minutes or more expected")
    hub = board.hub_settings
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
    _hold_online(board, args)
    board.touch()
    return {}


def _hold_online(board: Board, args: Args) -> None:
    if args.flag("on"):
        held_s = args.integer("seconds") or _ON_S
        board.on_until_ms = board.clock.now_ms + held_s * 1000
    elif args.flag("off"):
        board.on_until_ms = 0


def get(board: Board, args: Args) -> Members:
    """hub.get: the settings; what was never set is absent."""
    hub = board.hub_settings
    return spoken(
        device=board.identity.device,
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


def status(board: Board, args: Args) -> Members:
    """hub.status."""
    return spoken(status=board.link.status(board.clock.now_ms), connected=board.link.connected)


def sync(board: Board, args: Args) -> Members:
    """hub.sync: ignored in mode off; `allow` also ends a penalty."""
    if board.hub_settings.get("mode") != "off":
        board.sync.request(board.clock.now_ms)
    if args.flag("allow"):
        board.link.forgive(board.clock.now_ms)
    return {}


def sync_status(board: Board, args: Args) -> Members:
    """hub.sync.status; with `sync` a sync is begun if something waits."""
    sync, now_ms = board.sync, board.clock.now_ms
    waiting = board.files.waiting() or not board.clock.known
    if args.flag("sync") and waiting:
        board.sync.request(now_ms)
    return spoken(
        status=_sync_words(board),
        mode="{modem-on}" if _modem_on(board) else "{modem-off}",
        time=board.state.completed_s,
        alert=sync.alert,
        sync=waiting or sync.wanted,
        completed=_seconds_since(sync.completed_ms, now_ms),
        requested=_seconds_since(sync.requested_ms, now_ms),
        seconds=board.link.penalty_left_s(now_ms),
    )


def _seconds_since(at_ms: int | None, now_ms: int) -> int:
    """Whole seconds, at least 1 so that a moment just passed is not taken for never."""
    return 0 if at_ms is None else max(1, (now_ms - at_ms) // 1000)


def _modem_on(board: Board) -> bool:
    return board.link.state not in (LinkState.OFF, LinkState.PENALTY)


def _sync_words(board: Board) -> str:
    now_ms = board.clock.now_ms
    if board.link.state not in (LinkState.OFF, LinkState.CONNECTED):
        return board.link.status(now_ms)
    if board.sync.started_ms is not None:
        return board.sync.phase(now_ms)
    if board.sync.completed_ms is not None:
        return "completed {sync-end}"
    if board.sync.wanted and not board.hub_settings.get("product"):
        return "no product set {product-noexist}"
    return "idle {idle}"


def signal(board: Board, args: Args) -> Answered:
    """hub.signal: the oldest signal; `seconds` waits for one that long."""
    if not board.signals and args.integer("seconds") > 0:
        return Later(
            deadline_ms=board.clock.now_ms + args.integer("seconds") * 1000,
            on_deadline=lambda: _signal(board),
            poll=lambda: _signal(board) if board.signals else None,
        )
    return _signal(board)


def _signal(board: Board) -> Members:
    body = board.signals.pop(0) if board.signals else None
    return spoken(connected=board.link.connected, signals=len(board.signals)) | (
        {} if body is None else {"body": body}
    )


def log(board: Board, args: Args) -> Members:
    """hub.log: a line for Notehub, in ``_health.qo``."""
    file = board.files.open("_health.qo")
    body = spoken(text=args.text("text"), alert=args.flag("alert"))
    board.add_note(file, file.next_queue_id(), body=body)
    if args.flag("sync"):
        board.sync.request(board.clock.now_ms)
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
