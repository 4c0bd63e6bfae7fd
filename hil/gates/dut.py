"""The exit gates on a device under test: judged by what it logs and uploads, by the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import pairwise

from badge.config import BadgeConfig
from badge.errors import InputError
from badge.words import counted
from hil.dut.feed import Event, Feed
from hil.dut.tap import Tap
from hil.gates import law
from hil.gates.figures import Sample
from hil.gates.hands import lend
from hil.gates.places import fix_samples, tag_of
from hil.gates.trial import Gate, GateOptions, Measurement, Tell

STEP_S = 0.5  # between two looks at the feed
HOUR_S = 3600.0
SETTLE_CYCLES = 8  # until a tag that was moved has appeared (3) or is lost (5)
FIXES_WAIT_S = 2 * HOUR_S  # thirty polls of a minute, four times over
_MARGIN_S = 60.0  # an upload takes a while


@dataclass(frozen=True, slots=True)
class DeviceGates:
    """What is to be measured, and on what; `config` is the device's own: its numbers are known."""

    options: GateOptions
    config: BadgeConfig
    feed: Feed


DeviceGate = Callable[[DeviceGates, Tell], Coroutine[object, object, Measurement]]


class WatchedFeed:
    """A feed that is watched by the clock."""

    def __init__(self, asked: DeviceGates, tell: Tell) -> None:
        self.feed, self.tell = asked.feed, tell
        self._window_s = asked.config.upload_interval_s
        self._clock = asked.options.clock
        self.feed.read()
        self.start_s = asked.options.unix_s()
        self._start_ns = self._clock.monotonic_ns()

    @property
    def events(self) -> list[Event]:
        """Everything since the feed was opened."""
        return self.feed.events

    @property
    def elapsed_s(self) -> float:
        """Seconds since the gate began."""
        return (self._clock.monotonic_ns() - self._start_ns) / 1e9

    @property
    def line(self) -> Tap:
        """The line of its uploads."""
        assert self.feed.line is not None
        return self.feed.line

    def since(self) -> list[Event]:
        """Return the events that were logged since the gate began; all of them, of a file."""
        if not self.feed.live:
            return self.events
        return [event for event in self.events if utc_s(event) >= self.start_s - 1]

    async def until(self, done: Callable[[], bool], limit_s: float = float("inf")) -> bool:
        """Read on until something is so; False if it does not come in time."""
        until_s = self.elapsed_s + limit_s
        while True:
            self.feed.read()
            if done():
                return True
            if self.elapsed_s >= until_s:
                return False
            await self._clock.sleep(STEP_S)

    async def past(self, seconds: float, share: float = 1.0) -> None:
        """Read on until so much of a gate's time is over; a file is read at once."""
        if self.feed.live:
            await self.until(partial(self._over, seconds, share))

    def _over(self, seconds: float, share: float) -> bool:
        done = self.elapsed_s / seconds
        self.tell(min(done, 1.0), f"{self.elapsed_s / HOUR_S:.2f} of {seconds / HOUR_S:g} h")
        return done >= share

    async def told(self, until_s: float) -> None:
        """Wait until an event of that time or later is here: at the latest in two windows."""
        limit_s = 2 * self._window_s + _MARGIN_S
        if self.feed.live:
            await self.until(lambda: any(utc_s(one) >= until_s for one in self.events), limit_s)


def utc_s(event: Event) -> float:
    """Return when an event was, in seconds since 1970."""
    return datetime.fromisoformat(event["timestamp_utc"]).timestamp()


def by_device(events: Iterable[Event]) -> dict[str, list[Event]]:
    """Sort events by device and number; the same event again is left out."""
    found: dict[str, dict[int, list[Event]]] = {}
    for event in events:
        numbers = found.setdefault(event["device_id"], {})
        same = numbers.setdefault(event["sequence_number"], [])
        if event not in same:
            same.append(event)
    return {
        device_id: [event for _, same in sorted(numbers.items()) for event in same]
        for device_id, numbers in sorted(found.items())
    }


def missing(events: Sequence[Event]) -> int:
    """Count the numbers that a device has skipped; before a `reboot` it may."""
    return sum(
        max(after["sequence_number"] - before["sequence_number"] - 1, 0)
        for before, after in pairwise(events)
        if after["event_type"] != "reboot"
    )


def repeated(events: Sequence[Event]) -> int:
    """Count the numbers that were given twice, to different events."""
    return len(events) - len({event["sequence_number"] for event in events})


