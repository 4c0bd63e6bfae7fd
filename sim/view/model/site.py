"""The site as it is drawn: what a run's truth/site.json may say."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

METRES_MAX = 1e7
Metres = Annotated[float, Field(ge=-METRES_MAX, le=METRES_MAX)]
Point = tuple[Metres, Metres]
Ms = Annotated[float, Field(ge=-1e15, le=1e15)]
Lat = Annotated[float, Field(ge=-80.0, le=80.0)]
Lon = Annotated[float, Field(ge=-180.0, le=180.0)]


class DrawnArea(BaseModel):
    """A parcel or another area; the first ring is the outer one."""

    name: str
    kind: str
    rings: Annotated[list[Annotated[list[Point], Field(min_length=1)]], Field(min_length=1)]


class DrawnEquipment(BaseModel):
    """A piece of equipment: where its tag is heard, and its way as (ms of the run, x, y)."""

    name: str
    mac: str
    known: bool = True
    reach_m: Annotated[float, Field(ge=0.0, le=METRES_MAX)]
    way: Annotated[list[tuple[Ms, Metres, Metres]], Field(min_length=1)]


class DrawnZone(BaseModel):
    """An area with more or less network."""

    area: str
    gain_db: float


class DrawnOutage(BaseModel):
    """A time without network, in an area or (None) everywhere."""

    t0_ms: Ms
    t1_ms: Ms
    area: str | None = None


class DrawnField(BaseModel):
    """The network's bars (0 to 4) in squares from the south-west corner: a row of digits a row."""

    x_m: Metres
    y_m: Metres
    step_m: Annotated[float, Field(gt=0.0, le=METRES_MAX)]
    bars: Annotated[
        list[Annotated[str, Field(pattern="^[0-4]*$", max_length=500)]], Field(max_length=500)
    ]


class DrawnCoverage(BaseModel):
    """The network; its field is not told by runs of before."""

    base_dbm: float
    field: DrawnField | None = None
    zones: list[DrawnZone]
    outages: list[DrawnOutage]


class SiteDrawing(BaseModel):
    """The whole of it, in metres about an origin."""

    origin: tuple[Lat, Lon]
    start_unix_ms: Ms
    threshold_dbm: int
    depot: Point
    areas: list[DrawnArea]
    equipment: list[DrawnEquipment]
    coverage: DrawnCoverage
