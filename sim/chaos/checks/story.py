"""The order that a badge's events must have to make sense (contract sections 2 and 3)."""

from __future__ import annotations

from collections.abc import Iterable

from badge.entry import Entry
from sim.engine.promises import BrokenPromiseError

_IN_SHIFT_ONLY = frozenset(("gps", "gps_no_fix", "ble_proximity", "ble_lost", "motion"))


class Story:
    """Follows one badge's events in the order of their numbers."""

    def __init__(self, device_id: str) -> None:
        self._device_id = device_id
        self._worker_id: str | None = None
        self._last_age_ms = 0
        self._must_close = False
        self._near: set[str] = set()

    def goes_on(self, entry: Entry) -> None:
        """Take the next event; BrokenPromiseError if it does not follow from those before."""
        if entry.age_ms < self._last_age_ms:
            raise self._wrong(entry, "is older than the event before")
        self._last_age_ms = entry.age_ms
        kind = entry.event_type
        if kind == "reboot":
            self._must_close = self._worker_id is not None
            self._near.clear()
        elif self._must_close and not self._closes(entry):
            raise self._wrong(entry, "where shift_end with reboot belongs")
        elif kind in _IN_SHIFT_ONLY and self._worker_id is None:
            raise self._wrong(entry, "outside of a shift")
        elif kind in ("shift_start", "shift_end"):
            self._turn(entry)
        elif kind in ("ble_proximity", "ble_lost"):
            self._meet(entry)

    def knows_tags(self, macs: Iterable[str]) -> None:
        """Only these tags are known from now on."""
        self._near &= set(macs)

    def _closes(self, entry: Entry) -> bool:
        return entry.event_type == "shift_end" and entry.payload["end_reason"] == "reboot"

    def _turn(self, entry: Entry) -> None:
        starts, worker_id = entry.event_type == "shift_start", entry.payload["worker_id"]
        if starts == (self._worker_id is not None) or (not starts and worker_id != self._worker_id):
            raise self._wrong(entry, f"while the shift of {self._worker_id} is open")
        self._worker_id = worker_id if starts else None
        self._must_close = False
        self._near.clear()

    def _meet(self, entry: Entry) -> None:
        mac, comes = entry.payload["tag_mac"], entry.event_type == "ble_proximity"
        if comes == (mac in self._near):
            raise self._wrong(entry, "of a tag that is near already, or was not near")
        (self._near.add if comes else self._near.discard)(mac)

    def _wrong(self, entry: Entry, what: str) -> BrokenPromiseError:
        text = f"event {entry.sequence_number}, {entry.event_type}, {what}"
        return BrokenPromiseError("contract", text, self._device_id)