async def continuous(asked: DeviceGates, tell: Tell) -> Measurement:
    """Gate 1: all devices whose events come this way."""
    watched = WatchedFeed(asked, tell)
    seconds = (asked.options.hours or law.HOURS) * HOUR_S
    await watched.past(seconds)
    await watched.told(watched.start_s + seconds)
    lives = by_device(watched.since())
    before = by_device(watched.events)
    samples = [
        _life(device_id, events, before[device_id], asked.config)
        for device_id, events in lives.items()
    ]
    hours = max((_hours(events) for events in lives.values()), default=0.0)
    return Measurement(law.continuous(samples, hours), samples)


def _hours(events: Sequence[Event]) -> float:
    times = [utc_s(event) for event in events]
    return (max(times) - min(times)) / HOUR_S


def _life(
    device_id: str, events: Sequence[Event], history: Sequence[Event], config: BadgeConfig
) -> Sample:
    zero_s = min(utc_s(event) for event in history)
    begin_ms, end_ms = (
        round((pick(utc_s(event) for event in events) - zero_s) * 1000) for pick in (min, max)
    )
    happenings = [
        (round((utc_s(event) - zero_s) * 1000), event["event_type"], event["payload"])
        for event in history
    ]
    kinds = [event["event_type"] for event in events]
    lost = missing(events)
    return {
        "badge": device_id,
        "logged": len(events) + lost,
        "arrived": len(events),
        "positions": kinds.count("gps") + kinds.count("gps_no_fix"),
        "expected": law.expected_positions(happenings, config, end_ms, begin_ms),
        "reboots": kinds[1:].count("reboot"),
        "dropped": 0,
        "repeated": repeated(events),
    }


async def positions(asked: DeviceGates, tell: Tell) -> Measurement:
    """Gate 2: the first 30 `gps` events since the gate began."""
    assert asked.options.at is not None
    watched = WatchedFeed(asked, tell)

    def fixes() -> list[Mapping[str, object]]:
        return [one["payload"] for one in watched.since() if one["event_type"] == "gps"]

    def enough() -> bool:
        found = len(fixes())
        tell(min(found / law.GPS_SAMPLES, 1.0), f"{found} of {law.GPS_SAMPLES} fixes")
        return found >= law.GPS_SAMPLES

    wait_s = FIXES_WAIT_S + 2 * asked.config.upload_interval_s
    await watched.until(enough, wait_s if asked.feed.live else 0.0)
    samples = fix_samples(fixes()[: law.GPS_SAMPLES], asked.options.at)
    return Measurement(law.positions(samples), samples)


async def detection(asked: DeviceGates, tell: Tell) -> Measurement:
    """Gate 3: in which cycles the tag was present, by `ble_proximity` and `ble_lost`."""
    tag = tag_of(asked.config, asked.options.tag)
    watched, period_s = WatchedFeed(asked, tell), float(asked.config.ble_scan_period_s)
    samples: list[Sample] = []
    for turn, metres in enumerate(asked.options.metres):
        await lend(asked.options.hands, f"place {tag} {metres} m")
        begin_s = asked.options.unix_s() + SETTLE_CYCLES * period_s
        end_s = begin_s + law.CYCLES * period_s

        def over(turn: int = turn, metres: int = metres, end_s: float = end_s) -> bool:
            left = max(end_s - asked.options.unix_s(), 0.0) / (law.CYCLES * period_s)
            share = (turn + 1 - min(left, 1.0)) / len(asked.options.metres)
            tell(share, f"{metres} m: {100 * (1 - min(left, 1.0)):.0f} of {law.CYCLES} cycles")
            return left == 0

        await watched.until(over)
        await watched.told(end_s)
        moments = [begin_s + (number + 0.5) * period_s for number in range(law.CYCLES)]
        samples += [
            {"metres": metres, "cycle": number, "hit": _present(watched.events, tag, moment)}
            for number, moment in enumerate(moments, 1)
        ]
    note = (
        f"Tag {tag}. A device does not tell its cycles: a cycle counts as a detection if the tag "
        "was present in it, from ble_proximity to ble_lost."
    )
    return Measurement(law.detection(samples), samples, law.shares(samples), (note,))


def _present(events: Sequence[Event], tag: str, moment_s: float) -> bool:
    state = False
    for event in sorted(events, key=utc_s):
        if utc_s(event) > moment_s:
            break
        if event["payload"].get("tag_mac") == tag:
            state = event["event_type"] == "ble_proximity"
        elif event["event_type"] in ("shift_end", "reboot"):
            state = False
    return state


