"""What tags say: the usual formats of beacons and sensors, made for a tag and a moment.

Sources: Apple's Proximity Beacon Specification; Google's Eddystone; Ruuvi's data format 5 (RAWv2);
the BTHome v2 format.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from badge.errors import InputError
from badge.words import counted
from sim.air.radio.advert import LEGACY_MAX_BYTES, SILENT, Advert, Pdu, advert_of

FLAGS = 0x06  # general discoverable, no BR/EDR: a scan without a filter shows it
APPLE, RUUVI = 0x004C, 0x0499
EDDYSTONE, BTHOME = "FEAA", "FCD2"
REGION = UUID("e2c56db5-dffb-48d2-b060-d0f5a71096e0")  # Apple's sample region AirLocate
NAMESPACE = bytes.fromhex("62616467652d73696d21")  # "badge-sim!"
POWER_DBM = -59  # at 1 m; Eddystone tells it for 0 m, which is 41 dB more
BATTERY_MV, BATTERY_PCT, TX_DBM = 3000, 100, 4


@dataclass(frozen=True, slots=True)
class Moment:
    """What a tag senses, and its seconds and adverts since it was started."""

    celsius: float = 20.0
    moving: bool = False
    seconds: int = 0
    count: int = 0


Maker = Callable[[str, Moment], Advert]


def payload_of(word: str) -> Maker:
    """Return the maker of a payload by its word, or of the octets that it is in hexadecimal.

    InputError if it is neither, or longer than an advertisement.
    """
    if word in _MAKERS:
        return _MAKERS[word]
    try:
        octets = bytes.fromhex(word)
    except ValueError:
        raise InputError(
            f"payload {word!r}: write one of {', '.join(_MAKERS)}, or the octets in hexadecimal"
        ) from None
    if len(octets) > LEGACY_MAX_BYTES:
        raise InputError(f"payload of {counted(len(octets), 'octet')}: an advertisement holds 31")
    return lambda _mac, _moment: Advert(octets, pdu=Pdu.NON_CONNECTABLE)


def _ibeacon(mac: str, _: Moment) -> Advert:
    tail = _octets(mac)[2:]  # major and minor: the MAC's own last four octets
    body = b"\x02\x15" + REGION.bytes + tail + struct.pack("b", POWER_DBM)
    return advert_of(flags=FLAGS, manufacturer_data={APPLE: body}, pdu=Pdu.NON_CONNECTABLE)


def _eddystone_uid(mac: str, _: Moment) -> Advert:
    body = struct.pack(">Bb10s6s2x", 0x00, POWER_DBM + 41, NAMESPACE, _octets(mac))
    return _eddystone(body)


def _eddystone_tlm(_: str, moment: Moment) -> Advert:
    celsius = round(moment.celsius * 256)
    tenths = moment.seconds * 10
    return _eddystone(struct.pack(">BBHhII", 0x20, 0, BATTERY_MV, celsius, moment.count, tenths))


def _eddystone(body: bytes) -> Advert:
    data = {EDDYSTONE: body}
    return advert_of(
        flags=FLAGS, service_uuids=(EDDYSTONE,), service_data=data, pdu=Pdu.NON_CONNECTABLE
    )


def _ruuvi(mac: str, moment: Moment) -> Advert:
    # Lying still it feels 1 g downwards; moved, some more and sideways.
    acceleration = (180, -240, 1150) if moment.moving else (4, -4, 1036)
    power = (BATTERY_MV - 1600) << 5 | (TX_DBM + 40) // 2
    body = struct.pack(
        ">BhHHhhhHBH6s",
        5,
        round(moment.celsius / 0.005),
        round(45 / 0.0025),
        101_325 - 50_000,
        *acceleration,
        power,
        moment.seconds // 10 % 255 if moment.moving else 0,
        moment.count % 65_535,
        _octets(mac),
    )
    return advert_of(flags=FLAGS, manufacturer_data={RUUVI: body})


def _bthome(_: str, moment: Moment) -> Advert:
    # Objects in the order of their numbers: packet id, battery, temperature, moving.
    body = struct.pack(
        "<BBBBBBhBB",
        0x40,
        0x00,
        moment.count % 256,
        0x01,
        BATTERY_PCT,
        0x02,
        round(moment.celsius * 100),
        0x22,
        moment.moving,
    )
    return advert_of(flags=FLAGS, service_data={BTHOME: body})


def _octets(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


_MAKERS: dict[str, Maker] = {
    "ibeacon": _ibeacon,
    "eddystone-uid": _eddystone_uid,
    "eddystone-tlm": _eddystone_tlm,
    "ruuvi": _ruuvi,
    "bthome": _bthome,
    "none": lambda _mac, _moment: SILENT,
}
