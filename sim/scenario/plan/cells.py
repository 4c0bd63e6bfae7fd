"""The H3 cells that cover GroupLink's areas of interest."""

from __future__ import annotations

import h3  # type: ignore[import-untyped]  # the library ships no types

from badge.errors import InputError
from sim.scenario.language.platforms import GroupLink
from sim.scenario.language.words import Ground
from sim.scenario.plan.site import SitePlan
from sim.world import site
from sim.world.site import Area

CELLS_MAX = 100_000


def cells_of(site_plan: SitePlan, words: GroupLink) -> frozenset[str]:
    """Give the cells that cover the areas; InputError for an area that is none."""
    areas = words.areas
    if areas is None:
        parcels = [area.name for area in site_plan.site.areas if area.kind == "parcel"]
        areas = list(dict.fromkeys(parcels)) or ["depot"]
    found: set[str] = set()
    for number, area in enumerate(areas):
        path = ("platforms", "grouplink", "areas", number)
        found |= _cells(site_plan, area, words.resolution, path)
        if len(found) > CELLS_MAX:
            what = f"more than {CELLS_MAX} cells; choose a lower resolution"
            raise site_plan.source.wrong(what, "platforms", "grouplink")
    return frozenset(found)


def _cells(
    site_plan: SitePlan,
    area: str | tuple[float, float] | Ground,
    resolution: int,
    path: tuple[str | int, ...],
) -> set[str]:
    polygons = _polygons(site_plan, area, path)
    if not polygons:
        assert not isinstance(area, Ground)
        x_m, y_m = site_plan.point_of(area, 0, *path)
        return {str(h3.latlng_to_cell(*site_plan.site.plane.to_latlon(x_m, y_m), resolution))}
    found: set[str] = set()
    for one in polygons:
        corners = [site_plan.site.plane.to_latlon(x, y) for x, y in one.polygon.exterior.coords]
        shape = h3.LatLngPoly(corners)
        found |= set(h3.h3shape_to_cells_experimental(shape, resolution, "overlap"))
    return found


def _polygons(
    site_plan: SitePlan, area: str | tuple[float, float] | Ground, path: tuple[str | int, ...]
) -> list[Area]:
    """Give the polygons of a name or of the words themselves; none for a point."""
    if isinstance(area, Ground):
        try:
            if area.metres is not None:
                return [site.area("area", "parcel", area.metres)]
            plane = site_plan.site.plane
            return [site.area_of_degrees(plane, "area", "parcel", [area.degrees or []])]
        except InputError as error:
            raise site_plan.source.wrong(str(error), *path) from None
    return [one for one in site_plan.site.areas if one.name == area]
