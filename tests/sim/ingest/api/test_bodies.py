"""What is sent to the API besides events, and what is wrong with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from sim.ingest.api.bodies import NewDevice, NewEquipmentTag, NewParcel, Polygon

RING = [[-84.39, 33.74], [-84.38, 33.74], [-84.38, 33.75], [-84.39, 33.74]]
TAG = {
    "tag_mac": "F4:A7:2E:11:03:BC",
    "company_id": "acme",
    "equipment_name": "Excavator 3",
    "equipment_type": "excavator",
}


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


@pytest.mark.parametrize(
    "shape",
    [
        polygon(RING),
        polygon([[*place, 300.0] for place in RING]),
        polygon(RING, [[-84.385, 33.742], [-84.384, 33.742], [-84.384, 33.743], [-84.385, 33.742]]),
        polygon([[179.9, 0], [180, 0], [180, 1], [179.9, 0]]),
        {**polygon(RING), "bbox": [-84.39, 33.74, -84.38, 33.75]},
    ],
)
def test_a_polygon_of_rfc_7946_is_one(shape):
    Polygon.model_validate_json(json.dumps(shape))


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (polygon(), "at least 1"),
        (polygon(RING[:3]), "at least 4"),
        (polygon([*RING[:3], [-84.3, 33.7]]), "ring is open"),
        (polygon([RING[0]] * 4), "no area"),
        (polygon([[-181, 0], [0, 0], [0, 1], [-181, 0]]), "-180"),
        ({"type": "Point", "coordinates": [0, 0]}, "Polygon"),
    ],
)
def test_any_other_is_refused_with_its_reason(shape, words):
    with pytest.raises(ValidationError, match=words):
        Polygon.model_validate_json(json.dumps(shape))


@pytest.mark.parametrize("mac", ["f4:a7:2e:11:03:bc", "F4-A7-2E-11-03-BC", "F4:A7", ""])
def test_a_tag_has_one_spelling(mac):
    NewEquipmentTag.model_validate(TAG)
    with pytest.raises(ValidationError):
        NewEquipmentTag.model_validate(TAG | {"tag_mac": mac})


@pytest.mark.parametrize("change", [{"company_id": ""}, {"owner": "x"}, {"notes": "x" * 2001}])
def test_a_device_is_named_and_nothing_else_is_said_of_it(change):
    right = {"device_id": "ACT-3F8A21B4", "company_id": "acme"}
    NewDevice.model_validate(right | {"notes": "spare"})
    with pytest.raises(ValidationError):
        NewDevice.model_validate(right | change)


def test_a_parcel_needs_all_its_words():
    with pytest.raises(ValidationError) as refusal:
        NewParcel.model_validate({"geojson": polygon(RING)})
    missing = {error["loc"][0] for error in refusal.value.errors() if error["type"] == "missing"}
    assert missing == {"company_id", "parcel_id", "county", "state", "address", "customer_label"}


@pytest.mark.parametrize(
    ("ring", "kind", "words"),
    [
        (
            [*RING[:3], [-84.3, 33.7]],
            "ring_open",
            "the ring is open: its last position must repeat its first",
        ),
        ([[1, 1], [2, 3], [3, 5], [1, 1]], "ring_flat", "the ring encloses no area"),
        ([[0, 0], [1, 0], [2, 0], [0, 0]], "ring_flat", "the ring encloses no area"),
        ([[5, 0], [5, 1], [5, 2], [5, 0]], "ring_flat", "the ring encloses no area"),
    ],
)
def test_what_is_wrong_with_a_ring_is_said(ring, kind, words):
    with pytest.raises(ValidationError) as caught:
        Polygon.model_validate_json(json.dumps(polygon(ring)))
    assert {(one["type"], one["msg"]) for one in caught.value.errors()} == {(kind, words)}


@pytest.mark.parametrize("corner", [[1, 1], [2, 5], [-3, 4]])
def test_a_ring_with_an_area_is_one_wherever_it_begins(corner):
    ring = [corner, [corner[0] + 1, corner[1]], [corner[0], corner[1] + 1], corner]
    assert Polygon.model_validate_json(json.dumps(polygon(ring)))
    turned = [ring[2], ring[0], ring[1], ring[2]]
    assert Polygon.model_validate_json(json.dumps(polygon(turned)))
