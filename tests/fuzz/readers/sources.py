"""Recorded input: tracks and adverts of every format."""

from __future__ import annotations

import struct
from functools import partial
from pathlib import Path
from random import Random

from sim.calibration.own import COLUMNS, read_truth
from sim.sources.open import read_adverts, read_track
from tests.fuzz.mutate import mixed, nmea, octets, packed, text_lines, xml_document
from tests.fuzz.reader import Mutate, Reader, from_file
from tests.sim.sources import test_advertising as air
from tests.sim.sources import test_capture as captures
from tests.sim.sources import test_gpx, test_nmea

TIMES = range(6)


def _gpx(folder: Path) -> list[bytes]:
    inside = "<ele>432.1</ele><fix>2d</fix><hdop>1.4</hdop><sat>7</sat>"
    points = "".join(test_gpx.point(second, inside) for second in TIMES)
    return [
        test_gpx.gpx(points),
        test_gpx.gpx(points, "1.0"),
        test_gpx.gpx(points + test_gpx.POINT),
    ]


def _kml(folder: Path) -> list[bytes]:
    from tests.sim.sources.test_kml import HEAD, TAIL, moments

    inside = (moments(0, 10, 20), f"<gx:MultiTrack>{moments(0, 10)}{moments(20)}</gx:MultiTrack>")
    return [(HEAD + one + TAIL).encode() for one in inside]


def _fit(folder: Path) -> list[bytes]:
    from tests.sim.sources.test_fit import WALK

    return [WALK]


def _fit_sealed(rng: Random, seed: bytes, others: list[bytes]) -> bytes:
    """Changed, with its length and CRCs right again: only so is it read far."""
    from tests.sim.sources.test_fit import crc

    body = octets(rng, seed[14:-2], [seed[14:-2]])
    head = bytearray(seed[:12])
    struct.pack_into("<I", head, 4, len(body))
    whole = bytes(head) + struct.pack("<H", crc(bytes(head))) + body
    return whole + struct.pack("<H", crc(whole)) if len(body) < 4000 else whole


def _nmea(folder: Path) -> list[bytes]:
    lines = []
    for second in TIMES:
        clock = f"1200{second:02}.00"
        lines += [test_nmea.gga(clock), test_nmea.gsa(3), test_nmea.rmc(clock)]
        lines += [test_nmea.sentence("GPVTG,10.0,T,,M,0.5,N,0.9,K,A")]
        lines += [test_nmea.sentence(f"GPZDA,{clock},06,05,2024,00,00")]
        lines += [test_nmea.sentence(f"GNGNS,{clock},{test_nmea.PLACE},AA,08,1.1,432.1,47.0,,")]
        lines += [test_nmea.sentence("GPGSV,1,1,02,01,40,083,46,02,17,308,41")]
    lines += ["$PGRMC", test_nmea.sentence("PUBX,00,081350.00"), "noise"]
    return ["\r\n".join(lines).encode()]


def _packets() -> list[tuple[int, int, bytes]]:
    events = (
        air.event(0x02, air.report(air.TAG, -60)),
        air.event(0x0D, air.extended(air.TAG, -70)),
    )
    advert = air.link_layer(air.legacy_pdu(0, air.TAG))
    far = air.link_layer(air.extended_pdu(air.TAG))
    told = [(1002, one) for one in events] + [(187, one) for one in events]
    told += [(201, b"\0\0\0\1\x04" + one) for one in events]
    told += [(1001, one) for one in events] + [(256, air.phdr(advert, -50)), (251, advert)]
    told += [
        (256, air.phdr(far, -50)),
        (272, air.nordic(advert, 55)),
        (192, air.ppi(advert, -44, 251)),
    ]
    return [(captures.T0 + 10 * n, kind, payload) for n, (kind, payload) in enumerate(told)]


def _of_kind(kind: int) -> list[tuple[int, bytes]]:
    return [(ms, payload) for ms, link, payload in _packets() if link == kind]


def _btsnoop(folder: Path) -> list[bytes]:
    hci = [(ms, 3, b"\x04" + payload) for ms, payload in _of_kind(1002)]
    bare = [(ms, 3, payload) for ms, payload in _of_kind(1001)]
    return [captures.btsnoop_of(1002, hci), captures.btsnoop_of(1001, bare)]


def _pcap(folder: Path) -> list[bytes]:
    kinds = (256, 272, 192, 201)
    return [captures.pcap_of(kind, _of_kind(kind)) for kind in kinds] + [
        captures.pcap_of(256, _of_kind(256), ">", nanos=True)
    ]


def _pcapng(folder: Path) -> list[bytes]:
    return [captures.pcapng_of(_packets()), captures.pcapng_of(_packets(), ">")]


def _packet_logger(folder: Path) -> list[bytes]:
    return [captures.packet_logger_of(_of_kind(1001), order=order) for order in "<>"]


def _rssi(folder: Path) -> list[bytes]:
    rows = [f"{1_551_367_495_114 + n},FF:FF:C0:21:EF:1A,{-60 - n}" for n in range(9)]
    return ["\n".join(["unix_ms,mac,rssi", *rows]).encode()]


def _truth(folder: Path) -> list[bytes]:
    rows = [f"{1_551_367_495_114 + n},FF:FF:C0:21:EF:1A,{1 + n / 2},{n * 30}" for n in range(9)]
    return ["\n".join([",".join(COLUMNS), *rows]).encode()]


def _reader(name: str, seeds: object, mutate: Mutate, *needs: str) -> Reader:
    adverts = name in ("btsnoop", "pcap", "pcapng", "packet-logger", "rssi")
    read = read_adverts if adverts else partial(read_track)
    change = mixed((30, mutate), (1, packed))
    return Reader(name, seeds, from_file(read, f"in.{name}"), change, needs=needs)


READERS = (
    _reader("gpx", _gpx, xml_document),
    _reader("kml", _kml, xml_document, "fastkml"),
    _reader("fit", _fit, mixed((4, _fit_sealed), (1, octets)), "fitdecode"),
    _reader("nmea", _nmea, nmea),
    _reader("btsnoop", _btsnoop, octets),
    _reader("pcap", _pcap, octets),
    _reader("pcapng", _pcapng, octets),
    _reader("packet-logger", _packet_logger, octets),
    _reader("rssi", _rssi, text_lines),
    Reader("calibration-truth", _truth, from_file(read_truth, "truth.csv"), text_lines),
)
