"""What a device should have logged, against what it did.

Events are paired by kind and by time, in passes: first within the tolerance, then late ones, then
those that have the wrong tag, worker or state; what is left is missing or extra.  So one missing
event is one finding, and does not make all that follow it look late.
"""

from __future__ import annotations

import math
import re
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from typing_extensions import TypeIs

from badge.contract import validation as schema
from badge.contract.differences import ABSENT, differences
from badge.errors import InputError
from badge.recording.format import Wrote
from badge.words import counted

TOLERANCE_S = 2.0  # time stamps are whole seconds, and a card tells whole seconds
LATE_MAX_S = 120.0  # an event further away than this is another one
ALIKE_MAX_S = 30.0  # and one that differs in a measured value is, even sooner
IGNORED = ("firmware_version", "sequence_number", "timestamp_utc")
# Measured times: they may differ by as much as the events themselves.
_TIMES = ("duration_s", "previous_uptime_s")
# What makes an event another one, though all else may be measured a little off.
_IDENTITY = ("worker_id", "end_reason", "tag_mac", "new_state", "reason", "fix_type")
_SHOWN = 10
Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: `kind` is missing, extra, wrong field, late, sequence or schema.

    `wanted` is the event that should have come, `logged` what did, which may be no object at all.
    """

    kind: str
    text: str
    at: str
    wanted: Event | None = None
    logged: object = None
    ms: int | None = None  # the same on the stimulus' clock, where it can be told

    @property
    def event_type(self) -> str:
        """The type of the event in question."""
        event = self.wanted or self.logged
        return str(event.get("event_type", "?")) if isinstance(event, Mapping) else "?"

    def __str__(self) -> str:
        return f"{self.kind}: {self.event_type} at {self.at}: {self.text}"


@dataclass(frozen=True, slots=True, repr=False)
class Verdict:
    """What was compared, and the findings in the order of time; true if there are none."""

    wanted: int
    logged: int
    paired: int
    resent: int
    latest_s: float
    findings: tuple[Finding, ...] = ()
    expected: tuple[Event, ...] = ()

    def __bool__(self) -> bool:
        return not self.findings

    def __str__(self) -> str:
        shown = [str(one) for one in self.findings[:_SHOWN]]
        more = len(self.findings) - len(shown)
        return "\n".join([*shown, *([f"and {more} more"] if more else [])]) or "as it should be"

    def __repr__(self) -> str:
        """Say it in a line, as pytest shows it in `assert verdict`."""
        counts = ", ".join(f"{count} {kind}" for kind, count in self.counts.items())
        words = f"{counts}; first {self.first}" if self.findings else "as it should be"
        return f"<Verdict on {counted(self.logged, 'event')}, {self.wanted} wanted: {words}>"

    @property
    def first(self) -> Finding | None:
        """The first wrong event."""
        return self.findings[0] if self.findings else None

    @property
    def counts(self) -> dict[str, int]:
        """Return how many findings there are of each kind."""
        return dict(Counter(finding.kind for finding in self.findings))


def judge_events(
    wanted: Iterable[Wrote],
    logged: Iterable[object],
    *,
    tolerance_s: float = TOLERANCE_S,
    ignore: Iterable[str] = (),
    uptime_save_s: int = 0,
) -> Verdict:
    """Compare; `ignore` names fields, of the envelope or the payload, that may differ.

    `timestamp_utc` among them pairs events by their order alone.  `uptime_save_s` is the
    configuration's: by so much a `previous_uptime_s` may be behind.  InputError for a tolerance
    that is no number of seconds.
    """
    if not 0 <= tolerance_s < math.inf:
        raise InputError(f"tolerance {tolerance_s:g}: write seconds, 0 or more")
    slack = _Slack(tolerance_s, uptime_save_s, frozenset(ignore))
    lines = list(wanted)
    expected = [line.event for line in lines]
    given = list(logged)
    findings = _schema_findings(given)
    broken = {id(finding.logged) for finding in findings}
    numbered, resent = _without_resent([one for one in given if _is_numbered(one)])
    findings += _sequence_findings(numbered)
    sound = [one for one in numbered if id(one) not in broken]
    pairs, missing, extra = _pair(expected, sound, slack)
    for want, have in pairs:
        findings += _pair_findings(want, have, slack)
    missing = _blame(missing, findings)
    findings += [Finding("missing", _short(one), _at(one), wanted=one) for one in missing]
    findings += [Finding("extra", _short(one), _at(one), logged=one) for one in extra]
    findings.sort(key=lambda one: (one.at, one.kind != "schema"))
    findings = _timed(findings, lines)
    latest_s = max((abs(_utc_s(b) - _utc_s(a)) for a, b in pairs), default=0.0)
    return Verdict(
        len(expected), len(given), len(pairs), resent, latest_s, tuple(findings), tuple(expected)
    )


@dataclass(frozen=True, slots=True)
class _Slack:
    """By how much a device may differ."""

    tolerance_s: float
    uptime_save_s: int
    ignore: frozenset[str]

    def reach_s(self, most_s: float) -> float:
        """Return how far apart two events may be and still be the same one."""
        return math.inf if "timestamp_utc" in self.ignore else most_s

    def names(self, path: str) -> bool:
        """Tell whether a field is not compared: a user names it by its path, or the payload's."""
        inner = re.split(r"[.\[]", path.removeprefix("payload."))[0]
        return not {path, inner}.isdisjoint({*IGNORED, *self.ignore})

    def same(self, late_s: float, path: str, old: object, new: object) -> bool:
        """Durations may differ by what both their ends may; everything else is exact."""
        if old == new:
            return True
        name = path.removeprefix("payload.")
        if name not in _TIMES or not isinstance(old, int | float):
            return False
        # Uptime is saved with every event, and else only so often (contract section 3): what a
        # device that was cut off tells lies between what it saved last and the truth.
        saved_s = self.uptime_save_s if name == "previous_uptime_s" else 0
        most_s = 2 * (self.tolerance_s + late_s) + saved_s
        return isinstance(new, int | float) and abs(new - old) <= most_s


