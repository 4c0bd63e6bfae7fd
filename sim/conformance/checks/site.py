"""Equipment tags and parcels: what a backend is told of the site."""

from __future__ import annotations

from typing import Any

from sim.conformance.kit.check import check
from sim.conformance.kit.session import HttpSession

TAGS = "contract 4: POST /api/equipment-tags"
PARCELS = "contract 4: POST /api/parcels"
RING = [[-84.39, 33.74], [-84.38, 33.74], [-84.38, 33.75], [-84.39, 33.75], [-84.39, 33.74]]


def _tag(t: HttpSession) -> dict[str, str]:
    digits = t.backend.next_id().removeprefix("ACT-")
    mac = "F4:A7:" + ":".join(digits[at : at + 2] for at in range(0, 8, 2))
    return {
        "tag_mac": mac,
        "company_id": "conformance",
        "equipment_name": "Mower 3",
        "equipment_type": "mower",
    }


def _parcel(t: HttpSession) -> dict[str, Any]:
    return {
        "company_id": "conformance",
        "parcel_id": t.backend.next_id(),
        "county": "Fulton",
        "state": "GA",
        "address": "1 Peachtree St",
        "customer_label": "North lot",
        "geojson": {"type": "Polygon", "coordinates": [RING]},
    }


@check("takes an equipment tag", TAGS, needs=("admin",))
def _takes_tag(t: HttpSession) -> None:
    tag = _tag(t)
    t.expect_body(t.expect(t.admin_post(t.profile.tags_path, tag), 201), **tag, status="active")


@check("refuses a tag of another form", TAGS, needs=("admin",))
def _wrong_tags(t: HttpSession) -> None:
    tag = _tag(t)
    for wrong in (tag["tag_mac"].lower(), tag["tag_mac"].replace(":", "-"), "", None):
        t.expect(t.admin_post(t.profile.tags_path, tag | {"tag_mac": wrong}), 400)


@check("takes tags from the admin alone", TAGS, needs=("keys", "admin"))
def _tag_key(t: HttpSession) -> None:
    for key in ("", t.device().key or "x"):
        t.expect(t.admin_post(t.profile.tags_path, _tag(t), key), 401)


@check("takes a parcel", PARCELS, needs=("admin",))
def _takes_parcel(t: HttpSession) -> None:
    parcel = _parcel(t)
    said = t.expect(t.admin_post(t.profile.parcels_path, parcel), 201)
    t.expect_body(said, parcel_id=parcel["parcel_id"], company_id="conformance")


@check("refuses a parcel that is no polygon", PARCELS, needs=("admin",))
def _wrong_parcels(t: HttpSession) -> None:
    parcel = _parcel(t)
    for geojson in (
        {"type": "Point", "coordinates": [-84.39, 33.74]},
        {"type": "Polygon", "coordinates": [RING[:-1]]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[200, 0], [201, 0], [201, 1], [200, 0]]]},
        None,
    ):
        t.expect(t.admin_post(t.profile.parcels_path, parcel | {"geojson": geojson}), 400)


@check("takes parcels from the admin alone", PARCELS, needs=("keys", "admin"))
def _parcel_key(t: HttpSession) -> None:
    for key in ("", t.device().key or "x"):
        t.expect(t.admin_post(t.profile.parcels_path, _parcel(t), key), 401)
