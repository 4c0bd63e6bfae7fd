"""card.* about the card itself: identity, clock, modem, settings, restart; and echo."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sim.notecard.card.card import Card, CardReply, Request
from sim.notecard.codec.arguments import Args, Members, RequestError, spoken
from sim.notecard.model.link import LinkState
from sim.notecard.model.state import I2C_ADDRESS

RANDOM_BYTES_MAX = 4096
VERSION = {"ver_major": 11, "ver_minor": 1, "ver_patch": 1, "ver_build": 17494}
_WIRE_ONLY = ("req", "cmd", "crc", "id")
_AUX_RATE = 115_200


def echo(card: Card, args: Args) -> Members:
    """Give back every member of the request."""
    return {name: value for name, value in args.all.items() if name not in _WIRE_ONLY}


def version(card: Card, args: Args) -> Members:
    """card.version: a Cell+WiFi card with the firmware that the published sample shows."""
    number = "{ver_major}.{ver_minor}.{ver_patch}".format(**VERSION)
    return {
        "version": f"notecard-{number}.{VERSION['ver_build']}",
        "device": card.identity.device,
        "name": "Blues Wireless Notecard",
        "sku": "NOTE-MBGLW",
        "board": "5.13",
        "cell": True,
        "gps": True,
        "wifi": True,
        "api": args.integer("api") or VERSION["ver_major"],
        "body": {
            "org": "Blues Wireless",
            "product": "Notecard",
            "target": "u5",
            "version": f"notecard-u5-{number}",
            **VERSION,
            "built": "Dec  2 2025 15:43:09",
        },
    }


def status(card: Card, args: Args) -> Members:
    """card.status; `time` is when the card was powered."""
    clock, hub = card.clock, card.hub_settings
    return spoken(
        status="{normal}",
        usb=card.world.volts_at(clock.utc_ms) >= 4.6,
        storage=min(100, sum(len(file.notes) for file in card.files) // 10),
        time=(clock.epoch_ms + card.boot_ms) // 1000 if clock.known else 0,
        connected=card.link.connected,
        cell=True,
        gps=card.gps.mode in ("periodic", "continuous"),
        sync=card.files.waiting() or not clock.known,
        inbound=hub.get("inbound", 0),
        outbound=hub.get("outbound", 0),
    )


def time(card: Card, args: Args) -> Members:
    """card.time; an epoch in `time` sets the clock if nothing has set it yet."""
    clock = card.clock
    if "time" in args and not 1_000_000_000 <= args.integer("time") < 4_102_444_800:
        raise RequestError("time: seconds between 2001 and 2100 expected")
    if "time" in args and not clock.known:
        clock.epoch_ms = args.integer("time") * 1000 - clock.now_ms
        clock.known = True
    if not clock.known:
        raise RequestError("time is not yet set {no-time}", zone="UTC,Unknown")
    where = card.gps.position or card.tower
    if where is None:
        return {"time": clock.utc_s, "zone": "UTC,Unknown"}
    zone = ZoneInfo(card.identity.zone)
    local = datetime.fromtimestamp(clock.utc_s, UTC).astimezone(zone)
    offset = local.utcoffset()
    return spoken(
        time=clock.utc_s,
        area=card.identity.area,
        zone=f"{local.tzname()},{card.identity.zone.replace('_', ' ')}",
        minutes=int(offset.total_seconds() // 60) if offset else 0,
        lat=where.lat,
        lon=where.lon,
        country=card.identity.country,
    )


def wireless(card: Card, args: Args) -> Members:
    """card.wireless: mode and apn are kept; `net` is there only while the modem runs."""
    kept = card.state.family("wireless")
    for name in ("mode", "apn", "method"):
        if args.text(name):
            kept[name] = "" if args.text(name) == "-" else args.text(name)
            card.touch()
    if card.link.state in (LinkState.OFF, LinkState.PENALTY):
        return spoken(status="{modem-off}", mode=kept.get("mode", "")) | {"net": {}}
    return spoken(
        status="{modem-on}",
        mode=kept.get("mode", "auto"),
        count=card.state.sessions,
        net=_net(card) if card.bars else {},
    )


def _net(card: Card) -> Members:
    rssi = -110 + 12 * card.bars
    return {
        "iccid": "89011703278123166574",
        "imsi": "310170812316657",
        "imei": card.identity.device.removeprefix("dev:"),
        "modem": "EG91NAXGAR07A03M1G_BETA0415_01.001.01.001",
        "band": "LTE BAND 2",
        "rat": "lte",
        "rssir": rssi,
        "rssi": rssi + 1,
        "rsrp": rssi - 28,
        "sinr": 6 * card.bars,
        "rsrq": -10,
        "bars": card.bars,
        "mcc": 310,
        "mnc": 410,
        "lac": 28681,
        "cid": 211150859,
        "updated": card.clock.utc_s,
    }


def restart(card: Card, args: Args) -> CardReply:
    """card.restart: the link drops, no reply."""
    card.restart("restart")
    return CardReply(silent=True)


def restore(card: Card, args: Args) -> CardReply:
    """card.restore: files gone, with delete:true the settings too; then a restart."""
    card.state = card.state.restored(args.flag("delete"))
    card.touch()
    card.restart("restart")
    return CardReply(silent=True)


def io(card: Card, args: Args) -> Members:
    """card.io: `i2c` moves the card to another address, -1 back to the default."""
    address = args.integer("i2c")
    if "i2c" in args:
        if address != -1 and not 0x08 <= address <= 0x77:
            raise RequestError(f"i2c: {address} is not a 7-bit address")
        card.state.i2c_address = I2C_ADDRESS if address == -1 else address
        card.touch()
    return {}


def random(card: Card, args: Args) -> Members:
    """card.random: a number below `count` (default 2^32), or `count` bytes as payload."""
    count = args.integer("count")
    if args.text("mode") == "payload":
        if not 0 < count <= RANDOM_BYTES_MAX:
            raise RequestError(f"count: 1 to {RANDOM_BYTES_MAX} bytes expected")
        return {"payload": b64encode(card.random.randbytes(count)).decode()}
    return {"count": card.random.randrange(count if count > 0 else 2**32)}


def usage_get(card: Card, args: Args) -> Members:
    """card.usage.get: totals since activation; periods are not kept apart."""
    usage, clock = card.state.usage, card.clock
    since_s = card.state.activated_s
    return spoken(
        seconds=clock.utc_s - since_s if since_s and clock.known else 0,
        time=since_s,
        bytes_sent=usage.bytes_sent,
        bytes_received=usage.bytes_received,
        notes_sent=usage.notes_sent,
        notes_received=usage.notes_received,
        sessions_standard=usage.sessions_standard,
        sessions_secure=usage.sessions_secure,
    )


def aux_serial(card: Card, args: Args) -> Members:
    """card.aux.serial: kept, not acted on: this card has no AUX pins."""
    kept = _keep(card, "aux.serial", args, texts=("mode",), integers=("rate", "max", "ms"))
    return {"mode": kept.get("mode", "req"), "rate": kept.get("rate", _AUX_RATE)}


def contact(card: Card, args: Args) -> Members:
    """card.contact: name, org, role, email of whoever maintains the device."""
    return spoken(**_keep(card, "contact", args, texts=("name", "org", "role", "email")))


def wifi(card: Card, args: Args) -> Members:
    """card.wifi: credentials are kept; the password is never shown."""
    kept = _keep(card, "wifi", args, texts=("ssid", "password", "name", "org", "text"))
    known = bool(kept.get("ssid"))
    return spoken(version="3.12.3", ssid=kept.get("ssid", ""), security="wpa2-psk" if known else "")


_METHODS = [
    "-",
    "cell",
    "cell-ntn",
    "dual-wifi-cell",
    "ntn",
    "wifi",
    "wifi-cell",
    "wifi-cell-ntn",
    "wifi-ntn",
]


def transport(card: Card, args: Args) -> Members:
    """card.transport: the method is kept; this card always finds the same network."""
    if args.text("method", "-") not in _METHODS:
        raise RequestError(f"method: unrecognized transport '{args.text('method')}'")
    kept = _keep(card, "transport", args, texts=("method",), integers=("seconds",))
    for name in ("allow", "umin"):
        if name in args:
            kept[name] = args.flag(name)
    return {"method": kept.get("method") or "wifi-cell"} | spoken(
        seconds=kept.get("seconds", 0), allow=kept.get("allow"), umin=kept.get("umin")
    )


def log(card: Card, args: Args) -> Members:
    """card.log: a line of the host's for the card's own log."""
    card.watch("note", f"card.log: {args.text('text')}")
    return {}


def _keep(
    card: Card,
    family: str,
    args: Args,
    texts: tuple[str, ...] = (),
    integers: tuple[str, ...] = (),
) -> Members:
    """Store the arguments given; ``-`` and -1 take a setting back to its default."""
    kept = card.state.family(family)
    given: Members = {name: args.text(name) for name in texts if name in args}
    given |= {name: args.integer(name) for name in integers if name in args}
    for name, value in given.items():
        card.touch()
        if value in ("-", -1):
            kept.pop(name, None)
        else:
            kept[name] = value
    return kept


REQUESTS: dict[str, Request] = {
    "echo": echo,
    "card.version": version,
    "card.status": status,
    "card.time": time,
    "card.wireless": wireless,
    "card.restart": restart,
    "card.restore": restore,
    "card.io": io,
    "card.random": random,
    "card.usage.get": usage_get,
    "card.aux.serial": aux_serial,
    "card.contact": contact,
    "card.wifi": wifi,
    "card.transport": transport,
    "card.log": log,
}