# -- what the device's events are by themselves ----------------------------------------------


def _schema_findings(events: Sequence[object]) -> list[Finding]:
    faults = schema.judge([dict(one) if isinstance(one, Mapping) else one for one in events]).faults
    return [
        Finding("schema", fault.reason, _at(events[fault.index]), logged=events[fault.index])
        for fault in faults
    ]


def _without_resent(events: Sequence[Event]) -> tuple[list[Event], int]:
    """Leave out what is the same event again: an answer was lost, and that is no fault."""
    kept: list[Event] = []
    known: dict[int, Event] = {}
    for event in events:
        number = event["sequence_number"]
        if known.get(number) == event:
            continue
        known.setdefault(number, event)
        kept.append(event)
    return kept, len(events) - len(kept)


def _sequence_findings(events: Sequence[Event]) -> list[Finding]:
    """Numbers rise by one; after a power cut, so at a `reboot`, some may be skipped."""
    found: list[Finding] = []
    highest: int | None = None
    seen: set[int] = set()
    for event in events:
        number = event["sequence_number"]
        text = ""
        if number in seen:
            text = f"number {number} was given twice: the backend drops the second event"
        elif highest is not None and number < highest:
            text = f"number {number} after {highest}: numbers only rise"
        elif highest is not None and number > highest + 1 and event.get("event_type") != "reboot":
            skipped = counted(number - highest - 1, "was", "were")
            text = f"number {number} after {highest}: {skipped} skipped"
        if text:
            found.append(Finding("sequence", text, _at(event), logged=event))
        seen.add(number)
        highest = number if highest is None else max(highest, number)
    return found


# -- pairing ---------------------------------------------------------------------------------

Pairs = list[tuple[Event, Event]]


def _pair(
    wanted: Sequence[Event], logged: Sequence[Event], slack: _Slack
) -> tuple[Pairs, list[Event], list[Event]]:
    pairs: Pairs = []
    left, right = list(wanted), list(logged)
    for key, reach_s in (
        (_whole_key, slack.tolerance_s),
        (_identity_key, slack.tolerance_s),
        (_whole_key, LATE_MAX_S),
        (_identity_key, ALIKE_MAX_S),
        (_type_key, slack.tolerance_s),
    ):
        found, left, right = _match(left, right, key, slack.reach_s(reach_s))
        pairs += found
    return sorted(pairs, key=lambda pair: _utc_s(pair[0])), left, right


