from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.air.feed import (
    Report,
    Tag,
    advert_from,
    from_geometry,
    from_sightings,
    play,
    with_responses,
)
from sim.air.radio.advert import Advert, Pdu
from sim.air.radio.air import Air
from sim.sources.adverts import Payload

TAGS = [Tag(f"AA:BB:CC:DD:EE:{i:02X}", interval_ms=200 + 100 * i) for i in range(5)]


class Line:
    """Tag i stands i metres from adapter 0; beyond three it is not heard."""

    def rssi_dbm(self, mac, adapter, at_ms):
        metres = abs(int(mac[-2:], 16) - int(adapter[3:]))
        return -50 - 10 * metres if metres < 3 else None


def heard(seed=1, tags=TAGS):
    return list(from_geometry(tags, ["hci0", "hci4"], Line(), seed=seed, until_ms=10_000))


def test_a_world_sends_in_the_order_of_time_and_by_its_geometry():
    reports = heard()
    assert all(a.at_ms <= b.at_ms for a, b in pairwise(reports))
    assert {(r.adapter, r.mac[-2:], r.rssi_dbm) for r in reports} == {
        ("hci0", "00", -50),
        ("hci0", "01", -60),
        ("hci0", "02", -70),
        ("hci4", "04", -50),
        ("hci4", "03", -60),
        ("hci4", "02", -70),
    }


def test_the_same_seed_is_the_same_air_and_another_is_not():
    assert heard(1) == heard(1) != heard(2)


def test_one_more_tag_moves_no_other():
    few = [r for r in heard(tags=TAGS[:3]) if r.mac == TAGS[0].mac]
    assert few == [r for r in heard() if r.mac == TAGS[0].mac]


@given(st.integers(0, 99), st.integers(1, 2000))
def test_a_tag_advertises_at_its_interval_plus_at_most_ten_milliseconds(seed, interval_ms):
    tag = Tag("AA:BB:CC:DD:EE:00", interval_ms)
    reports = from_geometry([tag], ["hci0"], Line(), seed=seed, until_ms=20 * interval_ms)
    steps = [b.at_ms - a.at_ms for a, b in pairwise(reports)]
    assert all(interval_ms <= step <= interval_ms + 10 for step in steps)


def test_a_tag_without_an_interval_is_refused():
    with pytest.raises(InputError, match="interval"):
        next(from_geometry([Tag("AA:BB:CC:DD:EE:00", 0)], ["hci0"], Line()))


def test_sightings_may_carry_octets_an_advert_or_nothing():
    beacon = b"\x05\xff\x4c\x00\x02\x15"
    rows = [(1, "aa:bb:cc:dd:ee:01", -60, beacon), (2, "aabbccddee02", -61, None)]
    first, second = from_sightings(rows, "hci3")
    assert first.advert == Advert(beacon)
    assert second == Report(2, "hci3", "AA:BB:CC:DD:EE:02", -61)


def play_on_a_held_clock(reports, speed=1.0):
    air, now, moments = Air(1), [100.0], []

    async def sleep(delay_s):
        now[0] += delay_s

    async def drain():
        moments.append(round(now[0] - 100, 6))

    arguments = {"now_s": lambda: now[0], "sleep": sleep, "drain": drain, "speed": speed}
    return asyncio.run(play(air, reports, **arguments)), moments


def test_reports_are_played_at_their_distances_and_faster_on_demand():
    rows = [Report(at_ms, "hci0", "AA:BB:CC:DD:EE:00", -60) for at_ms in (5000, 5100, 7000)]
    assert play_on_a_held_clock(rows) == (3, [0.0, 0.1, 2.0])
    assert play_on_a_held_clock(rows, speed=2) == (3, [0.0, 0.05, 1.0])
    assert play_on_a_held_clock(rows, speed=float("inf")) == (3, [0.0])


def told(*rows):
    reports = [Report(at, "hci0", mac, -60, Advert(data, pdu=pdu)) for at, mac, data, pdu in rows]
    found = list(with_responses(reports))
    return [(one.at_ms, one.mac, one.advert.data, one.advert.response) for one in found]


def test_a_scan_response_is_joined_to_the_advertisement_that_it_answers():
    one, two = "AA:BB:CC:DD:EE:01", "AA:BB:CC:DD:EE:02"
    assert told(
        (0, one, b"a", Pdu.CONNECTABLE),
        (1, two, b"b", Pdu.NON_CONNECTABLE),
        (2, one, b"A", Pdu.SCAN_RESPONSE),
        (3, one, b"B", Pdu.SCAN_RESPONSE),
        (4, two, b"C", Pdu.SCAN_RESPONSE),
        (5, one, b"c", Pdu.SCANNABLE),
        (500, one, b"D", Pdu.SCAN_RESPONSE),
    ) == [
        (0, one, b"a", b"A"),
        (1, two, b"b", b""),
        (3, one, b"B", b""),
        (4, two, b"C", b""),
        (5, one, b"c", b""),
        (500, one, b"D", b""),
    ]


def test_what_a_capture_said_is_sent_as_it_was():
    said = Payload(b"\2\1\6", kind=3, random_address=True, extended=True)
    assert advert_from(said) == Advert(b"\2\1\6", b"", "random", Pdu.NON_CONNECTABLE, True)
    assert advert_from(Payload(b"", kind=9)).pdu is Pdu.NON_CONNECTABLE
