import json
from random import Random

import h3
from hypothesis import given
from hypothesis import strategies as st

from sim.platforms import grouplink
from sim.platforms.grouplink.emitter import Emitter
from sim.platforms.grouplink.models import EntryEvent, phone_of
from sim.platforms.schemas import validate
from tests.sim.platforms.cases import UTC_MS

CELL = "8881839825fffff"
FIELDS = [
    *("mm", "cell_id", "event_type", "event_duration", "created_at", "brand", "model", "cfray"),
    *("origin", "adv_key", "os", "os_version", "package_name"),
]


def test_an_event_has_the_13_fields_in_the_order_of_the_example():
    event = Emitter(Random(1)).event_in(phone_of("W-042", "s"), CELL, "gps", utc_ms=UTC_MS)
    assert list(json.loads(event.to_json())) == FIELDS


@given(
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
    resolution=st.integers(0, 15),
    person=st.text(),
    origin=st.sampled_from(["beacon", "gps", "network"]),
    utc_ms=st.integers(0, 4_102_444_800_000),
)
def test_every_entry_is_in_a_valid_cell_that_contains_its_cause(
    lat, lon, resolution, person, origin, utc_ms
):
    cell = grouplink.cell_of(lat, lon, resolution)
    event = Emitter(Random(1)).event_in(phone_of(person, "s"), cell, origin, utc_ms=utc_ms)
    assert h3.is_valid_cell(event.cell_id)
    assert h3.latlng_to_cell(lat, lon, h3.get_resolution(event.cell_id)) == event.cell_id
    body = event.to_json()
    assert validate("grouplink", body) == []
    assert EntryEvent.model_validate_json(body) == event
