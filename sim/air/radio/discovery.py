"""Who scans on an adapter: BlueZ's sessions and filters, and what it asks of the kernel for them.

The order of calls and answers is that of BlueZ 5.66: a change of filters stops the kernel's scan
and starts another, and whoever calls in between is told InProgress.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Protocol

from sim.air.radio.conditions import SCAN_GAP_MS, Conditions
from sim.air.radio.filters import DiscoveryFilter, Request, merged
from sim.air.radio.kernel import Kernel
from sim.air.radio.refusals import AirRefusalError, Done, ignore
from sim.air.radio.timers import Timer, Timers

RESTART_MS = 25  # 16 to 47 ms in the recordings of a real one
RETRY_MS = 10_000


class DiscoveringAdapter(Protocol):
    """The adapter, as far as a discovery needs it."""

    def discovery_changed(self) -> None:
        """Announce Discovering."""

    def discovery_ended(self) -> None:
        """Forget what only a running discovery knows."""


class Discovery:
    """The sessions of one adapter: `clients` those that scan, `presets` filters set before."""

    def __init__(
        self, conditions: Conditions, timers: Timers, host: DiscoveringAdapter, kernel: Kernel
    ) -> None:
        self._conditions, self._timers, self._host = conditions, timers, host
        self._kernel = kernel
        self.clients: dict[Hashable, DiscoveryFilter | None] = {}  # the newest first, as in BlueZ
        self.presets: dict[Hashable, DiscoveryFilter] = {}
        self.discovering = self.filtered = False
        self._request: Request | None = None
        self._retry: Timer | None = None
        self._running = self._restarting = False
        self._waiting: tuple[Hashable, Done] | None = None

    def set_filter(self, client: Hashable, wanted: DiscoveryFilter | None) -> None:
        """Remember a client's filter, also for its running session; None clears it."""
        if client in self.clients:
            self.clients[client] = wanted
            if self._changes():
                self._begin()
        elif wanted is None:
            self.presets.pop(client, None)
        else:
            self.presets[client] = wanted

    def start(self, client: Hashable, done: Done) -> None:
        """Begin a client's session; `done` is told now, or when the kernel has started again."""
        if client in self.clients:
            raise AirRefusalError("InProgress")
        self.clients = {client: self.presets.pop(client, None), **self.clients}
        if not self._changes():
            done(None)
            return
        self._waiting = (client, done)
        self._begin()

    def stop(self, client: Hashable, done: Done) -> None:
        """End a client's session; the last one's end is the discovery's."""
        if client not in self.clients:
            raise AirRefusalError("Failed", "No discovery started")
        if self._waiting is not None and self._waiting[0] == client:
            raise AirRefusalError("InProgress")
        if len(self.clients) > 1:
            self._remove(client)
            if self._changes():
                self._begin()
            done(None)
        elif self._restarting:
            # The kernel refuses a second stop while the first is on its way: BlueZ hands that on
            # and forgets the client all the same, without a word that the discovery has ended.
            done(AirRefusalError("InProgress"))
            self._remove(client)
        elif not self._running:
            self._finish(client)
            done(None)
        else:
            self._kernel.stop()
            done(None)
            self._finish(client)

    def leave(self, client: Hashable) -> None:
        """Forget a client that went away."""
        self.presets.pop(client, None)
        if client in self.clients:
            self._waiting = None if self._is_waiting(client) else self._waiting
            self.clients[client] = None  # its filter goes with it
            self.stop(client, ignore)

    def clear(self) -> None:
        """Forget all clients: the adapter is off, or BlueZ has ended."""
        waiting, self._waiting = self._waiting, None
        self.clients.clear()
        self.presets.clear()
        self._cancel_retry()
        self._running = self._restarting = False
        self._request = None
        self.discovering = self.filtered = False
        if waiting is not None:
            waiting[1](AirRefusalError("InProgress"))

    def window_ended(self) -> None:
        """Take note that the kernel has ended its scan: it starts again, at once or after 5 s."""
        if self._running:
            self._running = False
            gap_ms = RESTART_MS if self._request and self._request.filtered else SCAN_GAP_MS
            self._retry = self._timers.after(gap_ms, self._begin)

    def _changes(self) -> bool:
        request = merged(list(self.clients.values()), self._conditions)
        if request == self._request and self.discovering:
            return False
        self._request = request
        return True

    def _begin(self) -> None:
        self._cancel_retry()
        self._restarting = False
        if not self.clients or self._request is None:
            return
        if self._running:
            self._running = False
            self._kernel.stop()
            if self._conditions.scan_train:
                self._restarting = True
                self._retry = self._timers.after(RESTART_MS, self._begin)
                return
        if self._kernel.start(self._request):
            self._started(self._request)
        else:
            self._refused()

    def _started(self, request: Request) -> None:
        self._running, self.filtered = True, request.filtered
        self._answer(None)
        if not self.discovering:
            self.discovering = True
            self._host.discovery_changed()

    def _refused(self) -> None:
        waiting = self._waiting
        self._answer(AirRefusalError("InProgress"))
        if waiting is None:
            self._retry = self._timers.after(RETRY_MS, self._begin)
        else:
            self._remove(waiting[0])

    def _answer(self, refusal: AirRefusalError | None) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting[1](refusal)

    def _is_waiting(self, client: Hashable) -> bool:
        return self._waiting is not None and self._waiting[0] == client

    def _remove(self, client: Hashable) -> None:
        wanted = self.clients.pop(client)
        if wanted is not None:
            self.presets[client] = wanted  # a filter stays until its program changes it or goes
        if not self.clients:
            self._cancel_retry()
            self._host.discovery_ended()

    def _finish(self, client: Hashable) -> None:
        self._remove(client)
        self._running = self.filtered = self.discovering = False
        self._host.discovery_changed()

    def _cancel_retry(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
