"""What differences have in common, in words: which badges, types, hours, places, how far off."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from badge.contract.differences import ABSENT
from badge.words import counted, listed
from sim.reconcile.comparison.differences import ALTERED, INVENTED, MISSING, STORED, Difference
from sim.reconcile.comparison.rows import LoggedEvent, moment_of
from sim.reconcile.comparison.sessions import Pairing, Session

HOUR_US = 3_600_000_000
NEARLY_ALL = 0.9  # of the differences of a kind: then what they share explains them
FEW = 6  # values are named one by one
KEYS_MAX = 200_000  # events whose place in their batch is looked up
Key = tuple[str, int]
Answered = tuple[str, int, int, str]  # device, first and last number, status


@dataclass(slots=True)
class ExpectedCounts:
    """How many events were expected, by what they may have in common."""

    by: dict[str, Counter[Hashable]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, event: LoggedEvent) -> None:
        """Count an event that is expected."""
        for name, value in _traits(event.device_id, event.event_type, event.moment):
            self.by[name][value] += 1


class Patterns:
    """Is told every difference, and says at the end what they have in common."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._by: dict[tuple[str, str], Counter[Hashable]] = defaultdict(Counter)
        self._fields: Counter[str] = Counter()
        self._offsets_us: Counter[int] = Counter()
        self._absent: Counter[str] = Counter()
        self.keys: dict[Key, str] = {}

    def found(self, difference: Difference) -> None:
        """Take one in."""
        one, kind = difference, difference.kind
        self._counts[kind] += 1
        if kind not in STORED:
            return
        for name, value in _traits(one.device_id, one.event_type, one.moment):
            self._by[kind, name][value] += 1
        known = one.device_id is not None and one.sequence_number is not None
        if known and kind != INVENTED and len(self.keys) < KEYS_MAX:
            self.keys[str(one.device_id), int(one.sequence_number or 0)] = kind
        for change in one.changes if kind == ALTERED else ():
            self._fields[change.field] += 1
            self._absent[change.field] += change.held is ABSENT or change.held is None
            if change.field == "event_timestamp":
                logged, held = moment_of(change.logged), moment_of(change.held)
                if isinstance(logged, int) and isinstance(held, int):
                    self._offsets_us[held - logged] += 1

    def words(
        self,
        totals: ExpectedCounts,
        batches: Iterable[Sequence[Key]],
        answers: Iterable[Answered],
        sessions: Pairing | None,
    ) -> list[str]:
        """Say what was found, the most telling first."""
        said = [*self._shared(totals), *self._places(batches), *self._answers(answers)]
        said += self._altered()
        if sessions is not None:
            said += _session_offset(sessions)
        return said

    def groups(
        self, batches: Iterable[Sequence[Key]], answers: Iterable[Answered]
    ) -> dict[str, dict[str, dict[str, int]]]:
        """Count each kind by badge, type, hour, place in its batch and answer that it got.

        The most frequent first; what is not known of a difference is not counted there.
        """
        by: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        for (kind, name), counts in self._by.items():
            for value, count in counts.items():
                word = _clock(value) if isinstance(value, int) else str(value)  # an hour
                by[kind][name][word] += count
        for keys in batches if self.keys else ():
            for place, key in enumerate(keys):
                if key in self.keys:
                    by[self.keys[key]]["place"][_place(place, len(keys))] += 1
        status_of, _ = self._status_of(answers)
        for key, status in status_of.items():
            by[self.keys[key]]["answer"][status] += 1
        return {
            kind: {name: dict(counts.most_common()) for name, counts in named.items()}
            for kind, named in by.items()
        }

    def _shared(self, totals: ExpectedCounts) -> Iterator[str]:
        for (kind, name), counts in self._by.items():
            of_all = totals.by[name]
            if kind == INVENTED:
                strangers = [one for one in counts if name == "badge" and one not in of_all]
                if strangers:
                    yield f"{INVENTED}: of badges that logged nothing: {_listed(strangers)}"
                continue
            whole = [one for one, count in counts.items() if count >= of_all[one] > 0]
            covered = sum(counts[one] for one in whole)
            if whole and len(whole) < len(of_all) and covered >= NEARLY_ALL * self._counts[kind]:
                words = _WORDS[name](whole)
                yield f"{kind}: {words}: {covered:,} of {counted(covered, 'event')}"
        for kind in (MISSING, ALTERED):
            count = self._counts[kind]
            if count and count == totals.by["badge"].total():
                yield f"{kind}: every event that was expected"

    def _places(self, batches: Iterable[Sequence[Key]]) -> Iterator[str]:
        """Say if it is always the same place of a batch."""
        first, last, several = Counter[str](), Counter[str](), 0
        for keys in batches if self.keys else ():
            if len(keys) < 2:
                continue
            several += 1
            first[self.keys.get(keys[0], "")] += 1
            last[self.keys.get(keys[-1], "")] += 1
        for which, counts in (("first", first), ("last", last)):
            for kind, count in counts.items():
                alone = count >= NEARLY_ALL * self._counts[kind]
                if kind and count > 1 and alone and count >= NEARLY_ALL * several:
                    yield f"{kind}: the {which} event of every batch: {count:,} of {several:,}"

    def _answers(self, answers: Iterable[Answered]) -> Iterator[str]:
        """Say if all of them were in uploads that got the same answer, and others got another."""
        status_of, statuses = self._status_of(answers)
        counts = Counter((self.keys[key], status) for key, status in status_of.items())
        for (kind, status), count in counts.items():
            if len(statuses) > 1 and count > 1 and count >= NEARLY_ALL * self._counts[kind]:
                yield f"{kind}: in uploads answered {status}: {count:,} of {self._counts[kind]:,}"

    def _status_of(self, answers: Iterable[Answered]) -> tuple[dict[Key, str], set[str]]:
        """The last answer that each difference's event got, and all answers that there were."""
        numbers: dict[str, list[int]] = defaultdict(list)
        for device_id, number in sorted(self.keys):
            numbers[device_id].append(number)
        status_of: dict[Key, str] = {}
        statuses = set[str]()
        for device_id, first, last, status in answers if self.keys else ():
            statuses.add(status)
            own = numbers.get(device_id, [])
            for number in own[bisect_left(own, first) : bisect_right(own, last)]:
                status_of[device_id, number] = status
        return status_of, statuses

    def _altered(self) -> Iterator[str]:
        count = self._counts[ALTERED]
        for name, times in self._fields.most_common():
            if times < 2 or times < NEARLY_ALL * count:
                continue
            if self._absent[name] == times:
                yield f"altered: {name} is not kept: {times:,} of {count:,}"
            elif name == "event_timestamp" and self._offsets_us:
                off_us, same = self._offsets_us.most_common(1)[0]
                if same >= NEARLY_ALL * times:
                    yield f"altered: all times off by {_offset(off_us)}: {same:,} of {times:,}"
            else:
                yield f"altered: {name} differs in each of them: {times:,} of {count:,}"