def _match(
    wanted: Sequence[Event],
    logged: Sequence[Event],
    key: Callable[[Event], Hashable],
    reach_s: float,
) -> tuple[Pairs, list[Event], list[Event]]:
    """Pair events of one key within reach, both sides in the order of time; return the rest too."""
    waiting: dict[Hashable, deque[int]] = {}
    for index in sorted(range(len(logged)), key=lambda i: _utc_s(logged[i])):
        waiting.setdefault(key(logged[index]), deque()).append(index)
    pairs: Pairs = []
    left: list[Event] = []
    used: set[int] = set()
    for want in wanted:
        queue = waiting.get(key(want), deque())
        at_s = _utc_s(want)
        while queue and _utc_s(logged[queue[0]]) < at_s - reach_s:
            queue.popleft()
        if queue and _utc_s(logged[queue[0]]) <= at_s + reach_s:
            used.add(queue[0])
            pairs.append((want, logged[queue.popleft()]))
        else:
            left.append(want)
    return pairs, left, [one for i, one in enumerate(logged) if i not in used]


def _whole_key(event: Event) -> Hashable:
    payload = event["payload"]
    kept = sorted((k, str(v)) for k, v in payload.items() if k not in _TIMES)
    return event["event_type"], tuple(kept)


def _identity_key(event: Event) -> Hashable:
    payload = event["payload"]
    return event["event_type"], tuple(payload.get(name) for name in _IDENTITY)


def _type_key(event: Event) -> Hashable:
    return str(event["event_type"])


def _blame(missing: Sequence[Event], findings: Sequence[Finding]) -> list[Event]:
    """Leave out what is missing only because it came in a form that the schema refuses."""
    broken = Counter(one.event_type for one in findings if one.kind == "schema")
    kept: list[Event] = []
    for event in missing:
        if broken[event["event_type"]] > 0:
            broken[event["event_type"]] -= 1
        else:
            kept.append(event)
    return kept


# -- a pair ----------------------------------------------------------------------------------


def _pair_findings(want: Event, have: Event, slack: _Slack) -> list[Finding]:
    found: list[Finding] = []
    late_s = _utc_s(have) - _utc_s(want)
    if abs(late_s) > slack.reach_s(slack.tolerance_s):
        word = "late" if late_s > 0 else "early"
        text = f"{abs(late_s):g} s {word}: {have['timestamp_utc']}"
        found.append(Finding("late", text, _at(want), want, have))
    within_s = 0.0 if "timestamp_utc" in slack.ignore else abs(late_s)
    wrong = [
        f"{path} is {_word(new)}, should be {_word(old)}"
        for path, old, new in differences(dict(want), dict(have), partial(slack.same, within_s))
        if not slack.names(path)
    ]
    if wrong:
        found.append(Finding("wrong field", "; ".join(wrong), _at(want), want, have))
    return found


def _timed(findings: Sequence[Finding], lines: Sequence[Wrote]) -> list[Finding]:
    """Give each finding its ms: its own event's, or by the difference of the two clocks."""
    known = {id(line.event): line.ms for line in lines}
    moments = [(_ms_of(line.event), line.ms) for line in lines[:1]]
    found = []
    for one in findings:
        ms, at_ms = known.get(id(one.wanted)), _ms_of({"timestamp_utc": one.at})
        for first_ms, its_ms in moments:
            if ms is None and first_ms is not None and at_ms is not None:
                ms = at_ms - first_ms + its_ms
        found.append(replace(one, ms=ms))
    return found


def _ms_of(event: Event) -> int | None:
    try:
        return round(_utc_s(event) * 1000)
    except (KeyError, TypeError, ValueError):
        return None


def _utc_s(event: Event) -> float:
    return _unix_s(event["timestamp_utc"])


@lru_cache(maxsize=1 << 16)
def _unix_s(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _is_numbered(event: object) -> TypeIs[Event]:
    return isinstance(event, Mapping) and type(event.get("sequence_number")) is int


def _at(event: object) -> str:
    found = event.get("timestamp_utc") if isinstance(event, Mapping) else None
    return found if isinstance(found, str) else "?"


def _word(value: object) -> str:
    return "absent" if value is ABSENT else repr(value)


def _short(event: Event) -> str:
    fields = ", ".join(f"{name} {value}" for name, value in event["payload"].items())
    return f"number {event['sequence_number']}" + (f", {fields}" if fields else "")
