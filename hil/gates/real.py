"""The exit gates with this computer as the badge: a real card, a real radio, by the clock."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import (
    AsyncIterator,
    Callable,
    Collection,
    Coroutine,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from badge.effects import Notice
from badge.entry import Entry
from badge.errors import InputError
from badge.inputs import Assign, Input, Unassign, UploadAnswer
from badge.words import counted
from hil.app.assembly import Assembly, assembled
from hil.app.options import RunOptions
from hil.clock import Clock
from hil.gates import law
from hil.gates.confirmations import Confirmations
from hil.gates.figures import Sample
from hil.gates.hands import lend
from hil.gates.places import fix_samples, tag_of
from hil.gates.trial import Gate, GateOptions, Measurement, Tell

STEP_S = 0.5  # between two looks at the badge
POLLS_MAX = 4 * law.GPS_SAMPLES  # then a receiver without a fix has had its chance
CYCLES_MAX = 2 * law.CYCLES  # then a scanner that is down has had its chance
CONNECT_S = 900.0  # a registration takes minutes
DRAIN_S = 7200.0  # four windows, and every backoff (contract section 3) within them
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class RealGates:
    """What is to be measured, and on what: gate 1 runs all badges, the others the first one."""

    options: GateOptions
    badges: Sequence[RunOptions]


RealGate = Callable[["RealGates", Tell], Coroutine[object, object, Measurement]]


@dataclass(slots=True)
class LoggedEntries:
    """An observer that keeps what was logged, and how each upload ended."""

    entries: list[tuple[int, Entry]] = field(default_factory=list)
    answers: list[tuple[int, UploadAnswer]] = field(default_factory=list)

    def happened(self, ms: int, what: Input) -> None:
        """Keep answers."""
        if isinstance(what, UploadAnswer):
            self.answers.append((ms, what))

    def logged(self, ms: int, entry: Entry) -> None:
        """Keep an event."""
        self.entries.append((ms, entry))

    def noticed(self, ms: int, notice: Notice) -> None:
        """Notices are not counted."""

    def kinds(self, *names: str) -> list[Mapping[str, object]]:
        """Return the payloads of some kinds of events."""
        return [entry.payload for _, entry in self.entries if entry.event_type in names]

    def attempts(self) -> list[Sample]:
        """Return one row for each upload."""
        return [
            {"minute": round(ms / 60_000, 2), "status": answer.status or "none"}
            for ms, answer in self.answers
        ]


@dataclass(slots=True)
class RunningBadge:
    """A badge that runs, and what it has logged since."""

    parts: Assembly
    logged: LoggedEntries
    confirmations: Confirmations
    clock: Clock
    task: asyncio.Task[None]
    mode: str = "continuous"  # of the card's session, as it was before it was switched off

    @property
    def waiting(self) -> list[int]:
        """The numbers that no answer has settled yet."""
        queue = self.parts.store.queue
        refused = [one.entry for one in queue.quarantined]
        return [entry.sequence_number for entry in (*queue.entries, *refused)]

    def arrived(self, numbers: Iterable[int]) -> int:
        """Count how many of these events the ingest has confirmed."""
        return len(self.confirmations.numbers & set(numbers))

    async def until(self, done: Callable[[], bool], limit_s: float) -> bool:
        """Wait for something; False if it does not come in time.  A badge that ends raises."""
        until_ns = self.clock.monotonic_ns() + limit_s * 1e9
        while not done():
            if self.task.done():
                self.task.result()
                raise InputError("the badge has ended by itself: its battery is empty")
            if self.clock.monotonic_ns() >= until_ns:
                return False
            await self.clock.sleep(STEP_S)
        return True

    async def connected(self) -> None:
        """Wait for the network and for the time of day."""
        view = self.parts.sensors.view
        if not await self.until(lambda: view.connected and view.utc_known, CONNECT_S):
            raise InputError(
                f"no network within {CONNECT_S / 60:g} minutes ({view.trouble or view.link_words}):"
                " see badge probe"
            )

    async def network(self, on: bool) -> None:
        """Let the card itself leave the network, or join it again as it was."""
        if not on:
            self.mode = str((await self.parts.card.ask("hub.get"))["mode"])
        await self.parts.card.ask("hub.set", {"mode": self.mode if on else "off"})


@asynccontextmanager
async def running(
    asked: RealGates, run: RunOptions, *, shift: bool = True
) -> AsyncIterator[RunningBadge]:
    """Run a badge, connected and on a shift; what ends the block ends it like a loss of power."""
    logged = LoggedEntries()
    clock, say = asked.options.clock, asked.options.say
    async with assembled(run, clock, say, [logged], Confirmations) as parts:
        task = asyncio.create_task(parts.pump.run())
        assert isinstance(parts.uplink, Confirmations)
        badge = RunningBadge(parts, logged, parts.uplink, clock, task)
        try:
            await badge.connected()
            if shift:
                parts.pump.receive(Assign(run.worker))
            yield badge
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


class GateTime:
    """How much of a gate's time has passed, told to whoever watches."""

    def __init__(self, asked: RealGates, seconds: float, tell: Tell) -> None:
        self._clock, self._seconds, self._tell = asked.options.clock, seconds, tell
        self._start_ns = asked.options.clock.monotonic_ns()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the gate began."""
        return (self._clock.monotonic_ns() - self._start_ns) / 1e9

    def over(self, share: float = 1.0) -> bool:
        """Tell whether so much of it is over."""
        done = self.elapsed_s / self._seconds
        self._tell(min(done, 1.0), f"{self.elapsed_s / HOUR_S:.2f} of {self._seconds / HOUR_S:g} h")
        return done >= share


async def continuous(asked: RealGates, tell: Tell) -> Measurement:
    """Gate 1: every badge that was given, side by side."""
    hours = asked.options.hours or law.HOURS
    samples = await asyncio.gather(*(_life(asked, one, hours, tell) for one in asked.badges))
    return Measurement(law.continuous(samples, hours), samples)


async def _life(asked: RealGates, run: RunOptions, hours: float, tell: Tell) -> Sample:
    async with running(asked, run) as badge:
        time = GateTime(asked, hours * HOUR_S, tell)
        begun = len(badge.logged.entries) - 1  # the shift_start
        dropped = badge.parts.store.queue.overflow_count
        await badge.until(time.over, math.inf)
        counted = badge.logged.entries[begun:]
        expected = law.expected_positions(
            [(ms, entry.event_type, entry.payload) for ms, entry in counted],
            run.config,
            badge.parts.pump.now_ms,
        )
        badge.parts.pump.receive(Unassign())  # and a final upload
        await badge.until(lambda: not badge.waiting, DRAIN_S)
        numbers = [entry.sequence_number for _, entry in badge.logged.entries]
        kinds = Counter(entry.event_type for _, entry in counted)
        return {
            "badge": run.config.device_id,
            "logged": len(numbers),
            "arrived": badge.arrived(numbers),
            "positions": kinds["gps"] + kinds["gps_no_fix"],
            "expected": expected,
            "reboots": kinds["reboot"],
            "dropped": badge.parts.store.queue.overflow_count - dropped,
            "repeated": len(numbers) - len(set(numbers)),
        }


async def positions(asked: RealGates, tell: Tell) -> Measurement:
    """Gate 2: the first 30 fixes at the surveyed point."""
    assert asked.options.at is not None
    async with running(asked, asked.badges[0]) as badge:

        def enough() -> bool:
            found = len(badge.logged.kinds("gps"))
            tell(min(found / law.GPS_SAMPLES, 1.0), f"{found} of {law.GPS_SAMPLES} fixes")
            polls = len(badge.logged.kinds("gps", "gps_no_fix"))
            return found >= law.GPS_SAMPLES or polls >= POLLS_MAX

        await badge.until(enough, math.inf)
        fixes = badge.logged.kinds("gps")[: law.GPS_SAMPLES]
        missed = len(badge.logged.kinds("gps_no_fix"))
    samples = fix_samples(fixes, asked.options.at)
    return Measurement(
        law.positions(samples), samples, notes=(f"{counted(missed, 'poll')} had no fix.",)
    )


async def detection(asked: RealGates, tell: Tell) -> Measurement:
    """Gate 3: the radio alone; the tag is placed by hand at each distance."""
    from hil.ble.scanner import open_scanner

    run, tag = asked.badges[0], tag_of(asked.badges[0].config, asked.options.tag)
    samples: list[Sample] = []
    down = 0
    for turn, metres in enumerate(asked.options.metres):
        await lend(asked.options.hands, f"place {tag} {metres} m")
        # Powered anew: what was heard while somebody walked about is nobody's cycle.
        async with open_scanner(run.scanner, tags=[tag], clock=asked.options.clock) as scanner:
            number = tried = 0
            async for cycle in scanner.cycles(float(run.config.ble_scan_period_s)):
                tried += 1
                down += cycle.heard is None
                if cycle.heard is not None:
                    number += 1
                    samples.append(_cycle(run, metres, number, [dbm for _, dbm in cycle.heard]))
                share = (turn + number / law.CYCLES) / len(asked.options.metres)
                tell(share, f"{metres} m: {number} of {law.CYCLES} cycles")
                if number >= law.CYCLES or tried >= CYCLES_MAX:
                    break
    lost = counted(down, "cycle was", "cycles were")
    note = f"Tag {tag}; {lost} no sample, because the scanner was down."
    return Measurement(law.detection(samples), samples, law.shares(samples), (note,))


def _cycle(run: RunOptions, metres: int, number: int, heard_dbm: Sequence[int]) -> Sample:
    strongest = max(heard_dbm, default=None)
    hit = strongest is not None and strongest >= run.config.ble_rssi_threshold
    return {
        "metres": metres,
        "cycle": number,
        "strongest_dbm": "none" if strongest is None else strongest,
        "samples": len(heard_dbm),
        "hit": hit,
    }


async def uploads(asked: RealGates, tell: Tell) -> Measurement:
    """Gate 4: every attempt counts, also those that are repeated."""
    hours = asked.options.hours or law.UPLOAD_HOURS
    async with running(asked, asked.badges[0]) as badge:
        time = GateTime(asked, hours * HOUR_S, tell)
        await badge.until(time.over, math.inf)
        samples = badge.logged.attempts()
    return Measurement(law.uploads(samples, hours), samples)


async def power_cut(asked: RealGates, tell: Tell) -> Measurement:
    """Gate 5: the network goes, 50 events wait, the badge ends between two instructions."""
    run = asked.badges[0]
    async with running(asked, run) as badge:
        await badge.network(False)
        try:

            def queued() -> bool:
                tell(len(badge.waiting) / law.QUEUED / 2, f"{len(badge.waiting)} queued")
                return len(badge.waiting) >= law.QUEUED

            await badge.until(queued, math.inf)
            numbers = set(badge.waiting)
        except BaseException:
            await badge.network(True)
            raise
    async with _back(asked, run, badge.mode) as badge:
        await badge.until(lambda: not numbers & set(badge.waiting), DRAIN_S)
        arrived = badge.arrived(numbers)
    tell(1.0, "")
    samples = [{"cut": 1, "queued": len(numbers), "arrived": arrived}]
    note = "The cut ends the program; its flash is a file, and the computer keeps its power."
    return Measurement(law.power_cuts(samples), samples, notes=(note,))


@asynccontextmanager
async def _back(asked: RealGates, run: RunOptions, mode: str) -> AsyncIterator[RunningBadge]:
    """Boot from the same flash; the card is told to join the network before anything else."""
    from hil.card.open import open_notecard
    from hil.card.thread import CardThread

    card = CardThread(open_notecard(run.notecard))
    try:
        await card.ask("hub.set", {"mode": mode})
    finally:
        await card.close()
    async with running(asked, replace(run, record=None), shift=False) as badge:
        yield badge


async def outage(asked: RealGates, tell: Tell) -> Measurement:
    """The card is off the network for half of the time, then everything has to arrive."""
    hours = asked.options.hours or 2 * law.OUTAGE_HOURS
    async with running(asked, asked.badges[0]) as badge:
        dropped = badge.parts.store.queue.overflow_count
        time = GateTime(asked, hours * HOUR_S, tell)
        await badge.until(partial(time.over, 0.25), math.inf)
        await badge.network(False)
        try:
            await badge.until(partial(time.over, 0.75), math.inf)
        finally:
            await badge.network(True)
        await badge.until(time.over, math.inf)
        badge.parts.pump.receive(Unassign())
        numbers = [entry.sequence_number for _, entry in badge.logged.entries]
        await badge.until(lambda: not set(numbers) & set(badge.waiting), DRAIN_S)
        samples = badge.logged.attempts()
        figures = law.outage(
            hours=hours / 2,
            failed=sum(one["status"] != 202 for one in samples),
            logged=len(numbers),
            arrived=badge.arrived(numbers),
            dropped=badge.parts.store.queue.overflow_count - dropped,
            repeated=len(numbers) - len(set(numbers)),
        )
    return Measurement(figures, samples)


_GATES: dict[str, RealGate] = {
    "1": continuous,
    "2": positions,
    "3": detection,
    "4": uploads,
    "5": power_cut,
    "outage": outage,
}


def check(options: GateOptions, badges: Sequence[RunOptions], keys: Collection[str]) -> None:
    """Refuse before anything is begun what a gate would miss in the end."""
    first = badges[0]
    if "2" in keys and options.at is None:
        raise InputError("gate 2 needs the surveyed point: --at LAT,LON")
    if "3" in keys and first.scanner == "none":
        raise InputError("gate 3 needs a radio: --scanner bleak")
    if "3" in keys:
        tag_of(first.config, options.tag)


def gates(options: GateOptions, badges: Sequence[RunOptions]) -> dict[str, Gate]:
    """Return all gates on these badges."""
    asked = RealGates(options, badges)

    def run(gate: RealGate, tell: Tell) -> Measurement:
        return asyncio.run(gate(asked, tell))

    return {key: partial(run, gate) for key, gate in _GATES.items()}
