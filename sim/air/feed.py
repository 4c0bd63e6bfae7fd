"""Where reports come from: a capture or table of sightings, or tags placed in a world."""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from badge.contract.macs import normal_mac
from badge.errors import InputError
from sim.air.radio.advert import SILENT, Advert, Pdu, advert_of
from sim.air.radio.air import Air
from sim.air.radio.peripheral import Peripheral
from sim.sources.adverts import Payload

ADV_DELAY_MS = 10  # Core Specification Vol 6 Part B 4.4.2.2.1: advDelay is 0 to 10 ms
_BURST = 16
RESPONSE_MS = 100  # a scan response comes within a millisecond; captures are coarser
Said = bytes | Payload | Advert | None


@dataclass(frozen=True, slots=True)
class Report:
    """One advertisement at one antenna: milliseconds on the feed's own clock, dBm."""

    at_ms: int
    adapter: str
    mac: str
    rssi_dbm: int
    advert: Advert = SILENT


def from_sightings(
    sightings: Iterable[tuple[int, str, int, Said]], adapter: str = "hci0"
) -> Iterator[Report]:
    """Turn (t_ms, mac, rssi_dbm, payload or None) into reports for one adapter.

    The payload is an `Advert`, one of a capture, or the raw octets of its data.
    """
    for at_ms, mac, rssi_dbm, payload in sightings:
        yield Report(at_ms, adapter, normal_mac(mac), rssi_dbm, advert_from(payload))


def advert_from(said: Said) -> Advert:
    """Return what was said as an advert."""
    if said is None or isinstance(said, Advert):
        return said or SILENT
    if isinstance(said, bytes):
        return Advert(said)
    kind = Pdu(said.kind) if said.kind <= max(Pdu) else Pdu.NON_CONNECTABLE
    address_type: Literal["random", "public"] = "random" if said.random_address else "public"
    return Advert(said.octets, b"", address_type, kind, said.extended)


def with_responses(reports: Iterable[Report]) -> Iterator[Report]:
    """Join each scan response to the advertisement before it, as the kernel does for BlueZ.

    Reports stay in order; a response that answers no advertisement of the last 100 ms stays alone.
    """
    asked: dict[tuple[str, str], int] = {}
    window: deque[Report] = deque()
    begin = 0  # the number of the first report of the window
    for report in reports:
        while window and report.at_ms - window[0].at_ms > RESPONSE_MS:
            begin += 1
            yield window.popleft()
        key = (report.adapter, report.mac)
        place = asked.pop(key, -1) - begin
        if report.advert.pdu is Pdu.SCAN_RESPONSE and place >= 0:
            before = window[place]
            joined = replace(before.advert, response=report.advert.data)
            window[place] = replace(before, advert=joined)
        else:
            if report.advert.scannable:
                asked[key] = begin + len(window)
            window.append(report)
    yield from window


def as_configured(
    reports: Iterable[Report], peripherals: Mapping[str, Peripheral]
) -> Iterator[Report]:
    """Let tags advertise as programs have configured them: name, interval and strength."""
    due: dict[tuple[str, str], float] = {}
    for report in reports:
        tag = peripherals.get(report.mac)
        if tag is None:
            yield report
            continue
        key = (report.adapter, report.mac)
        due[key] = due.get(key, 0.0) + 1
        if due[key] < tag.slowed:
            continue
        due[key] = min(due[key] - tag.slowed, 1.0)  # it can be slowed down, not sped up
        name = advert_of(name=tag.name).data
        advert = replace(report.advert, response=name, pdu=Pdu.CONNECTABLE)
        yield replace(report, rssi_dbm=report.rssi_dbm + tag.gain_db, advert=advert)


class SignalModel(Protocol):
    """A world that knows how strong a tag is at an antenna."""

    def rssi_dbm(self, mac: str, adapter: str, at_ms: int) -> int | None:
        """Return the strength in whole dBm of this advertisement; None if it is not received."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that advertises every `interval_ms` plus a random delay."""

    mac: str
    interval_ms: int = 1000
    advert: Advert = SILENT


def from_geometry(
    tags: Sequence[Tag],
    adapters: Sequence[str],
    geometry: SignalModel,
    *,
    seed: int = 0,
    until_ms: int | None = None,
) -> Iterator[Report]:
    """Yield what every adapter receives of every tag, in the order of time, for ever or until.

    Each tag has its own random stream named by seed and MAC: adding a tag moves no other.
    """
    for tag in tags:
        if tag.interval_ms <= 0:
            raise InputError(f"tag {tag.mac}: an interval of {tag.interval_ms} ms; give 1 or more")
    streams = [random.Random(f"{seed}/{tag.mac}") for tag in tags]  # noqa: S311  # no secret
    due = [(stream.randrange(tag.interval_ms), i) for i, (tag, stream) in _paired(tags, streams)]
    heapq.heapify(due)
    while due and (until_ms is None or due[0][0] < until_ms):
        at_ms, i = due[0]
        for adapter in adapters:
            rssi_dbm = geometry.rssi_dbm(tags[i].mac, adapter, at_ms)
            if rssi_dbm is not None:
                yield Report(at_ms, adapter, tags[i].mac, rssi_dbm, tags[i].advert)
        delay_ms = streams[i].randint(0, ADV_DELAY_MS)
        heapq.heapreplace(due, (at_ms + tags[i].interval_ms + delay_ms, i))


def _paired(
    tags: Sequence[Tag], streams: Sequence[random.Random]
) -> Iterator[tuple[int, tuple[Tag, random.Random]]]:
    return enumerate(zip(tags, streams, strict=True))


async def play(
    air: Air,
    reports: Iterable[Report],
    *,
    now_s: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
    drain: Callable[[], Awaitable[None]] | None = None,
    speed: float = 1.0,
    first_ms: int | None = None,
) -> int:
    """Deliver reports at their moments, `first_ms` or else the first one now; return how many.

    `speed` 2 is twice as fast, infinity as fast as the programs read (`drain` waits for them).
    """
    begun_s, sent = now_s(), 0
    for report in reports:
        first_ms = report.at_ms if first_ms is None else first_ms
        wait_s = begun_s + (report.at_ms - first_ms) / 1000 / speed - now_s()
        if wait_s > 0 or sent % _BURST == 0:
            await sleep(max(wait_s, 0.0))
            if drain is not None:
                await drain()
        air.deliver(report.adapter, report.mac, report.rssi_dbm, report.advert)
        sent += 1
    return sent
