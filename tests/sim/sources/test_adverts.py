from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from badge.errors import InputError, MisuseError
from sim.sources.adverts import AdvertLog, Sighting
from sim.sources.open import read_adverts
from tests.paths import RECORDINGS
from tests.sim.sources.test_advertising import (
    MADE,
    OTHER,
    TAG,
    event,
    legacy_pdu,
    link_layer,
    phdr,
    report,
)
from tests.sim.sources.test_capture import btsnoop_of, pcap_of, pcapng_of

T0 = 1_700_000_000_000

sightings = st.builds(
    Sighting, st.integers(T0, T0 + 50), st.sampled_from([TAG, OTHER]), st.integers(-127, -1)
)
logs = st.lists(sightings).map(lambda s: AdvertLog(tuple(sorted(s, key=lambda one: one.utc_ms))))


def recorded(name: str) -> AdvertLog:
    path = RECORDINGS / name
    if not path.exists():
        pytest.skip(f"the recording {name} is not beside the checkout")
    return read_adverts(path)


def written(path: Path, content: bytes | str) -> AdvertLog:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_adverts(path)


def test_the_real_phone_log():
    log = recorded("ble-capture.btsnoop")
    assert (len(log.sightings), len(log.macs)) == (412, 36)
    assert (log.invalid_count, log.skipped_count) == (0, 0)
    assert log.sightings[0] == Sighting(1_612_150_079_789, "A1:B1:40:AD:A1:A5", -49)
    assert log.sightings[-1].utc_ms - log.sightings[0].utc_ms == pytest.approx(12_900, abs=50)
    assert {s.rssi_dbm for s in log.sightings} >= {-99, -26}


@pytest.mark.parametrize(
    ("name", "heard", "invalid"),
    [
        ("ble-tags-phone-one.csv", 13_584, 0),
        ("ble-walk-straight.csv", 1_365, 0),
        ("ble-walk-straight-long.csv", 3_463, 2),  # two rows say +42 and +29 dBm
    ],
)
def test_the_real_tables(name, heard, invalid):
    log = recorded(name)
    assert (len(log.sightings), len(log.macs)) == (heard, 12)
    assert (log.invalid_count, log.skipped_count) == (invalid, 0)


@given(logs, st.integers(T0 - 5, T0 + 55), st.integers(T0 - 5, T0 + 55))
def test_between_is_half_open(log, start_ms, end_ms):
    inside = tuple(s for s in log.sightings if start_ms <= s.utc_ms < end_ms)
    assert log.between(start_ms, end_ms) == inside


@given(logs, st.integers(T0, T0 + 50))
def test_two_windows_side_by_side_lose_and_repeat_nothing(log, cut_ms):
    assert log.between(0, cut_ms) + log.between(cut_ms, 2 * T0) == log.sightings


@given(logs, st.integers(0, 2 * T0))
def test_shifting_moves_the_start_and_keeps_all_else(log, to_start_ms):
    shifted = log.shifted(to_start_ms)
    assert [(s.mac, s.rssi_dbm) for s in shifted.sightings] == [
        (s.mac, s.rssi_dbm) for s in log.sightings
    ]
    if log.sightings:
        assert shifted.sightings[0].utc_ms == to_start_ms
        assert shifted.shifted(log.sightings[0].utc_ms) == log


@given(logs)
def test_macs_come_once_in_the_order_first_heard(log):
    order = [s.mac for s in log.sightings]
    assert sorted(log.macs) == sorted(set(order))
    assert list(log.macs) == sorted(set(order), key=order.index)


def test_a_log_out_of_order_is_misuse():
    with pytest.raises(MisuseError):
        AdvertLog((Sighting(2, TAG, -1), Sighting(1, TAG, -1)))


def test_formats_are_told_apart_by_content(tmp_path):
    packet = b"\x04" + event(0x02, report(TAG, -60))
    expected = (Sighting(T0, TAG, -60),)
    for content in (
        btsnoop_of(1002, [(T0, 3, packet)]),
        pcap_of(187, [(T0, packet)]),
        pcapng_of([(T0, 187, packet)]),
        f"unix_ms,mac,rssi\n{T0},{TAG},-60",
    ):
        assert written(tmp_path / "adverts.bin", content).sightings == expected


