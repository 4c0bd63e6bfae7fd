"""Advertisements in, scan cycles out: a pure machine; every time is given, none is asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass

from badge.contract.macs import normal_mac
from badge.errors import MisuseError
from hil.ble.doubts import Doubt, Doubts

PENDING_MAX = 200_000  # advertisements kept for cycles that are not closed yet
KNOWN_MAX = 4096  # devices remembered for the detection of phantoms
# 127 means "not available" (Core 5.4, Vol 4, Part E, 7.7.65.2); hosts put -127 or 0 in its place.
_VALID_DBM = frozenset(range(-126, 21)) - {0}
Sample = tuple[str, int]
Identify = Callable[[str, Hashable], str | None]


def by_address(address: str, payload: Hashable) -> str | None:
    """Identify a tag by its address alone, the rule of the contract."""
    return normal_mac(address, "scanner")


@dataclass(frozen=True, slots=True)
class Cycle:
    """One closed cycle [start_ns, end_ns): (MAC, RSSI in dBm) in the order of hearing.

    `heard` is None when the scanner was down during any part of it: no sample, not an empty one.
    """

    start_ns: int
    end_ns: int
    heard: tuple[Sample, ...] | None
    doubts: tuple[Doubt, ...] = ()

    @property
    def degraded(self) -> bool:
        """Whether the host seems to hold samples back."""
        return bool(self.doubts)


@dataclass(slots=True)
class SampleCounts:
    """What became of everything that the radio reported."""

    sampled: int = 0
    invalid: int = 0  # -127, 127, 0 or nothing: no strength
    phantom: int = 0  # the host told of something else, with an old strength
    late: int = 0  # its cycle was closed already
    unasked: int = 0  # outside of every cycle
    down: int = 0  # in a cycle during which the scanner was down
    other: int = 0  # not one of the known tags


class Sampler:
    """Sorts advertisements into cycles; `tags` limits it to known MACs, None takes all.

    The scanner is down until `up` says otherwise.  Cycles are opened in the order of time and do
    not overlap; what is heard before its cycle is opened waits for it.
    """

    def __init__(
        self, tags: Collection[str] | None = None, identify: Identify = by_address
    ) -> None:
        self.counts = SampleCounts()
        self._tags = None if tags is None else frozenset(normal_mac(tag, "scanner") for tag in tags)
        self._identify = identify
        self._pending: deque[tuple[int, str, int]] = deque()
        self._open: deque[tuple[int, int]] = deque()
        self._closed_ns: int | None = None
        self._downs: deque[tuple[int | None, int | None]] = deque([(None, None)])
        self._last: dict[str, tuple[int, Hashable, Hashable]] = {}
        self._doubts = Doubts()

    def begin(self, start_ns: int, end_ns: int) -> None:
        """Open the cycle [start_ns, end_ns); MisuseError if it overlaps an earlier one."""
        latest = self._open[-1][1] if self._open else self._closed_ns
        if end_ns <= start_ns or (latest is not None and start_ns < latest):
            raise MisuseError(f"cycle {start_ns}..{end_ns} ns begins before {latest} or is empty")
        self._open.append((start_ns, end_ns))

    def hear(
        self,
        at_ns: int,
        address: str,
        rssi_dbm: int | None,
        payload: Hashable = None,
        host_state: Hashable = None,
    ) -> bool:
        """Take one report in; tell whether it was an advertisement with a valid strength.

        `host_state` is what the host itself knows of the device (connected, paired…): a report in
        which nothing but that changed is a phantom.  InputError if the address is no MAC.
        """
        if rssi_dbm not in _VALID_DBM:
            self.counts.invalid += 1
            return False
        mac = self._identify(address, payload)
        if mac is None or self._is_phantom(mac, (rssi_dbm, payload, host_state)):
            self.counts.phantom += mac is not None
            self.counts.other += mac is None
            return False
        self._doubts.note(at_ns, mac, rssi_dbm)
        if self._tags is not None and mac not in self._tags:
            self.counts.other += 1
        elif self._closed_ns is not None and at_ns < self._closed_ns:
            self.counts.late += 1
        else:
            self._keep(at_ns, mac, rssi_dbm)
        return True

    def _keep(self, at_ns: int, mac: str, rssi_dbm: int) -> None:
        if len(self._pending) >= PENDING_MAX:
            self._pending.popleft()
            self.counts.unasked += 1
        self._pending.append((at_ns, mac, rssi_dbm))

    def _is_phantom(self, mac: str, now: tuple[int, Hashable, Hashable]) -> bool:
        before = self._last.pop(mac, None)
        self._last[mac] = now
        if len(self._last) > KNOWN_MAX:
            del self._last[next(iter(self._last))]
        return before is not None and before[:2] == now[:2] and before[2] != now[2]

    def down(self, at_ns: int) -> None:
        """Note that the scanner stopped hearing at this moment."""
        if self._downs and self._downs[-1][1] is None:
            return
        self._downs.append((at_ns, None))

    def up(self, at_ns: int) -> None:
        """Note that the scanner hears again from this moment on."""
        if self._downs and self._downs[-1][1] is None:
            self._downs[-1] = (self._downs[-1][0], at_ns)

    def abandon(self) -> None:
        """Forget the open cycles; what was heard for them may still fall into the next one."""
        self._open.clear()

    def close(self, now_ns: int) -> list[Cycle]:
        """Return every open cycle that has ended by now, oldest first."""
        closed = []
        while self._open and self._open[0][1] <= now_ns:
            start_ns, end_ns = self._open.popleft()
            closed.append(self._result(start_ns, end_ns))
            self._closed_ns = end_ns
        return closed

    def _result(self, start_ns: int, end_ns: int) -> Cycle:
        heard = self._taken(start_ns, end_ns)
        if self._was_down(start_ns, end_ns):
            self.counts.down += len(heard)
            return Cycle(start_ns, end_ns, None)
        self.counts.sampled += len(heard)
        doubts = self._doubts.about({mac for mac, _ in heard})
        return Cycle(start_ns, end_ns, tuple(heard), doubts)

    def _taken(self, start_ns: int, end_ns: int) -> list[Sample]:
        heard, later = [], deque[tuple[int, str, int]]()
        for at_ns, mac, rssi_dbm in self._pending:
            if at_ns >= end_ns:
                later.append((at_ns, mac, rssi_dbm))
            elif at_ns >= start_ns:
                heard.append((mac, rssi_dbm))
            else:
                self.counts.unasked += 1
        self._pending = later
        return heard

    def _was_down(self, start_ns: int, end_ns: int) -> bool:
        while self._downs and (until := self._downs[0][1]) is not None and until < start_ns:
            self._downs.popleft()
        return any(_touches(since, until, start_ns, end_ns) for since, until in self._downs)


def _touches(since: int | None, until: int | None, start_ns: int, end_ns: int) -> bool:
    """Tell whether a down time has a moment in the cycle; one of no length is a restart."""
    begun = since is None or since < end_ns
    return begun and (until is None or until > start_ns or until == since == start_ns)
