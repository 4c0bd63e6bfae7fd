"""Two lists of events side by side, aligned so that one missing event is one difference."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from badge.contract.differences import ABSENT, FieldDifference, differences
from badge.recording.format import Wrote

_WIDTH = 74


@dataclass(frozen=True, slots=True)
class Difference:
    """An event that was wanted and not logged, logged and not wanted, or logged otherwise."""

    wanted: Wrote | None
    logged: Wrote | None

    @property
    def kind(self) -> str:
        """One of missing, extra, changed."""
        if self.logged is None:
            return "missing"
        return "extra" if self.wanted is None else "changed"

    def text(self, sides: tuple[str, str] | None = None, *, wide: bool = False) -> str:
        """Return it as two to a few lines: the place, then each side or each changed field.

        `sides` names what was not recorded and replayed; then moments are the events' own, with
        Unix milliseconds if it may be `wide`.
        """
        side = self.wanted or self.logged
        assert side is not None
        number = side.event.get("sequence_number")
        moment = _moment(side) if sides is None else _own_moment(side, wide=wide)
        head = f"{self.kind}: event {number} {side.event.get('event_type')} at {moment}"
        if self.wanted is None or self.logged is None:
            sign = "-" if self.logged is None else "+"
            return f"{head}\n  {sign} {_short(side.event)}"
        one, other = sides or ("recorded", "now")
        rows = [
            f"  {name}: {one} {_word(old)}, {other} {_word(new)}"
            for name, old, new in self.changes()
        ]
        return "\n".join([head, *rows])

    def changes(self) -> list[FieldDifference]:
        """Give the fields that differ; none of an event that one side has alone."""
        return _changes(self.wanted, self.logged) if self.wanted and self.logged else []


def align(wanted: Sequence[Wrote], logged: Sequence[Wrote]) -> list[Difference]:
    """Pair equal events, then unequal ones of the same type in between; the rest stands alone.

    Sequence numbers and moments do not take part in the pairing, so that an event that is
    missing does not make all that follow it look different: numbers that are off because of what
    was missing or extra before are no differences of their own.  Events need their number.
    """
    keys = [[_key(line) for line in side] for side in (wanted, logged)]
    found: list[Difference] = []
    # By how much numbers may be off from here: what was missing before shifts all that follow.
    steps = {0}
    # autojunk would leave out what is frequent, and gps is nearly all of a recording.
    matcher = SequenceMatcher(None, keys[0], keys[1], autojunk=False)
    for tag, a0, a1, b0, b1 in matcher.get_opcodes():
        if tag == "equal":
            more, step = _renumbered(wanted[a0:a1], logged[b0:b1], steps)
            steps = {step}
        else:
            more = _unequal(wanted[a0:a1], logged[b0:b1])
            grown = (b1 - b0) - (a1 - a0)
            steps |= {step + grown for step in steps}
        found += more
    return found


def _moment(line: Wrote) -> str:
    """Write when it was logged: on the recording's clock, and as the event itself says."""
    utc = line.event.get("timestamp_utc")
    return f"{line.ms} ms" + (f" ({utc})" if isinstance(utc, str) else "")


def _own_moment(line: Wrote, *, wide: bool) -> str:
    """Write when it was logged as the event says, and the same in Unix milliseconds."""
    utc = line.event.get("timestamp_utc")
    unix_ms = None
    if wide and isinstance(utc, str):
        with suppress(ValueError, OverflowError):
            unix_ms = datetime.fromisoformat(utc).timestamp() * 1000
    return f"{utc}" + ("" if unix_ms is None else f" ({unix_ms:.0f} ms)")


def _key(line: Wrote) -> str:
    event = {key: value for key, value in line.event.items() if key != "sequence_number"}
    return json.dumps(event, sort_keys=True)


def _step(old: Wrote, new: Wrote) -> int:
    step: int = new.event["sequence_number"] - old.event["sequence_number"]
    return step


def _renumbered(
    wanted: Sequence[Wrote], logged: Sequence[Wrote], steps: set[int]
) -> tuple[list[Difference], int]:
    """Tell of another moment, and once of a number that is not off by one of `steps`.

    Returns also by how much the last number is off.
    """
    found: list[Difference] = []
    for old, new in zip(wanted, logged, strict=True):
        step = _step(old, new)
        if step not in steps or new.ms != old.ms:
            found.append(Difference(old, new))
        steps = {step}
    return found, step


def _unequal(wanted: Sequence[Wrote], logged: Sequence[Wrote]) -> list[Difference]:
    """Pair events of one type in order; what has no partner is missing or extra."""
    found: list[Difference] = []
    types = [[line.event.get("event_type") for line in side] for side in (wanted, logged)]
    matcher = SequenceMatcher(None, types[0], types[1], autojunk=False)
    for tag, a0, a1, b0, b1 in matcher.get_opcodes():
        if tag == "equal":
            pairs = zip(wanted[a0:a1], logged[b0:b1], strict=True)
            found += [Difference(old, new) for old, new in pairs]
        else:
            found += [Difference(old, None) for old in wanted[a0:a1]]
            found += [Difference(None, new) for new in logged[b0:b1]]
    return found


def _changes(old: Wrote, new: Wrote) -> list[FieldDifference]:
    before, after = ({"ms": side.ms, **side.event} for side in (old, new))
    return list(differences(before, after, _spelt_alike))


def _spelt_alike(path: str, old: object, new: object) -> bool:
    """A replay owes the same bytes: 1 and 1.0 are two."""
    if old is ABSENT or new is ABSENT:
        return False
    return json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)


def _word(value: object) -> str:
    return "nothing" if value is ABSENT else json.dumps(value, ensure_ascii=False)


def _short(event: Mapping[str, Any]) -> str:
    text = json.dumps(event.get("payload"), ensure_ascii=False)
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"
