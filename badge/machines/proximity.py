"""Which equipment is near: one small tracker a tag (contract section 3, BLE)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from badge.effects import PowerScanner, StartScan
from badge.inputs import ScanResult
from badge.machines.core import NEVER, Core, Due
from badge.machines.table import Table, ignore, never

# Below all that a radio can report (−127 dBm), so that any sample is stronger.
UNHEARD_DBM = -128


class TagIs(StrEnum):
    """Whether a tag counts as present."""

    AWAY = "away"
    NEAR = "near"


class TagFact(StrEnum):
    """A cycle's word about one tag, with the count that decides already taken in."""

    HIT = "hit"
    LAST_HIT = "hit that completes the count"
    MISS = "miss"
    LAST_MISS = "miss that completes the count"


class Tracker:
    """One tag: its run of hits while away, its run of misses while near, its last RSSI."""

    __slots__ = ("hits", "mac", "misses", "near_since_ms", "rssi_dbm", "state")

    def __init__(self, mac: str) -> None:
        self.mac = mac
        self.state: StrEnum = TagIs.AWAY
        self.hits = 0
        self.misses = 0
        self.rssi_dbm = UNHEARD_DBM
        self.near_since_ms = 0

    def _hit(self, core: Core) -> None:
        self.hits += 1

    def _forget_hits(self, core: Core) -> None:
        self.hits = 0

    def _forget_misses(self, core: Core) -> None:
        self.misses = 0

    def _miss(self, core: Core) -> None:
        self.misses += 1

    def _appear(self, core: Core) -> None:
        # detection_count includes the scan that completes it (section 3, BLE).
        self.hits += 1
        self.misses = 0
        self.near_since_ms = core.now_ms
        payload = {"tag_mac": self.mac, "rssi": self.rssi_dbm, "detection_count": self.hits}
        core.log("ble_proximity", payload)

    def _vanish(self, core: Core) -> None:
        self.hits = self.misses = 0
        seconds = (core.now_ms - self.near_since_ms) // 1000
        payload = {"tag_mac": self.mac, "last_rssi": self.rssi_dbm, "duration_s": seconds}
        core.log("ble_lost", payload)


_HIT, _LAST_HIT = TagFact.HIT, TagFact.LAST_HIT
_MISS, _LAST_MISS = TagFact.MISS, TagFact.LAST_MISS
_S, _F = TagIs, TagFact
TAG = Table(
    "tag",
    TagIs,
    TagFact,
    {
        (_S.AWAY, _F.HIT): (_S.AWAY, Tracker._hit),
        (_S.AWAY, _F.LAST_HIT): (_S.NEAR, Tracker._appear),
        (_S.AWAY, _F.MISS): (_S.AWAY, Tracker._forget_hits),
        (_S.AWAY, _F.LAST_MISS): (_S.AWAY, Tracker._forget_hits),
        (_S.NEAR, _F.HIT): (_S.NEAR, Tracker._forget_misses),
        (_S.NEAR, _F.LAST_HIT): (_S.NEAR, Tracker._forget_misses),
        (_S.NEAR, _F.MISS): (_S.NEAR, Tracker._miss),
        (_S.NEAR, _F.LAST_MISS): (_S.AWAY, Tracker._vanish),
    },
)


class ScanIs(StrEnum):
    """The scanner is off, listening for a cycle, or has already told what this cycle heard."""

    OFF = "off"
    LISTENING = "listening"
    TOLD = "told"


class ScanFact(StrEnum):
    """What the shift, the clock and the scanner say."""

    SHIFT_STARTED = "shift started"
    SHIFT_ENDED = "shift ended"
    CYCLE_DUE = "cycle due"
    RESULT = "result"