async def uploads(asked: DeviceGates, tell: Tell) -> Measurement:
    """Gate 4: every POST that came, and every window in which none did."""
    watched = WatchedFeed(asked, tell)
    line, hours = watched.line, asked.options.hours or law.UPLOAD_HOURS
    samples: list[Sample] = []
    window_s = asked.config.upload_interval_s
    for window in range(max(round(hours * HOUR_S / window_s), 1)):
        before = len(line.answers)
        await watched.past(hours * HOUR_S, min((window + 1) * window_s / (hours * HOUR_S), 1.0))
        came: Sequence[int | str] = line.answers[before:] or ["none"]
        samples += [{"window": window + 1, "status": status} for status in came]
    return Measurement(law.uploads(samples, hours), samples)


async def power_cut(asked: DeviceGates, tell: Tell) -> Measurement:
    """Gate 5: its line is cut until 50 events wait, then its power; `reboot` tells how many."""
    watched = WatchedFeed(asked, tell)
    line = watched.line
    await watched.told(watched.start_s)
    before = {_key(event) for event in watched.events}
    line.cut = True
    try:
        wait_s = (law.QUEUED + 2) * asked.config.gps_stationary_interval_s
        begun_s = watched.elapsed_s

        def over() -> bool:
            waited_s = watched.elapsed_s - begun_s
            tell(
                min(waited_s / wait_s, 1.0) / 2,
                f"offline for {counted(round(waited_s / 60), 'minute')}",
            )
            return waited_s >= wait_s

        await watched.until(over)
        await lend(asked.options.hands, "power off")
        await lend(asked.options.hands, "power on")
    finally:
        line.cut = False

    def fresh() -> list[Event]:
        return [event for event in watched.events if _key(event) not in before]

    def boot() -> Event | None:
        return next((one for one in fresh() if one["event_type"] == "reboot"), None)

    def arrived(boot: Event) -> int:
        """Count what was made while the line was cut and came before the power did."""
        keys = {_key(event) for event in fresh() if event["device_id"] == boot["device_id"]}
        return sum(number < boot["sequence_number"] for _, number in keys)

    def all_there() -> bool:
        found = boot()
        return found is not None and arrived(found) >= found["payload"]["events_in_queue"]

    await watched.until(all_there, 2 * asked.config.upload_interval_s + HOUR_S)
    found = boot()
    if found is None:
        raise InputError("the device has uploaded no reboot since its power came back")
    queued = found["payload"]["events_in_queue"]
    samples = [{"cut": 1, "queued": queued, "arrived": min(arrived(found), queued)}]
    return Measurement(law.power_cuts(samples), samples)


def _key(event: Event) -> tuple[str, int]:
    return event["device_id"], event["sequence_number"]


async def outage(asked: DeviceGates, tell: Tell) -> Measurement:
    """The line is cut for half of the time; afterwards no number may be missing."""
    watched = WatchedFeed(asked, tell)
    line, seconds = watched.line, (asked.options.hours or 2 * law.OUTAGE_HOURS) * HOUR_S
    lost = line.lost
    await watched.past(seconds, 0.25)
    line.cut = True
    try:
        await watched.past(seconds, 0.75)
    finally:
        line.cut = False
    await watched.past(seconds)
    await watched.told(watched.start_s + seconds)
    lives = by_device(watched.since()).values()
    gone, came = sum(map(missing, lives)), sum(map(len, lives))
    figures = law.outage(
        hours=seconds / 2 / HOUR_S,
        failed=line.lost - lost,
        logged=came + gone,
        arrived=came,
        dropped=0,
        repeated=sum(map(repeated, lives)),
    )
    samples = [
        {"device": one[0]["device_id"], "events": len(one), "missing numbers": missing(one)}
        for one in lives
    ]
    return Measurement(figures, samples)


_GATES: dict[str, DeviceGate] = {
    "1": continuous,
    "2": positions,
    "3": detection,
    "4": uploads,
    "5": power_cut,
    "outage": outage,
}


def check(options: GateOptions, config: BadgeConfig, feed: Feed, keys: Collection[str]) -> None:
    """Refuse before anything is begun what a gate would miss in the end."""
    if "2" in keys and options.at is None:
        raise InputError("gate 2 needs the surveyed point: --at LAT,LON")
    if "3" in keys:
        tag_of(config, options.tag)
        if not feed.live:
            raise InputError("gate 3 needs the device itself, since its tag is moved: not a file")
    for key in ("4", "5", "outage"):
        if key in keys and feed.line is None:
            raise InputError(f"gate {key} needs the device's uploads: --on ingest:PORT")


def gates(options: GateOptions, config: BadgeConfig, feed: Feed) -> dict[str, Gate]:
    """Return all gates on the devices of a feed."""
    asked = DeviceGates(options, config, feed)

    def run(gate: DeviceGate, tell: Tell) -> Measurement:
        return asyncio.run(gate(asked, tell))

    return {key: partial(run, gate) for key, gate in _GATES.items()}
