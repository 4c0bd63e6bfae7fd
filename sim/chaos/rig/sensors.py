"""What a badge's GPS receiver and scanner answer, and the faults of both."""

from __future__ import annotations

from badge.inputs import GpsFix
from sim.chaos.plan.faults import KINDS, draw_windows, is_inside
from sim.chaos.plan.plan import Design, Plan
from sim.engine.streams import plain_stream

_FIX_MS = (300, 6_000)
_LATE_FIX_MS = (5_000, 40_000)
_VISIT_MS = 240_000
_LATE_SHARE = 0.3


class FaultySensors:
    """What one badge senses (see `sim.engine.ports.Sensors`).

    `struck` is the kind of fault that the last answer suffered, or an empty string.
    """

    def __init__(self, plan: Plan, design: Design) -> None:
        index, seed = design.index, plan.seed
        self._gps = plain_stream(seed, "gps", index)
        self._air = plain_stream(seed, "air", index)
        self._tags = tuple(design.config.known_equipment_tags)
        self._silent, self._dead = (
            draw_windows(
                plain_stream(seed, name, index), KINDS[name], plan.faults[name], plan.fire_ms
            )
            for name in ("gps_silent", "scanner_dead")
        )
        self.struck = ""

    def heal(self) -> None:
        """Work from now on."""
        self._silent = self._dead = ()

    def fix(self, now_ms: int) -> tuple[int, GpsFix] | None:
        """Return (ms until the fix is there, fix), or None if none will come."""
        rng, self.struck = self._gps, ""
        bounds = _FIX_MS
        if self._silent and is_inside(self._silent, now_ms):
            self.struck = "gps_silent"
            if rng.random() > _LATE_SHARE:
                return None
            bounds = _LATE_FIX_MS
        fix = GpsFix(
            33.749 + rng.randrange(1000) / 1e6,
            -84.388 + rng.randrange(1000) / 1e6,
            hdop=rng.randrange(8, 30) / 10,
        )
        return rng.randint(*bounds), fix

    def heard(self, start_ms: int, end_ms: int) -> tuple[tuple[str, int], ...] | None:
        """Return all (MAC, dBm) heard in a scan cycle, or None if the scanner was down."""
        self.struck = ""
        if self._dead and is_inside(self._dead, end_ms):
            self.struck = "scanner_dead"
            return None
        draw = self._air.random
        visit = end_ms // _VISIT_MS
        return tuple(
            (mac, -55 - int(draw() * (20 if (visit + place) % 3 else 60)))
            for place, mac in enumerate(self._tags)
        )

    def heard_late(self) -> tuple[int, tuple[tuple[str, int], ...]] | None:
        """Return (ms to wait, what a dead scanner tells all the same), mostly None."""
        if self._air.random() > _LATE_SHARE:
            return None
        return self._air.randrange(1, 4000), tuple((mac, -60) for mac in self._tags)
