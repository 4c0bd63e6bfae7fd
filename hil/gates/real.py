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
from typing import Any

from badge.entry import Entry
from badge.errors import InputError
from badge.inputs import Assign, Input, Unassign, UploadAnswer
from hil.app.assembly import Assembly, assembled
from hil.app.options import RunOptions
from hil.clock import Clock, SystemClock
from hil.gates import law
from hil.gates.confirmations import Confirmations
from hil.gates.hands import Hands, lend
from hil.gates.places import LatLon, fix_samples, tag_of
from hil.gates.trial import Gate, Outcome, Tell

STEP_S = 0.5
POLLS_MAX = 4 * law.GPS_SAMPLES  # then a receiver without a fix has had its chance
CYCLES_MAX = 2 * law.CYCLES
CONNECT_S = 900.0  # a registration takes minutes
DRAIN_S = 7200.0
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be measured; `badges` are the badges, gate 1 runs all of them, the others one.

    `hours` shortens gates 1, 4 and the outage; the figure `hours` then says so.
    """

    badges: Sequence[RunOptions]
    at: LatLon | None = None
    tag: str | None = None
    metres: Sequence[int] = (law.SURE_M, law.BEYOND_M)
    hours: float | None = None
    hands: Hands = lambda words: None
    say: Callable[[str], None] = lambda text: None
    clock: Clock = field(default_factory=SystemClock)


@dataclass(slots=True)
class Ledger:
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

    def noticed(self, ms: int, notice: Any) -> None:
        """Notices are not counted."""

    def kinds(self, *names: str) -> list[Mapping[str, Any]]:
        """Return the payloads of some kinds of events."""
        return [entry.payload for _, entry in self.entries if entry.event_type in names]

    def attempts(self) -> list[Mapping[str, Any]]:
        """Return one row for each upload."""
        return [
            {"minute": round(ms / 60_000, 2), "status": answer.status or "none"}
            for ms, answer in self.answers
        ]


@dataclass(slots=True)
class Worn:
    """A badge that runs, and what it has logged since."""

    parts: Assembly
    ledger: Ledger
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
async def worn(wish: Wish, options: RunOptions, *, shift: bool = True) -> AsyncIterator[Worn]:
    """Run a badge, connected and on a shift; what ends the block ends it like a loss of power."""
    ledger = Ledger()
    async with assembled(options, wish.clock, wish.say, [ledger], Confirmations) as parts:
        task = asyncio.create_task(parts.pump.run())
        assert isinstance(parts.uplink, Confirmations)
        badge = Worn(parts, ledger, parts.uplink, wish.clock, task)
        try:
            await badge.connected()
            if shift:
                parts.pump.receive(Assign(options.worker))
            yield badge
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


class Passing:
    """How much of a gate's time has passed, told to whoever watches."""

    def __init__(self, wish: Wish, seconds: float, tell: Tell) -> None:
        self._clock, self._seconds, self._tell = wish.clock, seconds, tell
        self._start_ns = wish.clock.monotonic_ns()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the gate began."""
        return (self._clock.monotonic_ns() - self._start_ns) / 1e9

    def over(self, share: float = 1.0) -> bool:
        """Tell whether so much of it is over."""
        done = self.elapsed_s / self._seconds
        self._tell(min(done, 1.0), f"{self.elapsed_s / HOUR_S:.2f} of {self._seconds / HOUR_S:g} h")
        return done >= share


async def continuous(wish: Wish, tell: Tell) -> Outcome:
    """Gate 1: every badge that was given, side by side."""
    hours = wish.hours or law.HOURS
    samples = await asyncio.gather(*(_life(wish, options, hours, tell) for options in wish.badges))
    return Outcome(law.continuous(samples, hours), samples)


async def _life(wish: Wish, options: RunOptions, hours: float, tell: Tell) -> Mapping[str, Any]:
    async with worn(wish, options) as badge:
        passing = Passing(wish, hours * HOUR_S, tell)
        begun = len(badge.ledger.entries) - 1  # the shift_start
        dropped = badge.parts.store.queue.overflow_count
        await badge.until(passing.over, math.inf)
        counted = badge.ledger.entries[begun:]
        expected = law.expected_positions(
            [(ms, entry.event_type, entry.payload) for ms, entry in counted],
            options.config,
            badge.parts.pump.now_ms,
        )
        badge.parts.pump.receive(Unassign())  # and a final upload
        await badge.until(lambda: not badge.waiting, DRAIN_S)
        numbers = [entry.sequence_number for _, entry in badge.ledger.entries]
        kinds = Counter(entry.event_type for _, entry in counted)
        return {
            "badge": options.config.device_id,
            "logged": len(numbers),
            "arrived": badge.arrived(numbers),
            "positions": kinds["gps"] + kinds["gps_no_fix"],
            "expected": expected,
            "reboots": kinds["reboot"],
            "dropped": badge.parts.store.queue.overflow_count - dropped,
            "repeated": len(numbers) - len(set(numbers)),
        }


async def positions(wish: Wish, tell: Tell) -> Outcome:
    """Gate 2: the first 30 fixes at the surveyed point."""
    assert wish.at is not None
    async with worn(wish, wish.badges[0]) as badge:

        def enough() -> bool:
            found = len(badge.ledger.kinds("gps"))
            tell(min(found / law.GPS_SAMPLES, 1.0), f"{found} of {law.GPS_SAMPLES} fixes")
            polls = len(badge.ledger.kinds("gps", "gps_no_fix"))
            return found >= law.GPS_SAMPLES or polls >= POLLS_MAX

        await badge.until(enough, math.inf)
        fixes = badge.ledger.kinds("gps")[: law.GPS_SAMPLES]
        missed = len(badge.ledger.kinds("gps_no_fix"))
    samples = fix_samples(fixes, wish.at)
    return Outcome(law.positions(samples), samples, notes=(f"{missed} polls had no fix.",))


async def detection(wish: Wish, tell: Tell) -> Outcome:
    """Gate 3: the radio alone; the tag is placed by hand at each distance."""
    from hil.ble.scanner import open_scanner

    options, tag = wish.badges[0], tag_of(wish.badges[0].config, wish.tag)
    samples: list[Mapping[str, Any]] = []
    down = 0
    for turn, metres in enumerate(wish.metres):
        await lend(wish.hands, f"place {tag} {metres} m")
        # Powered anew: what was heard while somebody walked about is nobody's cycle.
        async with open_scanner(options.scanner, tags=[tag], clock=wish.clock) as scanner:
            number = tried = 0
            async for cycle in scanner.cycles(float(options.config.ble_scan_period_s)):
                tried += 1
                down += cycle.heard is None
                if cycle.heard is not None:
                    number += 1
                    samples.append(_cycle(options, metres, number, [dbm for _, dbm in cycle.heard]))
                share = (turn + number / law.CYCLES) / len(wish.metres)
                tell(share, f"{metres} m: {number} of {law.CYCLES} cycles")
                if number >= law.CYCLES or tried >= CYCLES_MAX:
                    break
    note = f"Tag {tag}; {down} cycles were no sample, because the scanner was down."
    return Outcome(law.detection(samples), samples, law.shares(samples), (note,))


def _cycle(
    options: RunOptions, metres: int, number: int, heard_dbm: Sequence[int]
) -> Mapping[str, Any]:
    strongest = max(heard_dbm, default=None)
    hit = strongest is not None and strongest >= options.config.ble_rssi_threshold
    return {
        "metres": metres,
        "cycle": number,
        "strongest_dbm": "none" if strongest is None else strongest,
        "samples": len(heard_dbm),
        "hit": hit,
    }


async def uploads(wish: Wish, tell: Tell) -> Outcome:
    """Gate 4: every attempt counts, also those that are repeated."""
    hours = wish.hours or law.UPLOAD_HOURS
    async with worn(wish, wish.badges[0]) as badge:
        passing = Passing(wish, hours * HOUR_S, tell)
        await badge.until(passing.over, math.inf)
        samples = badge.ledger.attempts()
    return Outcome(law.uploads(samples, hours), samples)


async def power_cut(wish: Wish, tell: Tell) -> Outcome:
    """Gate 5: the network goes, 50 events wait, the badge ends between two instructions."""
    options = wish.badges[0]
    async with worn(wish, options) as badge:
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
    async with _back(wish, options, badge.mode) as badge:
        await badge.until(lambda: not numbers & set(badge.waiting), DRAIN_S)
        arrived = badge.arrived(numbers)
    tell(1.0, "")
    samples = [{"cut": 1, "queued": len(numbers), "arrived": arrived}]
    note = "The cut ends the program; its flash is a file, and the computer keeps its power."
    return Outcome(law.power_cuts(samples), samples, notes=(note,))


@asynccontextmanager
async def _back(wish: Wish, options: RunOptions, mode: str) -> AsyncIterator[Worn]:
    """Boot from the same flash; the card is told to join the network before anything else."""
    from hil.card.open import open_notecard
    from hil.card.thread import CardThread

    card = CardThread(open_notecard(options.notecard))
    try:
        await card.ask("hub.set", {"mode": mode})
    finally:
        await card.close()
    async with worn(wish, replace(options, record=None), shift=False) as badge:
        yield badge


async def outage(wish: Wish, tell: Tell) -> Outcome:
    """The card is off the network for half of the time, then everything has to arrive."""
    hours = wish.hours or 2 * law.OUTAGE_HOURS
    async with worn(wish, wish.badges[0]) as badge:
        dropped = badge.parts.store.queue.overflow_count
        passing = Passing(wish, hours * HOUR_S, tell)
        await badge.until(partial(passing.over, 0.25), math.inf)
        await badge.network(False)
        try:
            await badge.until(partial(passing.over, 0.75), math.inf)
        finally:
            await badge.network(True)
        await badge.until(passing.over, math.inf)
        badge.parts.pump.receive(Unassign())
        numbers = [entry.sequence_number for _, entry in badge.ledger.entries]
        await badge.until(lambda: not set(numbers) & set(badge.waiting), DRAIN_S)
        samples = badge.ledger.attempts()
        figures = law.outage(
            hours=hours / 2,
            failed=sum(one["status"] != 202 for one in samples),
            logged=len(numbers),
            arrived=badge.arrived(numbers),
            dropped=badge.parts.store.queue.overflow_count - dropped,
            repeated=len(numbers) - len(set(numbers)),
        )
    return Outcome(figures, samples)


_GATES: dict[str, Callable[[Wish, Tell], Coroutine[Any, Any, Outcome]]] = {
    "1": continuous,
    "2": positions,
    "3": detection,
    "4": uploads,
    "5": power_cut,
    "outage": outage,
}


def check(wish: Wish, keys: Collection[str]) -> None:
    """Refuse before anything is begun what a gate would miss in the end."""
    if "2" in keys and wish.at is None:
        raise InputError("gate 2 needs the surveyed point: --at LAT,LON")
    if "3" in keys and wish.badges[0].scanner == "none":
        raise InputError("gate 3 needs a radio: --scanner bleak")
    if "3" in keys:
        tag_of(wish.badges[0].config, wish.tag)


def gates(wish: Wish) -> dict[str, Gate]:
    """Return all gates on these badges."""

    def run(gate: Callable[[Wish, Tell], Coroutine[Any, Any, Outcome]], tell: Tell) -> Outcome:
        return asyncio.run(gate(wish, tell))

    return {key: partial(run, gate) for key, gate in _GATES.items()}
