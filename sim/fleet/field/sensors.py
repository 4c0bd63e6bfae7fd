"""What a badge's sensors measure: fixes under the sky above it, tags in the air around it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from badge.config import BadgeConfig
from sim.compiled.gnss import ReceiverInC
from sim.compiled.radio import KnownTag, RadioInC
from sim.engine.draws import draws
from sim.scenario.plan.captures import Replayed
from sim.scenario.plan.days import WornDay
from sim.scenario.plan.site import EquipmentPlan, SitePlan
from sim.scenario.plan.worn_badge import WornBadge
from sim.world.gnss import Fix, Gnss
from sim.world.place import Spot
from sim.world.radio import UNHEARD_DBM, Radio

BLOCK_CYCLES = 120  # ten minutes of air cost little more than one cycle
Heard = tuple[tuple[str, int], ...]


class FieldSensors:
    """The receiver and the scanner of one worn badge; both are silent while they are down."""

    __slots__ = (
        "_captures",
        "_cycles",
        "_cycles_of",
        "_gnss",
        "_modem_until_ms",
        "_radio",
        "_site_plan",
        "_timeout_ms",
        "_worn",
        "receiver",
    )

    def __init__(
        self,
        site_plan: SitePlan,
        radio: Radio,
        worn: WornBadge,
        timeout_ms: int,
        captures: Sequence[Replayed] = (),
    ) -> None:
        self._site_plan, self._radio, self._worn = site_plan, radio, worn
        self._timeout_ms, self._captures = timeout_ms, captures
        self._gnss: Gnss | ReceiverInC | None = None
        self.receiver: ReceiverInC | None = None  # the same, where it is one in C
        self._modem_until_ms = -1
        self._cycles: dict[int, Heard] = {}
        self._cycles_of: WornDay | None = None

    def power_gps(self, ms: int, on: bool) -> None:
        """Switch the receiver; it is made at its first use."""
        if self._gnss is None:
            self._gnss = self._new_receiver()
        if on:
            self._gnss.power_on(ms)
        else:
            self._gnss.power_off(ms)

    def _new_receiver(self) -> Gnss | ReceiverInC:
        site_plan = self._site_plan
        numbers = draws(site_plan.parameters.seed, self._worn.device_id, "gnss")
        if site_plan.library is None or site_plan.skies is None:
            return Gnss(numbers, site_plan.site.plane)
        self.receiver = ReceiverInC(
            site_plan.library,
            numbers,
            site_plan.site.plane,
            site_plan.skies,
            [
                (0, Spot(*site_plan.depot)),
                *((day.start_ms, day.journey) for day in self._worn.days),
            ],
            self._worn.gps_down,
            self._timeout_ms,
        )
        return self.receiver

    def modem_on(self, now_ms: int, until_ms: int) -> None:
        """The modem takes the radio that it shares with the receiver, until a time."""
        self._modem_until_ms = max(self._modem_until_ms, until_ms)
        if self._gnss is not None:
            self._gnss.suspend(now_ms, self._modem_until_ms)

    def found(self, now_ms: int) -> Fix | None:
        """Poll the receiver; after the badge's time-out it is none."""
        if self._gnss is None or self._worn.gps_down_at(now_ms):
            return None
        x_m, y_m = self._worn.position_at(now_ms)
        found = self._gnss.poll(now_ms, x_m, y_m, self._site_plan.sky_at(x_m, y_m))
        if found is None or found.delay_ms > self._timeout_ms:
            return None
        return found

    def heard(self, start_ms: int, end_ms: int) -> Heard | None:
        """Give the strongest sample of every tag in the cycle; None while the scanner is down."""
        if self._worn.scanner_down_at(start_ms):
            return None
        if self._cycles_of is not self._worn.day_at(start_ms):
            self._cycles.clear()
        if start_ms not in self._cycles:
            self._listen(start_ms, end_ms - start_ms)
        return self._cycles.pop(start_ms)

    def _listen(self, start_ms: int, period_ms: int) -> None:
        """Ask the air for a block of cycles: it has no memory, so the block's length is free."""
        self._cycles_of = self._worn.day_at(start_ms)
        columns = self.columns(start_ms, period_ms)
        self._cycles = {
            start_ms + number * period_ms: tuple(
                (mac, column[number]) for mac, column in columns if column[number] > UNHEARD_DBM
            )
            for number in range(BLOCK_CYCLES)
        }

    def columns(self, start_ms: int, period_ms: int) -> list[tuple[str, list[int]]]:
        """Give the strongest sample of each tag in each cycle of a block, of tags that are heard.

        The wearer is that of the block's start: it holds up to the next day of the badge.
        """
        columns = [
            (piece.tag.mac, self.strongest(start_ms, period_ms, piece).tolist())
            for piece in self._site_plan.equipment.values()
        ]
        columns += self.captured(start_ms, period_ms)
        return [(mac, column) for mac, column in columns if max(column) > UNHEARD_DBM]

    def captured(
        self, start_ms: int, period_ms: int, cycles: int = BLOCK_CYCLES
    ) -> list[tuple[str, list[int]]]:
        """Give what the cycles of a block hear in captures."""
        return [
            item
            for capture in self._captures
            for item in capture.columns(start_ms, period_ms, cycles).items()
        ]

    def heard_of(
        self,
        start_ms: int,
        period_ms: int,
        down: bytes,
        known: Sequence[KnownTag],
        near: Sequence[tuple[bool, int]],
        config: BadgeConfig,
    ) -> tuple[bytes, NDArray[np.uint32]] | None:
        """Give what a block of cycles hears of tags, in C (see `RadioInC.heard`), if that can."""
        if not isinstance(self._radio, RadioInC):
            return None
        to_near = config.ble_rssi_threshold, config.ble_detection_count_threshold
        wearer = self._worn.wearer_at(start_ms)
        return self._radio.heard(start_ms, period_ms, down, wearer, known, near, *to_near)

    def strongest(
        self,
        ms: int,
        period_ms: int,
        piece: EquipmentPlan | KnownTag,
        cycles: int = BLOCK_CYCLES,
    ) -> NDArray[np.int16]:
        """Give the strongest sample of a tag in each cycle of a block (see `Radio.strongest`)."""
        wearer = self._worn.wearer_at(ms)
        found = self._radio.strongest(ms, cycles, piece.tag, piece.mover, wearer, period_ms)
        for flat_ms, changed_ms in piece.silent:
            begins = ms + period_ms * np.arange(cycles)
            found[(begins >= flat_ms) & (begins < changed_ms)] = UNHEARD_DBM
        return found