def _session_offset(sessions: Pairing) -> list[str]:
    """Find sessions that would be the true ones, were they not all as late or as early.

    They are held against each other in their order: pairs by overlap would miss it, or pair a
    late one with the one after.
    """
    true, held = _by_whom(sessions.true), _by_whom(sessions.held)
    offs: Counter[int] = Counter()
    for whom, truths in true.items():
        if len(truths) == len(held.get(whom, ())):
            offs.update(h.start_us - t.start_us for t, h in zip(truths, held[whom], strict=True))
    if not offs:
        return []
    off_us, same = offs.most_common(1)[0]
    of = len(sessions.held)
    if off_us == 0 or same < 2 or same < NEARLY_ALL * of:
        return []
    return [f"session: all sessions off by {_offset(off_us)}: {same:,} of {of:,}"]


def _by_whom(
    sessions: Iterable[Session],
) -> Mapping[tuple[str | None, str | None], list[Session]]:
    found: dict[tuple[str | None, str | None], list[Session]] = defaultdict(list)
    for one in sessions:  # they come sorted
        found[one.worker_id, one.parcel_id].append(one)
    return found


def _offset(off_us: int) -> str:
    """Write `+4 h 00 min`, and what a whole number of quarters of an hour makes one think of."""
    minutes, rest_us = divmod(abs(off_us), 60_000_000)
    if rest_us:
        return f"{off_us / 1e6:+,g} s"
    sign = "-" if off_us < 0 else "+"
    words = f"{sign}{minutes // 60} h {minutes % 60:02d} min"
    zone = 0 < minutes <= 14 * 60 and minutes % 15 == 0
    return f"{words} (is a local time stored as UTC?)" if zone else words


def _traits(
    device_id: str | None, event_type: str | None, moment: object
) -> Iterator[tuple[str, Hashable]]:
    if device_id is not None:
        yield "badge", device_id
    if event_type is not None:
        yield "type", event_type
    if isinstance(moment, int):
        yield "hour", moment // HOUR_US


def _hours(hours: Iterable[Hashable]) -> str:
    """Name hours as spans: those that follow each other are one."""
    spans: list[list[int]] = []
    for hour in sorted(one for one in hours if isinstance(one, int)):
        if spans and spans[-1][1] == hour:
            spans[-1][1] = hour + 1
        else:
            spans.append([hour, hour + 1])
    named = [f"from {_clock(begin)} to {_clock(end)}" for begin, end in spans]
    return f"all events {_listed(named)}"


def _clock(hour: int) -> str:
    return f"{datetime.fromtimestamp(hour * 3600, UTC):%Y-%m-%d %H:%MZ}"


def _place(place: int, of: int) -> str:
    if of == 1:
        return "alone"
    return "first" if place == 0 else "last" if place == of - 1 else "between"


def _listed(names: Sequence[Hashable]) -> str:
    return listed([str(one) for one in names], FEW)


_WORDS: dict[str, Callable[[Sequence[Hashable]], str]] = {
    "badge": lambda names: (
        f"all events of {'this badge' if len(names) == 1 else 'these badges'}, {_listed(names)}"
    ),
    "type": lambda names: f"all events of type {_listed(names)}",
    "hour": _hours,
}
