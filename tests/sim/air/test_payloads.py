from __future__ import annotations

import pytest

from badge.errors import InputError
from sim.air.payloads import Moment, payload_of
from sim.air.radio.advert import LEGACY_MAX_BYTES, Pdu
from sim.air.radio.content import content_of

MAC = "CB:B8:33:4C:88:4F"
WARM = Moment(celsius=24.3, moving=False, seconds=600, count=205)
WORDS = ("ibeacon", "eddystone-uid", "eddystone-tlm", "ruuvi", "bthome")
EDDYSTONE = "0000feaa-0000-1000-8000-00805f9b34fb"
BTHOME = "0000fcd2-0000-1000-8000-00805f9b34fb"


def said(word, moment=WARM):
    return content_of(payload_of(word)(MAC, moment).data)


@pytest.mark.parametrize("word", WORDS)
def test_every_format_fits_an_advertisement_and_is_discoverable(word):
    advert = payload_of(word)(MAC, WARM)
    assert len(advert.data) <= LEGACY_MAX_BYTES
    assert not advert.response
    assert content_of(advert.data).flags == 0x06


def test_an_ibeacon_carries_the_tags_own_address():
    assert said("ibeacon").manufacturer_data[0x4C][:2] == b"\2\x15"
    assert said("ibeacon").manufacturer_data[0x4C][18:22] == bytes.fromhex("334C884F")
    assert payload_of("ibeacon")(MAC, WARM).pdu is Pdu.NON_CONNECTABLE


def test_eddystone_names_the_tag_and_tells_its_temperature_and_counts():
    uid = said("eddystone-uid").service_data[EDDYSTONE]
    assert (uid[0], uid[12:18]) == (0, bytes.fromhex(MAC.replace(":", "")))
    tlm = said("eddystone-tlm").service_data[EDDYSTONE]
    assert int.from_bytes(tlm[4:6], "big") / 256 == pytest.approx(24.3, abs=0.01)
    assert (int.from_bytes(tlm[6:10], "big"), int.from_bytes(tlm[10:], "big")) == (205, 6000)


def test_a_ruuvi_tag_measures_the_world_as_its_maker_writes_it():
    # The layout of Ruuvi's own example of format 5: 24.3 °C is 12FC in hundredths of 0.5.
    body = said("ruuvi").manufacturer_data[0x0499]
    assert body[:3] == bytes.fromhex("0512fc")
    assert body[18:] == bytes.fromhex("CBB8334C884F")
    assert int.from_bytes(body[16:18], "big") == 205
    moved = said("ruuvi", Moment(24.3, moving=True, seconds=600))
    assert moved.manufacturer_data[0x0499][7:13] != body[7:13]


def test_bthome_tells_temperature_and_movement():
    assert said("bthome").service_data[BTHOME].hex() == "4000cd016402" + "7e09" + "2200"
    assert said("bthome", Moment(moving=True)).service_data[BTHOME][-1] == 1


def test_octets_are_sent_as_they_are_written():
    assert payload_of("0201060303AAFE")(MAC, WARM).data == bytes.fromhex("0201060303AAFE")


@pytest.mark.parametrize(("word", "text"), [("smoke", "ibeacon"), ("00" * 32, "holds 31")])
def test_what_is_no_payload_is_refused(word, text):
    with pytest.raises(InputError, match=text):
        payload_of(word)