class Proximity:
    """Runs scan cycles during a shift and keeps one tracker for each known tag that was heard."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._scan_rows, self._tag_rows = SCAN.rows, TAG.rows
        self.state: StrEnum = ScanIs.OFF
        self.trackers: dict[str, Tracker] = {}
        self.configure()

    def configure(self) -> None:
        """Take the numbers of the present configuration; a tag no longer known is forgotten."""
        config = self._core.config
        self._period_ms = config.ble_scan_period_s * 1000
        self._threshold_dbm = config.ble_rssi_threshold
        self._hits_before_last = config.ble_detection_count_threshold - 1
        self._misses_before_last = config.ble_lost_count_threshold - 1
        self._scan_effect = StartScan(self._period_ms)
        # Silently: ble_lost means five misses, and nothing else.
        known = set(config.known_equipment_tags)
        self.trackers = {mac: t for mac, t in self.trackers.items() if mac in known}
        self._unmet = known - self.trackers.keys()

    def on(self, fact: ScanFact) -> None:
        """Apply a fact of the shift."""
        self.state, action = self._scan_rows[self.state, fact]
        action(self, ())

    def cycle_due(self) -> None:
        """Begin the next cycle."""
        self.state, action = self._scan_rows[self.state, ScanFact.CYCLE_DUE]
        action(self, ())

    def result(self, result: ScanResult) -> None:
        """Take what a cycle heard; only the first result of a cycle counts."""
        self.state, action = self._scan_rows[self.state, ScanFact.RESULT]
        action(self, result.heard)

    @property
    def near(self) -> list[str]:
        """The tags that count as present, in the order in which they were first heard."""
        return [mac for mac, tracker in self.trackers.items() if tracker.state is TagIs.NEAR]

    def _start(self, heard: Iterable[tuple[str, int]]) -> None:
        self._core.effects.append(PowerScanner(True))
        self._listen(heard)

    def _stop(self, heard: Iterable[tuple[str, int]]) -> None:
        """Shift end clears all trackers silently: ble_lost means misses, nothing else."""
        self._unmet.update(self.trackers)
        self.trackers.clear()
        self._core.due[Due.SCAN] = NEVER
        self._core.effects.append(PowerScanner(False))

    def _listen(self, heard: Iterable[tuple[str, int]]) -> None:
        core = self._core
        core.due[Due.SCAN] = core.now_ms + self._period_ms
        core.effects.append(self._scan_effect)

    def _judge(self, heard: Iterable[tuple[str, int]]) -> None:
        """A cycle's RSSI of a tag is its strongest sample; an unheard tag is a miss."""
        strongest: dict[str, int] = {}
        for mac, rssi_dbm in heard:
            # 127 is "not available", and nothing real is 0 or more.
            if strongest.get(mac, UNHEARD_DBM) < rssi_dbm < 0:
                strongest[mac] = rssi_dbm
        if self._unmet and not self._unmet.isdisjoint(strongest):
            self._meet(heard, strongest)
        core, rows, threshold_dbm = self._core, self._tag_rows, self._threshold_dbm
        hits_before_last, misses_before_last = self._hits_before_last, self._misses_before_last
        for mac, tracker in self.trackers.items():
            rssi_dbm = strongest.get(mac, UNHEARD_DBM)
            # last_rssi is the last heard at any strength, also below the threshold.
            if rssi_dbm != UNHEARD_DBM:
                tracker.rssi_dbm = rssi_dbm
            if rssi_dbm >= threshold_dbm:
                fact = _LAST_HIT if tracker.hits >= hits_before_last else _HIT
            else:
                fact = _LAST_MISS if tracker.misses >= misses_before_last else _MISS
            tracker.state, action = rows[tracker.state, fact]
            action(tracker, core)

    def _meet(self, heard: Iterable[tuple[str, int]], strongest: Mapping[str, int]) -> None:
        """Begin to track known tags in the order in which they were first heard."""
        # Order of hearing, never of a set: two tags of one scan must come out alike on every run.
        for mac, _ in heard:
            if mac in self._unmet and mac in strongest:
                self._unmet.remove(mac)
                self.trackers[mac] = Tracker(mac)


_C, _G = ScanIs, ScanFact
SCAN = Table(
    "scan",
    ScanIs,
    ScanFact,
    {
        (_C.OFF, _G.SHIFT_STARTED): (_C.LISTENING, Proximity._start),
        (_C.OFF, _G.SHIFT_ENDED): (_C.OFF, never),
        (_C.OFF, _G.CYCLE_DUE): (_C.OFF, never),
        (_C.OFF, _G.RESULT): (_C.OFF, ignore),
        (_C.LISTENING, _G.SHIFT_STARTED): (_C.LISTENING, never),
        (_C.LISTENING, _G.SHIFT_ENDED): (_C.OFF, Proximity._stop),
        (_C.LISTENING, _G.CYCLE_DUE): (_C.LISTENING, Proximity._listen),
        (_C.LISTENING, _G.RESULT): (_C.TOLD, Proximity._judge),
        (_C.TOLD, _G.SHIFT_STARTED): (_C.TOLD, never),
        (_C.TOLD, _G.SHIFT_ENDED): (_C.OFF, Proximity._stop),
        (_C.TOLD, _G.CYCLE_DUE): (_C.LISTENING, Proximity._listen),
        (_C.TOLD, _G.RESULT): (_C.TOLD, ignore),
    },
)
