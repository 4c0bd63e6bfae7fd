"""One plan from its first boot to the last event in the store."""

from __future__ import annotations

import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from badge.machines.battery import THRESHOLD
from badge.machines.firmware import FIRMWARE
from badge.machines.gps import GPS
from badge.machines.motion import MOTION
from badge.machines.proximity import SCAN, TAG
from badge.machines.shift import SHIFT
from badge.machines.table import counting, never
from badge.machines.upload import UPLOAD
from sim.chaos.checks.delivery import check_delivery
from sim.chaos.plan.faults import HOUR_MS
from sim.chaos.plan.plan import Plan, draw_design
from sim.chaos.rig.badge import Theatre, Vessel
from sim.chaos.rig.ingest import Cloud
from sim.chaos.rig.network import Network
from sim.chaos.rig.transcript import Transcript
from sim.chaos.workload import Workload
from sim.engine.clock import Clock
from sim.engine.promises import BrokenPromiseError

TABLES = (SHIFT, MOTION, GPS, SCAN, TAG, THRESHOLD, FIRMWARE, UPLOAD)
DELIVERY_MS = 2 * HOUR_MS
_LOOK_EVERY_MS = 10_000


@dataclass(frozen=True, slots=True)
class Failure:
    """The first broken promise of a run, and what led to it."""

    promise: str
    device_id: str
    text: str
    at_ms: int
    last_lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to; `rows` counts `table: state × fact`, and only `cpu_s` is unsteady."""

    seed: int
    digest: str
    badges: int
    badge_ms: int
    events: int
    healed_after_ms: int
    counts: Counter[str] = field(default_factory=Counter)
    strikes: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    failure: Failure | None = None
    cpu_s: float = 0.0


class Run:
    """A plan being run; `tape` asks for a recording of the badge that fails."""

    def __init__(self, plan: Plan, *, taped: bool = False) -> None:
        self._plan = plan
        self._clock, self._transcript = Clock(), Transcript()
        strikes: Counter[str] = Counter()
        self._cloud = Cloud(plan.seed, plan.faults["poisoned"], lambda: self._clock.now_ms)
        network = Network(plan, self._clock, self._cloud, self._transcript, strikes)
        self._theatre = Theatre(
            plan, self._clock, self._cloud, network, self._transcript, strikes, taped
        )
        self._vessels = [
            Vessel(self._theatre, draw_design(plan.seed, index)) for index in plan.badges
        ]
        self._workloads = [Workload(plan, vessel) for vessel in self._vessels]
        self._healed_after_ms = 0
        self.rows: Counter[str] = Counter()

    def go(self) -> Outcome:
        """Run both phases; a broken promise is in the outcome."""
        started_s = time.process_time()
        failure = None
        with counting(TABLES) as uses:
            try:
                self._fire()
                self._heal()
            except BrokenPromiseError as error:
                failure = self._failure(error.promise, error.device_id, str(error))
            except Exception as error:  # whatever is raised is a finding
                where = traceback.extract_tb(error.__traceback__)[-1]
                text = f"crash: {error!r} in {Path(where.filename).name}:{where.lineno}"
                failure = self._failure("crash", self._device_in_step(), text)
        for name, counts in uses.items():
            for (state, fact), count in counts.items():
                self.rows[f"{name}: {state} × {fact}"] += count
        return self._outcome(failure, time.process_time() - started_s)

    def _fire(self) -> None:
        for workload in self._workloads:
            workload.start()
        self._clock.run_until(self._plan.fire_ms)

    def _heal(self) -> None:
        self._theatre.network.heal()
        self._transcript.said(self._clock.now_ms, "run", "everything heals")
        for workload in self._workloads:
            workload.heal()
        while not all(vessel.is_drained for vessel in self._vessels):
            if self._clock.now_ms >= self._plan.fire_ms + DELIVERY_MS:
                break
            self._clock.run_until(self._clock.now_ms + _LOOK_EVERY_MS)
        self._healed_after_ms = self._clock.now_ms - self._plan.fire_ms
        for vessel in self._vessels:
            check_delivery(vessel, self._cloud.store)
        self._cloud.store.close()

    def _device_in_step(self) -> str:
        return next((vessel.device_id for vessel in self._vessels if vessel.in_step), "")

    def _failure(self, promise: str, device_id: str, text: str) -> Failure:
        return Failure(promise, device_id, text, self._clock.now_ms, self._transcript.last_lines())

    def _outcome(self, failure: Failure | None, cpu_s: float) -> Outcome:
        vessels = self._vessels
        counts = Counter(
            boots=sum(vessel.boots for vessel in vessels),
            cuts=sum(vessel.cuts for vessel in vessels),
            dropped=sum(len(vessel.checks.dropped) for vessel in vessels),
            stored=sum(len(numbers) for numbers in self._cloud.store.stored.values()),
        )
        return Outcome(
            self._plan.seed,
            self._transcript.digest,
            len(vessels),
            self._clock.now_ms * len(vessels),
            sum(len(vessel.checks.events) for vessel in vessels),
            self._healed_after_ms,
            counts,
            self._theatre.strikes,
            self.rows,
            failure,
            cpu_s,
        )

    def write_recording(self, device_id: str, path: Path, note: str) -> bool:
        """Write what the failing badge's last boot was given; False if there was none."""
        for vessel in self._vessels:
            if vessel.device_id == device_id and vessel.tape is not None:
                vessel.tape.write(path, note)
                return True
        return False


def reachable_rows() -> tuple[str, ...]:
    """Name every row of every table that is not marked as never used."""
    return tuple(
        f"{table.name}: {state} × {fact}"
        for table in TABLES
        for (state, fact), (_, action) in table.rows.items()
        if action is not never
    )
