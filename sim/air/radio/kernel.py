"""The kernel and the radio chip below BlueZ: when they listen, and what they let through."""

from __future__ import annotations

from collections.abc import Callable

from sim.air.radio.advert import LEGACY_MAX_BYTES, Advert
from sim.air.radio.conditions import SCAN_WINDOW_MS, Conditions
from sim.air.radio.content import content_of
from sim.air.radio.filters import Request
from sim.air.radio.timers import Timer, Timers

NO_RSSI = 127  # HCI's "not available" (Core Specification Vol 4 Part E 7.7.65.2)
ACTIVE, PASSIVE, CONNECTING = "active 11.25/11.25", "passive 60/30", "passive 60/60 accept list"
LOG_MAX = 1000
PASSIVE_MS = 30  # after an active scan; one that starts again at once comes first


class Kernel:
    """One adapter's discovery, passive scan and duplicate filter.

    `log` is what it asks of the controller: "params KIND", "enable dup0|1", "disable".
    `on_window_end` is told when an active scan has ended by itself.
    """

    def __init__(
        self, conditions: Conditions, timers: Timers, on_window_end: Callable[[], None]
    ) -> None:
        self._conditions, self._timers = conditions, timers
        self._on_window_end = on_window_end
        self._request: Request | None = None
        self._window: Timer | None = None
        self._monitors: list[frozenset[object]] = []
        self._connecting = self._pairing = 0
        self._passive = self._paused = False
        self._known: set[object] = set()
        self.log: list[str] = []

    @property
    def discovering(self) -> bool:
        """Whether an active scan runs, whoever asked for it."""
        return self._request is not None

    @property
    def listening(self) -> bool:
        """Whether any scan runs."""
        return self.discovering or bool(self._monitors)

    def start(self, request: Request) -> bool:
        """Begin an active scan; False if one runs already, or for BR/EDR, which is not here."""
        if self._request is not None or not request.le:
            return False
        self._end_passive()
        self._request = request
        self._scan_actively()
        return True

    def _scan_actively(self) -> None:
        self._known.clear()
        self._enter(ACTIVE, filter_duplicates=not self._monitors)
        if self._conditions.scan_train:
            self._window = self._timers.after(SCAN_WINDOW_MS, self._window_ended)

    def stop(self) -> None:
        """End the active scan, if one runs; a passive one follows if somebody needs it."""
        self._cancel_window()
        if self._paused:
            self._paused, self._passive = False, True
            self._request = None
        elif self._request is not None:
            self._request = None
            self._note("disable")
            if self._conditions.scan_train:
                self._timers.after(PASSIVE_MS, self._begin_passive)
            else:
                self._begin_passive()

    def reset(self) -> None:
        """End everything: the adapter is switched off."""
        self._monitors.clear()
        self._connecting = self._pairing = 0
        self.stop()  # a passive scan that would follow finds nobody to scan for
        self._end_passive()

    def add_monitor(self, patterns: frozenset[object]) -> None:
        """Listen passively as well; equal patterns are one monitor, made anew."""
        self._monitors.append(patterns)
        self._restart_passive()

    def remove_monitor(self, patterns: frozenset[object]) -> None:
        """End listening for these patterns, once as often as it began."""
        self._monitors.remove(patterns)
        if patterns not in self._monitors:
            self._restart_passive()

    def await_connection(self, change: int) -> None:
        """Count the devices (+1, -1) whose advertisement is waited for to connect."""
        self._connecting += change
        if change > 0 or not self._wanted:
            self._restart_passive()

    def await_pairing(self, change: int) -> None:
        """Count the devices (+1, -1) that are waited for to pair, which ends an active scan.

        Whoever asked for that scan is not told: it is on to them, and silent.
        """
        self._pairing += change
        if change > 0 and self._request is not None and not self._paused:
            self._paused = True
            self._cancel_window()
            self._note("disable")
            self._enter(CONNECTING, filter_duplicates=True)
        elif self._paused and not self._pairing:
            self._paused = False
            self._note("disable")
            self._scan_actively()

    def hears(self, mac: str, rssi_dbm: int, advert: Advert) -> bytes | None:
        """Return the data of a report as BlueZ gets it; None if it does not reach BlueZ.

        An active scan adds the scan response to the advertisement; data that is longer than the
        PDU allows is dropped, the answer is not.
        """
        request = self._request
        if self._paused:
            return None
        if request is None and not (self._passive and self._monitors):
            return None
        response = advert.response if request is not None and advert.scannable else b""
        octets = advert.data + response
        if len(advert.data) > LEGACY_MAX_BYTES and not advert.extended:
            if request is None or not advert.scannable:
                return None
            octets = response
        if not self._is_new(mac, octets) or not self._passes(request, rssi_dbm, octets):
            return None
        return octets

    def _passes(self, request: Request | None, rssi_dbm: int, octets: bytes) -> bool:
        if request is None:
            return True
        unknown = rssi_dbm == NO_RSSI and self._conditions.strict
        if request.rssi_dbm is not None and (unknown or rssi_dbm < request.rssi_dbm):
            return False
        return not request.uuids or not request.uuids.isdisjoint(content_of(octets).uuids)

    def _is_new(self, mac: str, octets: bytes) -> bool:
        kind = self._conditions.duplicates
        # The kernel switches the controller's filter off while a monitor exists, since that must
        # hear every advertisement (hci_active_scan_sync).
        if kind == "off" or (self._request is not None and self._monitors):
            return True
        key = mac if kind == "address" else (mac, octets)
        if key in self._known:
            return False
        self._known.add(key)
        return True

    def _cancel_window(self) -> None:
        if self._window is not None:
            self._window.cancel()
            self._window = None

    def _window_ended(self) -> None:
        self.stop()
        self._on_window_end()

    @property
    def _wanted(self) -> bool:
        return bool(self._monitors or self._connecting or self._pairing)

    def _begin_passive(self) -> None:
        if self._request is not None or self._passive or not self._wanted:
            return
        self._passive = True
        self._known.clear()
        self._enter(PASSIVE if self._monitors else CONNECTING, filter_duplicates=not self._monitors)

    def _end_passive(self) -> None:
        if self._passive:
            self._passive = False
            self._note("disable")

    def _restart_passive(self) -> None:
        if self._request is None:
            self._end_passive()
            self._begin_passive()

    def _enter(self, kind: str, *, filter_duplicates: bool) -> None:
        self._note(f"params {kind}")
        self._note(f"enable dup{int(filter_duplicates)}")

    def _note(self, line: str) -> None:
        if len(self.log) < LOG_MAX:
            self.log.append(line)
