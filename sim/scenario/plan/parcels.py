"""Parcels out of a GeoJSON file (RFC 7946): polygons, also in several pieces."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from badge.contract.documents import fit
from badge.errors import InputError
from badge.host.documents import read_model
from sim.world.site import Area, Plane, area_of_degrees

BYTES_MAX = 64 << 20  # the parcels of a county
Ring = list[Annotated[list[float], Field(min_length=2)]]
Rings = list[Ring]


class _Foreign(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False)


class _Geometry(_Foreign):
    type: str
    coordinates: list[Any] = []


class _Feature(_Foreign):
    geometry: _Geometry | None
    properties: dict[str, Any] | None = None
    id: str | int | float | None = None

    @property
    def name(self) -> str | None:
        """Name it by `name`, `parcel_id` or its id, if that is a plain word or number."""
        own = self.properties or {}
        named = own.get("name") or own.get("parcel_id") or self.id
        return str(named) if named and isinstance(named, (str, int, float)) else None


class _Collection(_Foreign):
    features: list[_Feature]


class _Polygon(_Foreign):
    rings: Rings


class _MultiPolygon(_Foreign):
    polygons: list[Rings]


def read_parcels(path: Path, plane: Plane) -> list[Area]:
    """Read a FeatureCollection; InputError with the file and what is wrong, OSError as it is."""
    found = read_model(_Collection, path, BYTES_MAX)
    return [
        area
        for number, feature in enumerate(found.features, start=1)
        for area in _areas(path, plane, number, feature)
    ]


def _areas(path: Path, plane: Plane, number: int, feature: _Feature) -> list[Area]:
    name = feature.name or f"parcel-{number}"
    try:
        made = [
            area_of_degrees(plane, name, "parcel", rings)
            for rings in _polygons(number, feature.geometry)
        ]
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    made.sort(key=lambda area: -area.polygon.area)  # people work in the largest piece
    return [replace(area, part=part) for part, area in enumerate(made)]


def _polygons(number: int, geometry: _Geometry | None) -> list[Rings]:
    if geometry is None:
        raise InputError(f"feature {number} has no geometry; only polygons are parcels")
    place = f"feature {number}"
    if geometry.type == "Polygon":
        return [fit(_Polygon, {"rings": geometry.coordinates}, place).rings]
    if geometry.type == "MultiPolygon":
        return fit(_MultiPolygon, {"polygons": geometry.coordinates}, place).polygons
    raise InputError(f"{place} is a {geometry.type}; only polygons are parcels")
