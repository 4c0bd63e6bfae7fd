"""The physics of a site: people, radio, GNSS, batteries, power and coverage; pure and seeded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badge.exports import exports

if TYPE_CHECKING:
    from sim.world.adverts import ScanPattern, Tag
    from sim.world.battery import Battery, Cell, charged
    from sim.world.coverage import Coverage, Link, Outage, Zone
    from sim.world.environments import ENVIRONMENTS, Environment
    from sim.world.gnss import Fix, Gnss, SkyView
    from sim.world.movement import Journey, Knot
    from sim.world.place import Facing, Mover, Spot
    from sim.world.power import Profile, budget
    from sim.world.radio import UNHEARD_DBM, Radio, Receiver
    from sim.world.site import Area, Plane, Site, Sky, area, area_of_degrees
    from sim.world.walker import Gait, Walker

__all__ = [
    "ENVIRONMENTS",
    "UNHEARD_DBM",
    "Area",
    "Battery",
    "Cell",
    "Coverage",
    "Environment",
    "Facing",
    "Fix",
    "Gait",
    "Gnss",
    "Journey",
    "Knot",
    "Link",
    "Mover",
    "Outage",
    "Plane",
    "Profile",
    "Radio",
    "Receiver",
    "ScanPattern",
    "Site",
    "Sky",
    "SkyView",
    "Spot",
    "Tag",
    "Walker",
    "Zone",
    "area",
    "area_of_degrees",
    "budget",
    "charged",
]

__getattr__, __dir__ = exports(
    __name__,
    {
        "ENVIRONMENTS": "sim.world.environments",
        "UNHEARD_DBM": "sim.world.radio",
        "Area": "sim.world.site",
        "Battery": "sim.world.battery",
        "Cell": "sim.world.battery",
        "Coverage": "sim.world.coverage",
        "Environment": "sim.world.environments",
        "Facing": "sim.world.place",
        "Fix": "sim.world.gnss",
        "Gait": "sim.world.walker",
        "Gnss": "sim.world.gnss",
        "Journey": "sim.world.movement",
        "Knot": "sim.world.movement",
        "Link": "sim.world.coverage",
        "Mover": "sim.world.place",
        "Outage": "sim.world.coverage",
        "Plane": "sim.world.site",
        "Profile": "sim.world.power",
        "Radio": "sim.world.radio",
        "Receiver": "sim.world.radio",
        "ScanPattern": "sim.world.adverts",
        "Site": "sim.world.site",
        "Sky": "sim.world.site",
        "SkyView": "sim.world.gnss",
        "Spot": "sim.world.place",
        "Tag": "sim.world.adverts",
        "Walker": "sim.world.walker",
        "Zone": "sim.world.coverage",
        "area": "sim.world.site",
        "area_of_degrees": "sim.world.site",
        "budget": "sim.world.power",
        "charged": "sim.world.battery",
    },
)
