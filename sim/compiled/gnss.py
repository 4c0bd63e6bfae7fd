"""The receiver of a badge, polled in C: fixes as those of `Gnss`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.compiled.library import PathInC, WorldLibrary
from sim.compiled.walk import ground_in_c
from sim.engine.draws import KeyedDraws
from sim.world.gnss import SKIES, Fix, SkyView
from sim.world.movement import Journey
from sim.world.place import Spot
from sim.world.site import SKY_FIRST, Area, Plane, Sky

_FIRST_MS = -(1 << 62)
Stay = tuple[int, Journey | Spot]
"""From when on a badge is on a journey, or at a spot."""


class SkiesInC:
    """What is above each place of a site, as C has it: for all receivers there."""

    __slots__ = ("_grounds", "of", "roofs")

    def __init__(self, library: WorldLibrary, areas: Sequence[Area]) -> None:
        ffi = library.ffi
        self.of: dict[Sky, Any] = {
            sky: ffi.new("struct world_sky *", _view(one)) for sky, one in SKIES.items()
        }
        worst_first = [(kind, one) for kind in SKY_FIRST for one in areas if one.kind == kind]
        self.roofs = ffi.new("struct world_roof[]", len(worst_first))
        self._grounds = []
        for roof, (sky, area) in zip(self.roofs, worst_first, strict=True):
            known = ground_in_c(library, area)
            if known is not None:
                self._grounds.append(known)
                roof.ground = known[0][0]
            roof.known = known is not None
            roof.west, roof.south, roof.east, roof.north = area.polygon.bounds
            roof.sky = self.of.get(sky, ffi.NULL)


class ReceiverInC:
    """A `Gnss`, and where it is, what is above it and when it is down: `found` needs no Python.

    `stays` are in order of time, the first from the beginning on; `downs` (from, until) in ms.
    `ask` is set while each fix is to be seen by Python.
    """

    __slots__ = ("_kept", "_library", "_pointer", "_skies", "gnss", "struct")

    def __init__(
        self,
        library: WorldLibrary,
        draws: KeyedDraws,
        plane: Plane,
        skies: SkiesInC,
        stays: Sequence[Stay],
        downs: Sequence[tuple[int, int]],
        timeout_ms: int,
    ) -> None:
        ffi = library.ffi
        self._library, self._skies = library, skies
        paths = [PathInC(library, mover) for _, mover in stays]
        begins = ffi.new("int64_t[]", [_FIRST_MS, *(ms for ms, _ in stays[1:])])
        pointers = ffi.new("struct world_path *[]", [path.struct for path in paths])
        down = ffi.new("int64_t[]", [ms for one in downs for ms in one])
        self._kept = (paths, begins, pointers, down)
        self.struct = made = ffi.new("struct world_receiver *")
        made.stay_count, made.roof_count, made.down_count = len(paths), len(skies.roofs), len(downs)
        made.begins, made.paths, made.roofs, made.downs = begins, pointers, skies.roofs, down
        made.open, made.timeout_ms, made.ask = skies.of["open"], timeout_ms, 1
        gnss = self.gnss = made.gnss
        gnss.salt, (gnss.lat, gnss.lon) = draws.salt, (plane.lat, plane.lon)
        gnss.east_m, gnss.north_m = plane.metres_per_degree
        self._pointer = ffi.addressof(gnss)
        library.lib.world_gnss_begin(self._pointer)

    @property
    def address(self) -> int:
        """Where it is, for a pump in C."""
        return int(self._library.ffi.cast("uintptr_t", self.struct))

    @property
    def found(self) -> int:
        """Where the function is that a pump in C asks for a fix: `world_found`."""
        ffi = self._library.ffi
        return int(ffi.cast("uintptr_t", ffi.addressof(self._library.lib, "world_found")))

    def power_on(self, t_ms: int, keeps_almanac: bool = True) -> None:
        """See `Gnss.power_on`."""
        self._library.lib.world_gnss_power(self._pointer, t_ms, 1, keeps_almanac)

    def power_off(self, t_ms: int) -> None:
        """See `Gnss.power_off`."""
        self._library.lib.world_gnss_power(self._pointer, t_ms, 0, 1)

    def suspend(self, t_ms: int, until_ms: int) -> None:
        """See `Gnss.suspend`."""
        self._library.lib.world_gnss_suspend(self._pointer, t_ms, until_ms)

    def poll(self, t_ms: int, true_x_m: float, true_y_m: float, sky: Sky) -> Fix | None:
        """See `Gnss.poll`."""
        view = self._skies.of.get(sky, self._library.ffi.NULL)
        delay_ms = self._library.lib.world_gnss_poll(self._pointer, t_ms, true_x_m, true_y_m, view)
        if delay_ms < 0:
            return None
        gnss = self.gnss
        lat, lon, dop = gnss.lat_udeg / 1e6, gnss.lon_udeg / 1e6, gnss.dop_tenths / 10.0
        spread = round(2.0 * gnss.dop_wave)
        return Fix(t_ms, delay_ms, lat, lon, dop, max(SKIES[sky].satellites - spread, 4))


def _view(view: SkyView) -> tuple[float, ...]:
    by_dop = view.sigma_m is None
    return (
        view.dop_median,
        view.dop_sigma,
        view.tau_s,
        view.missed,
        view.missed_s,
        view.jump_share,
        view.jump_s,
        *view.jump_m,
        view.search_factor,
        -1.0 if view.sigma_m is None else view.sigma_m,
        view.sigma_per_dop_m if by_dop else 0.0,
    )
