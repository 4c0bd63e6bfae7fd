"""One whole comparison: sort both sides, hold them against each other, judge the conclusions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Protocol

from badge.errors import InputError
from badge.words import listed
from sim.reconcile.comparison.derived import Concluded, Conclusions, Score
from sim.reconcile.comparison.differences import INVENTED, SESSION, STORED, Difference
from sim.reconcile.comparison.join import Comparison
from sim.reconcile.comparison.rows import (
    SPREAD,
    Held,
    LoggedEvent,
    arrival_of,
    moment_of,
    number_of,
    payload_of,
    spread_payload,
    text_of,
)
from sim.reconcile.comparison.sessions import Pairing, Session, pair, session_of
from sim.reconcile.patterns import ExpectedCounts, Patterns
from sim.reconcile.scratch import Scratch
from sim.reconcile.stores.names import CANONICAL, NAMES_SHOWN, RAW, SESSIONS, TableNames
from sim.reconcile.stores.open import TableStore
from sim.reconcile.truth import Truth

Watch = Callable[[str, int | None, Iterator[Any]], Iterator[Any]]  # words, about how many, rows


class DifferenceSink(Protocol):
    """Is told every difference as it is found."""

    def found(self, difference: Difference) -> None:
        """Take note of one."""


@dataclass(slots=True)
class Reconciled:
    """What came of a comparison; None: the store, or the truth, has nothing of the kind."""

    comparison: Comparison = field(default_factory=Comparison)
    counts: Counter[str] = field(default_factory=Counter)
    is_ordered: bool = False
    conclusions: Conclusions | None = None
    sessions: Pairing | None = None
    notes: list[str] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)  # tables that are there, and cannot be read
    patterns: list[str] = field(default_factory=list)
    groups: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Tell whether the store holds what was logged, each once, as it was, in order."""
        return not any(self.counts[kind] for kind in STORED)

    def scores(self) -> dict[str, Score]:
        """Return what can be judged by precision and recall."""
        scores: dict[str, Score] = {}
        if self.conclusions is not None and self.conclusions.parcel is not None:
            scores["parcel"] = self.conclusions.parcel
        if self.conclusions is not None and self.conclusions.worker is not None:
            scores["worker"] = self.conclusions.worker
        if self.sessions is not None:
            counts = self.sessions.true, self.sessions.held, self.sessions.pairs
            scores["session"] = Score(*map(len, counts))
        return scores