def test_rssi_that_no_radio_measures_is_counted_and_dropped(tmp_path):
    said = [-128, -127, -1, 0, 1, 20, 127]
    table = "".join(f"{T0},{TAG},{rssi}\n" for rssi in said)
    for content in (
        f"unix_ms,mac,rssi\n{table}",
        btsnoop_of(1001, [(T0, 3, event(0x02, *(report(TAG, rssi) for rssi in said)))]),
    ):
        log = written(tmp_path / "adverts", content)
        assert [s.rssi_dbm for s in log.sightings] == [-127, -1]
        assert log.invalid_count == 5


def test_sightings_are_put_in_time_order_and_equal_times_stay_as_written(tmp_path):
    rows = [(9, TAG, -60), (5, OTHER, -61), (5, TAG, -62)]
    text = "".join(f"{T0 + ms},{mac},{rssi}\n" for ms, mac, rssi in rows)
    log = written(tmp_path / "adverts", "unix_ms,mac,rssi\n" + text)
    assert [(s.utc_ms - T0, s.rssi_dbm) for s in log.sightings] == [(5, -61), (5, -62), (9, -60)]


def test_what_cannot_be_used_is_counted(tmp_path):
    good = phdr(link_layer(legacy_pdu(0, TAG)), -60)
    content = pcapng_of([(T0, 256, good), (T0, 1, b"ethernet"), (9 * T0, 256, good)])
    log = written(tmp_path / "adverts", content + b"tail")
    assert (len(log.sightings), log.skipped_count) == (1, 3)
    log = written(tmp_path / "adverts", f"unix_ms,mac,rssi\n{T0},{TAG},-60\n{T0},C2:11")
    assert (len(log.sightings), log.skipped_count) == (1, 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "the file is empty"),
        ("unix_ms,mac,rssi\n", r"no advertisement .* \(nothing in it\)"),
        (f"unix_ms,mac,rssi\n{T0},{TAG},127\n", r"\(1 without a usable RSSI"),
        (f"unix_ms,mac,rssi\n{T0 // 10**6},{TAG},-60\n", "line 2: .* no row of it is usable"),
        (pcap_of(1, [(T0, b"x")]), "link type 1 is not Bluetooth .* record one of 187, 192, 201"),
        (pcap_of(251, [(T0, link_layer(legacy_pdu(0, TAG)))]), r"\(1 without a usable RSSI"),
        (bytes(range(128, 256)), "neither a capture .* nor UTF-8"),
    ],
)
def test_files_without_a_sighting_are_refused(tmp_path, content, words):
    with pytest.raises(InputError, match=words):
        written(tmp_path / "adverts", content)


def readable(path: Path, content: bytes) -> None:
    with suppress(InputError):
        assert written(path, content).sightings


fuzz = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@fuzz
@given(st.binary(max_size=200))
def test_random_bytes_give_a_log_or_an_input_error(tmp_path, content):
    readable(tmp_path / "adverts", content)
    for magic in (b"btsnoop\0", b"\x0a\x0d\x0d\x0a", b"\xd4\xc3\xb2\xa1", b"unix_ms,mac,rssi\n"):
        readable(tmp_path / "adverts", magic + content)


@fuzz
@given(
    st.sampled_from(sorted(MADE)), st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)))
)
def test_mutated_captures_of_every_kind_give_a_log_or_an_input_error(tmp_path, name, changes):
    content = bytearray(MADE[name])
    for at, octet in changes:
        content[at % len(content)] = octet
    readable(tmp_path / "adverts", bytes(content))


@fuzz
@given(st.data())
def test_a_mutated_and_cut_phone_log_gives_a_log_or_an_input_error(tmp_path, data):
    path = RECORDINGS / "ble-capture.btsnoop"
    if not path.exists():
        pytest.skip("the recording ble-capture.btsnoop is not beside the checkout")
    content = bytearray(path.read_bytes()[: data.draw(st.integers(8, 8000))])
    for _ in range(data.draw(st.integers(0, 20))):
        content[data.draw(st.integers(8, len(content))) - 1] = data.draw(st.integers(0, 255))
    readable(tmp_path / "adverts", bytes(content))
