"""Recordings changed on purpose: cut, moved in time, joined, thinned out; each is whole again.

A change is made to what happened; what the badge logs is told anew.  So every result replays
equal, whatever was changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from badge.badge import Badge
from badge.config import BadgeConfig
from badge.effects import Effect, Logged, PollGps, StartScan, Upload
from badge.entry import UNIX_MS_END, timestamp
from badge.errors import InputError
from badge.inputs import (
    Assign,
    Boot,
    ConfigPush,
    GpsFix,
    Movement,
    ScanResult,
    Tick,
    UploadAnswer,
    UtcLearned,
)
from badge.recording.format import GAP_MS_MAX, Happened, Header, Wrote
from badge.recording.playback import Life

ANY_REQUEST = -1  # an answer to whatever the badge has sent last
_PERIODS = ("gps_interval_s", "gps_stationary_interval_s", "ble_scan_period_s")


@dataclass(frozen=True, slots=True)
class Timeline:
    """A recording without what was logged: where it starts, and all that happened."""

    header: Header
    inputs: tuple[Happened, ...]

    @property
    def end_ms(self) -> int:
        """When the last of it happens."""
        return self.inputs[-1].ms if self.inputs else 0

    @property
    def offset_ms(self) -> int | None:
        """What makes its `ms` Unix time by the clock it began with; None if it never learns it."""
        for line in self.inputs:
            if isinstance(line.what, UtcLearned):
                return line.what.unix_ms - line.ms
        return None


def story_of(header: Header, lines: Iterable[Happened | Wrote], place: str) -> Timeline:
    """Read a recording for a change: its answers belong to what was last sent, by any number."""
    life = Life(header, place)
    inputs: list[Happened] = []
    request: int | None = None
    last_ms = 0
    for line in lines:
        last_ms = max(last_ms, line.ms)
        if isinstance(line, Wrote):
            continue
        what = line.what
        for _, effects in life.until(line.ms):
            request = _unanswered(effects, request)
        # What is due in the same moment comes before what happens.
        request = _unanswered(life.give(None, line.ms), request)
        effects = life.give(what, line.ms)
        if isinstance(what, UploadAnswer) and what.request == request:
            what, request = replace(what, request=ANY_REQUEST), None
        request = _unanswered(effects, None if isinstance(what, Boot) else request)
        inputs.append(Happened(line.ms, what))
    if inputs and inputs[-1].ms < last_ms:  # what a deadline logged last stays in it
        inputs.append(Happened(last_ms, Tick()))
    return Timeline(header, tuple(inputs))


def _unanswered(effects: Sequence[Effect], before: int | None) -> int | None:
    """Give the request that waits for its answer: the last one that was sent."""
    sent = [effect.request for effect in effects if type(effect) is Upload]
    return sent[-1] if sent else before


def whole(story: Timeline, place: str, *, thin: bool = False) -> Iterator[Happened | Wrote]:
    """Tell a story anew: what happens and what is logged, in the order of a recording.

    An answer goes to what has been sent last, and is left out if nothing was.  `thin` leaves out
    the fixes and scans that nobody waits for.
    """
    life = Life(story.header, place)
    device_id = story.header.config.device_id
    request: int | None = None
    polled = listening = left_out = False
    for line in story.inputs:
        for ms, effects in life.until(line.ms):
            yield from _wrote(effects, ms, device_id)
            request = _unanswered(effects, request)
            polled, listening = _asked(effects, polled=polled, listening=listening)
        effects = life.give(None, line.ms)
        request = _unanswered(effects, request)
        polled, listening = _asked(effects, polled=polled, listening=listening)
        before = list(_wrote(effects, line.ms, device_id))
        what = line.what
        if isinstance(what, UploadAnswer) and what.request == ANY_REQUEST:
            if request is None:
                yield from _at(line.ms, before)
                left_out = not before
                continue
            what, request = replace(what, request=request), None
        idle = isinstance(what, GpsFix) and not polled
        idle = idle or (isinstance(what, ScanResult) and not listening)
        if thin and idle:
            yield from _at(line.ms, before)
            left_out = not before
            continue
        left_out = False
        effects = life.give(what, line.ms)
        yield Happened(line.ms, what)
        yield from before
        yield from _wrote(effects, line.ms, device_id)
        request = _unanswered(effects, None if isinstance(what, Boot) else request)
        polled = polled and not isinstance(what, GpsFix)
        listening = listening and not isinstance(what, ScanResult)
        polled, listening = _asked(effects, polled=polled, listening=listening)
    if left_out:  # it goes on up to there
        yield Happened(story.inputs[-1].ms, Tick())


def _at(ms: int, before: list[Wrote]) -> Iterator[Happened | Wrote]:
    """Tell what fell due at the very moment of an input that is left out; a tick brings it on."""
    if before:
        yield Happened(ms, Tick())
        yield from before


def _asked(effects: Sequence[Effect], *, polled: bool, listening: bool) -> tuple[bool, bool]:
    kinds = {type(effect) for effect in effects}
    return polled or PollGps in kinds, listening or StartScan in kinds


def _wrote(effects: Sequence[Effect], ms: int, device_id: str) -> Iterator[Wrote]:
    for effect in effects:
        if type(effect) is Logged:
            yield Wrote(ms, effect.entry.event(device_id))


def cut(story: Timeline, begin_ms: int, end_ms: int, place: str) -> Timeline:
    """Keep what happens from `begin_ms` until `end_ms`.

    The part begins with a boot on what the badge held by then; a shift that was open is begun
    anew, as is movement, so that the rest happens to a badge in the same state.
    """
    kept = [line for line in story.inputs if begin_ms <= line.ms <= end_ms]
    if not kept:
        raise InputError(f"{place}: nothing happens in this part of it{_span(story)}")
    if begin_ms <= story.inputs[0].ms:
        return Timeline(story.header, tuple(kept))
    life = Life(story.header, place)
    request: int | None = None
    offset_ms: int | None = None
    for line in story.inputs:
        if line.ms >= begin_ms:
            break
        for _, effects in life.until(line.ms):
            request = _unanswered(effects, request)
        what = line.what
        request = _unanswered(life.give(None, line.ms), request)
        if isinstance(what, UploadAnswer) and what.request == ANY_REQUEST:
            what = replace(what, request=request or 0)
        if isinstance(what, Boot):
            offset_ms = None
        if isinstance(what, UtcLearned):
            offset_ms = what.unix_ms - line.ms
        request = _unanswered(life.give(what, line.ms), request)
    for _ in life.until(begin_ms):
        pass
    opening = list(_again(life.badge, offset_ms, begin_ms))
    header = Header(life.badge.config, life.badge.firmware_version, life.held(), story.header.note)
    moved = [Happened(line.ms - begin_ms, line.what) for line in kept]
    if isinstance(kept[0].what, Boot) and kept[0].ms == begin_ms:
        opening = []
    return Timeline(header, (*opening, *moved))


def _span(story: Timeline) -> str:
    if story.offset_ms is None:
        return ""
    first, last = (
        timestamp((story.offset_ms + ms) // 1000) for ms in (story.inputs[0].ms, story.end_ms)
    )
    return f"; it goes from {first} to {last}"


def _again(badge: Badge, offset_ms: int | None, now_ms: int) -> Iterator[Happened]:
    """Bring a badge that boots to where this one is."""
    worker_id = badge.store.state.worker_id
    yield Happened(0, Boot())
    if offset_ms is not None:
        yield Happened(0, UtcLearned(offset_ms + now_ms))
    if badge.is_moving:
        yield Happened(0, Movement(True))
    if worker_id is not None:
        yield Happened(0, Assign(worker_id))


def shift(story: Timeline, seconds: int, place: str) -> Timeline:
    """Move all times of day by whole seconds."""

    def moved(line: Happened) -> Happened:
        if not isinstance(line.what, UtcLearned):
            return line
        unix_ms = line.what.unix_ms + seconds * 1000
        if not 0 <= unix_ms < UNIX_MS_END:
            raise InputError(f"{place}: shifted by {seconds} s it leaves the calendar")
        return replace(line, what=UtcLearned(unix_ms))

    store = story.header.store
    if store is not None:
        kept = dict(store)
        kept["queue"] = [_stamped(entry, seconds) for entry in kept.get("queue", ())]
        story = replace(story, header=replace(story.header, store=kept))
    return replace(story, inputs=tuple(map(moved, story.inputs)))


def _stamped(entry: Sequence[object], seconds: int) -> list[object]:
    *rest, unix_ms = entry
    return [*rest, unix_ms + seconds * 1000 if isinstance(unix_ms, int) else unix_ms]


def merge(stories: Sequence[Timeline], pause_ms: int, places: Sequence[str]) -> Timeline:
    """Join recordings of one badge end to end: each goes on with what the one before has left."""
    first = stories[0]
    device_id = first.header.config.device_id
    if not 1 <= pause_ms <= GAP_MS_MAX:
        raise InputError(f"a pause of {pause_ms} ms: between 1 ms and {GAP_MS_MAX} ms are possible")
    inputs = list(first.inputs)
    config = first.header.config
    for story, place in zip(stories[1:], places[1:], strict=True):
        its = story.header.config
        if its.device_id != device_id:
            raise InputError(
                f"{place}: is of {its.device_id}, and {places[0]} of {device_id}; only recordings "
                "of one badge can be joined"
            )
        begin_ms = (inputs[-1].ms if inputs else 0) + pause_ms
        inputs += [Happened(line.ms + begin_ms, line.what) for line in story.inputs]
        if its != config and story.inputs:
            push = Happened(begin_ms + story.inputs[0].ms, ConfigPush(its.public()))
            inputs.insert(len(inputs) - len(story.inputs) + 1, push)
        config = its
    return Timeline(first.header, tuple(inputs))


def thin_out(story: Timeline, times: int) -> Timeline:
    """Ask for positions and tags so many times less often; see `whole` with `thin`."""
    header = story.header
    settings = header.config.document()
    for name in _PERIODS:
        settings[name] = min(settings[name] * times, 7 * 86_400)
    return replace(story, header=replace(header, config=BadgeConfig.model_validate(settings)))
