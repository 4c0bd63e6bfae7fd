"""Work sessions: which of a backend's are the true ones, and by how many minutes they are off."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from sim.reconcile.comparison.differences import SESSION, Difference
from sim.reconcile.comparison.rows import moment_of, text_of, words_of_moment

_MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class Session:
    """A worker on a parcel from `start_us` to `end_us` (since 1970); an open one has no end."""

    worker_id: str | None
    parcel_id: str | None
    start_us: int
    end_us: int

    def __str__(self) -> str:
        start, end = words_of_moment(self.start_us), words_of_moment(self.end_us)
        who, where = self.worker_id or "nobody", self.parcel_id or "no parcel"
        return f"{who} at {where}, {start} to {end}"

    @property
    def order(self) -> tuple[str, str, int, int]:
        """Give what sessions are sorted by: a backend may hold one without worker or parcel."""
        return self.worker_id or "", self.parcel_id or "", self.start_us, self.end_us


@dataclass(frozen=True, slots=True)
class Pairing:
    """True sessions, held ones, and the pairs that are the same one."""

    true: Sequence[Session]
    held: Sequence[Session]
    pairs: Sequence[tuple[Session, Session]]

    def differences(self) -> Iterator[Difference]:
        """Yield the true sessions that are not held, then the held ones that are not true."""
        yield from _unpaired(self.true, [true for true, _ in self.pairs], "not held: ")
        yield from _unpaired(self.held, [held for _, held in self.pairs], "not true: ")

    def minutes(self) -> dict[str, float]:
        """Sum up minutes: true, held, in both; and how far starts and ends are off."""
        return {
            "true": _minutes(s.end_us - s.start_us for s in self.true),
            "held": _minutes(s.end_us - s.start_us for s in self.held),
            "common": _minutes(_overlap_us(*pair) for pair in self.pairs),
            **self._off("start", [abs(a.start_us - b.start_us) for a, b in self.pairs]),
            **self._off("end", [abs(a.end_us - b.end_us) for a, b in self.pairs]),
        }

    def _off(self, what: str, off_us: list[int]) -> dict[str, float]:
        if not off_us:
            return {}
        mean = round(sum(off_us) / len(off_us) / _MINUTE_US, 2)
        return {f"{what}_off_mean": mean, f"{what}_off_max": round(max(off_us) / _MINUTE_US, 2)}


def session_of(row: Mapping[str, Any], open_end_us: int | None = None) -> Session:
    """Read a session with `start` and `end`; one without an end lasts until `open_end_us`.

    ValueError if a bound is no moment, or the end lies before the start.
    """
    start, end = moment_of(row["start"]), moment_of(row["end"])
    if end is None and open_end_us is not None and isinstance(start, int):
        end = max(start, open_end_us)
    if not isinstance(start, int) or not isinstance(end, int):
        raise ValueError(f"{start if not isinstance(start, int) else end} is no moment")
    if end < start:
        raise ValueError(f"a session ends before its start, {words_of_moment(start)}")
    return Session(text_of(row["worker_id"]), text_of(row["parcel_id"]), start, end)


def pair(true: Iterable[Session], held: Iterable[Session]) -> Pairing:
    """Pair sessions of one worker and parcel that overlap, the longest overlap first, each once."""
    truths, helds = (sorted(one, key=attrgetter("order")) for one in (true, held))
    by_whom: dict[tuple[str | None, str | None], list[int]] = defaultdict(list)
    for place, session in enumerate(helds):
        by_whom[session.worker_id, session.parcel_id].append(place)
    met = [
        (-overlap, t, h)
        for t, session in enumerate(truths)
        for h in by_whom[session.worker_id, session.parcel_id]
        if (overlap := _overlap_us(session, helds[h])) >= 0
    ]
    taken: dict[int, int] = {}
    used: set[int] = set()
    for _, t, h in sorted(met):
        if t not in taken and h not in used:
            taken[t] = h
            used.add(h)
    return Pairing(truths, helds, [(truths[t], helds[h]) for t, h in sorted(taken.items())])


def _overlap_us(one: Session, other: Session) -> int:
    """Return the time that they share; 0 if they touch, less if they do not meet."""
    return min(one.end_us, other.end_us) - max(one.start_us, other.start_us)


def _minutes(spans_us: Iterable[int]) -> float:
    return round(sum(spans_us) / _MINUTE_US, 2)


def _unpaired(
    sessions: Sequence[Session], paired: Sequence[Session], words: str
) -> Iterator[Difference]:
    left = Counter(paired)
    for session in sessions:
        if left[session]:
            left[session] -= 1
        else:
            yield Difference(SESSION, None, None, note=f"{words}{session}")
