"""card.* about the card itself: identity, clock, settings, restart; and echo."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sim.notecard.card.card import Card, Request
from sim.notecard.codec.arguments import Args, Members, RequestError, foreign_json, spoken
from sim.notecard.codec.settings import keep, one_of
from sim.notecard.storage.state import I2C_ADDRESS

RANDOM_BYTES_MAX = 4096
PLAIN_NOTES = 1000  # how many untemplated notes would fill the flash, by estimate
SETUP_MAX = 100
_WIRE_ONLY = ("req", "cmd", "crc", "id")


def echo(card: Card, args: Args) -> Members:
    """Give back every member of the request."""
    return {name: value for name, value in args.all.items() if name not in _WIRE_ONLY}


def version(card: Card, args: Args) -> Members:
    """card.version: what the SKU stands for."""
    model = card.identity.model
    major, minor, patch, build = model.version
    number = f"{major}.{minor}.{patch}"
    return spoken(
        version=f"notecard-{number}.{build}",
        device=card.identity.device,
        name="Blues Wireless Notecard",
        sku=model.sku,
        ordering_code=model.ordering_code,
        board=model.board,
        cell=model.cell,
        gps=model.cell,
        wifi=model.wifi,
        api=args.integer("api") or major,
        body={
            "org": "Blues Wireless",
            "product": "Notecard",
            "target": model.target,
            "version": f"notecard-{model.target}-{number}",
            "ver_major": major,
            "ver_minor": minor,
            "ver_patch": patch,
            "ver_build": build,
            "built": model.built,
        },
    )


def status(card: Card, args: Args) -> Members:
    """card.status; `time` is when the card was powered."""
    clock, way = card.clock, card.radio.way
    notes = sum(len(file.notes) for file in card.files)
    return {
        "status": "{normal}",
        "usb": card.on_usb,  # drivers differ on whether it may be absent; there, all are content
        "storage": min(100, 1 + 100 * notes // PLAIN_NOTES),
    } | spoken(
        time=(clock.epoch_ms + card.boot_ms) // 1000 if clock.known else 0,
        connected=card.link.connected,
        cell=card.modem_on and way == "cell",
        wifi=card.modem_on and way == "wifi",
        gps=card.gps.active,
        sync=card.state.activated_s > 0,
        inbound=card.session.minutes("inbound"),
        outbound=card.session.minutes("outbound"),
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
    where = card.gps.position or card.session.tower
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


def restart(card: Card, args: Args) -> Members:
    """card.restart: an empty answer, then the link drops."""
    card.restart_soon()
    return {}


def restore(card: Card, args: Args) -> Members:
    """card.restore: files gone, with delete:true the settings too; then a restart.

    With `connected` Notehub forgets the device; without, it gives databases and variables back.
    """
    if args.flag("connected"):
        card.hub.forget(card.identity.device)
    card.state = card.state.restored(args.flag("delete"))
    card.state.afresh = not args.flag("connected")
    _repeat_setup(card)
    card.touch()
    card.restart_soon()
    return {}


def setup(card: Card, args: Args) -> Members:
    """card.setup: requests that are repeated after each card.restore, a line or item each."""
    _setup_requests(args.text("text"))
    card.state.setup = args.text("text")
    card.touch()
    return {}


def _setup_requests(text: str) -> list[Members]:
    if not text:
        return []
    try:
        found = foreign_json(text.encode() if text.startswith("[") else _listed(text))
    except ValueError:
        raise RequestError("text: a JSON list of requests expected") from None
    if not (isinstance(found, list) and all(isinstance(one, dict) for one in found)):
        raise RequestError("text: a JSON list of requests expected")
    return found[:SETUP_MAX]


def _listed(text: str) -> bytes:
    lines = [line for line in text.splitlines() if line.strip()]
    return f"[{','.join(lines)}]".encode()


def _repeat_setup(card: Card) -> None:
    for members in _setup_requests(card.state.setup):
        name = str(members.get("req") or members.get("cmd") or "")
        if name in card.requests and name not in ("card.restore", "card.restart", "card.setup"):
            try:
                card.requests[name](card, Args(members))
            except RequestError as error:
                card.watch("note", f"card.setup: {name}: {error.text}")


def checkpoint(card: Card, args: Args) -> Members:
    """card.checkpoint: whatever is still in RAM goes to flash."""
    card.flush()
    return {}


def io(card: Card, args: Args) -> Members:
    """card.io: the I2C address, -1 for the default; the LED, the I2C master, the way out."""
    address = args.integer("i2c")
    if "i2c" in args and address != -1 and not 0x08 <= address <= 0x77:
        raise RequestError(f"i2c: {address} is not a 7-bit address")
    word = args.text("mode")
    if word in ("usb", "+usb", "-usb"):
        raise RequestError("mode: this card's USB port is the wire itself {not-supported}")
    if word == "+fallback" and not card.attached.starnote:
        raise RequestError("no NTN module is connected {no-ntn-module}")
    known = ("-1", *_IO, "trace-on", "trace-off")
    one_of(args, "mode", known)
    if "i2c" in args or word == "-1":
        card.state.i2c_address = I2C_ADDRESS if address == -1 or word == "-1" else address
    if word in _IO:
        name, on = _IO[word]
        card.state.family("io")[name] = on
        card.lights.apply()
    if word.startswith("trace"):
        card.aux_serial.tracing = word == "trace-on"
    card.touch()
    return {}


_IO = {
    "+busy": ("on", True),
    "-busy": ("on", False),
    "i2c-master-disable": ("off", True),
    "i2c-master-enable": ("off", False),
    "+fallback": ("allow", True),
    "-fallback": ("allow", False),
}


def random(card: Card, args: Args) -> Members:
    """card.random: a number below `count` (default 2^32), or `count` bytes as payload."""
    count = args.integer("count")
    if one_of(args, "mode", ("payload",)):
        if not 0 < count <= RANDOM_BYTES_MAX:
            raise RequestError(f"count: 1 to {RANDOM_BYTES_MAX} bytes expected")
        return {"payload": b64encode(card.random.randbytes(count)).decode()}
    return {"count": card.random.randrange(count if count > 0 else 2**32)}


def contact(card: Card, args: Args) -> Members:
    """card.contact: name, org, role, email of whoever maintains the device."""
    if args.text("email", "-") != "-" and "@" not in args.text("email"):
        raise RequestError("email: not an address")
    kept = card.state.family("contact")
    if keep(kept, args, texts=("name", "org", "role", "email")):
        card.touch()
    return spoken(**kept)


def log(card: Card, args: Args) -> Members:
    """card.log: a line of the host's for the card's own log."""
    card.watch("note", f"card.log: {args.text('text')}")
    return {}


def trace(card: Card, args: Args) -> Members:
    """card.trace: the card tells on AUXTX what its link does."""
    word = one_of(args, "mode", ("on", "off"))
    if word:
        card.aux_serial.tracing = word == "on"
    return {}


REQUESTS: dict[str, Request] = {
    "echo": echo,
    "card.version": version,
    "card.status": status,
    "card.time": time,
    "card.restart": restart,
    "card.restore": restore,
    "card.setup": setup,
    "card.checkpoint": checkpoint,
    "card.io": io,
    "card.random": random,
    "card.contact": contact,
    "card.log": log,
    "card.trace": trace,
}
