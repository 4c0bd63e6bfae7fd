"""Places as GeoJSON (RFC 7946): areas, equipment, and a point for each event that has a place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from pydantic_core import to_json

from sim.view.export.rows import ExportRow, rows_of_picture, utc_of
from sim.view.sources.opened import Opened
from sim.world.site import Plane


def write_geojson(opened: Opened, file: BinaryIO) -> None:
    """Write a FeatureCollection, a feature a line."""
    file.write(b'{"type":"FeatureCollection","features":[\n')
    for number, feature in enumerate(_features(opened)):
        file.write((b",\n" if number else b"") + to_json(feature, inf_nan_mode="null"))
    file.write(b"\n]}\n")


def _features(opened: Opened) -> Iterator[dict[str, Any]]:
    document = opened.picture.document
    if document["site"] is not None and document["origin"]:
        yield from _site(document["site"], Plane(*document["origin"]))
    utc = document["utc"]
    for one in rows_of_picture(opened.picture):
        place = one.said or one.true
        if place is not None:
            yield _feature("Point", [place[1], place[0]], _properties(one, utc=utc))


def _site(site: dict[str, Any], plane: Plane) -> Iterator[dict[str, Any]]:
    def turned(points: list[list[float]]) -> list[list[float]]:
        degrees = [plane.to_latlon(x_m, y_m) for x_m, y_m in points]
        return [[lon, lat] for lat, lon in degrees]

    for area in site["areas"]:
        rings = [turned(ring) for ring in area["rings"]]
        yield _feature("Polygon", rings, {"name": area["name"], "kind": area["kind"]})
    for piece in site["equipment"]:
        (place,) = turned([piece["way"][0][1:]])
        kept = {name: piece[name] for name in ("name", "mac", "reach_m")}
        yield _feature("Point", place, {"kind": "equipment", **kept})


def _properties(one: ExportRow, *, utc: bool) -> dict[str, Any]:
    told = {
        "device_id": one.device_id,
        "worker": one.worker or None,
        "sequence_number": one.number,
        "event_type": one.kind,
        "time": utc_of(one.t_ms) if utc else None,
        "ms": None if utc else one.t_ms,
        "accuracy_m": one.accuracy_m,
        "tag_mac": one.tag_mac,
        "value": one.value,
        "fate": one.fate,
        "true": None if one.true is None else [one.true[1], one.true[0]],
    }
    return {name: value for name, value in told.items() if value is not None}


def _feature(kind: str, coordinates: Any, properties: dict[str, Any]) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "geometry": geometry, "properties": properties}
