from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.air.radio.advert import LEGACY_MAX_BYTES, Advert, Pdu, advert_of, full_uuid
from sim.air.radio.content import content_of

uuids = st.uuids().map(str) | st.integers(0, 0xFFFF).map(lambda n: full_uuid(f"{n:04x}"))
said = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(min_size=1, max_size=20).map(lambda t: t.encode("utf-8", "replace")),
        "manufacturer_data": st.dictionaries(
            st.integers(0, 0xFFFF), st.binary(max_size=24), max_size=3
        ),
        "service_data": st.dictionaries(uuids, st.binary(max_size=16), max_size=3),
        "service_uuids": st.lists(uuids, max_size=3, unique=True).map(tuple),
        "tx_power_dbm": st.integers(-128, 127),
        "flags": st.integers(0, 255),
        "appearance": st.integers(1, 0xFFFF),
    },
)


@given(said)
def test_what_a_tag_says_is_what_is_read(told):
    advert = advert_of(**told)
    found = content_of(advert.data + advert.response)
    assert found.flags == told.get("flags", 0)
    assert found.name == (told["name"].rstrip(b"\0") if "name" in told else None)
    assert found.manufacturer_data == told.get("manufacturer_data", {})
    assert found.service_data == told.get("service_data", {})
    assert found.uuids == told.get("service_uuids", ())
    assert (found.tx_power_dbm, found.appearance) == (
        told.get("tx_power_dbm"),
        told.get("appearance", 0),
    )


@given(said)
def test_an_advert_fits_its_pdus_or_says_that_it_is_extended(told):
    advert = advert_of(**told)
    longest = max(len(advert.data), len(advert.response))
    assert advert.extended is (longest > LEGACY_MAX_BYTES)


def test_what_does_not_fit_goes_to_the_scan_response_if_there_is_one():
    told = {"name": "a name of some length", "manufacturer_data": {0x4C: bytes(20)}, "flags": 6}
    assert advert_of(**told).response.endswith(b"a name of some length")
    beacon = advert_of(**told, pdu=Pdu.NON_CONNECTABLE)
    assert (beacon.response, beacon.extended, beacon.scannable) == (b"", True, False)


@pytest.mark.parametrize(
    ("pdu", "connectable"),
    [
        (Pdu.CONNECTABLE, True),
        (Pdu.SCANNABLE, False),
        (Pdu.NON_CONNECTABLE, False),
        (Pdu.SCAN_RESPONSE, True),
    ],
)
def test_what_the_kernel_takes_for_connectable(pdu, connectable):
    assert Advert(pdu=pdu).connectable is connectable


def test_a_structure_longer_than_its_length_octet_tells_is_refused():
    with pytest.raises(InputError, match="0xFF"):
        advert_of(manufacturer_data={1: bytes(300)})


def test_short_uuids_are_those_of_the_bluetooth_base():
    assert full_uuid("FEAA") == full_uuid("0xFEAA") == "0000feaa-0000-1000-8000-00805f9b34fb"
    assert full_uuid("12345678") == "12345678-0000-1000-8000-00805f9b34fb"


def test_what_is_no_uuid_is_refused():
    with pytest.raises(InputError, match="FEAA"):
        full_uuid("tag")
