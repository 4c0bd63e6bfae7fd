"""How the card goes online: card.wireless, .penalty, card.transport, card.wifi, triangulation."""

from __future__ import annotations

from sim.notecard.card.card import Card, Request
from sim.notecard.card.radio import access_points
from sim.notecard.codec.arguments import Args, Members, RequestError, spoken
from sim.notecard.codec.settings import at_least, keep, one_of
from sim.notecard.model.link import LinkState

SCAN_MODES = ("-", "auto", "m", "nb", "gprs")
SIM_METHODS = ("-", "primary", "secondary", "dual-primary-secondary", "dual-secondary-primary")
METHODS = (
    "-",
    "cell",
    "cell-ntn",
    "dual-wifi-cell",
    "ntn",
    "wifi",
    "wifi-cell",
    "wifi-cell-ntn",
    "wifi-ntn",
)
ICCIDS = {"primary": "89011703278123166574", "secondary": "8988247000101234567"}
_STATUS = {
    LinkState.OFF: "{modem-off}",
    LinkState.PENALTY: "{modem-off}",
    LinkState.REGISTERING: "{cell-registration-wait}",
    LinkState.OPENING: "{network-up}",
    LinkState.CONNECTED: "{modem-on}",
}


def wireless(card: Card, args: Args) -> Members:
    """card.wireless: `net` is there only while the modem runs, `mode` once it was set."""
    kept = card.state.family("wireless")
    if not card.identity.model.narrowband and args.text("mode") in ("m", "nb", "gprs"):
        raise RequestError("mode: only on narrowband Notecards {incompatible}")
    one_of(args, "mode", SCAN_MODES)
    one_of(args, "method", SIM_METHODS)
    at_least(args, "hours", 0)
    if keep(kept, args, texts=("mode", "apn", "method"), integers=("hours",)):
        card.touch()
    shown = spoken(status=_STATUS[card.link.state], mode=kept.get("mode"))
    if not card.modem_on:
        return shown | {"net": {}}
    return shown | spoken(count=card.radio.bars) | {"net": _net(card)}


def _net(card: Card) -> Members:
    sim = card.radio.sim or "primary"
    known: Members = {
        "iccid": ICCIDS[sim],
        "imsi": "310170812316657" if sim == "primary" else "901405100000001",
        "imei": card.identity.device.removeprefix("dev:"),
        "modem": "EG91NAXGAR07A03M1G_BETA0415_01.001.01.001",
    }
    bars = card.radio.bars
    if not bars:
        return known
    rssi = -110 + 12 * bars
    return known | {
        "band": "LTE BAND 2",
        "rat": card.radio.rat,
        "rssir": rssi,
        "rssi": rssi + 1,
        "rsrp": rssi - 28,
        "sinr": 6 * bars,
        "rsrq": -10,
        "bars": bars,
        "mcc": 310,
        "mnc": 410,
        "lac": 28681,
        "cid": 211150859,
        "updated": card.clock.utc_s,
    }


def penalty(card: Card, args: Args) -> Members:
    """card.wireless.penalty: the penalty box, its rule, and the way out."""
    kept, now_ms = card.state.family("wireless.penalty"), card.clock.now_ms
    if args.flag("set"):
        for name in ("min", "add", "max"):
            if args.integer(name) < 0:
                raise RequestError(f"{name}: minutes expected")
        keep(kept, args, integers=("min", "add", "max"))
        if "rate" in args:
            if not 1 <= args.number("rate") <= 100:
                raise RequestError("rate: 1 to 100 expected")
            kept["rate"] = args.number("rate")
        card.session.apply_rule()
        card.touch()
    elif {"min", "add", "max", "rate"} & set(args.all):
        raise RequestError("set is required to override the defaults")
    if args.flag("reset"):
        card.link.forgive(now_ms)
        card.session.advance()
    failed_ms = card.link.failed_ms
    return {
        "count": card.link.failures,
        "minutes": 0 if failed_ms is None else (now_ms - failed_ms) // 60_000,
    } | spoken(seconds=card.link.penalty_left_s(now_ms), status=card.link.penalty_words(now_ms))


def transport(card: Card, args: Args) -> Members:
    """card.transport: the order of ways; `set` changes `allow` alone."""
    method = one_of(args, "method", METHODS)
    model = card.identity.model
    for way, there in (("wifi", model.wifi), ("cell", model.cell)):
        if way in method and not there:
            raise RequestError(f"method: {model.sku} has no {way} {{incompatible}}")
    kept = card.state.family("transport")
    at_least(args, "seconds", 0)
    if args.flag("set"):
        given = keep(kept, args, flags=("allow",))
    else:
        given = keep(kept, args, texts=("method",), integers=("seconds",), flags=("allow", "umin"))
    if given:
        card.touch()
        card.session.apply_rule()
    return {"method": card.radio.method} | spoken(
        seconds=kept.get("seconds", 0), allow=kept.get("allow"), umin=kept.get("umin")
    )


def wifi(card: Card, args: Args) -> Members:
    """card.wifi: access points are kept; a password is never shown."""
    if not card.identity.model.wifi:
        raise RequestError("card.wifi: this Notecard has no Wi-Fi {not-supported} {io}")
    if args.text("text", "-") != "-" and not access_points(args.text("text")):
        raise RequestError('text: ["SSID","PASSWORD"],… expected')
    kept = card.state.family("wifi")
    if keep(kept, args, texts=("ssid", "password", "name", "org", "text")):
        card.touch()
    if args.flag("start"):
        card.watch("link", f"SoftAP {_soft_ap(card)} {{wifi-softap}}")
    at = card.radio.access_point or str(kept.get("ssid", ""))
    return {"version": "3.12.3"} | spoken(
        ssid=at, security="wpa2-psk" if card.radio.access_point else "", secure=False
    )


def _soft_ap(card: Card) -> str:
    """The name of the card's own access point; a ``-`` at its end is followed by the MAC's."""
    kept = card.state.family("wifi")
    name = str(kept.get("name", "Notecard-"))
    name += card.identity.device[-4:] if name.endswith("-") else ""
    return f"{name} ({kept['org']})" if kept.get("org") else name


def triangulate(card: Card, args: Args) -> Members:
    """card.triangulate: whether sessions carry what is heard of towers and access points."""
    kept = card.state.family("triangulate")
    words = args.text("mode").split(",") if args.text("mode") else []
    if words and (not set(words) <= {"cell", "wifi"} and words != ["-"]):
        raise RequestError(f"mode: unrecognized mode '{args.text('mode')[:40]}'")
    at_least(args, "minutes", 0)
    given = keep(kept, args, texts=("mode",), integers=("minutes",))
    if args.flag("set"):
        given |= keep(kept, args, flags=("on", "usb"))
    if "text" in args:
        kept["text"] = args.text("text")
        kept["time"] = args.integer("time") or card.clock.utc_s
        given = True
    if given:
        card.touch()
    return spoken(
        mode=kept.get("mode"),
        length=len(str(kept.get("text", ""))),
        on=kept.get("on"),
        usb=kept.get("usb"),
        time=card.session.triangulation.scanned_s,
        motion=card.motion.last_s,
    )


REQUESTS: dict[str, Request] = {
    "card.wireless": wireless,
    "card.wireless.penalty": penalty,
    "card.transport": transport,
    "card.wifi": wifi,
    "card.triangulate": triangulate,
}
