"""What a day brings: shifts, walks, a battery that empties, and the faults that strike a badge."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

from badge.inputs import Assign, Battery, FirmwareOffer, Movement, Unassign
from sim.chaos.plan.faults import HOUR_MS, KINDS, MINUTE_MS, Windows, draw_windows, is_inside
from sim.chaos.plan.plan import Plan
from sim.chaos.rig.badge import RigBadge
from sim.engine.streams import plain_stream

_AUDIT_MS = 5 * MINUTE_MS
_CUTS = ("power_cut", "watchdog", "brown_out")


class Workload:
    """Schedules a badge's whole first phase; `heal` ends the working day."""

    def __init__(self, plan: Plan, badge: RigBadge) -> None:
        self._plan, self._badge, self._clock = plan, badge, badge.clock
        self._design = badge.design
        self._healed = False
        self._charge_pct = 100.0
        self._charged_ms = 0
        self._stuck: Windows = draw_windows(
            self._stream("accelerometer_stuck"),
            KINDS["accelerometer_stuck"],
            plan.faults["accelerometer_stuck"],
            plan.fire_ms,
        )
        self._worker, self._walk = self._stream("worker"), self._stream("walk")
        self._battery, self._push_rng = self._stream("battery"), self._stream("push")
        self._cut_rng, self._offer_rng = self._stream("cut"), self._stream("offer")

    def _stream(self, name: str) -> random.Random:
        return plain_stream(self._plan.seed, name, self._design.index)

    def start(self) -> None:
        """Switch the badge on and let the day begin."""
        badge, rng = self._badge, self._worker
        badge.power.boot_at(rng.randrange(60_000), "power_on")
        self._later(self._gap(rng, 10 * MINUTE_MS), self._begin_shift)
        self._later(self._gap(self._walk, MINUTE_MS), partial(self._move, True))
        self._later(self._gap(self._battery, MINUTE_MS), self._read_battery)
        self._later(_AUDIT_MS, self._audit)
        strikes: dict[str, Callable[[], None]] = {kind: partial(self._cut, kind) for kind in _CUTS}
        strikes["battery_cliff"] = self._fall_off
        strikes["config_push"] = self._push
        strikes["firmware_update"] = self._offer
        for kind, strike in strikes.items():
            self._repeat(kind, strike)

    def heal(self) -> None:
        """No more faults, and the working day is over; the badge goes on by itself."""
        self._healed = True
        self._stuck = ()
        self._recharge()
        self._badge.heal()
        self._badge.receive(Battery(100))
        self._badge.receive(Unassign())

    def _later(self, delay_ms: int, call: Callable[[], None]) -> None:
        self._clock.after(delay_ms, partial(self._unless_healed, call))

    def _unless_healed(self, call: Callable[[], None]) -> None:
        if not self._healed:
            call()

    def _gap(self, rng: random.Random, mean_ms: float) -> int:
        return 1 + int(rng.expovariate(1 / mean_ms))

    def _repeat(self, kind: str, strike: Callable[[], None]) -> None:
        rate = self._plan.faults[kind]
        rng = self._stream(f"{kind} times")
        at_ms = 0
        while rate and (at_ms := at_ms + self._gap(rng, HOUR_MS / rate)) < self._plan.fire_ms:
            self._clock.at(at_ms, partial(self._unless_healed, strike))

    def _audit(self) -> None:
        self._badge.audit()
        self._later(_AUDIT_MS, self._audit)

    # The worker.

    def _begin_shift(self) -> None:
        rng, design = self._worker, self._design
        self._badge.receive(Assign(rng.choice(design.workers)))
        if rng.random() < 0.5:
            self._fidget()
        self._later(self._gap(rng, design.shift_ms), self._end_shift)

    def _end_shift(self) -> None:
        self._badge.receive(Unassign())
        if self._worker.random() < 0.7:
            self._fidget()
        self._later(self._gap(self._worker, self._design.pause_ms), self._begin_shift)

    def _fidget(self) -> None:
        """Press buttons that mean nothing now, or not what one thinks."""
        rng = self._worker
        at_ms = 0
        for _ in range(rng.randrange(1, 5)):
            at_ms += self._gap(rng, 4_000)
            workers = (*self._design.workers, "W-999")
            worker = Assign(rng.choice(workers), rng.choice((None, "W-foreman")))
            self._later(at_ms, partial(self._badge.receive, rng.choice((worker, Unassign()))))

    # Movement.

    def _move(self, moving: bool) -> None:
        rng, badge = self._walk, self._badge
        if is_inside(self._stuck, self._clock.now_ms):
            badge.strike("accelerometer_stuck")
            for told in rng.choices((True, False), k=rng.randrange(5)):
                badge.receive(Movement(told))
        else:
            badge.receive(Movement(moving))
        mean_ms = MINUTE_MS * (2 + 20 * rng.random()) * self._design.restless
        if not moving and rng.random() < 0.15:
            mean_ms += 2 * HOUR_MS
        self._later(self._gap(rng, mean_ms), partial(self._move, not moving))

    # The battery.

    def _recharge(self) -> None:
        self._charge_pct, self._charged_ms = 100.0, self._clock.now_ms

    def _read_battery(self) -> None:
        rng, badge = self._battery, self._badge
        hours = (self._clock.now_ms - self._charged_ms) / HOUR_MS
        pct = max(0, int(self._charge_pct - hours * self._design.discharge_pct_h))
        voltage_mv = 3_300 + 9 * pct if rng.random() < 0.8 else None
        badge.receive(Battery(pct, voltage_mv))
        if badge.power.asleep or rng.random() < 0.02 or (pct < 12 and rng.random() < 0.2):
            self._plug_in()
        self._later(self._gap(rng, 5 * MINUTE_MS), self._read_battery)

    def _plug_in(self) -> None:
        """Charge it; a badge that is off wakes up some minutes later."""
        self._recharge()
        if self._badge.power.asleep:
            delay_ms = self._gap(self._battery, 5 * MINUTE_MS)
            self._badge.power.boot_at(self._clock.now_ms + delay_ms, "power_on")

    def _fall_off(self) -> None:
        """Let the charge fall to nothing at once, with readings to match and a nervous worker."""
        badge, rng = self._badge, self._battery
        if not badge.power.awake:
            return
        badge.strike("battery_cliff")
        self._charge_pct, self._charged_ms = rng.choice((0.0, 2.0, 4.0, 9.0)), self._clock.now_ms
        at_ms = 0
        for _ in range(rng.randrange(1, 4)):
            reading = partial(badge.receive, Battery(int(self._charge_pct), 3_300))
            self._later(at_ms, reading)
            at_ms += self._gap(rng, 3_000)
        self._later(1, self._fidget)

    # Faults of the badge.

    def _cut(self, kind: str) -> None:
        rng, badge = self._cut_rng, self._badge
        if not badge.power.awake:
            return
        if kind != "brown_out" and rng.random() < 0.4:
            badge.power.cut(kind)
        else:
            badge.power.arm(kind, int(rng.expovariate(0.4)))

    def _push(self) -> None:
        if self._badge.power.awake:
            self._badge.strike("config_push")
            self._badge.push(self._draw_push())

    def _draw_push(self) -> dict[str, Any]:
        rng, config = self._push_rng, self._design.config
        pick = rng.choice
        choices: dict[str, Any] = {
            "gps_interval_s": pick((5, 10, 15, 60)),
            "upload_interval_s": pick((300, 900, 1800)),
            "ble_rssi_threshold": pick((-85, -70, -60)),
            "ble_detection_count_threshold": pick((1, 2, 5, 8)),
            "ble_lost_count_threshold": pick((1, 3, 5)),
            "known_equipment_tags": config.known_equipment_tags[: rng.randrange(5)],
            "worker_ids": pick(([], list(self._design.workers[:2]))),
            "batch_events_max": pick((1, 20, 100, 500)),
            "queue_events_max": pick((30, 300, 2000)),
            "quarantine_events_max": pick((3, 20)),
            "stationary_after_s": pick((10, 30)),
            "company_id": "x" * rng.randrange(200),
        }
        names = rng.sample(sorted(choices), rng.randrange(1, 5))
        document = {name: choices[name] for name in names}
        bad = {"gps_interval_s": 0, "device_id": "ACT-00000000", "no_such_key": 1}
        if rng.random() < 0.3:
            name = pick(sorted(bad))
            document[name] = bad[name]
        return document

    def _offer(self) -> None:
        """Offer firmware; now and then once more, while the badge is restarting for it."""
        if not self._badge.power.awake:
            return
        self._badge.strike("firmware_update")
        rng = self._offer_rng
        version = partial(rng.choice, ("0.1.1", "0.2.0", "0.2.1", "0.3.0", "new", "0.01.0"))
        self._badge.receive(FirmwareOffer(version()))
        if rng.random() < 0.4:
            again = FirmwareOffer(version())
            self._later(rng.randrange(1500), partial(self._badge.receive, again))
