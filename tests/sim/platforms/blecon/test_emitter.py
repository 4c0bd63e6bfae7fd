from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.platforms import blecon
from sim.platforms.blecon import Device, Emitter, Hotspot, Position
from sim.platforms.schemas import validate
from tests.sim.platforms.cases import UTC_MS

DEVICE = Device("urn:uuid:9f3e2a1b-4c5d-6e7f-8a9b-0c1d2e3f4a5b", "net_abc123", "acc_def456")
LAT, LON = st.floats(-90, 90), st.floats(-180, 180)
METRES = st.floats(0, 10_000)
profiles = pytest.mark.parametrize("profile", blecon.PLATFORM.profiles)


def data_of(event):
    assert validate("blecon", b"[" + event.to_json() + b"]") == []
    return json.loads(event.to_json())["data"]


@profiles
@given(
    lat=LAT,
    lon=LON,
    accuracy_m=METRES,
    rssi_dbm=st.integers(-127, 20),
    age_s=st.none() | st.floats(0, 1e6),
    advertising=st.none() | st.binary(max_size=31),
    hotspot_id=st.none() | st.text(),
)
def test_a_spotted_event_tells_where_the_hotspot_is(
    profile, lat, lon, accuracy_m, rssi_dbm, age_s, advertising, hotspot_id
):
    hotspot = Hotspot(lat, lon, accuracy_m, "ap_1", hotspot_id)
    data = data_of(
        Emitter(Random(1), profile).device_spotted(
            DEVICE,
            hotspot,
            rssi_dbm=rssi_dbm,
            utc_ms=UTC_MS,
            location_age_s=age_s,
            advertising=advertising,
        )
    )
    told = [float(part) for part in data["location"].split(",")]
    assert told == [pytest.approx(lat, abs=1e-6), pytest.approx(lon, abs=1e-6)]
    assert (data["rssi"], data["location_accuracy_metres"]) == (rssi_dbm, accuracy_m)
    optional = {"hotspot_id": hotspot_id, "location_age": age_s, "advertising_data": advertising}
    assert {name for name, value in optional.items() if value is not None} == (
        data.keys() & optional.keys()
    )


@given(lat=LAT, lon=LON, accuracy_m=METRES, moving=st.booleans())
def test_a_position_is_geojson_with_the_longitude_first(lat, lon, accuracy_m, moving):
    at = Position(lat, lon, accuracy_m, moving)
    data = data_of(Emitter(Random(1)).device_position(DEVICE, at, utc_ms=UTC_MS))
    expected = [pytest.approx(lon, abs=1e-6), pytest.approx(lat, abs=1e-6)]
    assert data["geojson"]["geometry"]["coordinates"] == expected
    assert data["movement_status"] == ("moving" if moving else "static")


@given(payload=st.binary(max_size=4352))
def test_bytes_travel_as_lower_case_hex(payload):
    emit = Emitter(Random(1))
    for make in (emit.device_request, emit.device_message):
        data = data_of(make(DEVICE, "badge", "batch", payload, utc_ms=UTC_MS))
        assert bytes.fromhex(data["payload"]) == payload
        assert data["payload"] == data["payload"].lower()


def test_a_translated_payload_travels_as_an_object():
    event = Emitter(Random(1)).device_message(DEVICE, "sensor", "log", {"t": 1}, utc_ms=UTC_MS)
    assert data_of(event)["payload"] == {"t": 1}


def test_a_plain_event_has_ids_and_a_code_and_a_config_event_no_device():
    emit = Emitter(Random(1))
    registered = data_of(emit.plain("network.device_registered", DEVICE, utc_ms=UTC_MS))
    assert registered == {
        "device_id": DEVICE.device_id,
        "network_id": "net_abc123",
        "account_id": "acc_def456",
        "code": "DEVICE_REGISTERED",
    }
    assert "device_id" not in data_of(emit.plain("config.created", DEVICE, utc_ms=UTC_MS))


@pytest.mark.parametrize("bad", ["", "device.request", "network.nothing", "device.request.a.b c"])
def test_types_that_blecon_does_not_have_are_refused(bad):
    with pytest.raises(InputError, match="none of Blecon's"):
        Emitter(Random(1)).plain(bad, DEVICE, utc_ms=UTC_MS)


def test_ids_come_from_the_stream_and_never_repeat():
    def ids(seed):
        emit = Emitter(Random(seed))
        return [emit.plain("config.created", DEVICE, utc_ms=UTC_MS).id for _ in range(1000)]

    assert ids(1) == ids(1)
    assert len({*ids(1), *ids(2)}) == 2000
