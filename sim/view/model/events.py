"""Events of any source, one by one, as the rows of the picture."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from badge.contract.events import EVENT_TYPES
from sim.view.model.columns import EVENT, Columns, columns_of, joined, rows_of
from sim.view.model.plane import PicturePlane

KINDS: tuple[str, ...] = (*EVENT_TYPES, "other")
FATES = ("not told", "delivered", "queued", "overflowed", "quarantined", "battery", "rejected")
_KIND = {name: place for place, name in enumerate(KINDS)}
_FATE = {name: place for place, name in enumerate(FATES)}
# The number of each type that a lane or the table shows.
VALUES = {
    "gps_no_fix": "timeout_s",
    "ble_proximity": "rssi",
    "ble_lost": "last_rssi",
    "motion": "duration_s",
    "low_battery": "battery_pct",
    "reboot": "events_in_queue",
    "gps": "speed_kmh",
}
STATES = {"moving": 1, "stationary": 2}
NUMBER_MAX = 1e18  # larger ones are nobody's measurement, and too large for columns
_NAN = math.nan


NAME_MAX = 120  # a page that draws longer ones stands still


def short(name: str) -> str:
    """Cut what is too long for a name; two that differ stay two."""
    if len(name) <= NAME_MAX:
        return name
    digest = blake2b(name.encode(errors="surrogatepass"), digest_size=4).hexdigest()
    return f"{name[:NAME_MAX]}… {digest}"


class WordList:
    """A list of words, each once, and the place of each."""

    def __init__(self, words: tuple[str, ...] = (), most: int = 32_000) -> None:
        self.words = list(words)
        self._places = {word: place for place, word in enumerate(words)}
        self._most = most

    def place(self, word: str) -> int:
        """Give the place of a word; the last place stands for all that do not fit."""
        word = short(word)
        found = self._places.get(word)
        if found is None:
            if len(self.words) >= self._most:
                return self._most - 1
            found = self._places[word] = len(self.words)
            self.words.append(word)
        return found


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an event, and what was really so: all that an event itself does not say."""

    word: str = "not told"
    lag_s: float = _NAN
    true_lat: float | None = None
    true_lon: float | None = None


_UNTOLD = Fate()


def fate_place(fate: Fate) -> int:
    """Give the place of a fate's word in `FATES`."""
    return _FATE.get(fate.word, _FATE["rejected"])


@dataclass(slots=True)
class EventRows:
    """Collects events as rows of `EVENT`; `blocks` are columns already, and came before."""

    ground: PicturePlane
    devices: WordList = field(default_factory=lambda: WordList(most=60_000))
    tags: WordList = field(default_factory=WordList)
    workers: dict[int, str] = field(default_factory=dict)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    blocks: list[Columns] = field(default_factory=list)
    undated: int = 0
    _last_ms: dict[int, float] = field(default_factory=dict)

    def add(
        self,
        event: Mapping[str, Any],
        at: int,
        t_ms: float | None = None,
        fate: Fate = _UNTOLD,
        device: str | None = None,
    ) -> None:
        """Take an event; without a time it stands at that of the one before it."""
        payload = event.get("payload")
        if not isinstance(payload, Mapping):
            payload = {}
        kind = event.get("event_type")
        if not isinstance(kind, str) or kind not in _KIND:
            kind = "other"
        place = self.devices.place(device or str(event.get("device_id", "?")))
        if t_ms is None:
            t_ms = unix_ms_of(event.get("timestamp_utc"))
        if t_ms is None:
            self.undated += 1
            t_ms = self._last_ms.get(place, _NAN)
        self._last_ms[place] = t_ms
        if kind == "shift_start":
            self.workers.setdefault(place, short(str(payload.get("worker_id", ""))))
        mac = payload.get("tag_mac")
        number = _number(event.get("sequence_number"))
        x_m, y_m, true_x_m, true_y_m = (*self._place(payload, "lat", "lon"), *self._true(fate))
        row = (
            *(t_ms, at, number, x_m, y_m, true_x_m, true_y_m, _number(payload.get("accuracy_m"))),
            *(_number(payload.get(VALUES.get(kind, ""))), fate.lag_s, place),
            *(-1 if mac is None else self.tags.place(str(mac)), _KIND[kind]),
            fate_place(fate),
            STATES.get(str(payload.get("new_state")), 0),
        )
        self.rows.append(row)

    def settle(self, at: int, fate: Fate) -> None:
        """Put the fate of an event that lies there; events lie where their place in the list is."""
        columns = self.columns()
        columns["fate"][at], columns["lag_s"][at] = fate_place(fate), fate.lag_s

    def _place(self, payload: Mapping[str, Any], lat: str, lon: str) -> tuple[float, float]:
        return self._metres(payload.get(lat), payload.get(lon))

    def _true(self, fate: Fate) -> tuple[float, float]:
        return self._metres(fate.true_lat, fate.true_lon)

    def _metres(self, lat: object, lon: object) -> tuple[float, float]:
        north, east = _number(lat), _number(lon)
        if not (abs(north) <= 90.0 and abs(east) <= 180.0):
            return _NAN, _NAN
        return self.ground.xy(north, east)

    def columns(self) -> Columns:
        """Give the columns, in the order in which the events came."""
        if self.rows:
            self.blocks.append(columns_of(self.rows, EVENT))
            self.rows = []
        if len(self.blocks) > 1:
            self.blocks = [joined(self.blocks, EVENT)]
        return self.blocks[0] if self.blocks else columns_of([], EVENT)

    @property
    def count(self) -> int:
        """How many events there are."""
        return len(self.rows) + sum(map(rows_of, self.blocks))


def _number(value: object) -> float:
    """Take a number of JSON; NaN for all else, and for what is beyond a 4-byte float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _NAN
    return float(value) if abs(value) < NUMBER_MAX else _NAN


def unix_ms_of(text: object) -> float | None:
    """Read `2026-03-14T08:32:15Z`; None if it is no such moment."""
    if not isinstance(text, str) or len(text) < 20:
        return None
    minute_ms = _minute_ms(text[:17])
    if minute_ms is None or not text.endswith("Z"):
        return None
    try:
        return minute_ms + float(text[17:-1]) * 1000.0
    except ValueError:
        return None


# A minute's events share all but the seconds.
@lru_cache(maxsize=4096)
def _minute_ms(text: str) -> float | None:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:").replace(tzinfo=UTC).timestamp() * 1000.0
    except ValueError:
        return None
