"""Degrees to metres of the picture: the site's own plane, or one about the first fix."""

from __future__ import annotations

from dataclasses import dataclass

from sim.world.site import Plane

LAT_MAX = 80.0  # a plane in metres makes no sense at the poles


@dataclass(slots=True)
class PicturePlane:
    """Where 0, 0 of the picture is; None until something has a place."""

    plane: Plane | None = None

    @property
    def origin(self) -> tuple[float, float] | None:
        """The origin in degrees."""
        return None if self.plane is None else (self.plane.lat, self.plane.lon)

    def xy(self, lat: float, lon: float) -> tuple[float, float]:
        """Give metres east and north of the origin."""
        if self.plane is None:
            self.plane = Plane(max(-LAT_MAX, min(LAT_MAX, lat)), lon)
        return self.plane.to_xy(lat, lon)