@dataclass(slots=True)
class Reconciliation:
    """The comparison of one truth with one store, under the store's own names."""

    truth: Truth
    store: TableStore
    names: TableNames
    scratch: Scratch
    sink: DifferenceSink
    watch: Watch
    order_by: str | None = None
    outcome: Reconciled = field(default_factory=Reconciled)
    _unread: Counter[str] = field(default_factory=Counter)
    _spread: list[str] = field(default_factory=list)
    _patterns: Patterns = field(default_factory=Patterns)
    _totals: ExpectedCounts = field(default_factory=ExpectedCounts)

    def run(self) -> Reconciled:
        """Compare everything that both sides have; InputError for what cannot be read."""
        columns = self._columns(RAW)
        self._check_order(columns)
        comparison = self.outcome.comparison
        comparison.with_firmware = "firmware_version" in columns
        comparison.expect = self._totals.add
        events = self.watch("reading what was logged", self.truth.size(), self.truth.logged())
        self.scratch.fill("logged", len(LoggedEvent._fields), events)
        self.scratch.fill("held", len(Held._fields), self._held(columns))
        if self._unread:
            first = next(iter(self._unread))
            self.outcome.notes.append(
                f"{self._unread.total():,} times of {self.names.table(RAW)} cannot be read, the "
                f"first is {first[:60]!r}: they are compared as text"
            )
        self._tell(comparison.differences(self._logged("comparing"), self._sorted_held()))
        if self.truth.folder is not None:
            self._judge_conclusions()
            self._judge_sessions()
        self.outcome.patterns = self._patterns.words(
            self._totals, self.truth.batches(), self.truth.answers(), self.outcome.sessions
        )
        self.outcome.groups = self._patterns.groups(self.truth.batches(), self.truth.answers())
        return self.outcome

    def _tell(self, differences: Iterator[Difference]) -> None:
        for difference in differences:
            self.outcome.counts[difference.kind] += 1
            self.sink.found(difference)
            self._patterns.found(difference)

    def _logged(self, words: str) -> Iterator[LoggedEvent]:
        rows = map(LoggedEvent._make, self.scratch.ordered("logged", 0, 1))
        return self.watch(words, self.truth.size(), rows)

    def _sorted_held(self) -> Iterator[Held]:
        arrival = Held._fields.index("arrival")
        return map(Held._make, self.scratch.ordered("held", 0, 1, arrival))

    def _columns(self, ours: str) -> dict[str, str]:
        table = self.names.table(ours)
        there = self.store.columns(table)
        if there is None:
            has = listed(self.store.tables(), NAMES_SHOWN)
            raise InputError(
                f"{self.store.title} has no table {table}; it has {has}: name it with "
                f"--table {ours}=NAME"
            )
        # A flat table has a column for each field of a payload instead of one for all.
        self._spread = [name for name in SPREAD if name in there] if ours == RAW else self._spread
        return self.names.found(ours, there, ("payload",) if self._spread else ())

    def _check_order(self, columns: dict[str, str]) -> None:
        table = self.names.table(RAW)
        there = self.store.columns(table) or ()
        if self.order_by is not None and there and self.order_by not in there:
            has = listed(there, NAMES_SHOWN)
            raise InputError(
                f"{table} has no column {self.order_by}; it has {has}: name one that grows with "
                "each insertion with --order-by"
            )
        self.outcome.is_ordered = self.order_by is not None or self.store.is_ordered(table)

    def _rows(self, ours: str, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        table = self.names.table(ours)
        return self.watch(
            f"reading {ours}", self.store.size(table), self.store.rows(table, columns)
        )

    def _held(self, columns: dict[str, str]) -> Iterator[Held]:
        """Bring the rows to one form; those without a key are told at once and left out."""
        asked = list(columns.values()) + ([] if "payload" in columns else self._spread)
        asked += [self.order_by] if self.order_by is not None else []
        for place, row in enumerate(self._rows(RAW, asked)):
            key = self._key(row)
            if key is None:
                continue
            named = dict(zip(columns, row, strict=False))
            moment = moment_of(named["event_timestamp"])
            if isinstance(moment, str):
                self._unread[moment] += 1
            yield Held(
                *key,
                text_of(named["event_type"]),
                moment,
                self._payload(named, row),
                text_of(named.get("firmware_version")),
                self._arrival(place, row),
            )

    def _payload(self, named: dict[str, Any], row: Sequence[Any]) -> str:
        if "payload" in named:
            return payload_of(named["payload"])
        values = dict(zip(self._spread, row[len(named) :], strict=False))
        return spread_payload(text_of(named["event_type"]), values)

    def _key(self, row: Sequence[Any]) -> tuple[str, int] | None:
        device_id, number = text_of(row[0]), number_of(row[1])
        if device_id is not None and number is not None:
            return device_id, number
        self.outcome.comparison.held += 1
        number_there = "null" if row[1] is None else repr(row[1])
        note = f"sequence_number {number_there} is no integer" if device_id else "has no device_id"
        self._tell(iter([Difference(INVENTED, device_id, None, note=note)]))
        return None

    def _arrival(self, place: int, row: Sequence[Any]) -> int | None:
        if self.order_by is None:
            return place if self.outcome.is_ordered else None
        found = arrival_of(row[-1])
        if found is None:
            raise InputError(
                f"--order-by {self.order_by}: {row[-1]!r} is neither a whole number nor a moment; "
                "name a column that grows with each insertion"
            )
        return found

    def _has(self, ours: str) -> dict[str, str] | None:
        """Return the columns of a table that need not be there; a note if it cannot be used."""
        if ours not in self.names.tables and self.store.columns(ours) is None:
            return None
        try:
            return self._columns(ours)
        except InputError as error:
            if ours in self.names.tables:
                raise
            self.outcome.notes.append(f"not compared: {error}")
            self.outcome.unjudged.append(ours)
            return None

    def _judge_conclusions(self) -> None:
        columns = self._has(CANONICAL)
        if columns is None or len(columns) == 2:
            return
        parcel, worker = (Score() if name in columns else None for name in Concluded._fields[2:])
        conclusions = self.outcome.conclusions = Conclusions(parcel, worker)
        places = [list(columns).index(name) if name in columns else None for name in _CONCLUDED]
        rows = (_concluded(row, places) for row in self._rows(CANONICAL, list(columns.values())))
        self.scratch.fill("concluded", len(_CONCLUDED), (row for row in rows if row is not None))
        held = map(Concluded._make, self.scratch.ordered("concluded", 0, 1))
        self._tell(conclusions.differences(self._logged("judging parcels and workers"), held))

    def _judge_sessions(self) -> None:
        columns = self._has(SESSIONS)
        true = self.truth.sessions()
        if columns is None or true is None:
            return
        last = self._last_us()
        self.outcome.sessions = pair(true, self._sessions(columns, last))
        self._tell(self.outcome.sessions.differences())

    def _last_us(self) -> int:
        """Return the last moment of the log: until then an open session is known to last."""
        moments = map(itemgetter(3), self.scratch.ordered("logged", 0, 1))
        return max((moment for moment in moments if isinstance(moment, int)), default=0)

    def _sessions(self, columns: dict[str, str], open_end_us: int) -> Iterator[Session]:
        """Read the sessions; one whose bounds make no sense is told at once and left out."""
        for number, row in enumerate(self._rows(SESSIONS, list(columns.values())), 1):
            try:
                yield session_of(dict(zip(columns, row, strict=True)), open_end_us)
            except ValueError as error:
                note = f"not held: row {number} of {self.names.table(SESSIONS)}: {error}"
                self._tell(iter([Difference(SESSION, None, None, note=note)]))


_CONCLUDED = Concluded._fields


def _concluded(row: Sequence[Any], places: Sequence[int | None]) -> Concluded | None:
    device_id, number = text_of(row[0]), number_of(row[1])
    if device_id is None or number is None:
        return None
    parcel, worker = (None if p is None else text_of(row[p]) for p in places[2:])
    return Concluded(device_id, number, parcel, worker)
