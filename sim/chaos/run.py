"""One plan from its first boot to the last event in the store."""

from __future__ import annotations

import gc
import time
import traceback
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from badge.config import BadgeConfig
from badge.host.processes import as_they_come, left_alone
from badge.machines.law import TABLES
from badge.machines.table import counting, never
from sim.chaos.checks.delivery import check_delivery
from sim.chaos.plan.faults import HOUR_MS
from sim.chaos.plan.plan import Plan, draw_design, draw_plan
from sim.chaos.rig.badge import Rig, RigBadge
from sim.chaos.rig.core_badge import CoreRigBadge
from sim.chaos.rig.ingest import CheckedIngest
from sim.chaos.rig.network import Network
from sim.chaos.rig.tape import Tape
from sim.chaos.rig.transcript import Transcript
from sim.chaos.workload import Workload
from sim.engine.clock import Clock
from sim.engine.promises import BrokenPromiseError

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
class PlanResult:
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


class PlanRun:
    """A plan being run; with a `tape` each badge is taped, for a recording.

    A `transcript` of the caller's hears everything as it happens.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        tape: Callable[[BadgeConfig, str], Tape] | None = None,
        transcript: Transcript | None = None,
        core: Path | None = None,
    ) -> None:
        self._plan = plan
        self._clock, self._transcript = Clock(), transcript or Transcript()
        strikes: Counter[str] = Counter()
        self._ingest = CheckedIngest(plan.seed, plan.faults["poisoned"], lambda: self._clock.now_ms)
        network = Network(plan, self._clock, self._ingest, self._transcript, strikes)
        self._rig = Rig(plan, self._clock, self._ingest, network, self._transcript, strikes, tape)
        designs = [draw_design(plan.seed, index) for index in plan.badges]
        self._badges = [
            RigBadge(self._rig, design) if core is None else CoreRigBadge(self._rig, design, core)
            for design in designs
        ]
        self._workloads = [Workload(plan, badge) for badge in self._badges]
        self._healed_after_ms = 0
        self.rows: Counter[str] = Counter()

    def go(self) -> PlanResult:
        """Run both phases; a broken promise is in the result."""
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
            finally:
                for badge in self._badges:
                    badge.close()
                self._ingest.store.close()
        for name, counts in uses.items():
            for (state, fact), count in counts.items():
                self.rows[f"{name}: {state} × {fact}"] += count
        return self._result(failure, time.process_time() - started_s)

    def _fire(self) -> None:
        for workload in self._workloads:
            workload.start()
        self._clock.run_until(self._plan.fire_ms)

    def _heal(self) -> None:
        self._rig.network.heal()
        self._transcript.said(self._clock.now_ms, "run", "everything heals")
        for workload in self._workloads:
            workload.heal()
        while not all(badge.is_drained for badge in self._badges):
            if self._clock.now_ms >= self._plan.fire_ms + DELIVERY_MS:
                break
            self._clock.run_until(self._clock.now_ms + _LOOK_EVERY_MS)
        self._healed_after_ms = self._clock.now_ms - self._plan.fire_ms
        for badge in self._badges:
            check_delivery(badge.checks, self._ingest.refused[badge.device_id], self._ingest.store)

    def _device_in_step(self) -> str:
        return next((badge.device_id for badge in self._badges if badge.in_step), "")

    def _failure(self, promise: str, device_id: str, text: str) -> Failure:
        return Failure(promise, device_id, text, self._clock.now_ms, self._transcript.last_lines())

    def _result(self, failure: Failure | None, cpu_s: float) -> PlanResult:
        badges = self._badges
        counts = Counter(
            boots=sum(badge.power.boots for badge in badges),
            cuts=sum(badge.power.cuts for badge in badges),
            dropped=sum(len(badge.checks.dropped) for badge in badges),
            stored=sum(len(numbers) for numbers in self._ingest.store.stored.values()),
        )
        return PlanResult(
            self._plan.seed,
            self._transcript.digest,
            len(badges),
            self._clock.now_ms * len(badges),
            sum(len(badge.checks.events) for badge in badges),
            self._healed_after_ms,
            counts,
            self._rig.strikes,
            self.rows,
            failure,
            cpu_s,
        )

    def write_recording(self, device_id: str, path: Path, note: str) -> bool:
        """Write what the failing badge's last boot was given; False if there was none."""
        for badge in self._badges:
            if badge.device_id == device_id and badge.tape is not None:
                badge.tape.write(path, note)
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


def prove(plan: Plan, *, twice: bool, core: Path | None = None) -> PlanResult:
    """Run a plan; `twice` runs it again, and a transcript with another hash is a failure.

    `core` is a library whose core lives it in place of our badge, checked from outside.
    """
    with _collecting_later():
        first = PlanRun(plan, core=core).go()
        if not twice:
            return first
        second = PlanRun(plan, core=core).go()
    cpu_s = first.cpu_s + second.cpu_s
    if first.digest == second.digest and first.failure == second.failure:
        return replace(first, cpu_s=cpu_s)
    text = f"determinism: transcript {first.digest} the first time, {second.digest} the second"
    failure = Failure("determinism", "", text, 0, ())
    return replace(first, cpu_s=cpu_s, failure=first.failure or failure)


@contextmanager
def _collecting_later() -> Iterator[None]:
    """Let no garbage collection look for cycles during a run: it is short, and a tenth faster."""
    gc.disable()
    try:
        with left_alone():
            try:
                yield
            finally:
                gc.collect()
    finally:
        gc.enable()


def prove_seeds(
    seeds: Iterable[int], processes: int, *, twice: bool, core: Path | None = None
) -> Generator[PlanResult, None, None]:
    """Yield the result of each seed's plan as it comes; `seeds` may be endless.

    Close the iterator to stop: runs that have begun are not waited for.
    """
    yield from as_they_come(partial(_prove_seed, twice=twice, core=core), seeds, processes)


def _prove_seed(seed: int, *, twice: bool, core: Path | None) -> PlanResult:
    return prove(draw_plan(seed), twice=twice, core=core)
