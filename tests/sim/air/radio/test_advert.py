from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.air.radio.advert import Advert, advert_from, full_uuid, printable

uuids = st.uuids().map(str) | st.integers(0, 0xFFFF).map(lambda n: full_uuid(f"{n:04x}"))
adverts = st.builds(
    Advert,
    name=st.none() | st.text(min_size=1, max_size=20).map(printable).filter(bool),
    manufacturer_data=st.dictionaries(st.integers(0, 0xFFFF), st.binary(max_size=24), max_size=3),
    service_data=st.dictionaries(uuids, st.binary(max_size=16), max_size=3),
    service_uuids=st.lists(uuids, max_size=3, unique=True).map(tuple),
    tx_power_dbm=st.none() | st.integers(-128, 127),
    flags=st.none() | st.integers(0, 255),
)


def octets_of(advert: Advert) -> bytes:
    return b"".join(bytes([len(v) + 1, kind]) + v for kind, v in advert.sections())


@given(adverts)
def test_what_a_tag_sends_is_what_is_read(advert):
    assert advert_from(octets_of(advert)) == advert


@given(st.binary(max_size=62))
def test_any_octets_are_an_advert_and_never_an_error(octets):
    advert_from(octets)


@given(adverts, st.data())
def test_a_cut_advert_keeps_its_whole_structures(advert, data):
    octets = octets_of(advert)
    cut = data.draw(st.integers(0, len(octets)))
    kept = advert_from(octets[:cut]).sections()
    assert set(kept) <= set(advert.sections())


@pytest.mark.parametrize(
    ("told", "shown"),
    [(b"hi\0there", "hi"), ("a\0b", "a"), (b"\xff\xfeok", "��ok"), ("\ud800", "?")],
)
def test_a_name_that_d_bus_cannot_carry_is_made_printable(told, shown):
    assert printable(told) == shown


def test_short_uuids_are_those_of_the_bluetooth_base():
    assert full_uuid("FEAA") == "0000feaa-0000-1000-8000-00805f9b34fb"
    assert full_uuid("12345678") == "12345678-0000-1000-8000-00805f9b34fb"


def test_what_is_no_uuid_is_refused():
    with pytest.raises(InputError, match="FEAA"):
        full_uuid("tag")
