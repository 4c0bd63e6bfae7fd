"""The vocabulary that all parts of a scenario share."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from badge.contract.events import NO_NUL
from badge.contract.patterns import told
from sim.scenario.language.times import DATE_PATTERN, TIME_PATTERN, real_date

Time = Annotated[
    str,
    Field(pattern=TIME_PATTERN, examples=["10:40", "day 2 07:15", "2026-05-04 07:15"]),
    AfterValidator(real_date),
]
Date = Annotated[
    str, Field(pattern=DATE_PATTERN, examples=["2026-05-04"]), AfterValidator(real_date)
]
Metres = Annotated[float, Field(ge=-1e6, le=1e6)]  # beyond, the plane is no map of the earth
Point = Annotated[tuple[Metres, Metres], Field(description="Metres east and north of the origin.")]
Place = Annotated[
    str | Point,
    Field(description="`depot`, a parcel, an area, a piece of equipment, or [east, north]."),
]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=NO_NUL)]  # workers are named so
VERSION_PATTERN = told(
    r"^(0|[1-9]\d{0,8})(\.(0|[1-9]\d{0,8})){2}$", "must be major.minor.patch, like 0.4.0"
)
Version = Annotated[str, Field(pattern=VERSION_PATTERN)]
Minutes = Annotated[float, Field(ge=0.0, le=1440.0)]


class Strict(BaseModel):
    """A part of a scenario: unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def exactly_one(part: BaseModel, keys: tuple[str, ...]) -> str:
    """Give the one key of these that is set; ValueError when it is none or several."""
    found = [key for key in keys if getattr(part, key) is not None]
    if len(found) != 1:
        said = " and ".join(found) or "none"
        raise ValueError(f"say exactly one of {', '.join(keys)}; here: {said}")
    return found[0]


class Ground(Strict):
    """A polygon, inline: metres in the site's plane, or GeoJSON degrees [longitude, latitude]."""

    metres: list[Point] | None = Field(default=None, min_length=3)
    degrees: list[tuple[float, float]] | None = Field(default=None, min_length=3)

    @model_validator(mode="after")
    def _one_kind(self) -> Ground:
        exactly_one(self, ("metres", "degrees"))
        return self
