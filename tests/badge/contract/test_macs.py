"""A MAC has one spelling, however it was written down."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.contract.events import MAC_PATTERN
from badge.contract.macs import normal_mac
from badge.errors import InputError


@pytest.mark.parametrize(
    "text", ["F4:A7:2E:11:03:BC", "f4:a7:2e:11:03:bc", "f4-a7-2e-11-03-bc", "F4A72E1103BC"]
)
def test_every_usual_way_to_write_it_is_one_mac(text):
    assert normal_mac(text) == "F4:A7:2E:11:03:BC"


@given(st.binary(min_size=6, max_size=6), st.sampled_from(["", ":", "-"]), st.booleans())
def test_what_comes_out_is_what_the_contract_asks_and_stays_as_it_is(octets, between, upper):
    text = octets.hex(between) if between else octets.hex()
    mac = normal_mac(text.upper() if upper else text)
    assert re.fullmatch(MAC_PATTERN, mac)
    assert normal_mac(mac) == mac
    assert bytes.fromhex(mac.replace(":", "")) == octets


@pytest.mark.parametrize(
    "text", ["", "F4:A7", "G4:A7:2E:11:03:BC", "F4:A7:2E:11:03:BC:00", "ＦF" * 6]
)
def test_what_is_none_is_shown_with_the_remedy(text):
    with pytest.raises(InputError, match=r"is no MAC address; write it like AA:BB:CC:DD:EE:FF"):
        normal_mac(text)


def test_the_place_comes_first():
    with pytest.raises(InputError, match=r"^scanner: 'x' is no MAC"):
        normal_mac("x", "scanner")


def test_a_uuid_of_macos_is_explained():
    with pytest.raises(InputError, match="macOS device UUID"):
        normal_mac("0a1b2c3d-0000-1111-2222-0123456789ab")


@given(st.text(max_size=40))
def test_any_text_is_a_mac_or_an_input_error(text):
    try:
        assert len(normal_mac(text)) == 17
    except InputError:
        return
