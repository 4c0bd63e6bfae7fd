"""The table of abuses: named once each, finite, and aimed at every way of being bad."""

from __future__ import annotations

from sim.conformance.kit.abuse import CLOSED, NAMES, Abused, cases

KEYS = Abused("ak_device", "ak_other", "admin")


def test_every_abuse_has_a_name_of_its_own_and_a_status_that_is_right():
    table = list(cases(KEYS, 1.0))
    assert tuple(case.name for case in table) == NAMES
    assert len(set(NAMES)) == len(NAMES) > 35
    assert all(case.statuses for case in table)
    assert {400, 401, 404, 405, 408, 413, CLOSED} <= {s for case in table for s in case.statuses}


def test_each_fits_into_memory_and_ends():
    for case in cases(KEYS, 1.0):
        assert sum(map(len, case.pieces)) < 8 << 20
        assert case.pause_s * len(case.pieces) < 200


def test_a_slow_client_is_as_slow_as_the_server_is_patient():
    quick, patient = (
        {case.name: case.pause_s for case in cases(KEYS, seconds)} for seconds in (1.0, 10.0)
    )
    assert patient["a body sent byte by byte"] == 10 * quick["a body sent byte by byte"]


def test_a_request_is_whole():
    first, second = KEYS.request(KEYS.batch(1, 2), "key")
    assert f"Content-Length: {len(second)}\r\n".encode() in first
    assert b"X-Actual-Api-Key: key\r\n" in first
    assert first.endswith(b"\r\n\r\n")
    assert b"X-Actual-Api-Key" not in KEYS.head(0)
    assert KEYS.event(7, payload={"a": 1})["payload"] == {"a": 1}
